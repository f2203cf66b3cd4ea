/**
 * Models asm-i386/processor.h and arch/i386/kernel/process.c as far as registers of compiled programs go: the processor
 * that runs them, and what of it a task keeps while others run. One object serves all CPUs: they take turns.
 *
 * Not modelled: floating point, debug registers, I/O permission bitmaps beyond ioperm's yes or no.
 */
import {Trap} from '../hardware/cpu/core.ts';
import {Processor, type Registers} from '../hardware/cpu/processor.ts';
import type {Kernel} from './kernel.ts';
import {user_place} from './mm/uaccess.ts';
import {kernel_place} from './module/kernel_place.ts';

/** An instruction takes this long: a PC of 2005 that waits for its memory as often as not. */
export const INSTRUCTION_NS = 10;

export type thread_struct = {
	readonly regs: Registers;
	/** Bases of the three segments that set_thread_area sets. */
	readonly tls_array: (number | undefined)[];
	/** It may use I/O ports (iopl, ioperm). */
	mayUsePorts: boolean;
	/** What it died of, in words, where an instruction was at fault. */
	trap: string | undefined;
	/** Of the last exception, for the frame of a handler. */
	trapNo: number;
	errorCode: number;
	cr2: number;
	/** Number of the system call that it comes out of, or undefined. */
	origEax: number | undefined;
};

/** A thread's own part, for registers that are there. */
export const newThread = (regs: Registers): thread_struct => ({
	regs,
	tls_array: [undefined, undefined, undefined],
	mayUsePorts: false,
	trap: undefined,
	trapNo: 0,
	errorCode: 0,
	cr2: 0,
	origEax: undefined,
});

/** Segments of user mode, as i386 numbers them. */
const USER_CS = 0x73;
export const USER_DS = 0x7b;
const GDT_ENTRY_TLS_MIN = 6;
export const TLS_ENTRIES = 3;

/** Which of a thread's own segments a descriptor's number means, or undefined. */
export function tlsIndex(entry: number): number | undefined {
	const index = entry - GDT_ENTRY_TLS_MIN;
	return index >= 0 && index < TLS_ENTRIES ? index : undefined;
}

/** Where a segment begins that the current task may load; null selectors load and lead nowhere that is used. */
function segmentBase(k: Kernel, selector: number): number | undefined {
	if (selector < 4 || selector === USER_CS || selector === USER_DS) return 0;
	const index = tlsIndex(selector >> 3);
	return index === undefined ? undefined : k.cpu.current.thread?.tls_array[index];
}

function mayUsePorts(k: Kernel, isUser: boolean): void {
	// The kernel may always.
	if (isUser && !k.cpu.current.thread?.mayUsePorts)
		throw new Trap('#GP', 'a program needs ioperm() or iopl() for I/O ports');
}

/** The machine's processor for compiled code. */
export function processorOf(k: Kernel): Processor {
	if (k.processor) return k.processor;
	const processor: Processor = new Processor({
		place: (address, write) => (processor.userMode ? user_place : kernel_place)(k, address, write),
		portIn(port, width) {
			mayUsePorts(k, processor.userMode);
			return k.hw.bus.in(port as Parameters<typeof k.hw.bus.in>[0], width);
		},
		portOut(port, width, value) {
			mayUsePorts(k, processor.userMode);
			k.hw.bus.out(port as Parameters<typeof k.hw.bus.out>[0], width, value);
		},
		segmentBase: selector => segmentBase(k, selector),
		timeStamp: () => Math.floor(k.hw.timeline.nowNs / INSTRUCTION_NS),
	});
	k.processor = processor;
	return processor;
}

/** Registers of a program that begins. @see start_thread() */
export function start_thread(regs: Registers, entry: number, stack: number): void {
	regs.general.fill(0);
	regs.general[4] = stack;
	regs.bases.fill(0);
	regs.selectors.set([USER_DS, USER_CS, USER_DS, USER_DS, 0, 0]);
	regs.eip = entry;
	regs.flags = 0x202;
}

/** A copy, for a child. */
export function copy_thread({regs, tls_array, mayUsePorts}: thread_struct): thread_struct {
	const {general, selectors, bases, eip, flags} = regs;
	const copy = {general: general.slice(), selectors: selectors.slice(), bases: bases.slice(), eip, flags};
	return {...newThread(copy), tls_array: [...tls_array], mayUsePorts};
}
