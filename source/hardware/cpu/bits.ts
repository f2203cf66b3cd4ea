/** Instructions on single bits: BT and its kin, BSF, BSR; and those that ask the flags: SETcc, CMOVcc. */
import {conditionOf} from './conditions.ts';
import {type Decoder, type Execute, type OpcodeRow, run} from './decoder.ts';

/** BT, BTS, BTR, BTC: what a bit becomes. */
const CHANGES: readonly ((value: number, mask: number) => number)[] = [
	value => value,
	(value, mask) => value | mask,
	(value, mask) => value & ~mask,
	(value, mask) => value ^ mask,
];

/** The number of the bit is in a register; in memory it may be far away, before or behind. */
function bitByRegister(d: Decoder, op: number): Execute {
	d.modrm();
	const {c, size} = d;
	const bits = size * 8;
	const kind = (op >> 3) & 3;
	const change = CHANGES[kind]!;
	const number = d.register(d.reg, size);
	if (d.isRegister) return bitOf(d, kind, () => number.load());
	d.lockable = kind !== 0;
	const address = d.address();
	return () => {
		const bit = size === 4 ? number.load() : (number.load() << 16) >> 16;
		const at = (address() + (bit >> (size === 4 ? 5 : 4)) * size) | 0;
		if (kind !== 0) c.claim(at, size);
		const value = size === 4 ? c.load32(at) : c.load16(at);
		const mask = 1 << (bit & (bits - 1));
		if (kind !== 0 && size === 4) c.store32(at, change(value, mask));
		else if (kind !== 0) c.store16(at, change(value, mask));
		c.cf = (value & mask) !== 0 ? 1 : 0;
	};
}

/** A bit within the operand. */
function bitOf(d: Decoder, kind: number, number: () => number): Execute {
	const {c, size} = d;
	const operand = d.operand(size);
	const change = CHANGES[kind]!;
	return () => {
		if (kind !== 0) operand.claim();
		const value = operand.load();
		const mask = 1 << (number() & (size * 8 - 1));
		if (kind !== 0) operand.store(change(value, mask));
		c.cf = (value & mask) !== 0 ? 1 : 0;
	};
}

function bitByNumber(d: Decoder): Execute {
	d.modrm();
	if (d.reg < 4) return d.undefined('there is no such form of 0f ba');
	const kind = d.reg & 3;
	d.lockable = kind !== 0 && !d.isRegister;
	const number = d.u8();
	return bitOf(d, kind, () => number);
}

/** BSF and BSR: the lowest or highest bit that is set. Of 0 there is none, and the register stays. */
function scan(d: Decoder, op: number): Execute {
	d.modrm();
	const {c} = d;
	const [from, to] = [d.operand(d.size), d.register(d.reg, d.size)];
	return () => {
		const value = from.load();
		c.res = value;
		c.aux = 0;
		if (value !== 0) to.store(31 - Math.clz32(op === 0xbc ? value & -value : value));
	};
}

function setByte(d: Decoder, op: number): Execute {
	d.modrm();
	const {c} = d;
	const holds = conditionOf(op);
	const to = d.operand(1);
	return () => to.store(holds(c) ? 1 : 0);
}

/** Memory is read whether or not the condition holds. */
function moveIf(d: Decoder, op: number): Execute {
	d.modrm();
	const {c} = d;
	const holds = conditionOf(op);
	const [from, to] = [d.operand(d.size), d.register(d.reg, d.size)];
	return () => {
		const value = from.load();
		if (holds(c)) to.store(value);
	};
}

export const BITS_0F: readonly OpcodeRow[] = [
	[[0xa3, 0xab, 0xb3, 0xbb], bitByRegister],
	[[0xba], bitByNumber],
	[[0xbc, 0xbd], scan],
	[run(0x90, 16), setByte],
	[run(0x40, 16), moveIf],
];
