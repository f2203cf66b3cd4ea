/**
 * linux/kernel.h, kstrtox.h and math64.h: numbers in texts. Models lib/vsprintf.c simple_strtoul() and sscanf() (2.6.11
 * and later) and lib/kstrtox.c (3.0 and later; strict_strtoul() of 2.6.28).
 */
import {kernelAddress, userAddress} from '../../../hardware/address.ts';
import {Trap} from '../../../hardware/cpu/core.ts';
import {EFAULT, EINVAL, ERANGE} from '../../errno.ts';
import type {Kernel} from '../../kernel.ts';
import {kwrite8, kwrite32} from '../../mm/access.ts';
import {copy_from_user} from '../../mm/uaccess.ts';
import type {Sleeps} from '../../time.ts';
import type {Gate, GateResult} from '../state.ts';
import {textAtAddress, writeKernel} from '../text.ts';
import {gate} from './gate.ts';
import {digitsOf, scanText} from './scan.ts';

const split = (value: bigint): readonly [number, number] => [
	Number(BigInt.asIntN(32, value)),
	Number(BigInt.asIntN(32, value >> 32n)),
];

/** What there is of a number; the rest of the text is the caller's. @param isSigned takes a minus */
function simple(k: Kernel, text: number, end: number, base: number, isSigned: boolean): bigint {
	const letters = textAtAddress(k, text);
	const isNegative = isSigned && letters.startsWith('-');
	const {value, used} = digitsOf(isNegative ? letters.slice(1) : letters, base);
	if (end !== 0) kwrite32(k, kernelAddress(end), text + used + (isNegative ? 1 : 0));
	return isNegative ? -value : value;
}

type Kind = {readonly isSigned: boolean; readonly bits: number};

/** A whole text as a number, and a newline behind it. @returns the number, -EINVAL, -ERANGE */
function exact(letters: string, base: number, {isSigned, bits}: Kind, mayHavePlus: boolean): bigint | number {
	const isNegative = isSigned && letters.startsWith('-');
	const hasPlus = mayHavePlus && !isNegative && letters.startsWith('+');
	const digits = letters.slice(isNegative || hasPlus ? 1 : 0).replace(/\n$/, '');
	const {value, used} = digitsOf(digits, base);
	if (used === 0 || used < digits.length) return -EINVAL;
	const number = isNegative ? -value : value;
	const fits = isSigned ? BigInt.asIntN(bits, number) : BigInt.asUintN(bits, number);
	return fits === number ? number : -ERANGE;
}

/** Stores what a text says. @returns 0, -EINVAL, -ERANGE */
function store(k: Kernel, letters: string, base: number, at: number, kind: Kind, mayHavePlus = true): number {
	const number = exact(letters, base, kind, mayHavePlus);
	if (typeof number === 'number') return number;
	const bits = BigInt.asUintN(64, number);
	writeKernel(
		k,
		at,
		Uint8Array.from({length: kind.bits / 8}, (_, n) => Number((bits >> BigInt(8 * n)) & 0xffn)),
	);
	return 0;
}

const KINDS: Readonly<Record<string, Kind>> = {
	ull: {isSigned: false, bits: 64},
	ll: {isSigned: true, bits: 64},
	ul: {isSigned: false, bits: 32},
	l: {isSigned: true, bits: 32},
	uint: {isSigned: false, bits: 32},
	int: {isSigned: true, bits: 32},
	u16: {isSigned: false, bits: 16},
	s16: {isSigned: true, bits: 16},
	u8: {isSigned: false, bits: 8},
	s8: {isSigned: true, bits: 8},
};

/** Longest number of 64 bits in base 2, with a sign and a newline. */
const LONGEST_USER_NUMBER = 67;

/** A user's text, whose length is given. @returns -EFAULT */
function* userLetters(k: Kernel, from: number, count: number, most: number): Sleeps<string | number> {
	const bytes = new Uint8Array(Math.min(count, most));
	if ((yield* copy_from_user(k, bytes, userAddress(from))) > 0) return -EFAULT;
	const letters = String.fromCharCode(...bytes);
	return letters.split('\0')[0]!;
}

function storeBool(k: Kernel, letters: string, at: number): number {
	const {yes, no} = k.era.paramBool;
	const isOneOf = (words: readonly string[]) => words.some(word => letters.startsWith(word));
	if (!isOneOf(yes) && !isOneOf(no)) return -EINVAL;
	kwrite8(k, kernelAddress(at), isOneOf(yes) ? 1 : 0);
	return 0;
}

/** @throws Trap #DE for a divisor of 0 */
function divide(isSigned: boolean): (k: Kernel, ...words: number[]) => GateResult {
	const whole = (low: number, high: number) => {
		const bits = (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
		return isSigned ? BigInt.asIntN(64, bits) : bits;
	};
	return (_k, aLow, aHigh, bLow, bHigh) => {
		const divisor = whole(bLow!, bHigh!);
		if (divisor === 0n) throw new Trap('#DE', 'a division by zero');
		return split(whole(aLow!, aHigh!) / divisor);
	};
}

const fourWords = (name: string, run: ReturnType<typeof divide>) => gate(name, (k, a, b, c, d) => run(k, a, b, c, d));

export const numberExports: readonly Gate[] = [
	gate('simple_strtoul', (k, text, end, base) => split(simple(k, text, end, base, false))[0]),
	gate('simple_strtol', (k, text, end, base) => split(simple(k, text, end, base, true))[0]),
	gate('simple_strtoull', (k, text, end, base) => split(simple(k, text, end, base, false))),
	gate('simple_strtoll', (k, text, end, base) => split(simple(k, text, end, base, true))),
	...Object.entries(KINDS).flatMap(([suffix, kind]) => [
		gate(`kstrto${suffix}`, (k, text, base, at) => store(k, textAtAddress(k, text), base, at, kind)),
		gate(`kstrto${suffix}_from_user`, function* (k, from, count, base, at) {
			const letters = yield* userLetters(k, from, count, LONGEST_USER_NUMBER);
			return typeof letters === 'number' ? letters : store(k, letters, base, at, kind);
		}),
	]),
	...(['ul', 'l', 'ull', 'll'] as const).map(suffix =>
		gate(`strict_strto${suffix}`, (k, text, base, at) =>
			store(k, textAtAddress(k, text), base, at, KINDS[suffix]!, false),
		),
	),
	gate('kstrtobool', (k, text, at) => (text === 0 ? -EINVAL : storeBool(k, textAtAddress(k, text), at))),
	gate('kstrtobool_from_user', function* (k, from, count, at) {
		const letters = yield* userLetters(k, from, count, 3);
		return typeof letters === 'number' ? letters : storeBool(k, letters, at);
	}),
	gate('hex_to_bin', (_k, character) => {
		const digit = Number.parseInt(String.fromCharCode(character & 0xff), 16);
		return Number.isNaN(digit) ? -1 : digit;
	}),
	gate('int_sqrt', (_k, value) => Math.floor(Math.sqrt(value))),
	fourWords('div64_u64', divide(false)),
	fourWords('div64_s64', divide(true)),
	{name: 'sscanf', run: ({k, arg}) => scanText(k, textAtAddress(k, arg(0)), textAtAddress(k, arg(1)), n => arg(2 + n))},
];
