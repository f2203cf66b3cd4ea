/**
 * Cells of the files that are ours: how one value is written between blanks, and read back. A value never contains a
 * blank, comma or `=`: names escape them in octal, as /proc/mounts does, so that awk and our parsers split alike.
 */

import {CellError, address as formatAddress, seconds as formatSeconds, hex, parseSeconds} from './text.ts';

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
export const address = numberCell(/^([0-9a-f]+)$/, 'a hexadecimal address', formatAddress, 16);
/** Page frame number, `0x%lx`. */
export const pfn = numberCell(/^0x([0-9a-f]+)$/, 'a frame number 0x…', value => `0x${hex(value)}`, 16);

/** Microseconds, written as seconds.micros. */
export const seconds: Cell<number> = {
	align: 'right',
	show: timeUs => formatSeconds(timeUs),
	read(text) {
		if (!/^\d+\.\d{6}$/.test(text)) throw new CellError(`seconds.micros, not "${text}"`);
		return parseSeconds(text);
	},
};

const octal = (character: string) => `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`;

function unescapeOctal(text: string): string {
	return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}

/** A sentence or name that ends its line: only what could end a line early or steer a terminal is escaped. */
export function escapeLine(text: string): string {
	return text.replace(/[\0-\x1f\x7f-\x9f\\]/g, octal);
}

export const unescapeLine = unescapeOctal;

/** A sentence, to the end of its line. */
export const sentence: Cell<string> = {align: 'left', show: escapeLine, read: unescapeLine};

/** A name; blanks and the characters that separate cells are written in octal. `-` alone means "none" elsewhere. */
export const name: Cell<string> = {
	align: 'left',
	show(text) {
		if (text === '') return '\\-';
		if (text === '-') return octal('-');
		return text.replace(/[\0-\x20\x7f-\x9f\\,=#]/g, octal);
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
	show: run => (run.frames === 1 ? pfn.show(run.pfn) : `${pfn.show(run.pfn)}+${run.frames}`),
	read(text) {
		const plus = text.indexOf('+');
		if (plus < 0) return {pfn: pfn.read(text), frames: 1};
		return {pfn: pfn.read(text.slice(0, plus)), frames: decimal.read(text.slice(plus + 1))};
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
