/** Shifts and rotations. What the manual leaves undefined (overflow of long shifts) is as for a shift by 1. */
import {type ByWidth, narrow} from './alu.ts';
import type {Core} from './core.ts';

/** @param count 0 to 255, as it stands in the instruction or in CL */
export type Shift = (c: Core, a: number, count: number) => number;

type Bits = 8 | 16 | 32;

/** An operand's bits, unsigned. */
const unsigned = (a: number, bits: Bits) => (a << (32 - bits)) >>> (32 - bits);

/** A result of that width as operands are kept: 32 bits signed, fewer unsigned. */
const kept = (x: number, bits: Bits) => (bits === 32 ? x | 0 : unsigned(x, bits));

const topBit = (x: number, bits: Bits) => (x >>> (bits - 1)) & 1;

/** Remembers a result for SF, ZF and PF. */
function result(c: Core, x: number, bits: Bits): number {
	c.aux = 0;
	if (bits !== 32) return narrow(c, x, bits);
	c.res = x | 0;
	return x | 0;
}

function shl(c: Core, a: number, count: number, bits: Bits): number {
	const n = count & 31;
	if (n === 0) return a;
	c.cf = n > bits ? 0 : (a >>> (bits - n)) & 1;
	const x = result(c, a << n, bits);
	c.of = topBit(x, bits) ^ c.cf;
	return x;
}

function shr(c: Core, a: number, count: number, bits: Bits): number {
	const n = count & 31;
	if (n === 0) return a;
	const from = unsigned(a, bits);
	c.cf = (from >>> (n - 1)) & 1;
	c.of = topBit(from, bits);
	return result(c, from >>> n, bits);
}

function sar(c: Core, a: number, count: number, bits: Bits): number {
	const n = count & 31;
	if (n === 0) return a;
	const from = (a << (32 - bits)) >> (32 - bits);
	c.cf = (from >> (n - 1)) & 1;
	c.of = 0;
	return result(c, from >> n, bits);
}

function rol(c: Core, a: number, count: number, bits: Bits): number {
	if ((count & 31) === 0) return a;
	const n = count & (bits - 1);
	const from = unsigned(a, bits);
	const x = n === 0 ? from : (from << n) | (from >>> (bits - n));
	c.cf = x & 1;
	c.of = topBit(x, bits) ^ c.cf;
	return kept(x, bits);
}

function ror(c: Core, a: number, count: number, bits: Bits): number {
	if ((count & 31) === 0) return a;
	const n = count & (bits - 1);
	const from = unsigned(a, bits);
	const x = n === 0 ? from : (from >>> n) | (from << (bits - n));
	c.cf = topBit(x, bits);
	c.of = c.cf ^ topBit(x << 1, bits);
	return kept(x, bits);
}

/** Through the carry: one bit more goes round. */
function rcl(c: Core, a: number, count: number, bits: Bits): number {
	const n = (count & 31) % (bits + 1);
	if (n === 0) return a;
	let x = unsigned(a, bits);
	for (let i = 0; i < n; i++) {
		const out = topBit(x, bits);
		x = unsigned((x << 1) | c.cf, bits);
		c.cf = out;
	}
	c.of = topBit(x, bits) ^ c.cf;
	return kept(x, bits);
}

function rcr(c: Core, a: number, count: number, bits: Bits): number {
	const n = (count & 31) % (bits + 1);
	if (n === 0) return a;
	let x = unsigned(a, bits);
	for (let i = 0; i < n; i++) {
		const out = x & 1;
		x = unsigned((x >>> 1) | (c.cf << (bits - 1)), bits);
		c.cf = out;
	}
	c.of = topBit(x, bits) ^ topBit(x << 1, bits);
	return kept(x, bits);
}

const ofWidth = (bits: Bits): readonly Shift[] =>
	[rol, ror, rcl, rcr, shl, shr, shl, sar].map(
		shift => (c: Core, a: number, count: number) => shift(c, a, count, bits),
	);

/** As they are numbered in opcodes; number 6 is a second SHL. */
export const SHIFTS: ByWidth<readonly Shift[]> = {1: ofWidth(8), 2: ofWidth(16), 4: ofWidth(32)};

/** Left, with bits of `filler` coming in. @param count 1 to 31 */
export function shld(c: Core, a: number, filler: number, count: number, bits: 16 | 32): number {
	const x = bits === 32 ? (a << count) | (filler >>> (32 - count)) : shld16(a, filler, count);
	c.cf = bits === 32 || count <= 16 ? (a >>> (bits - count)) & 1 : (filler >>> (32 - count)) & 1;
	c.of = topBit(a ^ x, bits);
	return result(c, x, bits);
}

/** Right, with bits of `filler` coming in. @param count 1 to 31 */
export function shrd(c: Core, a: number, filler: number, count: number, bits: 16 | 32): number {
	const x = bits === 32 ? (a >>> count) | (filler << (32 - count)) : shrd16(a, filler, count);
	c.cf = bits === 32 || count <= 16 ? (a >>> (count - 1)) & 1 : (filler >>> (count - 17)) & 1;
	c.of = topBit(a ^ x, bits);
	return result(c, x, bits);
}

/** Counts above 16 are undefined; processors let both operands go round, 48 bits long. */
const shld16 = (a: number, filler: number, count: number) =>
	count <= 16
		? (((a << 16) | (filler & 0xffff)) << count) >>> 16
		: ((filler << (count - 16)) | ((a & 0xffff) >>> (32 - count))) & 0xffff;

const shrd16 = (a: number, filler: number, count: number) =>
	count <= 16
		? (((filler << 16) | (a & 0xffff)) >>> count) & 0xffff
		: (((filler & 0xffff) >>> (count - 16)) | (a << (32 - count))) & 0xffff;
