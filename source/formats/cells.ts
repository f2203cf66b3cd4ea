/**
 * Cells of the files that are ours: how one value is written between blanks, and read back. A value never contains a
 * blank, comma or `=`: names escape them in octal, as /proc/mounts does, so that awk and our parsers split alike.
 */

import {steeringPattern} from './steering.ts';
import {CellError, address as formatAddress, seconds as formatSeconds, parseSeconds, prefixedHex} from './text.ts';

export type Cell<T> = {
	readonly align: 'left' | 'right';
	readonly show: (value: T) => string;
	readonly read: (text: string) => T;
};

/** A task as ftrace names it, `comm-pid`. */
export type Task = {readonly comm: string; readonly pid: number};

/** `frames` page frames from `pfn` on. */
export type FrameRun = {readonly pfn: number; readonly frames: number};

function numberCell(pattern: RegExp, what: string, show: (value: number) => string, radix: 10 | 16): Cell<number> {
	return {
		align: radix === 10 ? 'right' : 'left',
		show,
		read(text) {
			const digits = pattern.exec(text)?.[1];
			if (digits === undefined) throw new CellError(`${what}, not "${text}"`);
			return Number(radix === 16 ? `0x${digits}` : digits);
		},
	};
}

export const decimal = numberCell(/^(-?\d+)$/, 'a decimal number', String, 10);
/** Virtual, physical or bus address, `%08lx`. */
export const addressCell = numberCell(/^([0-9a-f]+)$/, 'a hexadecimal address', formatAddress, 16);
/** Page frame number, `0x%lx`. */
export const pfnCell = numberCell(/^0x([0-9a-f]+)$/, 'a frame number 0x…', prefixedHex, 16);

/** Microseconds, written as seconds.micros. */
export const secondsCell: Cell<number> = {
	align: 'right',
	show: timeUs => formatSeconds(timeUs),
	read(text) {
		if (!/^\d+\.\d{6}$/.test(text)) throw new CellError(`seconds.micros, not "${text}"`);
		return parseSeconds(text);
	},
};

/** The bytes of a character in UTF-8. One below 0x100 is a byte: it needs no more to be read back. */
function bytesOf(code: number): readonly number[] {
	if (code < 0x100) return [code];
	if (code < 0x800) return [0xc0 | (code >> 6), 0x80 | (code & 0x3f)];
	const last = [0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f)];
	return code < 0x1_0000
		? [0xe0 | (code >> 12), ...last]
		: [0xf0 | (code >> 18), 0x80 | ((code >> 12) & 0x3f), ...last];
}

function octal(character: string): string {
	return bytesOf(character.codePointAt(0)!)
		.map(byte => `\\${byte.toString(8).padStart(3, '0')}`)
		.join('');
}

// A byte that begins a longer character is never escaped by itself.
const escapePattern = /\\(?:3[0-3][0-7]\\2[0-7]{2}|3[45][0-7](?:\\2[0-7]{2}){2}|36[0-7](?:\\2[0-7]{2}){3}|[0-7]{3})/g;

const lastCode = 0x10_ffff;

function unescaped(escapes: string): string {
	const [first = 0, ...others] = escapes
		.slice(1)
		.split('\\')
		.map(digits => Number.parseInt(digits, 8));
	const bits = others.length === 0 ? first : first & (0x3f >> others.length);
	const code = others.reduce((before, byte) => (before << 6) | (byte & 0x3f), bits);
	// A code past the end of Unicode is not a character: each byte stands for itself.
	return code <= lastCode ? String.fromCodePoint(code) : String.fromCodePoint(first, ...others);
}

const unescapeOctal = (text: string): string => text.replace(escapePattern, unescaped);

const lineSteering = steeringPattern('\\\\');
const nameSteering = steeringPattern(' \\\\,=#');

/** A sentence or name that ends its line: only what could end a line early or steer a terminal is escaped. */
function escapeLine(text: string): string {
	return text.replace(lineSteering, octal);
}

const unescapeLine = unescapeOctal;

/** A sentence, to the end of its line. */
export const sentence: Cell<string> = {align: 'left', show: escapeLine, read: unescapeLine};

/** A name; blanks and the characters that separate cells are written in octal. `-` alone means "none" elsewhere. */
export const name: Cell<string> = {
	align: 'left',
	show(text) {
		if (text === '') return '\\-';
		if (text === '-') return octal('-');
		return text.replace(nameSteering, octal);
	},
	read: text => (text === '\\-' ? '' : unescapeOctal(text)),
};

export const task: Cell<Task> = {
	align: 'left',
	show: ({comm, pid}) => `${name.show(comm)}-${pid}`,
	read(text) {
		const found = /^(.*)-(\d+)$/.exec(text);
		if (found === null) throw new CellError(`comm-pid, not "${text}"`);
		return {comm: name.read(found[1]!), pid: Number(found[2])};
	},
};

/** One frame as `0x6a31`, several in a row as `0x6a31+4`. */
export const frameRun: Cell<FrameRun> = {
	align: 'left',
	show: run => (run.frames === 1 ? pfnCell.show(run.pfn) : `${pfnCell.show(run.pfn)}+${run.frames}`),
	read(text) {
		const plus = text.indexOf('+');
		if (plus < 0) return {pfn: pfnCell.read(text), frames: 1};
		return {pfn: pfnCell.read(text.slice(0, plus)), frames: decimal.read(text.slice(plus + 1))};
	},
};

/** `on` or `off`. */
export const toggle: Cell<boolean> = {
	align: 'left',
	show: value => (value ? 'on' : 'off'),
	read: text => oneOf('on', 'off').read(text) === 'on',
};

export function oneOf<const Word extends string>(...words: readonly Word[]): Cell<Word> {
	return {
		align: 'left',
		show: word => word,
		read(text) {
			const word = words.find(candidate => candidate === text);
			if (word === undefined) throw new CellError(`one of ${words.join(', ')}, not "${text}"`);
			return word;
		},
	};
}

/** `-` for none. */
export function optional<T>(cell: Cell<T>): Cell<T | null> {
	return {
		align: cell.align,
		show: value => (value === null ? '-' : cell.show(value)),
		read: text => (text === '-' ? null : cell.read(text)),
	};
}

/** Values joined by commas; `-` for none. */
export function list<T>(cell: Cell<T>): Cell<readonly T[]> {
	return {
		align: 'left',
		show: values => (values.length === 0 ? '-' : values.map(value => cell.show(value)).join(',')),
		read: text => (text === '-' ? [] : text.split(',').map(part => cell.read(part))),
	};
}
