/** Instructions that compute: the eight operations, TEST, INC, DEC, NOT, NEG, shifts, products, quotients. */
import {ADD, AND, ARITHMETIC, add32, type Binary, CMP, decrement, increment, logic32, SUB, sub32, XOR} from './alu.ts';
import {type Core, EAX, ECX} from './core.ts';
import {type Decoder, type Execute, type Opcode, type OpcodeRow, type Operand, run, widthOf} from './decoder.ts';
import type {Width} from './memory.ts';
import {aaa, aad, aam, aas, daa, das, div, idiv, imul, imulShort, mul} from './multiply.ts';
import {SHIFTS, type Shift, shld, shrd} from './shifts.ts';

/** `to = to OP from`, or the flags of it alone. */
function binary(c: Core, operation: Binary, to: Operand, from: () => number, keepsResult: boolean): Execute {
	if (!keepsResult) {
		return () => {
			operation(c, to.load(), from());
		};
	}
	return () => {
		to.claim();
		to.store(operation(c, to.load(), from()));
	};
}

/** The commonest forms, a register of 32 bits with another or with a number, without calls in between. */
function onRegister(c: Core, operation: number, to: number, from: number): Execute | undefined {
	const {r} = c;
	switch (operation) {
		case ADD:
			return () => {
				r[to] = add32(c, r[to]!, r[from]!);
			};
		case SUB:
			return () => {
				r[to] = sub32(c, r[to]!, r[from]!);
			};
		case CMP:
			return () => {
				sub32(c, r[to]!, r[from]!);
			};
		case AND:
			return () => {
				r[to] = logic32(c, r[to]! & r[from]!);
			};
		case XOR:
			return () => {
				r[to] = logic32(c, r[to]! ^ r[from]!);
			};
		default:
			return undefined;
	}
}

function withNumber(c: Core, operation: number, to: number, value: number): Execute | undefined {
	const {r} = c;
	switch (operation) {
		case ADD:
			return () => {
				r[to] = add32(c, r[to]!, value);
			};
		case SUB:
			return () => {
				r[to] = sub32(c, r[to]!, value);
			};
		case CMP:
			return () => {
				sub32(c, r[to]!, value);
			};
		case AND:
			return () => {
				r[to] = logic32(c, r[to]! & value);
			};
		default:
			return undefined;
	}
}

/** 00 to 3b: operation in bits 3 to 5; to r/m, or (bit 1) to the register. */
function arithmetic(d: Decoder, op: number): Execute {
	d.modrm();
	const {c} = d;
	const operation = op >> 3;
	const toRegister = (op & 2) !== 0;
	d.lockable = !d.isRegister && !toRegister && operation !== CMP;
	const width = widthOf(d, op);
	if (width === 4 && d.isRegister) {
		const quick = toRegister ? onRegister(c, operation, d.reg, d.rm) : onRegister(c, operation, d.rm, d.reg);
		if (quick) return quick;
	}
	const [rm, reg] = [d.operand(width), d.register(d.reg, width)];
	const [to, from] = toRegister ? [reg, rm] : [rm, reg];
	return binary(c, ARITHMETIC[width][operation]!, to, from.load, operation !== CMP);
}

function arithmeticAccumulator(d: Decoder, op: number): Execute {
	const operation = op >> 3;
	const width = widthOf(d, op);
	const value = d.immediate(width);
	const quick = width === 4 ? withNumber(d.c, operation, EAX, value) : undefined;
	return quick ?? binary(d.c, ARITHMETIC[width][operation]!, d.register(EAX, width), () => value, operation !== CMP);
}

function arithmeticImmediate(d: Decoder, op: number): Execute {
	d.modrm();
	const {c, reg: operation} = d;
	d.lockable = !d.isRegister && operation !== CMP;
	const width = widthOf(d, op);
	const to = d.operand(width);
	const value = op === 0x83 ? d.immediateByte(width) : d.immediate(width);
	const quick = width === 4 && d.isRegister ? withNumber(c, operation, d.rm, value) : undefined;
	return quick ?? binary(c, ARITHMETIC[width][operation]!, to, () => value, operation !== CMP);
}

function test(d: Decoder, op: number): Execute {
	d.modrm();
	const {c, rm, reg} = d;
	const width = widthOf(d, op);
	if (width === 4 && d.isRegister) {
		const {r} = c;
		return () => {
			logic32(c, r[rm]! & r[reg]!);
		};
	}
	return binary(c, ARITHMETIC[width][AND]!, d.operand(width), d.register(reg, width).load, false);
}

function testAccumulator(d: Decoder, op: number): Execute {
	const width = widthOf(d, op);
	const value = d.immediate(width);
	return binary(d.c, ARITHMETIC[width][AND]!, d.register(EAX, width), () => value, false);
}

// ── one operand ────────────────────────────────────────────────────────────────────────────────────────────────────

/** 40 to 4f: INC and DEC of a register. */
function stepRegister(d: Decoder, op: number): Execute {
	const {c, size} = d;
	const n = op & 7;
	const step = op < 0x48 ? increment : decrement;
	const operand = d.register(n, size);
	return () => operand.store(step(c, operand.load(), size));
}

/** fe and the first two of ff. */
export function stepRm(d: Decoder, width: Width): Execute {
	const {c} = d;
	const step = d.reg === 0 ? increment : decrement;
	d.lockable = !d.isRegister;
	const operand = d.operand(width);
	return () => {
		operand.claim();
		operand.store(step(c, operand.load(), width));
	};
}

