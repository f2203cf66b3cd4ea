/** Models the system calls of kernel/signal.c (2.6.11 and later) that say what a program does with signals. */
import {userAddress} from '../hardware/address.ts';
import {EFAULT, EINTR, EINVAL, ENOMEM, EPERM} from './errno.ts';
import type {Kernel} from './kernel.ts';
import {copy_words_from_user, copy_words_to_user} from './mm/uaccess.ts';
import {schedule} from './sched.ts';
import {
	blockable,
	mayBeHandled,
	recalc_sigpending,
	SA_NODEFER,
	SA_RESETHAND,
	SI_KERNEL,
	SIG_DFL,
	send_sig_info,
	setTemporaryMask,
} from './signal.ts';
import {type k_sigaction, signal_pending, type sigset} from './signal_state.ts';
import type {Sleeps} from './time.ts';

const SIGSET_BYTES = 8;
const SIGALRM = 14;
const SECOND_NS = 1_000_000_000;

const DEFAULT: k_sigaction = {handler: SIG_DFL, flags: 0, restorer: 0, mask: 0n};

const setOf = (low: number, high: number): sigset => (BigInt(high) << 32n) | BigInt(low);
export const setWords = (set: sigset): [number, number] => [Number(set & 0xffff_ffffn), Number(set >> 32n)];

function* read(k: Kernel, at: number, count: number): Sleeps<Uint32Array | undefined> {
	const words = new Uint32Array(count);
	return (yield* copy_words_from_user(k, words, userAddress(at))) ? words : undefined;
}

function* write(k: Kernel, at: number, words: readonly number[]): Sleeps<number> {
	return at === 0 || (yield* copy_words_to_user(k, userAddress(at), Uint32Array.from(words))) ? 0 : -EFAULT;
}

/** @returns what was, or -EINVAL */
function do_sigaction(k: Kernel, signal: number, action: k_sigaction | undefined): k_sigaction | number {
	if (signal < 1 || signal > 64 || (action && !mayBeHandled(signal))) return -EINVAL;
	const {current} = k.cpu;
	const {action: all} = current.signals;
	const former = all.get(signal) ?? DEFAULT;
	if (!action) return former;
	all.set(signal, {...action, mask: blockable(action.mask)});
	recalc_sigpending(k, current);
	return former;
}

/** @param act, oact user addresses of struct sigaction, or 0. @returns 0, -EINVAL, -EFAULT */
export function* sys_rt_sigaction(
	k: Kernel,
	signal: number,
	act: number,
	oact: number,
	sizeBytes: number,
): Sleeps<number> {
	if (sizeBytes !== SIGSET_BYTES) return -EINVAL;
	const words = act === 0 ? undefined : yield* read(k, act, 5);
	if (act !== 0 && !words) return -EFAULT;
	const wanted = words && {
		handler: words[0]!,
		flags: words[1]!,
		restorer: words[2]!,
		mask: setOf(words[3]!, words[4]!),
	};
	const former = do_sigaction(k, signal, wanted);
	if (typeof former === 'number') return former;
	return yield* write(k, oact, [former.handler, former.flags, former.restorer, ...setWords(former.mask)]);
}

/** The call of before 2.2, with 32 signals. */
export function* sys_sigaction(k: Kernel, signal: number, act: number, oact: number): Sleeps<number> {
	const words = act === 0 ? undefined : yield* read(k, act, 4);
	if (act !== 0 && !words) return -EFAULT;
	const wanted = words && {handler: words[0]!, mask: setOf(words[1]!, 0), flags: words[2]!, restorer: words[3]!};
	const former = do_sigaction(k, signal, wanted);
	if (typeof former === 'number') return former;
	return yield* write(k, oact, [former.handler, setWords(former.mask)[0], former.flags, former.restorer]);
}

/** The oldest: a handler for one time. @returns the former handler, or -EINVAL */
export function* sys_signal(k: Kernel, signal: number, handler: number): Sleeps<number> {
	const former = do_sigaction(k, signal, {handler, flags: SA_RESETHAND | SA_NODEFER, restorer: 0, mask: 0n});
	return typeof former === 'number' ? former : former.handler;
}

/** By SIG_BLOCK, SIG_UNBLOCK, SIG_SETMASK. */
const COMBINED = [
	(now: sigset, set: sigset) => now | set,
	(now: sigset, set: sigset) => now & ~set,
	(_now: sigset, set: sigset) => set,
];

