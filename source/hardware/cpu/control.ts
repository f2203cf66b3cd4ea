/** Instructions that go elsewhere: jumps, calls, returns, loops, and those that ask for an exception. */
import {stepRm} from './arithmetic.ts';
import {conditionOf, jumpIf} from './conditions.ts';
import {type Core, CS, ECX, ESP, Trap} from './core.ts';
import {type Decoder, type Execute, type OpcodeRow, run} from './decoder.ts';

/** With 16-bit operands addresses of code have 16 bits, too. */
const cut = (address: number, size: 2 | 4) => (size === 4 ? address | 0 : address & 0xffff);

const push = (c: Core, size: 2 | 4, value: number) => (size === 4 ? c.push32(value) : c.push16(value));

function distanceOf(d: Decoder, isByte: boolean): number {
	if (isByte) return d.s8();
	return d.size === 4 ? d.s32() : (d.u16() << 16) >> 16;
}

function jump(d: Decoder, op: number): Execute {
	const {c, size} = d;
	const distance = distanceOf(d, op === 0xeb);
	if (size === 4) {
		return () => {
			c.next = (c.next + distance) | 0;
		};
	}
	return () => {
		c.next = cut(c.next + distance, size);
	};
}

function jumpConditionally(d: Decoder, op: number, isByte: boolean): Execute {
	const {c, size} = d;
	const distance = distanceOf(d, isByte);
	if (size === 4) return jumpIf(c, op, distance);
	const holds = conditionOf(op);
	return () => {
		if (holds(c)) c.next = cut(c.next + distance, size);
	};
}

function call(d: Decoder): Execute {
	const {c, size} = d;
	const distance = distanceOf(d, false);
	if (size === 4) {
		return () => {
			c.push32(c.next);
			c.next = (c.next + distance) | 0;
		};
	}
	return () => {
		c.push16(c.next);
		c.next = cut(c.next + distance, size);
	};
}

/** c3, c2: back, and perhaps over arguments. */
function ret(d: Decoder, op: number): Execute {
	const {c, size} = d;
	const {r} = c;
	const bytes = op === 0xc2 ? d.u16() : 0;
	if (size === 4) {
		return () => {
			const sp = r[ESP]!;
			c.next = c.load32(sp);
			r[ESP] = (sp + 4 + bytes) | 0;
		};
	}
	return () => {
		const sp = r[ESP]!;
		c.next = c.load16(sp);
		r[ESP] = (sp + 2 + bytes) | 0;
	};
}

/** LOOPNE, LOOPE, LOOP, JECXZ. */
function loop(d: Decoder, op: number): Execute {
	const {c, size, addressSize} = d;
	const {r, r16} = c;
	const distance = d.s8();
	const count = addressSize === 4 ? () => r[ECX]! : () => r16[ECX * 2]!;
	return () => {
		if (op !== 0xe3) {
			if (addressSize === 4) r[ECX] = r[ECX]! - 1;
			else r16[ECX * 2] = r16[ECX * 2]! - 1;
		}
		const goes = op === 0xe3 ? count() === 0 : count() !== 0 && (op === 0xe2 || c.zf === (op === 0xe1));
		if (goes) c.next = cut(c.next + distance, size);
	};
}

// ── other segments: their selectors are pushed and loaded, and all of them begin at 0 ──────────────────────────────

function goFar(c: Core, selector: number, address: number): void {
	c.setSegment(CS, selector);
	c.next = address;
}

function callFar(c: Core, size: 2 | 4, selector: number, address: number): void {
	c.claim((c.r[ESP]! - 2 * size) | 0, 2 * size);
	const former = c.selectors[CS]!;
	const back = c.next;
	goFar(c, selector, address);
	push(c, size, former);
	push(c, size, back);
}

function farByNumber(d: Decoder, op: number): Execute {
	const {c, size} = d;
	const address = size === 4 ? d.s32() : d.u16();
	const selector = d.u16();
	return op === 0xea ? () => goFar(c, selector, address) : () => callFar(c, size, selector, address);
}

function retFar(d: Decoder, op: number): Execute {
	const {c, size} = d;
	const bytes = op === 0xca ? d.u16() : 0;
	return () => {
		const sp = c.r[ESP]!;
		const address = size === 4 ? c.load32(sp) : c.load16(sp);
		goFar(c, c.load16((sp + size) | 0), address);
		c.r[ESP] = (sp + 2 * size + bytes) | 0;
	};
}

/** Back from an interrupt of the same privilege. */
function iret({c, size}: Decoder): Execute {
	return () => {
		const sp = c.r[ESP]!;
		const load = (at: number) => (size === 4 ? c.load32(at | 0) : c.load16(at | 0));
		const [address, selector, flags] = [load(sp), load(sp + size) & 0xffff, load(sp + 2 * size)];
		goFar(c, selector, address);
		popFlags(c, flags);
		c.r[ESP] = (sp + 3 * size) | 0;
	};
}

