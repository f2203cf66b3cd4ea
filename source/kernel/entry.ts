/**
 * Models arch/i386/kernel/entry.S and traps.c (2.6.11 and later) for compiled programs: how one runs between two ways
 * into the kernel (int 0x80, page faults, exceptions, interrupts), and what each leads to.
 *
 * Not modelled: sysenter, single-stepping, vm86.
 */
import {EAX, EBP, EBX, ECX, EDI, EDX, ESI, ESP, type Stop, Trap, VECTORS} from '../hardware/cpu/core.ts';
import {PageFault} from '../hardware/cpu/memory.ts';
import {ProgramExit, type SystemCall} from './call_frame.ts';
import {debuggedSlice, noteRun} from './debug/debugger.ts';
import {ENOSYS} from './errno.ts';
import {hex8} from './hex.ts';
import type {Kernel} from './kernel.ts';
import {faultErrorCode, logFatalFault, OUT_OF_MEMORY, verdictCode, verdictSignal} from './mm/fault.ts';
import {kmap_assert_nomap} from './mm/kmap_atomic.ts';
import {user_touch} from './mm/uaccess.ts';
import {printk} from './printk.ts';
import {INSTRUCTION_NS, processorOf, type thread_struct} from './processor.ts';
import {dieIfKilled, force_sig_info, hasHandler, isBlocked, SI_KERNEL} from './signal.ts';
import {do_signal} from './signal_frame.ts';
import {SYSTEM_CALLS} from './syscall_table.ts';
import {syscall} from './syscalls.ts';
import type {Sleeps} from './time.ts';

/** Instructions between two moments at which others may come in: 20 microseconds. */
const SLICE_INSTRUCTIONS = 2_000;

/** The way into the kernel that ended a slice. */
type Entry = Stop | PageFault | Trap;
type Slice = {readonly entry: Entry; readonly instructions: number};

/**
 * Runs the current task's program from its registers on, until it exits.
 * @returns its exit status
 * @throws TaskKilled with the signal that ends it
 */
export function* runProgram(k: Kernel): Sleeps<number> {
	const task = k.cpu.current;
	const {thread} = task;
	if (!thread) throw new Error(`${task.comm} has no registers to run with`);
	try {
		for (;;) {
			const {entry, instructions} = k.debugger
				? yield* debuggedSlice(k, thread.regs, SLICE_INSTRUCTIONS, budget => runSlice(k, thread, budget))
				: runSlice(k, thread, SLICE_INSTRUCTIONS);
			thread.origEax = undefined;
			if (instructions > 0) yield instructions * INSTRUCTION_NS;
			dieIfKilled(k);
			if (entry instanceof PageFault) yield* pageFault(k, entry);
			else if (entry instanceof Trap) yield* exception(k, thread, entry);
			else if (entry === 'syscall') yield* systemCall(k, thread);
			yield* do_signal(k, thread);
			if (entry === 'syscall') kmap_assert_nomap(k);
			dieIfKilled(k);
		}
	} catch (reason) {
		if (reason instanceof ProgramExit) return reason.status & 0xff;
		throw reason;
	}
}

/** Lets the processor go on. No time passes for the machine meanwhile; the caller spends it. */
function runSlice(k: Kernel, thread: thread_struct, budget: number): Slice {
	const processor = processorOf(k);
	processor.load(thread.regs);
	processor.userMode = true;
	const before = processor.instructions;
	let entry: Entry;
	try {
		entry = processor.run(budget);
	} catch (reason) {
		if (!(reason instanceof PageFault || reason instanceof Trap)) throw reason;
		entry = reason;
	}
	processor.save(thread.regs);
	const instructions = processor.instructions - before;
	noteRun(k, k.cpu.current, entry, instructions);
	return {entry, instructions};
}

function* pageFault(k: Kernel, {address, write}: PageFault): Sleeps<void> {
	const task = k.cpu.current;
	const why = yield* user_touch(k, address, write);
	if (why === 0) return;
	const signo = verdictSignal(why);
	const {thread} = task;
	if (thread) Object.assign(thread, {trapNo: 14, errorCode: faultErrorCode(k, task.mm!, address, write), cr2: address});
	if (!hasHandler(task, signo) || isBlocked(task, signo)) logFatalFault(k, task, task.mm!, address, write, why);
	force_sig_info(k, {signo, code: verdictCode(why), rest: [address]}, why === OUT_OF_MEMORY);
}

const SIGILL = 4;
const SIGTRAP = 5;
const SIGFPE = 8;
const SIGSEGV = 11;

/** What an exception is called, the signal that it becomes, and its si_code (FPE_INTDIV, TRAP_BRKPT, ILL_ILLOPN). */
const EXCEPTIONS = {
	'#DE': ['divide error', SIGFPE, 1],
	'#DB': ['debug', SIGTRAP, 1],
	'#BP': ['int3', SIGTRAP, SI_KERNEL],
	'#OF': ['overflow', SIGSEGV, SI_KERNEL],
	'#BR': ['bounds', SIGSEGV, SI_KERNEL],
	'#UD': ['invalid opcode', SIGILL, 2],
	'#GP': ['general protection', SIGSEGV, SI_KERNEL],
} as const;

function* exception(k: Kernel, thread: thread_struct, {exception: kind, what}: Trap): Sleeps<void> {
	const {comm, pid} = k.cpu.current;
	const [name, signo, code] = EXCEPTIONS[kind];
	const {eip, general} = thread.regs;
	Object.assign(thread, {trapNo: VECTORS[kind], errorCode: 0});
	const isHandled = hasHandler(k.cpu.current, signo) && !isBlocked(k.cpu.current, signo);
	if (!isHandled) thread.trap = what;
	if (k.era.logsSegfaults && !isHandled) {
		printk(k, 6, `traps: ${comm}[${pid}] trap ${name} ip:${hex8(eip)} sp:${hex8(general[ESP]! >>> 0)} error:0`);
	}
	force_sig_info(k, {signo, code, rest: [code === SI_KERNEL ? 0 : eip]});
}

/** Names of arguments as the tracer prints them; one that ends in `*` is a path, which is printed as text. */
function argumentsText({args}: SystemCall, values: readonly number[], path: string | undefined): string {
	return args
		.map((name, i) =>
			name.endsWith('*') && path !== undefined
				? `${name.slice(0, -1)}: ${JSON.stringify(path)}`
				: `${name.replace('*', '')}: ${values[i]!.toString(16)}`,
		)
		.join(', ');
}

function* systemCall(k: Kernel, thread: thread_struct): Sleeps<void> {
	const {general} = thread.regs;
	const number = general[EAX]!;
	const call = SYSTEM_CALLS.get(number);
	thread.origEax = number;
	if (!call || number > k.era.lastSystemCall) {
		general[EAX] = yield* syscall(k, `${call?.name ?? number}`, '', notThere());
		return;
	}
	const values = [EBX, ECX, EDX, ESI, EDI, EBP].map(register => general[register]! >>> 0);
	const read: {path?: string} = {};
	const text = () => argumentsText(call, values, read.path);
	general[EAX] = yield* syscall(k, call.name, text, call.run({k, thread, args: values, read, goOn: runProgram}));
}

function* notThere(): Sleeps<number> {
	return -ENOSYS;
}