/** @param count words of a set: 2, or 1 in the old call, which leaves the upper half alone */
export function* sys_sigprocmask(k: Kernel, how: number, set: number, oset: number, count: 1 | 2): Sleeps<number> {
	const {current} = k.cpu;
	const former = current.signals.blocked;
	if (set !== 0) {
		const words = yield* read(k, set, count);
		if (!words) return -EFAULT;
		const combine = COMBINED[how];
		if (!combine) return -EINVAL;
		const kept = count === 1 && how === 2 ? former & ~0xffff_ffffn : 0n;
		current.signals.blocked = blockable(combine(former, setOf(words[0]!, words[1] ?? 0)) | kept);
		recalc_sigpending(k, current);
	}
	return yield* write(k, oset, setWords(former).slice(0, count));
}

export function* sys_rt_sigprocmask(k: Kernel, how: number, set: number, oset: number, size: number): Sleeps<number> {
	return size === SIGSET_BYTES ? yield* sys_sigprocmask(k, how, set, oset, 2) : -EINVAL;
}

/** What came and is blocked. */
export function* sys_sigpending(k: Kernel, set: number, sizeBytes: number): Sleeps<number> {
	if (sizeBytes > SIGSET_BYTES) return -EINVAL;
	let pending = 0n;
	for (const {signo} of k.cpu.current.signals.pending) pending |= 1n << BigInt(signo - 1);
	const words = setWords(pending & k.cpu.current.signals.blocked).slice(0, sizeBytes / 4);
	return (yield* copy_words_to_user(k, userAddress(set), Uint32Array.from(words))) ? 0 : -EFAULT;
}

/** Sleeps until a handler has run. @returns -EINTR */
export function* sys_pause(k: Kernel): Sleeps<number> {
	const {current} = k.cpu;
	while (!signal_pending(k)) {
		current.state = 'TASK_INTERRUPTIBLE';
		yield* schedule(k);
	}
	return -EINTR;
}

/** As pause, with another mask meanwhile. */
export function* sys_sigsuspend(k: Kernel, set: sigset): Sleeps<number> {
	setTemporaryMask(k, set);
	return yield* sys_pause(k);
}

export function* sys_rt_sigsuspend(k: Kernel, set: number, sizeBytes: number): Sleeps<number> {
	if (sizeBytes !== SIGSET_BYTES) return -EINVAL;
	const words = yield* read(k, set, 2);
	return words ? yield* sys_sigsuspend(k, setOf(words[0]!, words[1]!)) : -EFAULT;
}

const SS_ONSTACK = 1;
const SS_DISABLE = 2;
const MINSIGSTKSZ = 2_048;

const isOn = (stack: {readonly base: number; readonly size: number} | undefined, sp: number) =>
	stack !== undefined && sp > stack.base && sp - stack.base <= stack.size;

/** A stack for handlers. @param sp where the caller's stack is. @returns 0, -EFAULT, -EPERM on it, -EINVAL, -ENOMEM */
export function* sys_sigaltstack(k: Kernel, uss: number, uoss: number, sp: number): Sleeps<number> {
	const {signals} = k.cpu.current;
	const {altStack} = signals;
	if (uss !== 0) {
		const words = yield* read(k, uss, 3);
		if (!words) return -EFAULT;
		const [base, flags, size] = words as unknown as [number, number, number];
		if (isOn(altStack, sp)) return -EPERM;
		if (flags !== SS_DISABLE && flags !== SS_ONSTACK && flags !== 0) return -EINVAL;
		if (flags !== SS_DISABLE && size < MINSIGSTKSZ) return -ENOMEM;
		signals.altStack = flags === SS_DISABLE ? undefined : {base, size};
	}
	const state = !altStack ? SS_DISABLE : isOn(altStack, sp) ? SS_ONSTACK : 0;
	return yield* write(k, uoss, [altStack?.base ?? 0, state, altStack?.size ?? 0]);
}

/** SIGALRM after so many seconds; 0 takes it back. @returns seconds that were left of the former one */
export function* sys_alarm(k: Kernel, seconds: number): Sleeps<number> {
	const {current} = k.cpu;
	const {timeline} = k.hw;
	const leftNs = current.alarm ? current.alarm.timeNs - timeline.nowNs : 0;
	if (current.alarm) timeline.cancel(current.alarm.event);
	current.alarm = undefined;
	if (seconds > 0) {
		const timeNs = timeline.nowNs + seconds * SECOND_NS;
		const event = timeline.at(timeNs, () => {
			current.alarm = undefined;
			if (k.sched.tasks.has(current.pid)) send_sig_info(k, {signo: SIGALRM, code: SI_KERNEL, rest: []}, current);
		});
		current.alarm = {timeNs, event};
	}
	return Math.ceil(leftNs / SECOND_NS);
}