function stepByte(d: Decoder): Execute {
	d.modrm();
	return d.reg < 2 ? stepRm(d, 1) : d.undefined('there is no such form of fe');
}

/** f6 and f7: TEST, NOT, NEG, MUL, IMUL, DIV, IDIV. */
function unary(d: Decoder, op: number): Execute {
	d.modrm();
	const {c, reg} = d;
	const width = widthOf(d, op);
	const operand = d.operand(width);
	if (reg < 2) {
		const value = d.immediate(width);
		return binary(c, ARITHMETIC[width][AND]!, operand, () => value, false);
	}
	if (reg < 4) {
		d.lockable = !d.isRegister;
		const negate = ARITHMETIC[width][SUB]!;
		return () => {
			operand.claim();
			operand.store(reg === 2 ? ~operand.load() : negate(c, 0, operand.load()));
		};
	}
	const operation = [mul, imul, div, idiv][reg - 4]!;
	return () => operation(c, operand.load(), width);
}

/** IMUL with two operands, or with a number as the third. */
function imulRegister(d: Decoder, op: number): Execute {
	d.modrm();
	const {c, size} = d;
	const [from, to] = [d.operand(size), d.register(d.reg, size)];
	if (op === 0xaf) return () => to.store(imulShort(c, to.load(), from.load(), size));
	const value = op === 0x6b ? d.immediateByte(size) : d.immediate(size);
	return () => to.store(imulShort(c, from.load(), value, size));
}

// ── shifts ─────────────────────────────────────────────────────────────────────────────────────────────────────────

function shift(c: Core, operation: Shift, operand: Operand, count: () => number): Execute {
	return () => {
		operand.claim();
		operand.store(operation(c, operand.load(), count()));
	};
}

/** c0, c1 by a number; d0, d1 by one; d2, d3 by CL. */
function shiftRm(d: Decoder, op: number): Execute {
	d.modrm();
	const {c, reg} = d;
	const width = widthOf(d, op);
	const operand = d.operand(width);
	const number = op < 0xd0 ? d.u8() : 1;
	return shift(c, SHIFTS[width][reg]!, operand, op < 0xd2 ? () => number : () => c.r8[ECX * 4]!);
}

/** SHLD (a4, a5) and SHRD (ac, ad). */
function shiftDouble(d: Decoder, op: number): Execute {
	d.modrm();
	const {c, size} = d;
	const [to, filler] = [d.operand(size), d.register(d.reg, size)];
	const operation = op < 0xa8 ? shld : shrd;
	const number = (op & 1) === 0 ? d.u8() : 0;
	const bits = size === 4 ? 32 : 16;
	return () => {
		const count = ((op & 1) === 0 ? number : c.r8[ECX * 4]!) & 31;
		to.claim();
		const from = to.load();
		to.store(count === 0 ? from : operation(c, from, filler.load(), count, bits));
	};
}

// ── signs, decimal digits ──────────────────────────────────────────────────────────────────────────────────────────

/** CBW or CWDE. */
function extendAccumulator({c, size}: Decoder): Execute {
	const {r, r16} = c;
	return () => {
		if (size === 4) r[EAX] = (r[EAX]! << 16) >> 16;
		else r16[0] = (r[EAX]! << 24) >> 24;
	};
}

/** CWD or CDQ. */
function extendToDx({c, size}: Decoder): Execute {
	const {r, r16} = c;
	return () => {
		if (size === 4) r[2] = r[EAX]! >> 31;
		else r16[4] = (r[EAX]! << 16) >> 31;
	};
}

const plain =
	(operation: (c: Core) => void): Opcode =>
	({c}) =>
	() =>
		operation(c);

function withBase(operation: (c: Core, base: number) => void): Opcode {
	return d => {
		const {c} = d;
		const base = d.u8();
		return () => operation(c, base);
	};
}

const arithmeticOpcodes = run(0, 8).flatMap(operation => run(operation * 8, 4));
const accumulatorOpcodes = run(0, 8).flatMap(operation => run(operation * 8 + 4, 2));

export const COMPUTATIONS: readonly OpcodeRow[] = [
	[arithmeticOpcodes, arithmetic],
	[accumulatorOpcodes, arithmeticAccumulator],
	[[0x80, 0x81, 0x82, 0x83], arithmeticImmediate],
	[[0x84, 0x85], test],
	[[0xa8, 0xa9], testAccumulator],
	[run(0x40, 16), stepRegister],
	[[0xfe], stepByte],
	[[0xf6, 0xf7], unary],
	[[0x69, 0x6b], imulRegister],
	[[0xc0, 0xc1, 0xd0, 0xd1, 0xd2, 0xd3], shiftRm],
	[[0x98], extendAccumulator],
	[[0x99], extendToDx],
	[[0x27], plain(daa)],
	[[0x2f], plain(das)],
	[[0x37], plain(aaa)],
	[[0x3f], plain(aas)],
	[[0xd4], withBase(aam)],
	[[0xd5], withBase(aad)],
];

export const COMPUTATIONS_0F: readonly OpcodeRow[] = [
	[[0xaf], imulRegister],
	[[0xa4, 0xa5, 0xac, 0xad], shiftDouble],
];
