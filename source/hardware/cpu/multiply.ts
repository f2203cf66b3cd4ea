/** Multiplication, division and decimal corrections. */
import {narrow} from './alu.ts';
import {type Core, EAX, EDX, Trap} from './core.ts';

/** The upper half of an unsigned product. */
function upperHalf(a: number, b: number): number {
	const [aLow, aHigh, bLow, bHigh] = [a & 0xffff, a >>> 16, b & 0xffff, b >>> 16];
	const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
	const other = aLow * bHigh + (middle % 0x1_0000);
	return (aHigh * bHigh + Math.floor(middle / 0x1_0000) + Math.floor(other / 0x1_0000)) | 0;
}

function upperHalfSigned(a: number, b: number): number {
	const unsigned = upperHalf(a, b);
	return (unsigned - (a < 0 ? b : 0) - (b < 0 ? a : 0)) | 0;
}

const signed8 = (a: number) => (a << 24) >> 24;
const signed16 = (a: number) => (a << 16) >> 16;

/** The accumulator times an operand, unsigned, to twice the width. */
export function mul(c: Core, b: number, width: 1 | 2 | 4): void {
	const {r, r8, r16} = c;
	if (width === 1) {
		r16[0] = r8[0]! * b;
		c.cf = c.of = r16[0]! > 0xff ? 1 : 0;
	} else if (width === 2) {
		const product = r16[0]! * b;
		r16[0] = product;
		r16[EDX * 2] = product >>> 16;
		c.cf = c.of = product > 0xffff ? 1 : 0;
	} else {
		const a = r[EAX]!;
		r[EAX] = Math.imul(a, b);
		r[EDX] = upperHalf(a, b);
		c.cf = c.of = r[EDX] !== 0 ? 1 : 0;
	}
}

/** As mul, signed. */
export function imul(c: Core, b: number, width: 1 | 2 | 4): void {
	const {r, r8, r16} = c;
	if (width === 1) {
		const product = signed8(r8[0]!) * signed8(b);
		r16[0] = product;
		c.cf = c.of = product === signed8(product) ? 0 : 1;
	} else if (width === 2) {
		const product = signed16(r16[0]!) * signed16(b);
		r16[0] = product;
		r16[EDX * 2] = product >> 16;
		c.cf = c.of = product === signed16(product) ? 0 : 1;
	} else {
		const a = r[EAX]!;
		r[EAX] = Math.imul(a, b);
		r[EDX] = upperHalfSigned(a, b);
		c.cf = c.of = r[EDX] === r[EAX]! >> 31 ? 0 : 1;
	}
}

/** Two operands to one of the same width; the flags say whether something was lost. */
export function imulShort(c: Core, a: number, b: number, width: 2 | 4): number {
	if (width === 2) {
		const product = signed16(a) * signed16(b);
		c.cf = c.of = product === signed16(product) ? 0 : 1;
		return product & 0xffff;
	}
	const product = Math.imul(a, b);
	c.cf = c.of = a * b === product ? 0 : 1;
	return product;
}

function overflow(): never {
	throw new Trap('#DE', 'the quotient does not fit, or the divisor is 0');
}

/** Twice the accumulator's width divided by an operand, unsigned. @throws Trap #DE */
export function div(c: Core, by: number, width: 1 | 2 | 4): void {
	const {r, r8, r16} = c;
	if (by === 0) overflow();
	if (width === 1) {
		const quotient = Math.floor(r16[0]! / by);
		if (quotient > 0xff) overflow();
		const rest = r16[0]! % by;
		r8[0] = quotient;
		r8[1] = rest;
	} else if (width === 2) {
		const from = r16[EDX * 2]! * 0x1_0000 + r16[0]!;
		const quotient = Math.floor(from / by);
		if (quotient > 0xffff) overflow();
		r16[0] = quotient;
		r16[EDX * 2] = from % by;
	} else if (r[EDX] === 0) {
		const from = r[EAX]! >>> 0;
		r[EAX] = Math.floor(from / (by >>> 0));
		r[EDX] = from % (by >>> 0);
	} else {
		if (r[EDX]! >>> 0 >= by >>> 0) overflow();
		const from = (BigInt(r[EDX]! >>> 0) << 32n) | BigInt(r[EAX]! >>> 0);
		const divisor = BigInt(by >>> 0);
		r[EAX] = Number(from / divisor) | 0;
		r[EDX] = Number(from % divisor) | 0;
	}
}

