/**
 * Models asm-generic/bug.h and the ends of arch/i386/kernel/traps.c: what the kernel says when it finds itself wrong,
 * and what happens to the task that it found it in.
 *
 * Not modelled: registers and code bytes of an oops; the call trace of a panic; panic_on_oops; a reboot after a panic
 * (panic= is 0, as by default); where KASLR has put the kernel ("Kernel Offset").
 */
import {in_interrupt} from './cpu.ts';
import {hex4, hex8} from './hex.ts';
import type {Kernel} from './kernel.ts';
import {printk} from './printk.ts';
import {
	add_taint,
	dump_stack,
	dump_stack_print_info,
	print_modules,
	print_oops_end_marker,
	print_tainted,
	show_trace,
	stack_trace,
} from './stacktrace.ts';
import {inReport} from './watch.ts';

const SIGSEGV = 11;
/** What a task dies of that made the kernel fault. */
export const SIGKILL = 9;

/** Thrown through a task's generators when a fatal signal ends it; only `runToExit` catches it. */
export class TaskKilled extends Error {
	readonly signal: number;
	/** A page fault found no memory: not the task's doing. */
	readonly outOfMemory: boolean;

	constructor(signal: number, outOfMemory = false) {
		super(`killed by signal ${signal}`);
		this.signal = signal;
		this.outOfMemory = outOfMemory;
	}
}

/** do_exit() within a call: what is left of it does not run, and the task ends with this status. */
export class TaskExit extends TaskKilled {
	/** What wait4 tells: exit status << 8, or the signal. */
	readonly code: number;

	constructor(code: number) {
		super(code & 0x7f);
		this.code = code;
	}
}

/** The kernel stopped for good: nothing of the machine runs any more. */
export class KernelPanic extends Error {}

/** @throws KernelPanic always */
export function panic(k: Kernel, why: string): never {
	const [first = '', ...end] = k.era.panicLines(why);
	inReport(k, 'panic', () => {
		printk(k, 0, first);
		// An oops has said it all.
		if (k.era.panicDumpsStack && !k.log.taints.has('D')) dump_stack(k);
		for (const line of end) printk(k, 0, line);
	});
	throw new KernelPanic(why);
}

/**
 * Ends whoever runs: a task dies of the signal; an interrupt, or the task that runs when none does, takes the machine
 * along.
 */
export function die(k: Kernel, signal = SIGSEGV): never {
	if (in_interrupt(k)) panic(k, 'Fatal exception in interrupt');
	if (k.cpu.current.pid === 0) panic(k, 'Attempted to kill the idle task!');
	// The dying task leaves the section that it held the CPU in.
	k.cpu.preempt_count = 0;
	k.cpu.current.pagefault_disabled = 0;
	throw new TaskKilled(signal);
}

/**
 * Ends the running task: the model needs memory that Linux would have already, or cannot go on without it, and none is
 * free. @param what it is for, as a noun
 */
export function dieForMemory(k: Kernel, what: string): never {
	printk(k, 1, `mmtop: no memory for ${what}`);
	die(k, SIGKILL);
}

/** The kernel met a state that must not be. @param where file and, where known, line: `mm/highmem.c:368` */
export function BUG(k: Kernel, where: string): never {
	const callers = stack_trace(k, 'BUG');
	const says = `kernel BUG at ${where}!`;
	const say = () => {
		printk(k, k.era.bugLevels.cut, '------------[ cut here ]------------');
		printk(k, k.era.bugLevels.bug, says);
		sayDead(k, k.era.invalidOpcode, 0);
		sayRegisters(k, callers);
	};
	inReport(k, 'bug', say, {says});
	die(k, SIGSEGV);
}

/** The line that every oops has: what happened, the error code, the how manyeth it is. @see die(), __die_header() */
export function sayDead(k: Kernel, what: string, error: number): void {
	const smp = k.layout.build.NR_CPUS > 1;
	for (const {level, text} of k.era.dieLines(`${what}: ${hex4(error)} [#${++k.log.oopses}]`, smp))
		printk(k, level, text);
}

/**
 * Where it happened and who had called. @see show_registers(), __die_body()
 * @param trace functions, that in which it happened first
 * @param registers lines about the processor, where code of a driver ran
 * @param own lines of ours, which no kernel has
 * @param cr2 the address that faulted, if that is what happened
 */
export function sayRegisters(
	k: Kernel,
	trace: readonly string[],
	registers: readonly string[] = [],
	own: readonly string[] = [],
	cr2?: number,
): void {
	const {comm, pid} = k.cpu.current;
	const first = k.era.oopsNamesModulesFirst;
	if (first) print_modules(k);
	const build = `${k.era.release} #1`;
	const [place, ...callers] = trace;
	const lines = [
		k.era.oopsWho(k.cpu.id, pid, comm, print_tainted(k), build),
		...(place === undefined ? [] : [k.era.eipLine(place)]),
		...own,
		...registers,
		...k.era.oopsProcess(pid, comm),
	];
	for (const line of lines) printk(k, 4, line);
	show_trace(k, callers, true);
	if (!first) print_modules(k);
	if (cr2 !== undefined && k.era.oopsShowsControl) printk(k, 4, `CR2: ${hex8(cr2).padStart(16, '0')}`);
	add_taint(k, 'D');
	print_oops_end_marker(k);
	if (!k.era.oopsShowsControl || registers.length === 0 || place === undefined) return;
	for (const line of [k.era.eipLine(place), ...registers]) printk(k, 4, line);
}

export function BUG_ON(k: Kernel, condition: boolean, where: string): void {
	if (condition) BUG(k, where);
}

/**
 * Complains and goes on.
 * @param trace functions, that in which it happened first
 * @param registers lines about the processor, where code of a driver ran
 */
export function WARN(
	k: Kernel,
	where: string,
	text?: string,
	trace = stack_trace(k, 'WARN'),
	registers: readonly string[] = [],
): void {
	const says = text?.split('\n')[0] ?? `WARNING at ${where}`;
	inReport(k, 'warning', () => sayWarning(k, where, text, trace, registers), {says});
	add_taint(k, 'W');
}

function sayWarning(
	k: Kernel,
	where: string,
	text: string | undefined,
	trace: readonly string[],
	registers: readonly string[],
): void {
	const lines = k.era.warnLines(where, k.cpu.id, k.cpu.current.pid, text);
	for (const line of lines.flatMap(each => each.split('\n'))) printk(k, 4, line);
	// A place with a name of its own is inline in the function that the model has for it.
	const named = /^[^ ]+[^: ] ([^ ]+)$/.exec(where)?.[1] ?? trace[0];
	const all = named === undefined || named === trace[0] ? trace : [named, ...trace];
	const [place, ...callers] = all;
	if (k.era.dumpStackHasTitle) print_modules(k);
	dump_stack_print_info(k);
	const isException = k.era.traceOfWarning(text !== undefined).length === 0;
	if (isException && place !== undefined) for (const line of [k.era.eipLine(place), ...registers]) printk(k, 4, line);
	show_trace(k, isException ? callers : [...k.era.traceOfWarning(text !== undefined), ...all], k.era.dumpStackHasTitle);
	print_oops_end_marker(k);
}

export function WARN_ON(k: Kernel, condition: boolean, where: string, text?: string): boolean {
	if (condition) WARN(k, where, text);
	return condition;
}
