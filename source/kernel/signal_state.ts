/** Models include/linux/signal.h and the signal part of struct task_struct (2.6.11 and later): what waits for a task. */
import type {Kernel} from './kernel.ts';

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

/** @param rest words of struct siginfo from the fourth on: an address, or who sent it */
export type siginfo = {readonly signo: number; readonly code: number; readonly rest: readonly number[]};

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
