/**
 * The last step of drawing. One grid is what the terminal must show (composition.ts), the other what it holds. A flush
 * sends the difference and nothing else, inside marks that make the terminal show it at once (DEC private mode 2026).
 *
 * One flush is under way at a time. While a slow line still takes the last one, newer frames replace each other unsent:
 * what goes out next is the difference to the newest. A slow line takes it in pieces, rows that a person waits for
 * first.
 */

import {copyGrid, createGrid, type Grid} from './cells.ts';
import {type Composition, createComposition} from './composition.ts';
import {difference, isSameRow} from './difference.ts';
import {createStyleTable, type StyleTable} from './sgr.ts';
import type {Surface} from './surface.ts';
import type {Theme} from './theme.ts';

/** Takes bytes to the terminal; `done` is called when the next may follow. */
export type Sink = (bytes: string, done: () => void, more?: Sending) => void;

type Sending = {
	/** Called by a sink that tells the two apart, before `done`: the next may follow if a person waits for it. */
	readonly drained: () => void;
	/** More of the same frame follows. */
	readonly isPart: boolean;
};

export type Screen = Surface & {
	/** Takes a frame of Ink. It goes out with the next flush. */
	frame(text: string): void;
	/** The terminal has another size, or its content is unknown: everything is sent again. */
	reset(columns: number, rows: number): void;
	/** Sends what changed, now or as soon as the line is free; `isUrgent` when a person waits for it. */
	flush(isUrgent?: boolean): void;
	/** Puts a text into the clipboard of the terminal (OSC 52), which may refuse it. */
	copy(text: string): void;
	/** Resolves when nothing is on its way any more and the terminal holds the newest frame. */
	settled(): Promise<void>;
	/** What the terminal holds or is about to. */
	readonly shown: Grid;
};

const syncBegin = '\u001B[?2026h';
const syncEnd = '\u001B[?2026l';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/**
 * @param mostBytes after how many bytes the rest of a frame is left for the next piece
 * @param composed makes what the terminal must show, in numbers of these styles
 */
export function createScreen(
	sink: Sink,
	theme: Theme,
	columns: number,
	rows: number,
	mostBytes = () => Number.POSITIVE_INFINITY,
	composed = (styles: StyleTable): Composition => createComposition(styles, theme, columns, rows),
): Screen {
	const styles = createStyleTable();
	const composition = composed(styles);
	let wanted = composition.compose();
	let held = createGrid(columns, rows);
	let isUnknown = true;
	/** Flushes sent, and how many of them are out or drained. */
	let sent = 0;
	let out = 0;
	let drained = 0;
	/** Something newer waits: for the line to be drained if it is urgent, else for the last flush to be out. */
	let isStale = false;
	let isUrgentStale = false;
	/** Rows that a person waits for: they go first. */
	const urgentRows = new Set<number>();
	/** Where the next piece of a frame begins, so that no row waits for ever. */
	let firstRow = 0;
	let waiters: (() => void)[] = [];

	const settle = (): void => {
		if (out < sent) return;
		const ready = waiters;
		waiters = [];
		for (const resolve of ready) {
			resolve();
		}
	};

	/** Composes, and remembers which rows that changed. */
	const composeUrgent = (): void => {
		const before = createGrid(wanted.columns, wanted.rows);
		copyGrid(wanted, before);
		wanted = composition.compose();
		for (let row = 0; row < wanted.rows; row++) {
			if (!isSameRow(before, wanted, row)) {
				urgentRows.add(row);
			}
		}
	};

	const rowOrder = (): readonly number[] => {
		const inTurn = Array.from({length: wanted.rows}, (_, row) => (firstRow + row) % wanted.rows);
		return urgentRows.size === 0 ? inTurn : [...urgentRows, ...inTurn.filter(row => !urgentRows.has(row))];
	};

	const send = (isUrgent: boolean): void => {
		if ((isUrgent ? drained : out) < sent) {
			isStale = true;
			isUrgentStale ||= isUrgent;
			return;
		}
		wanted = composition.compose();
		let clearing = '';
		if (isUnknown) {
			clearing = '\u001B[0m\u001B[H\u001B[2J';
			held = createGrid(wanted.columns, wanted.rows);
			isUnknown = false;
		}
		const order = rowOrder();
		const piece = difference(held, wanted, styles, order, mostBytes());
		const isPart = order.slice(piece.rows).some(row => !isSameRow(held, wanted, row));
		for (const row of order.slice(0, piece.rows)) {
			urgentRows.delete(row);
		}
		firstRow = isPart ? order[piece.rows]! : 0;
		isStale = isPart;
		isUrgentStale = isPart && urgentRows.size > 0;
		const bytes = clearing + piece.bytes;
		if (bytes === '') {
			settle();
			return;
		}
		const number = ++sent;
		const goOn = (): void => {
			drained = Math.max(drained, number);
			if (isUrgentStale) {
				send(true);
			}
		};
		const done = (): void => {
			drained = Math.max(drained, number);
			out = Math.max(out, number);
			if (isStale) {
				send(isUrgentStale);
			} else {
				settle();
			}
		};
		sink(syncBegin + bytes + syncEnd, done, {drained: goOn, isPart});
	};

	const flush = (isUrgent = false): void => {
		if (isUrgent && mostBytes() < Number.POSITIVE_INFINITY) {
			composeUrgent();
		} else {
			wanted = composition.compose();
		}
		send(isUrgent);
	};

	return {
		put: composition.put,
		remove: composition.remove,
		frame: composition.frame,
		reset(newColumns, newRows) {
			composition.reset(newColumns, newRows);
			wanted = createGrid(newColumns, newRows);
			isUnknown = true;
			urgentRows.clear();
			firstRow = 0;
		},
		flush,
		copy(text) {
			// Between two frames: the line keeps what it is given in order.
			sink(`\u001B]52;c;${base64(text)}\u0007`, () => {});
		},
		settled: () =>
			new Promise(resolve => {
				if (out < sent || isStale) {
					waiters.push(resolve);
				} else {
					resolve();
				}
			}),
		get shown() {
			return held;
		},
	};
}
