/** Models vsscanf() (lib/vsprintf.c, 2.6.11 and later). Not modelled: %[…], which came with 4.6. */
import type {Kernel} from '../../kernel.ts';
import {writeKernel} from '../text.ts';

type Digits = {readonly value: bigint; readonly used: number};

/** Digits at the start of a text. Base 0: 16 after 0x, 8 after 0, else 10. */
export function digitsOf(text: string, wanted: number): Digits {
	let base = wanted;
	let at = 0;
	const isHex = /^0[xX][0-9a-fA-F]/.test(text);
	if (base === 0) base = isHex ? 16 : text.startsWith('0') ? 8 : 10;
	if (base === 16 && isHex) at = 2;
	let value = 0n;
	for (; at < text.length; at++) {
		const digit = Number.parseInt(text[at]!, 36);
		if (!(digit < base)) break;
		value = value * BigInt(base) + BigInt(digit);
	}
	return {value, used: at};
}

const CONVERSION = /^%(\*)?(\d+)?(hh|h|ll|l|L|z|Z|q|t)?([diouxXcsn%])/;
const BASES: Readonly<Record<string, number>> = {d: 10, u: 10, i: 0, o: 8, x: 16, X: 16};
const BYTES: Readonly<Record<string, number>> = {hh: 1, h: 2, ll: 8, L: 8, q: 8};
const SPACES = /^\s+/;

const littleEndian = (value: bigint, bytes: number) =>
	Uint8Array.from({length: bytes}, (_, n) => Number((BigInt.asUintN(64, value) >> BigInt(8 * n)) & 0xffn));

const letters = (text: string) => Uint8Array.from([...text], letter => letter.charCodeAt(0));

/** @param place where the n-th result goes. @returns how many results there are */
export function scanText(k: Kernel, text: string, format: string, place: (n: number) => number): number {
	let rest = text;
	let next = 0;
	let results = 0;
	const put = (isSkipped: boolean, bytes: Uint8Array) => {
		if (!isSkipped) writeKernel(k, place(next++), bytes);
	};
	for (let at = 0; at < format.length; ) {
		const spaces = SPACES.exec(format.slice(at))?.[0];
		if (spaces !== undefined) {
			rest = rest.replace(SPACES, '');
			at += spaces.length;
			continue;
		}
		const found = CONVERSION.exec(format.slice(at));
		if (!found || found[4] === '%') {
			if (rest[0] !== format[at]) return results;
			rest = rest.slice(1);
			at += found ? found[0].length : 1;
			continue;
		}
		const [whole, star, width, size = '', kind = ''] = found;
		at += whole.length;
		const isSkipped = star !== undefined;
		if (kind === 'n') {
			put(isSkipped, littleEndian(BigInt(text.length - rest.length), 4));
			continue;
		}
		if (rest === '') return results;
		if (kind === 'c') {
			const part = rest.slice(0, Number(width ?? 1));
			put(isSkipped, letters(part));
			rest = rest.slice(part.length);
		} else if (kind === 's') {
			rest = rest.replace(SPACES, '');
			const part = /^\S*/.exec(rest)![0].slice(0, width === undefined ? undefined : Number(width));
			put(isSkipped, letters(`${part}\0`));
			rest = rest.slice(part.length);
		} else {
			rest = rest.replace(SPACES, '');
			const field = rest.slice(0, width === undefined ? undefined : Number(width));
			const isNegative = (kind === 'd' || kind === 'i') && field.startsWith('-');
			const {value, used} = digitsOf(isNegative ? field.slice(1) : field, BASES[kind]!);
			if (used === 0) return results;
			put(isSkipped, littleEndian(isNegative ? -value : value, BYTES[size] ?? 4));
			rest = rest.slice(used + (isNegative ? 1 : 0));
		}
		if (!isSkipped) results++;
	}
	return results;
}
