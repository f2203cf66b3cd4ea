/** Rows and documents of the files that are ours: one description gives both the writer and the reader. */

import type {Cell} from './cells.ts';
import {CellError, type Lines, remembering} from './text.ts';

type Properties = Readonly<Record<string, unknown>>;

type Column<T> = {readonly heading: string; readonly width: number; readonly cell: Cell<T>};

export function column<T>(heading: string, width: number, cell: Cell<T>): Column<T> {
	return {heading, width, cell};
}

/** A row of columns; `heading` names them, aligned like the rows below it. */
type Table<Row> = Cell<Row> & {readonly heading: string};

/**
 * Columns separated by blanks, in the order of the properties. A value wider than its column pushes the rest, and still
 * parses.
 */
export function table<Row>(columns: {readonly [Key in keyof Row]: Column<Row[Key]>}): Table<Row> {
	const entries = Object.entries(columns as Readonly<Record<string, Column<unknown>>>);
	const join = (texts: readonly string[]) => {
		const padded = entries.map(([, {width, cell}], index) =>
			cell.align === 'left' ? texts[index]!.padEnd(width) : texts[index]!.padStart(width),
		);
		return padded.join(' ').replace(/ +$/, '');
	};
	const headings = entries.map(([, {heading}]) => heading);
	return {
		align: 'left',
		heading: join(headings),
		show: row => join(entries.map(([property, {cell}]) => cell.show((row as Properties)[property]))),
		read: remembering(line => {
			const texts = line.split(' ').filter(text => text !== '');
			if (texts.length !== entries.length) throw new CellError(`the columns ${headings.join(' ')}`);
			return Object.fromEntries(
				entries.map(([property, {cell}], index) => [property, cell.read(texts[index]!)]),
			) as Row;
		}),
	};
}

/** `key=value` pairs separated by blanks, in the order of the properties. Reads pairs in any order and skips others. */
export function pairs<Row>(
	keys: {readonly [Key in keyof Row]: readonly [key: string, cell: Cell<Row[Key]>]},
): Cell<Row> {
	const entries = Object.entries(keys as unknown as Readonly<Record<string, readonly [string, Cell<unknown>]>>);
	return {
		align: 'left',
		show: row =>
			entries.map(([property, [key, cell]]) => `${key}=${cell.show((row as Properties)[property])}`).join(' '),
		read(text) {
			const found = new Map(text.split(' ').map(pair => splitAt(pair, '=')));
			return Object.fromEntries(
				entries.map(([property, [key, cell]]) => {
					const value = found.get(key);
					if (value === undefined) throw new CellError(`${key}=…`);
					return [property, cell.read(value)];
				}),
			) as Row;
		},
	};
}

function splitAt(text: string, separator: string): [before: string, after: string] {
	const index = text.indexOf(separator);
	return index < 0 ? [text, ''] : [text.slice(0, index), text.slice(index + separator.length)];
}

/** The lines that hold one property of a document. */
type Entry<T> = {readonly write: (value: T) => readonly string[]; readonly read: (lines: Lines) => T};

function readKey<T>(lines: Lines, key: string, cell: Cell<T>): T {
	const expected = `${key.trimStart()}: …`;
	return lines.read(line => {
		if (!line.startsWith(`${key}: `)) throw new CellError(expected);
		return cell.read(line.slice(key.length + 2));
	}, expected);
}

/** One line `key: value`. */
export function one<T>(key: string, cell: Cell<T>): Entry<T> {
	return {write: value => [`${key}: ${cell.show(value)}`], read: lines => readKey(lines, key, cell)};
}

/** A line `key: value`, or none for null. */
export function maybe<T>(key: string, cell: Cell<T>): Entry<T | null> {
	return {
		write: value => (value === null ? [] : [`${key}: ${cell.show(value)}`]),
		read: lines => (lines.peek()?.startsWith(`${key}: `) ? readKey(lines, key, cell) : null),
	};
}

/** Any number of lines `key: value`. */
export function many<T>(key: string, cell: Cell<T>): Entry<readonly T[]> {
	return {
		write: values => values.map(value => `${key}: ${cell.show(value)}`),
		read(lines) {
			const values: T[] = [];
			while (lines.peek()?.startsWith(`${key}: `)) values.push(readKey(lines, key, cell));
			return values;
		},
	};
}

/** A record as `key: value` lines, in the order of the properties. */
export function document<Row>(properties: {readonly [Key in keyof Row]: Entry<Row[Key]>}): Entry<Row> {
	const entries = Object.entries(properties as Readonly<Record<string, Entry<unknown>>>);
	return {
		write: row => entries.flatMap(([property, entry]) => entry.write((row as Properties)[property])),
		read: lines => Object.fromEntries(entries.map(([property, entry]) => [property, entry.read(lines)])) as Row,
	};
}