/** As div, signed; the rest has the sign of what is divided. @throws Trap #DE */
export function idiv(c: Core, by: number, width: 1 | 2 | 4): void {
	const {r, r8, r16} = c;
	if (by === 0) overflow();
	if (width === 1) {
		const from = signed16(r16[0]!);
		const quotient = Math.trunc(from / signed8(by));
		if (quotient !== signed8(quotient)) overflow();
		const rest = from % signed8(by);
		r8[0] = quotient;
		r8[1] = rest;
	} else if (width === 2) {
		const from = (r16[EDX * 2]! << 16) | r16[0]!;
		const quotient = Math.trunc(from / signed16(by));
		if (quotient !== signed16(quotient)) overflow();
		r16[0] = quotient;
		r16[EDX * 2] = from % signed16(by);
	} else {
		const from = r[EDX] === r[EAX]! >> 31 ? r[EAX]! : undefined;
		if (from !== undefined) {
			const quotient = Math.trunc(from / by);
			if (quotient > 0x7fff_ffff) overflow();
			r[EAX] = quotient;
			r[EDX] = from % by;
			return;
		}
		const long = (BigInt(r[EDX]!) << 32n) | BigInt(r[EAX]! >>> 0);
		const quotient = long / BigInt(by);
		if (quotient > 0x7fff_ffffn || quotient < -0x8000_0000n) overflow();
		r[EAX] = Number(quotient);
		r[EDX] = Number(long % BigInt(by));
	}
}

// ── decimal digits in AL ───────────────────────────────────────────────────────────────────────────────────────────

function decimal(c: Core, sign: 1 | -1): void {
	const {r8} = c;
	const [al, carry] = [r8[0]!, c.cf];
	const low = (al & 15) > 9 || c.af === 1;
	const high = al > 0x99 || carry === 1;
	const x = al + sign * ((low ? 6 : 0) + (high ? 0x60 : 0));
	r8[0] = x;
	narrow(c, x, 8);
	c.aux = low ? 16 : 0;
	c.cf = high || (low && sign < 0 && al < 6) ? 1 : 0;
}

export const daa = (c: Core): void => decimal(c, 1);
export const das = (c: Core): void => decimal(c, -1);

function unpacked(c: Core, sign: 1 | -1): void {
	const {r8, r16} = c;
	const corrects = (r8[0]! & 15) > 9 || c.af === 1;
	if (corrects) r16[0] = r16[0]! + sign * 0x106;
	c.cf = corrects ? 1 : 0;
	r8[0] = r8[0]! & 15;
	narrow(c, r8[0], 8);
	c.aux = corrects ? 16 : 0;
}

export const aaa = (c: Core): void => unpacked(c, 1);
export const aas = (c: Core): void => unpacked(c, -1);

/** @throws Trap #DE for base 0 */
export function aam(c: Core, base: number): void {
	if (base === 0) overflow();
	const al = c.r8[0]!;
	c.r8[1] = Math.floor(al / base);
	c.r8[0] = al % base;
	c.cf = c.of = c.aux = 0;
	narrow(c, c.r8[0], 8);
}

export function aad(c: Core, base: number): void {
	const x = c.r8[0]! + c.r8[1]! * base;
	c.r16[0] = x & 0xff;
	c.cf = c.of = c.aux = 0;
	narrow(c, x, 8);
}
