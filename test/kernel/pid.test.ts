/** Numbers of tasks go round in a circle, past those that are in use. */
import {expect, test} from 'vitest';
import {EAGAIN} from '../../source/kernel/errno.ts';
import {do_fork} from '../../source/kernel/fork.ts';
import {alloc_pid, PID_MAX_DEFAULT, RESERVED_PIDS} from '../../source/kernel/pid.ts';
import type {task_struct} from '../../source/kernel/sched.ts';
import {bootTestKernel, run, spawn} from './support.ts';

test('after 32767 comes 300, for the numbers below are given out once only', () => {
	expect([PID_MAX_DEFAULT, RESERVED_PIDS]).toEqual([32_768, 300]);
	const k = bootTestKernel({cpus: 1});
	expect(alloc_pid(k)).toBe(k.sched.mostPid);
	k.sched.last_pid = 298;
	expect([alloc_pid(k), alloc_pid(k)]).toEqual([299, 300]);
	k.sched.last_pid = 32_765;
	const pids = Array.from({length: 3}, () => spawn(k, function* () {}).pid);
	expect(pids).toEqual([32_766, 32_767, 300]);
	expect(k.sched.mostPid).toBe(32_767);
	expect(k.sched.tasks.get(32_767)?.tgid).toBe(32_767);
});

test('a number that a task has is passed over, on both sides of the end', () => {
	const k = bootTestKernel({cpus: 1});
	const {tasks} = k.sched;
	for (const pid of [32_767, 300, 301]) tasks.set(pid, {pid} as task_struct);
	k.sched.last_pid = 32_766;
	expect(alloc_pid(k)).toBe(302);
	tasks.delete(301);
	expect(alloc_pid(k)).toBe(303);
});

test('where every number has a task, fork is refused with EAGAIN, and the last free one is found', () => {
	const k = bootTestKernel({cpus: 1});
	const {tasks} = k.sched;
	const forkWhile = (isTaken: (pid: number) => boolean) =>
		run(k, function* () {
			tasks.has = isTaken;
			try {
				return yield* do_fork(k, {body: function* () {}});
			} finally {
				Reflect.deleteProperty(tasks, 'has');
			}
		});
	expect(forkWhile(() => true)).toBe(-EAGAIN);
	expect(forkWhile(pid => pid !== 777)).toBe(777);
	const {last_pid} = k.sched;
	expect(last_pid).toBe(777);
	expect(forkWhile(() => true)).toBe(-EAGAIN);
	expect(alloc_pid(k)).toBe(779);
});
