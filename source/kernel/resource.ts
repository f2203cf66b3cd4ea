/**
 * Models include/linux/resource.h (2.6.11 and later): the limits of a process. They are kept with the address space,
 * which the threads of a process share as they share their limits. What sets them is in limits.ts.
 */
import type {Kernel} from './kernel.ts';
import type {mm_struct} from './mm/mm_types.ts';
import type {task_struct} from './sched.ts';

export const RLIM_INFINITY = 0xffff_ffff;

/** By their numbers: RLIMIT_CPU is 0. */
export const RLIMITS = [
	'cpu',
	'fsize',
	'data',
	'stack',
	'core',
	'rss',
	'nproc',
	'nofile',
	'memlock',
	'as',
	'locks',
	'sigpending',
	'msgqueue',
	'nice',
	'rtprio',
	'rttime',
] as const;

export type Rlimits = Record<(typeof RLIMITS)[number], number>;

const unlimited = (but: Partial<Rlimits>): Rlimits => ({
	...(Object.fromEntries(RLIMITS.map(name => [name, RLIM_INFINITY])) as Rlimits),
	...{nofile: 1_024, msgqueue: 819_200, nice: 0, rtprio: 0},
	...but,
});

/** What processes begin with: the limits in force, and how far they may be raised. */
export const initialRlimits = (memlock: number): Rlimits => unlimited({stack: 8 << 20, core: 0, memlock});
export const initialRlimMax = (memlock: number): Rlimits => unlimited({memlock});

type Limits = Pick<mm_struct, 'rlimits' | 'rlim_max'>;

const ofKernelThread = (): Limits => ({
	rlimits: initialRlimits(RLIM_INFINITY),
	rlim_max: initialRlimMax(RLIM_INFINITY),
});

/** Those of a kernel thread cannot be set: what is stored to them is forgotten. */
export const limitsOf = ({mm}: task_struct): Limits => mm ?? ofKernelThread();

/** A limit of the current task. */
export const rlimit = (k: Kernel, name: keyof Rlimits): number => limitsOf(k.cpu.current).rlimits[name];
