/** Models include/linux/signal.h and the signals in struct task_struct (2.6.11 and later): what waits for a task. */
import type {Kernel} from './kernel.ts';
import type {task_struct} from './sched.ts';

export const SIGCHLD = 17;

/** Bit n-1 stands for signal n. */
export type sigset = bigint;
export const sigmask = (signal: number): sigset => 1n << BigInt(signal - 1);

export type k_sigaction = {
	readonly handler: number;
	readonly flags: number;
	readonly restorer: number;
	readonly mask: sigset;
};

/**
 * @param rest words of struct siginfo from the fourth on: an address, or who sent it
 * @param forThread whether it is for this thread, and not for any of its process
 */
export type siginfo = {
	readonly signo: number;
	readonly code: number;
	readonly rest: readonly number[];
	readonly forThread?: true;
};

/** What a task does with signals. Threads share `action`. */
export type SignalState = {
	action: Map<number, k_sigaction>;
	blocked: sigset;
	readonly pending: siginfo[];
	/** What sigsuspend() will put back. */
	savedMask: sigset | undefined;
	/** The stack for handlers (sigaltstack). */
	altStack: {readonly base: number; readonly size: number} | undefined;
};

/** As a child gets it, or a process without a parent. */
export const newSignalState = (parent?: SignalState): SignalState => ({
	action: new Map(parent?.action),
	blocked: parent?.blocked ?? 0n,
	pending: [],
	savedMask: undefined,
	altStack: parent?.altStack,
});

/** Whether something interrupts the current task's sleep. */
export function signal_pending(k: Kernel): boolean {
	const {fatalSignal, signals} = k.cpu.current;
	return fatalSignal !== 0 || signals.pending.some(({signo}) => (signals.blocked & sigmask(signo)) === 0n);
}

const SIG_DFL = 0;
const SIG_IGN = 1;
const ALL: sigset = (1n << 64n) - 1n;

/**
 * What files show of a task's signals: those that wait for it and for its process, and those that are blocked, ignored
 * and caught. A thread of the kernel takes none: it blocks all in 2.6.11, and ignores all later.
 */
export function signalSets(k: Kernel, {mm, state, signals}: task_struct) {
	const pending = (own: boolean): sigset =>
		signals.pending
			.filter(({forThread}) => (forThread ?? false) === own)
			.reduce((set, {signo}) => set | sigmask(signo), 0n);
	const handled = (is: (handler: number) => boolean): sigset =>
		[...signals.action].reduce((set, [signal, {handler}]) => (is(handler) ? set | sigmask(signal) : set), 0n);
	const isKernels = mm === null && state !== 'EXIT_ZOMBIE';
	const ignores = isKernels && k.era.kernelThreadsIgnoreSignals;
	return {
		pending: {own: pending(true), shared: pending(false)},
		blocked: isKernels && !ignores ? ALL : signals.blocked,
		ignored: ignores ? ALL : handled(handler => handler === SIG_IGN),
		caught: handled(handler => handler !== SIG_IGN && handler !== SIG_DFL),
	};
}
