/** Ports, processor identification, instructions for the kernel only, and those that this processor does not have. */

import {type Core, EAX, EBX, ECX, EDX, Trap} from './core.ts';
import {type Decoder, type Execute, type Opcode, type OpcodeRow, run, widthOf} from './decoder.ts';
import {cmpxchg8b} from './exchange.ts';
import {cpuidWords} from './identity.ts';

const nothing = (): void => {};

/** IN and OUT. What a device does with it takes its time: the run ends. */
function port(d: Decoder, op: number): Execute {
	const {c} = d;
	const width = widthOf(d, op);
	const number = op < 0xe8 ? d.u8() : undefined;
	const accumulator = d.register(EAX, width);
	const portNumber = () => number ?? c.r16[EDX * 2]!;
	if ((op & 2) === 0) {
		return () => {
			accumulator.store(c.surroundings.portIn(portNumber(), width));
			c.endRun();
		};
	}
	return () => {
		c.surroundings.portOut(portNumber(), width, width === 4 ? c.r[EAX]! >>> 0 : accumulator.load());
		c.endRun();
	};
}

function forKernel(what: string, change: (c: Core) => void): Opcode {
	return ({c}) =>
		() => {
			c.privileged(what);
			change(c);
		};
}

function cpuid({r}: Core): void {
	const [a, b, c, d] = cpuidWords(r[EAX]! >>> 0);
	r[EAX] = a;
	r[EBX] = b;
	r[ECX] = c;
	r[EDX] = d;
}

function rdtsc(c: Core): void {
	const cycles = c.surroundings.timeStamp();
	c.r[EAX] = (cycles % 0x1_0000_0000) | 0;
	c.r[EDX] = Math.floor(cycles / 0x1_0000_0000);
}

/** The kernel has such bytes where functions of its own begin: the run ends at them. */
export const GATE_BYTES: readonly number[] = [0x0f, 0xff];

function gate(d: Decoder): Execute {
	const {c, length} = d;
	return () => {
		if (c.userMode) throw new Trap('#UD', 'instruction 0f ff: it has no meaning');
		c.next = (c.next - length) | 0;
		c.stop = 'gate';
		c.endRun();
	};
}

/** An operand that is not used: NOP, prefetches, ENDBR32. */
function hint(d: Decoder): Execute {
	d.modrm();
	return nothing;
}

/** c7: CMPXCHG8B, and what later processors put beside it. */
function groupC7(d: Decoder): Execute {
	d.modrm();
	if (d.reg === 1 && !d.isRegister) return cmpxchg8b(d);
	return d.undefined('an i686 does not have it');
}

/** ae: fences, which order what is in order here anyway; the rest is about SSE and the like. */
function groupAe(d: Decoder): Execute {
	d.modrm();
	if (d.isRegister && d.reg >= 5) return nothing;
	return d.undefined('this processor has no SSE');
}

/** 00 and 01: descriptor tables, INVLPG. */
function descriptorTables(d: Decoder, op: number): Execute {
	d.modrm();
	const {c, reg} = d;
	if (op === 1 && reg === 7 && !d.isRegister) {
		return () => {
			c.privileged('INVLPG');
			c.flush();
		};
	}
	return d.undefined('descriptor tables are not modelled');
}

/** The lower privilege of two selectors. */
function arpl(d: Decoder): Execute {
	d.modrm();
	const {c} = d;
	const [to, from] = [d.operand(2), d.register(d.reg, 2)];
	return () => {
		to.claim();
		const value = to.load();
		const wanted = from.load() & 3;
		const isLower = (value & 3) < wanted;
		if (isLower) to.store((value & ~3) | wanted);
		c.setStatus((c.flags & ~0x40) | (isLower ? 0x40 : 0));
	};
}

function lacking(what: string): Opcode {
	return d => {
		d.modrm();
		return d.undefined(what);
	};
}

const noFloat: Opcode = (d, op) => {
	d.modrm();
	return d.undefined(`x87 instruction ${op.toString(16)} /${d.reg}: this processor has no floating point`);
};

export const SYSTEM: readonly OpcodeRow[] = [
	[[0xe4, 0xe5, 0xe6, 0xe7, 0xec, 0xed, 0xee, 0xef], port],
	[
		[0xf4],
		forKernel('HLT', c => {
			c.stop = 'halt';
			c.endRun();
		}),
	],
	[
		[0xfa],
		forKernel('CLI', c => {
			c.interruptFlag = 0;
		}),
	],
	[
		[0xfb],
		forKernel('STI', c => {
			c.interruptFlag = 1;
		}),
	],
	[[0x63], arpl],
	// FWAIT has nothing to wait for.
	[[0x9b], () => nothing],
	[run(0xd8, 8), noFloat],
];

const sse = lacking('this processor has no MMX and no SSE');

export const SYSTEM_0F: readonly OpcodeRow[] = [
	[[0x00, 0x01], descriptorTables],
	[[0x06], forKernel('CLTS', nothing)],
	[[0x08, 0x09], forKernel('INVD', nothing)],
	[[0x0b], d => d.undefined('UD2')],
	[[0xb9], lacking('UD1')],
	[[0xff], gate],
	[[0x0d, ...run(0x18, 8)], hint],
	[
		[0x31],
		({c}) =>
			() =>
				rdtsc(c),
	],
	[
		[0xa2],
		({c}) =>
			() =>
				cpuid(c),
	],
	[[0xc7], groupC7],
	[[0xae], groupAe],
	[[0x20, 0x21, 0x22, 0x23], lacking('control and debug registers are not modelled')],
	[[0x30, 0x32, 0x33], d => d.undefined('model-specific registers are not modelled')],
	[[0x34, 0x35, 0x05, 0x07], d => d.undefined('the way into the kernel is int 0x80')],
	[[0x77, 0x0e], d => d.undefined('this processor has no MMX and no SSE')],
	[[...run(0x10, 8), ...run(0x28, 8), ...run(0x50, 39), ...run(0x78, 8)], sse],
	[[0xc2, 0xc3, 0xc4, 0xc5, 0xc6, ...run(0xd0, 47)], sse],
];
