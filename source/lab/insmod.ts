/** Modules that are loaded and unloaded from outside: a process of the machine does it, as insmod and rmmod would. */
import type {Insmod} from '../formats/debugfs/lab/insmod.ts';
import {errnoName} from '../kernel/errno.ts';
import type {Kernel} from '../kernel/kernel.ts';
import {load_module, sys_delete_module} from '../kernel/module/loader.ts';
import type {task_struct} from '../kernel/sched.ts';
import {syscall} from '../kernel/syscalls.ts';
import type {Sleeps} from '../kernel/time.ts';
import {LabError} from './errors.ts';
import type {Injection, Injections} from './injections.ts';
import {beginOwnStory, toldTo} from './ownStory.ts';
import {startProcess} from './programs/start.ts';
import {addToUpload, beginUpload, completeUpload, forgetUpload, noUploads, type Uploads} from './uploads.ts';

type Request = {
	readonly id: number;
	readonly action: 'insmod' | 'rmmod';
	readonly module: string;
	task: task_struct | undefined;
	/** 0 or -errno, once it is done. */
	result: number | undefined;
};

export type ModuleRequests = {readonly uploads: Uploads; readonly all: Request[]};

export const noModuleRequests = (): ModuleRequests => ({uploads: noUploads(), all: []});

/** The name of the module in a file. */
export const moduleOf = (file: string): string => file.replace(/\.k?o$/, '').replace(/\W/g, '_');

type ModulePlace = {
	readonly k: Kernel;
	readonly moduleRequests: ModuleRequests;
	readonly injections: Injections;
};

/** Carries out what was written to lab/insmod. @returns a number, or nothing @throws LabError */
export function writeInsmod(place: ModulePlace, text: string, by: string): string {
	const [, word = '', argument = '', rest = ''] = /^\s*(\S*)\s*(\S*)\s*(.*?)\s*$/s.exec(text) ?? [];
	const {uploads} = place.moduleRequests;
	switch (word) {
		case 'load':
			return String(beginUpload(uploads, argument, rest));
		case 'data':
			addToUpload(uploads, argument, rest);
			return '';
		case 'insert':
		case 'tell': {
			const {name, bytes} = completeUpload(uploads, argument);
			const module = moduleOf(name);
			const argv = ['insmod', `./${name}`, ...rest.split(/\s+/).filter(Boolean)];
			const insert = (k: Kernel) =>
				syscall(k, 'init_module', `uargs: ${JSON.stringify(rest)}`, load_module(k, module, bytes, rest));
			const story = word === 'tell' ? beginOwnStory(place, `./${name}`, rest, by) : undefined;
			forgetUpload(uploads, argument);
			if (!story) return String(request(place, 'insmod', module, argv, insert));
			const says = (result: number) =>
				[result === 0, result === 0 ? 'it is loaded' : `it could not be loaded: ${errnoName(-result)}`] as const;
			request(place, 'insmod', module, argv, k => toldTo(story, insert(k), says), story);
			return String(story.id);
		}
		default:
			throw new LabError(
				'EINVAL',
				`insmod takes load NAME BYTES, data NUMBER BASE64, insert or tell NUMBER [PARAMETERS], got "${word}"`,
			);
	}
}

/** Carries out what was written to lab/rmmod: the name of a module. @returns a number */
export function writeRmmod(place: ModulePlace, text: string): string {
	const name = text.trim().replaceAll('-', '_');
	if (!/^\w{1,64}$/.test(name)) throw new LabError('EINVAL', `rmmod takes the name of a module, got "${text.trim()}"`);
	const unload = (k: Kernel) =>
		syscall(k, 'delete_module', `name_user: ${JSON.stringify(name)}`, sys_delete_module(k, name));
	return String(request(place, 'rmmod', name, ['rmmod', name], unload));
}

function request(
	{k, moduleRequests}: ModulePlace,
	action: Request['action'],
	module: string,
	argv: readonly string[],
	act: (k: Kernel) => Sleeps<number>,
	story?: Injection,
): number {
	const made: Request = {id: moduleRequests.all.length + 1, action, module, task: undefined, result: undefined};
	moduleRequests.all.push(made);
	const parent = k.sched.tasks.get(1) ?? null;
	const wish = {comm: action, path: program, argv, parent, ...(story && {injection: story.id})};
	made.task = startProcess(k, wish, function* (u) {
		made.result = yield* act(u.k);
		return made.result < 0 ? 1 : 0;
	});
	story?.pids.push(made.task.pid);
	return made.id;
}

const isOver = (task: task_struct) => task.state === 'EXIT_ZOMBIE' || task.state === 'EXIT_DEAD';

/** What the process is: one program for all that the lab does. */
const program = '/usr/local/bin/lab';

/** What an oops in it, or a signal, left of a request. */
const killed = -4;

export function insmodRecord({moduleRequests}: Pick<ModulePlace, 'moduleRequests'>): Insmod {
	return {
		requests: moduleRequests.all.map(({id, action, module, task, result}) => {
			const isDone = result !== undefined || isOver(task!);
			const errno = -(result ?? (isDone ? killed : 0));
			return {id, pid: task!.pid, action, module, status: isDone ? 'done' : 'running', errno: errno === 0 ? 0 : errno};
		}),
	};
}
