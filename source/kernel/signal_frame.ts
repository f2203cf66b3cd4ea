/**
 * Models arch/i386/kernel/signal.c (2.6.11; arch/x86/kernel/signal.c later): a handler's stack frame, and the way back
 * from it.
 *
 * Not modelled: floating point in the frame; the way back through the vsyscall page (without SA_RESTORER it lies on the
 * stack).
 */
import {userAddress} from '../hardware/address.ts';
import {EAX, EBP, EBX, ECX, EDI, EDX, ESI, ESP} from '../hardware/cpu/core.ts';
import {TaskKilled} from './bug.ts';
import {EINTR, ERESTARTNOHAND, ERESTARTSYS} from './errno.ts';
import type {Kernel} from './kernel.ts';
import {copy_words_from_user, copy_words_to_user} from './mm/uaccess.ts';
import {start_thread, type thread_struct, USER_DS} from './processor.ts';
import {
	blockable,
	dequeue_signal,
	hasHandler,
	isIgnored,
	SA_NODEFER,
	SA_ONSTACK,
	SA_RESETHAND,
	SA_RESTART,
	SA_RESTORER,
	SA_SIGINFO,
	SIGSEGV,
} from './signal.ts';
import {setWords} from './signal_calls.ts';
import {type k_sigaction, type siginfo, sigmask, type sigset} from './signal_state.ts';
import type {Sleeps} from './time.ts';
import {trace} from './trace.ts';

/** In words. struct sigcontext has 22, struct siginfo 32. */
const SIGINFO_WORDS = 32;
const FPSTATE_WORDS = 156;
const SIGCONTEXT_WORDS = 22;
const RT_INFO = 4;
const RT_UCONTEXT = RT_INFO + SIGINFO_WORDS;
const RT_SIGCONTEXT = RT_UCONTEXT + 5;
const RT_MASK = RT_SIGCONTEXT + SIGCONTEXT_WORDS;
const EXTRAMASK = 2 + SIGCONTEXT_WORDS + FPSTATE_WORDS;

/** pop %eax; mov $119,%eax; int $0x80 */
const RETCODE = [0x0077_b858, 0x80cd_0000];
/** mov $173,%eax; int $0x80 */
const RT_RETCODE = [0x0000_adb8, 0x0080_cd00];

/** Order in struct sigcontext, from its fifth word on. */
const GENERAL = [EDI, ESI, EBP, ESP, EBX, EDX, ECX, EAX];
const EFLAGS_DF = 0x400;
const EFLAGS_TF = 0x100;
/** CF PF AF ZF SF TF DF OF RF AC: what a program may set by a frame. */
const USER_FLAGS = 0x5_0dd5;

function sigcontext({regs, trapNo, errorCode, cr2}: thread_struct, mask: sigset): number[] {
	const {general, selectors, eip, flags} = regs;
	const sp = general[ESP]! >>> 0;
	const [es, cs, ss, ds, fs, gs] = selectors;
	const segments = [gs!, fs!, es!, ds!];
	const rest = [trapNo, errorCode, eip, cs!, flags, sp, ss!, 0, setWords(mask)[0], cr2];
	return [...segments, ...GENERAL.map(register => general[register]!), ...rest];
}

/** Takes registers from a frame. The code segment stays the user's. */
function restore_sigcontext(thread: thread_struct, words: Uint32Array): number {
	const {regs} = thread;
	for (const [i, register] of GENERAL.entries()) regs.general[register] = words[4 + i]!;
	regs.eip = words[14]!;
	regs.flags = (regs.flags & ~USER_FLAGS) | (words[16]! & USER_FLAGS);
	return words[11]! | 0;
}

function get_sigframe(k: Kernel, thread: thread_struct, {flags}: k_sigaction, sizeBytes: number): number {
	const {altStack} = k.cpu.current.signals;
	let sp = thread.regs.general[ESP]! >>> 0;
	const onAlternate = altStack && sp > altStack.base && sp - altStack.base <= altStack.size;
	if ((flags & SA_ONSTACK) !== 0 && altStack && !onAlternate) sp = altStack.base + altStack.size;
	const below = sp - sizeBytes;
	return k.era.alignsSignalFrames ? ((((below + 4) & -16) >>> 0) - 4) >>> 0 : (below & -8) >>> 0;
}

