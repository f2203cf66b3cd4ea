/**
 * The last step of drawing. What the terminal shall show is composed in one grid: Ink's frame below, the layers that
 * components put above it. The other grid is what the terminal holds. A flush sends the difference and nothing else,
 * inside marks that make the terminal show it at once (DEC private mode 2026).
 *
 * One flush is under way at a time. While a slow line still takes the last one, newer frames replace each other unsent:
 * what goes out next is the difference to the newest. A slow line takes it in pieces, rows that a person waits for first.
 */

import {asciiGlyph} from './ascii.ts';
import {BLANK, copyGrid, createGrid, type Grid, putFrame, putText} from './cells.ts';
import {difference, isSameRow} from './difference.ts';
import {type Line, toneNumber} from './lines.ts';
import {createStyleTable, type StyleTable} from './sgr.ts';
import type {Layer, Rect, Surface} from './surface.ts';
import {laidOver, type Theme, type Tone, tones} from './theme.ts';

/** Takes bytes to the terminal; `done` is called when the next may follow. */
export type Sink = (bytes: string, done: () => void, more?: Sending) => void;

export type Sending = {
	/** Called by a sink that tells the two apart, before `done`: the next may follow if a person waits for it. */
	readonly drained: () => void;
	/** More of the same frame follows. */
	readonly isPart: boolean;
};

export type Screen = Surface & {
	/** Takes a frame of Ink. It goes out with the next flush. */
	frame(text: string): void;
	/** The terminal has another size, or its content is unknown: everything is sent anew. */
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

const paintLine = (grid: Grid, rect: Rect, row: number, line: Line | undefined, styleOf: ToneStyles): void => {
	const end = Math.min(grid.columns, rect.column + rect.columns);
	let column = rect.column;
	const lineTone = line?.tone;
	const under = lineTone === undefined ? 0 : styleOf.over(0, toneNumber(lineTone), undefined);
	for (const part of line?.spans ?? []) {
		const {cells} = part;
		const style = cells
			? (index: number) => styleOf.over(under, cells[index]!, lineTone)
			: styleOf.over(under, toneNumber(part.tone ?? 'plain'), lineTone);
		column = putText(grid, column, row, part.text, style, end);
	}
	putText(grid, column, row, ' '.repeat(Math.max(0, end - column)), under, end);
};

/** Numbers of styles by number of tone. */
type ToneStyles = {
	/** The style of a tone that lies over another style, which is that of its line. */
	over(under: number, tone: number, lineTone: Tone | undefined): number;
};

const createToneStyles = (styles: StyleTable, theme: Theme): ToneStyles => {
	// Asked for every cell of a map: two array reads. By the style below, then by tone.
	const known: number[][] = [];
	return {
		over(under, tone, lineTone) {
			known[under] ??= [];
			const row = known[under];
			if (row[tone] === undefined) {
				const parameters = laidOver(theme, lineTone, tones[tone]!);
				row[tone] = parameters === '' ? under : styles.after(under, parameters);
			}
			return row[tone];
		},
	};
};

/** @param painted lines that the grid shows at this place already */
const paintLayer = (grid: Grid, {rect, lines}: Layer, styleOf: ToneStyles, painted?: readonly Line[]): void => {
	if (rect.column >= grid.columns) {
		return;
	}
	const lastRow = Math.min(grid.rows, rect.row + rect.rows);
	for (let row = Math.max(0, rect.row); row < lastRow; row++) {
		const line = lines[row - rect.row];
		if (line === undefined || line !== painted?.[row - rect.row]) {
			paintLine(grid, rect, row, line, styleOf);
		}
	}
};

const base64 = (text: string): string => Buffer.from(text).toString('base64');

const isSameRect = (a: Rect, b: Rect): boolean =>
	a.column === b.column && a.row === b.row && a.columns === b.columns && a.rows === b.rows;

const toAscii = (grid: Grid): void => {
	for (const [at, glyph] of grid.glyphs.entries()) {
		if (glyph === 0 || glyph > 0x7e) {
			grid.glyphs[at] = glyph === 0 ? BLANK : asciiGlyph(glyph);
		}
	}
};

/** @param mostBytes after how many bytes the rest of a frame is left for the next piece */
export const createScreen = (
	sink: Sink,
	theme: Theme,
	columns: number,
	rows: number,
	mostBytes = () => Number.POSITIVE_INFINITY,
): Screen => {
	const styles = createStyleTable();
	const toneStyles = createToneStyles(styles, theme);
	const layers = new Map<string, Layer>();
	let frameText = '';
	let frameChanged = true;
	let ink = createGrid(columns, rows);
	let wanted = createGrid(columns, rows);
	let held = createGrid(columns, rows);
	/** Layers whose lines changed since the last flush, with the lines painted then. */
	const repainted = new Map<string, readonly Line[] | undefined>();
	/** Layers came, went or moved since then. */
	let isRearranged = true;
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

	const hasHeights = (): boolean => [...layers.values()].some(({height}) => height > 0);

	const composeAll = (): void => {
		if (frameChanged) {
			putFrame(ink, frameText, styles);
			frameChanged = false;
		}
		copyGrid(ink, wanted);
		for (const layer of [...layers.values()].sort((a, b) => a.height - b.height)) {
			paintLayer(wanted, layer, toneStyles);
		}
	};

	const compose = (): void => {
		if (!isRearranged && !frameChanged && repainted.size === 0) {
			return;
		}
		if (isRearranged || frameChanged) {
			composeAll();
		} else {
			for (const [id, painted] of repainted) {
				paintLayer(wanted, layers.get(id)!, toneStyles, painted);
			}
		}
		isRearranged = false;
		repainted.clear();
		if (!theme.unicode) {
			toAscii(wanted);
		}
	};

	const settle = (): void => {
		if (out < sent) {
			return;
		}
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
		compose();
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
		compose();
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
			compose();
		}
		send(isUrgent);
	};

	return {
		put(id, layer) {
			const before = layers.get(id);
			layers.set(id, layer);
			if (!repainted.has(id)) {
				repainted.set(id, before?.lines);
			}
			// Layers of height 0 do not overlap: where only their lines change, the others stay as they are.
			isRearranged ||= !before || !isSameRect(before.rect, layer.rect) || hasHeights();
		},
		remove(id) {
			layers.delete(id);
			isRearranged = true;
		},
		frame(text) {
			frameChanged ||= text !== frameText;
			frameText = text;
		},
		reset(newColumns, newRows) {
			ink = createGrid(newColumns, newRows);
			wanted = createGrid(newColumns, newRows);
			isRearranged = true;
			frameChanged = true;
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
};
