/**
 * linux/pid.h. A struct pid stands for its task here: C has it as a pointer that only these functions look behind.
 *
 * Not modelled: namespaces, groups and sessions; a struct pid that outlives its task.
 */
import type {Kernel} from '../../kernel.ts';
import {type Gate, modulesOf} from '../state.ts';
import {taskWindow} from '../taskWindow.ts';
import {gate, gates} from './gate.ts';
import {kill, taskAt} from './tasks.ts';

function find(k: Kernel, pid: number): number {
	const task = k.sched.tasks.get(pid | 0);
	return task ? modulesOf(k).windows.addressOf(taskWindow, task) : 0;
}

/** @returns the task, or 0 when it is gone */
const taskOf = (k: Kernel, pid: number): number => (pid !== 0 && taskAt(k, pid) ? pid : 0);

export const pidExports: readonly Gate[] = [
	...gates(['find_vpid', 'find_get_pid'], find),
	...gates(['pid_task', 'get_pid_task'], taskOf),
	gate('task_pid', (_k, task) => task),
	gate('pid_nr', (k, pid) => (pid === 0 ? 0 : (taskAt(k, pid)?.pid ?? 0))),
	gate('put_pid', () => {}),
	gate('kill_pid', (k, pid, signal) => kill(k, taskAt(k, pid), signal)),
];
