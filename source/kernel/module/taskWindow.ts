/** What C sees of a task, and the numbers that Linux has for what it does. */
import type {task_struct} from '../sched.ts';
import {modulesOf} from './state.ts';
import {mmWindow} from './structureWindows.ts';
import type {Window} from './windows.ts';

/** By the bit that stands for it. TASK_KILLABLE is TASK_UNINTERRUPTIBLE with another bit. */
const STATES = {
	TASK_RUNNING: 0,
	TASK_INTERRUPTIBLE: 1,
	TASK_UNINTERRUPTIBLE: 2,
	EXIT_ZOMBIE: 16,
	EXIT_DEAD: 32,
} as const;

export const TASK_INTERRUPTIBLE = STATES.TASK_INTERRUPTIBLE;
export const TASK_UNINTERRUPTIBLE = STATES.TASK_UNINTERRUPTIBLE;
const PF_KTHREAD = 0x20_0000;
const PF_EXITING = 4;
const DEFAULT_PRIORITY = 120;

export const taskState = (task: task_struct): number => STATES[task.state];

/** A store to current->state. */
export function set_task_state(task: task_struct, value: number): void {
	if ((value & TASK_INTERRUPTIBLE) !== 0) task.state = 'TASK_INTERRUPTIBLE';
	else if ((value & TASK_UNINTERRUPTIBLE) !== 0) task.state = 'TASK_UNINTERRUPTIBLE';
	else task.state = 'TASK_RUNNING';
}

const state: Window<task_struct>['fields'][string] = {
	get: (_k, task) => taskState(task),
	set: (_k, task, value) => set_task_state(task, value),
};

/**
 * Whose rights a task has. It lies at one address as long as the task lives: keeping a cred of former rights
 * (get_current_cred()) is not modelled.
 */
type CredSeen = {readonly of: task_struct};
const credsSeen = new WeakMap<task_struct, CredSeen>();

/** What the window of a task's cred is of. */
export function credSeen(task: task_struct): CredSeen {
	const seen = credsSeen.get(task) ?? {of: task};
	credsSeen.set(task, seen);
	return seen;
}

export const credWindow: Window<CredSeen> = {
	name: 'cred',
	fields: {
		uid: {get: (_k, {of}) => of.cred.uid.real},
		gid: {get: (_k, {of}) => of.cred.gid.real},
		euid: {get: (_k, {of}) => of.cred.uid.effective},
		egid: {get: (_k, {of}) => of.cred.gid.effective},
		fsuid: {get: (_k, {of}) => of.cred.uid.fs},
		fsgid: {get: (_k, {of}) => of.cred.gid.fs},
	},
};

const signalWindow: Window<task_struct['signals']> = {
	name: 'signal_struct',
	// No process has a terminal.
	fields: {tty: {get: () => 0}},
};

export const taskWindow: Window<task_struct> = {
	name: 'task_struct',
	fields: {
		state,
		__state: state,
		flags: {get: (_k, task) => (task.mm ? 0 : PF_KTHREAD) | (task.state.startsWith('EXIT') ? PF_EXITING : 0)},
		pid: {get: (_k, task) => task.pid},
		tgid: {get: (_k, task) => task.tgid},
		comm: {get: () => 0, text: task => task.comm},
		mm: {get: (k, task) => (task.mm ? modulesOf(k).windows.addressOf(mmWindow, task.mm) : 0)},
		active_mm: {get: (k, {active_mm}) => (active_mm ? modulesOf(k).windows.addressOf(mmWindow, active_mm) : 0)},
		parent: {get: (k, task) => (task.parent ? modulesOf(k).windows.addressOf(taskWindow, task.parent) : 0)},
		real_parent: {get: (k, task) => (task.parent ? modulesOf(k).windows.addressOf(taskWindow, task.parent) : 0)},
		group_leader: {
			get: (k, task) => modulesOf(k).windows.addressOf(taskWindow, k.sched.tasks.get(task.tgid) ?? task),
		},
		uid: {get: (_k, {cred}) => cred.uid.real},
		euid: {get: (_k, {cred}) => cred.uid.effective},
		gid: {get: (_k, {cred}) => cred.gid.real},
		egid: {get: (_k, {cred}) => cred.gid.effective},
		cred: {get: (k, task) => modulesOf(k).windows.addressOf(credWindow, credSeen(task))},
		signal: {get: (k, task) => modulesOf(k).windows.addressOf(signalWindow, task.signals)},
		prio: {get: () => DEFAULT_PRIORITY},
		static_prio: {get: () => DEFAULT_PRIORITY},
		exit_code: {get: (_k, task) => task.exit_code},
		on_cpu: {get: (k, task) => (k.sched.cpus.some(({current}) => current === task) ? 1 : 0)},
	},
};