function* setup_frame(
	k: Kernel,
	thread: thread_struct,
	action: k_sigaction,
	info: siginfo,
	mask: sigset,
): Sleeps<boolean> {
	const isRt = (action.flags & SA_SIGINFO) !== 0;
	const frame = new Uint32Array((isRt ? RT_MASK + 2 : EXTRAMASK + 1) + 2);
	const at = get_sigframe(k, thread, action, frame.byteLength);
	const retcode = at + frame.byteLength - 8;
	frame[0] = (action.flags & SA_RESTORER) !== 0 ? action.restorer : retcode;
	frame[1] = info.signo;
	if (isRt) {
		frame.set([at + 4 * RT_INFO, at + 4 * RT_UCONTEXT], 2);
		frame.set([info.signo, 0, info.code, ...info.rest], RT_INFO);
		const {altStack} = k.cpu.current.signals;
		frame.set(altStack ? [altStack.base, 0, altStack.size] : [0, 2, 0], RT_UCONTEXT + 2);
		frame.set(sigcontext(thread, mask), RT_SIGCONTEXT);
		frame.set(setWords(mask), RT_MASK);
	} else {
		frame.set(sigcontext(thread, mask), 2);
		frame[EXTRAMASK] = setWords(mask)[1];
	}
	frame.set(isRt ? RT_RETCODE : RETCODE, frame.length - 2);
	if (!(yield* copy_words_to_user(k, userAddress(at), frame))) return false;
	const {flags} = thread.regs;
	const kept = thread.regs.bases.slice();
	const [, , , , fs, gs] = thread.regs.selectors;
	start_thread(thread.regs, action.handler, at);
	// Segments of the thread's own stay.
	thread.regs.bases.set(kept);
	thread.regs.selectors[4] = fs!;
	thread.regs.selectors[5] = gs!;
	thread.regs.selectors[0] = USER_DS;
	thread.regs.flags = flags & ~(EFLAGS_DF | EFLAGS_TF);
	thread.regs.general[EAX] = info.signo;
	thread.regs.general[EDX] = isRt ? frame[2]! : 0;
	thread.regs.general[ECX] = isRt ? frame[3]! : 0;
	return true;
}

const INT_80_BYTES = 2;

const isBrokenOff = ({general}: thread_struct['regs']) =>
	general[EAX] === -ERESTARTSYS || general[EAX] === -ERESTARTNOHAND;

/** A system call that a signal broke off: begun again after the handler, or -EINTR. */
function restart(thread: thread_struct, action: k_sigaction): void {
	const {regs, origEax} = thread;
	if (origEax === undefined || !isBrokenOff(regs)) return;
	if (regs.general[EAX] === -ERESTARTSYS && (action.flags & SA_RESTART) !== 0) goOn(thread);
	else regs.general[EAX] = -EINTR;
}

/** Nobody handled what broke it off: it begins again. */
function goOn({regs, origEax}: thread_struct): void {
	if (origEax === undefined || !isBrokenOff(regs)) return;
	regs.general[EAX] = origEax;
	regs.eip = (regs.eip - INT_80_BYTES) >>> 0;
}

/**
 * What waits for a program that is about to go on: its handlers are put on the stack, one above the other.
 * @throws TaskKilled when there is no room for one
 */
export function* do_signal(k: Kernel, thread: thread_struct): Sleeps<void> {
	const {current} = k.cpu;
	const {signals} = current;
	if (signals.pending.length === 0 && signals.savedMask === undefined) return goOn(thread);
	for (let info = dequeue_signal(current); info; info = dequeue_signal(current)) {
		const {signo, code} = info;
		const action = signals.action.get(signo);
		if (!action || !hasHandler(current, signo)) {
			if (isIgnored(current, signo)) continue;
			throw new TaskKilled(signo);
		}
		restart(thread, action);
		const {handler, flags} = action;
		trace(
			k,
			'signal_deliver',
			() => `sig=${signo} errno=0 code=${code} sa_handler=${handler.toString(16)} sa_flags=${flags.toString(16)}`,
		);
		const mask = signals.savedMask ?? signals.blocked;
		signals.savedMask = undefined;
		if (!(yield* setup_frame(k, thread, action, info, mask))) throw new TaskKilled(SIGSEGV);
		thread.origEax = undefined;
		if ((flags & SA_RESETHAND) !== 0) signals.action.delete(signo);
		signals.blocked |= action.mask | ((flags & SA_NODEFER) === 0 ? sigmask(signo) : 0n);
	}
	goOn(thread);
	if (signals.savedMask !== undefined) {
		signals.blocked = signals.savedMask;
		signals.savedMask = undefined;
	}
}

/** The end of a handler. @param isRt from a frame with siginfo. @returns eax as it was */
export function* sys_sigreturn(k: Kernel, thread: thread_struct, isRt: boolean): Sleeps<number> {
	// Pointer to the frame: its first word was popped by the handler's return, the second by the code on the stack.
	const at = (thread.regs.general[ESP]! >>> 0) - (isRt ? 4 : 8);
	const frame = new Uint32Array(isRt ? RT_MASK + 2 : EXTRAMASK + 1);
	if (!(yield* copy_words_from_user(k, frame, userAddress(at)))) throw new TaskKilled(SIGSEGV);
	const context = isRt ? RT_SIGCONTEXT : 2;
	const low = isRt ? frame[RT_MASK]! : frame[context + 20]!;
	const high = isRt ? frame[RT_MASK + 1]! : frame[EXTRAMASK]!;
	k.cpu.current.signals.blocked = blockable((BigInt(high) << 32n) | BigInt(low));
	thread.origEax = undefined;
	return restore_sigcontext(thread, frame.subarray(context, context + SIGCONTEXT_WORDS));
}
