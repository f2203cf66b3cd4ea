/**
 * Models asm-generic/bug.h and the ends of arch/i386/kernel/traps.c: what the kernel says when it finds itself wrong,
 * and what happens to the task that it found it in.
 *
 * Not modelled: registers, code bytes and call traces of an oops and of a panic; panic_on_oops; a reboot after a panic
 * (panic= is 0, as by default); where KASLR has put the kernel ("Kernel Offset").
 */
import {in_interrupt} from './cpu.ts';
import {hex4} from './hex.ts';
import type {Kernel} from './kernel.ts';
import {printk} from './printk.ts';

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

/** The kernel stopped for good: nothing of the machine runs any more. */
export class KernelPanic extends Error {}

/** @throws KernelPanic always */
export function panic(k: Kernel, why: string): never {
	for (const line of k.era.panicLines(why)) printk(k, 0, line);
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

/** The kernel met a state that must not be. @param where file and, where known, line: `mm/highmem.c:368` */
export function BUG(k: Kernel, where: string): never {
	printk(k, k.era.bugLevels.cut, '------------[ cut here ]------------');
	printk(k, k.era.bugLevels.bug, `kernel BUG at ${where}!`);
	sayDead(k, k.era.invalidOpcode, 0);
	die(k, SIGSEGV);
}

/** The line that every oops has: what happened, the error code, the how manyeth it is. @see die(), __die_header() */
export function sayDead(k: Kernel, what: string, error: number): void {
	const smp = k.layout.build.NR_CPUS > 1;
	for (const {level, text} of k.era.dieLines(`${what}: ${hex4(error)} [#${++k.log.oopses}]`, smp))
		printk(k, level, text);
}

export function BUG_ON(k: Kernel, condition: boolean, where: string): void {
	if (condition) BUG(k, where);
}

/** Complains and goes on. */
export function WARN(k: Kernel, where: string, text?: string): void {
	const lines = k.era.warnLines(where, k.cpu.id, k.cpu.current.pid, text);
	for (const line of lines.flatMap(each => each.split('\n'))) printk(k, 4, line);
}

export function WARN_ON(k: Kernel, condition: boolean, where: string, text?: string): boolean {
	if (condition) WARN(k, where, text);
	return condition;
}