/** ff: INC, DEC, CALL, CALL far, JMP, JMP far, PUSH. */
function groupFf(d: Decoder): Execute {
	d.modrm();
	const {c, size, reg} = d;
	if (reg < 2) return stepRm(d, size);
	if (reg === 7 || (d.isRegister && (reg === 3 || reg === 5))) return d.undefined('there is no such form of ff');
	const operand = d.operand(size);
	if (reg === 6) return () => push(c, size, operand.load());
	if (reg === 4) {
		return () => {
			c.next = operand.load();
		};
	}
	if (reg === 2) {
		return () => {
			const to = operand.load();
			push(c, size, c.next);
			c.next = to;
		};
	}
	const address = d.address();
	return () => {
		const at = address();
		const [to, selector] = [operand.load(), c.load16((at + size) | 0)];
		if (reg === 3) callFar(c, size, selector, to);
		else goFar(c, selector, to);
	};
}

// ── flags ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** In user mode the interrupt flag stays. */
function popFlags(c: Core, value: number): void {
	const {interruptFlag} = c;
	c.flags = value;
	if (c.userMode) c.interruptFlag = interruptFlag;
}

function popf({c, size}: Decoder): Execute {
	return () => popFlags(c, size === 4 ? c.pop32() : c.pop16() | (c.flags & 0xffff_0000));
}

const pushf = ({c, size}: Decoder): Execute => (size === 4 ? () => c.push32(c.flags) : () => c.push16(c.flags));

const changeFlag = (change: (c: Core) => void) => (d: Decoder) => () => change(d.c);

// ── exceptions ─────────────────────────────────────────────────────────────────────────────────────────────────────

/** INT: 0x80 is the way into the kernel. */
function int(d: Decoder): Execute {
	const {c} = d;
	const vector = d.u8();
	if (vector === 3) return int3();
	if (vector === 4) return raise('#OF', 'int 4');
	if (vector !== 0x80) return raise('#GP', `int 0x${vector.toString(16)}: a program may only call 0x80`);
	return () => {
		c.stop = 'syscall';
		c.endRun();
	};
}

function raise(exception: '#OF' | '#GP' | '#DB' | '#BP', what: string): Execute {
	return () => {
		throw new Trap(exception, what);
	};
}

const int3 = (): Execute => raise('#BP', 'breakpoint');

function into({c}: Decoder): Execute {
	return () => {
		if (c.of !== 0) throw new Trap('#OF', 'into: the overflow flag is set');
	};
}

/** BOUND: whether an index lies between two numbers in memory. */
function bound(d: Decoder): Execute {
	d.modrm();
	if (d.isRegister) return d.undefined('the limits of BOUND lie in memory');
	const {c, size} = d;
	const [address, index] = [d.address(), d.register(d.reg, size)];
	const signed = (value: number) => (size === 4 ? value : (value << 16) >> 16);
	return () => {
		const at = address();
		const load = (from: number) => (size === 4 ? c.load32(from | 0) : c.load16(from | 0));
		const [lower, upper] = [signed(load(at)), signed(load(at + size))];
		const value = signed(index.load());
		if (value < lower || value > upper) throw new Trap('#BR', `bound: ${value} is not in ${lower}..${upper}`);
	};
}

export const CONTROL: readonly OpcodeRow[] = [
	[[0xe9, 0xeb], jump],
	[run(0x70, 16), (d, op) => jumpConditionally(d, op, true)],
	[[0xe8], call],
	[[0xc2, 0xc3], ret],
	[run(0xe0, 4), loop],
	[[0x9a, 0xea], farByNumber],
	[[0xca, 0xcb], retFar],
	[[0xcf], iret],
	[[0xff], groupFf],
	[[0x9c], pushf],
	[[0x9d], popf],
	[[0x9e], changeFlag(c => c.setStatus(c.r8[1]!))],
	[
		[0x9f],
		changeFlag(c => {
			c.r8[1] = c.flags;
		}),
	],
	[
		[0xf5],
		changeFlag(c => {
			c.cf ^= 1;
		}),
	],
	[
		[0xf8, 0xf9],
		(d, op) => () => {
			d.c.cf = op & 1;
		},
	],
	[
		[0xfc, 0xfd],
		(d, op) => () => {
			d.c.df = op & 1;
		},
	],
	[
		// SALC: AL becomes the carry, as all bits.
		[0xd6],
		changeFlag(c => {
			c.r8[0] = -c.cf;
		}),
	],
	[[0xcd], int],
	[[0xcc], int3],
	[[0xce], into],
	[[0xf1], () => raise('#DB', 'icebp')],
	[[0x62], bound],
];

export const CONTROL_0F: readonly OpcodeRow[] = [[run(0x80, 16), (d, op) => jumpConditionally(d, op, false)]];
