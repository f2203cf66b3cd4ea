/**
 * Arithmetic and logic on numbers, and what it does to the flags. Operands of 32 bits are signed; those of 8 and 16
 * bits are unsigned, and so are results of that width.
 */
import type {Core} from './core.ts';

/** Two operands to a result. */
export type Binary = (c: Core, a: number, b: number) => number;

/** By width in bytes. */
export type ByWidth<T> = {readonly 1: T; readonly 2: T; readonly 4: T};

export function add32(c: Core, a: number, b: number): number {
	const x = (a + b) | 0;
	c.cf = x >>> 0 < a >>> 0 ? 1 : 0;
	c.of = ((a ^ x) & (b ^ x)) >>> 31;
	c.aux = (a ^ b ^ x) & 16;
	c.res = x;
	return x;
}

export function sub32(c: Core, a: number, b: number): number {
	const x = (a - b) | 0;
	c.cf = a >>> 0 < b >>> 0 ? 1 : 0;
	c.of = ((a ^ b) & (a ^ x)) >>> 31;
	c.aux = (a ^ b ^ x) & 16;
	c.res = x;
	return x;
}

function adc32(c: Core, a: number, b: number): number {
	const sum = (a >>> 0) + (b >>> 0) + c.cf;
	const x = sum | 0;
	c.cf = sum > 0xffff_ffff ? 1 : 0;
	c.of = ((a ^ x) & (b ^ x)) >>> 31;
	c.aux = (a ^ b ^ x) & 16;
	c.res = x;
	return x;
}

function sbb32(c: Core, a: number, b: number): number {
	const difference = (a >>> 0) - (b >>> 0) - c.cf;
	const x = difference | 0;
	c.cf = difference < 0 ? 1 : 0;
	c.of = ((a ^ b) & (a ^ x)) >>> 31;
	c.aux = (a ^ b ^ x) & 16;
	c.res = x;
	return x;
}

/** Flags of a result of logic. */
export function logic32(c: Core, x: number): number {
	c.cf = 0;
	c.of = 0;
	c.aux = 0;
	c.res = x;
	return x;
}

function addNarrow(c: Core, a: number, b: number, carry: number, bits: 8 | 16): number {
	const sum = a + b + carry;
	c.cf = sum >>> bits;
	c.of = (((a ^ sum) & (b ^ sum)) >>> (bits - 1)) & 1;
	c.aux = (a ^ b ^ sum) & 16;
	return narrow(c, sum, bits);
}

function subNarrow(c: Core, a: number, b: number, carry: number, bits: 8 | 16): number {
	const difference = a - b - carry;
	c.cf = difference < 0 ? 1 : 0;
	c.of = (((a ^ b) & (a ^ difference)) >>> (bits - 1)) & 1;
	c.aux = (a ^ b ^ difference) & 16;
	return narrow(c, difference, bits);
}

function logicNarrow(c: Core, x: number, bits: 8 | 16): number {
	c.cf = 0;
	c.of = 0;
	c.aux = 0;
	return narrow(c, x, bits);
}

/** Remembers a result for SF, ZF and PF. @returns its bits, unsigned */
export function narrow(c: Core, x: number, bits: 8 | 16): number {
	const spare = 32 - bits;
	c.res = (x << spare) >> spare;
	return (x << spare) >>> spare;
}

const arithmeticNarrow = (bits: 8 | 16): readonly Binary[] => [
	(c, a, b) => addNarrow(c, a, b, 0, bits),
	(c, a, b) => logicNarrow(c, a | b, bits),
	(c, a, b) => addNarrow(c, a, b, c.cf, bits),
	(c, a, b) => subNarrow(c, a, b, c.cf, bits),
	(c, a, b) => logicNarrow(c, a & b, bits),
	(c, a, b) => subNarrow(c, a, b, 0, bits),
	(c, a, b) => logicNarrow(c, a ^ b, bits),
	(c, a, b) => subNarrow(c, a, b, 0, bits),
];

export const ADD = 0;
export const OR = 1;
export const ADC = 2;
export const SBB = 3;
export const AND = 4;
export const SUB = 5;
export const XOR = 6;
export const CMP = 7;

/** The eight operations that most instructions are, as they are numbered in opcodes. */
export const ARITHMETIC: ByWidth<readonly Binary[]> = {
	1: arithmeticNarrow(8),
	2: arithmeticNarrow(16),
	4: [
		add32,
		(c, a, b) => logic32(c, a | b),
		adc32,
		sbb32,
		(c, a, b) => logic32(c, a & b),
		sub32,
		(c, a, b) => logic32(c, a ^ b),
		sub32,
	],
};

/** Plus one; the carry stays. */
export function increment(c: Core, a: number, width: 1 | 2 | 4): number {
	const carry = c.cf;
	const x = ARITHMETIC[width][ADD]!(c, a, 1);
	c.cf = carry;
	return x;
}

/** Minus one; the carry stays. */
export function decrement(c: Core, a: number, width: 1 | 2 | 4): number {
	const carry = c.cf;
	const x = ARITHMETIC[width][SUB]!(c, a, 1);
	c.cf = carry;
	return x;
}
