/**
 * The last step of drawing. What the terminal shall show is composed in one grid: Ink's frame below, the layers that
 * components put above it. The other grid is what the terminal holds. A flush sends the difference and nothing else,
 * inside marks that make the terminal show it at once (DEC private mode 2026).
 *
 * One flush is under way at a time. While a slow line still takes the last one, newer frames replace each other unsent:
 * what goes out next is the difference to the newest.
 */

import {asciiGlyph} from './ascii.ts';
import {BLANK, copyGrid, createGrid, type Grid, putFrame, putText} from './cells.ts';
import {moveCursor} from './cursor.ts';
import {type Line, toneNumber} from './lines.ts';
import {createStyleTable, type StyleTable} from './sgr.ts';
import type {Layer, Rect, Surface} from './surface.ts';
import {type Theme, tones} from './theme.ts';

/** Takes bytes to the terminal; `done` is called when the next may follow. */
export type Sink = (bytes: string, done: () => void) => void;

export type Screen = Surface & {
	/** Takes a frame of Ink. It goes out with the next flush. */
	frame(text: string): void;
	/** The terminal has another size, or its content is unknown: everything is sent anew. */
	reset(columns: number, rows: number): void;
	/** Sends what changed, now or as soon as the line is free. */
	flush(): void;
	/** Puts a text into the clipboard of the terminal (OSC 52), which may refuse it. */
	copy(text: string): void;
	/** Resolves when nothing is on its way any more and the terminal holds the newest frame. */
	settled(): Promise<void>;
	/** What the terminal holds or is about to. */
	readonly shown: Grid;
};

const syncBegin = '\u001B[?2026h';
const syncEnd = '\u001B[?2026l';
/** Unchanged cells up to this many are sent again where that is cheaper than a jump over them. */
const bridge = 4;

const paintLine = (grid: Grid, rect: Rect, row: number, line: Line | undefined, styleOf: ToneStyles): void => {
	const end = Math.min(grid.columns, rect.column + rect.columns);
	let column = rect.column;
	const under = line?.tone === undefined ? 0 : styleOf.over(0, toneNumber(line.tone));
	for (const part of line?.spans ?? []) {
		const {cells} = part;
		const style = cells
			? (index: number) => styleOf.over(under, cells[index]!)
			: styleOf.over(under, toneNumber(part.tone ?? 'plain'));
		column = putText(grid, column, row, part.text, style, end);
	}
	putText(grid, column, row, ' '.repeat(Math.max(0, end - column)), under, end);
};

/** Numbers of styles by number of tone. */
type ToneStyles = {
	/** The style of a tone that lies over another style. */
	over(under: number, tone: number): number;
};

const createToneStyles = (styles: StyleTable, theme: Theme): ToneStyles => {
	// Asked for every cell of a map: two array reads. By the style below, then by tone.
	const known: number[][] = [];
	return {
		over(under, tone) {
			known[under] ??= [];
			const row = known[under];
			const parameters = theme.sgr[tones[tone]!];
			row[tone] ??= parameters === '' ? under : styles.after(under, parameters);
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

/** What takes a terminal from `held` to `wanted`; makes `held` equal to it. */
export const difference = (held: Grid, wanted: Grid, styles: StyleTable): string => {
	const {columns, rows} = wanted;
	let bytes = '';
	let style = 0;
	let cursorColumn = -1;
	let cursorRow = -1;

	const isSame = (at: number): boolean =>
		held.glyphs[at] === wanted.glyphs[at] && held.styles[at] === wanted.styles[at];

	const send = (at: number, column: number, row: number): void => {
		const glyph = wanted.glyphs[at]!;
		const wide = column + 1 < columns && wanted.glyphs[at + 1] === 0;
		bytes += styles.change(style, wanted.styles[at]!);
		style = wanted.styles[at]!;
		bytes += String.fromCodePoint(glyph);
		held.glyphs[at] = glyph;
		held.styles[at] = style;
		cursorColumn = column + 1;
		cursorRow = row;
		if (wide) {
			held.glyphs[at + 1] = 0;
			held.styles[at + 1] = style;
		}
		// After a wide character terminals may disagree with us, and behind the last column a wrap is pending.
		if (wide || cursorColumn >= columns) {
			cursorColumn = -1;
		}
	};

	/** Columns from `column` on that are blank to the end of the row, 0 if the row ends otherwise. */
	const blankTail = (row: number, column: number): number => {
		let tail = 0;
		for (let x = columns - 1; x >= column; x--) {
			const at = row * columns + x;
			if (wanted.glyphs[at] !== BLANK || wanted.styles[at] !== 0) {
				break;
			}
			tail++;
		}
		return tail;
	};

	for (let row = 0; row < rows; row++) {
		const base = row * columns;
		let column = 0;
		let tailStart = -1;
		while (column < columns) {
			const at = base + column;
			if (isSame(at)) {
				column++;
				continue;
			}
			// The right half of a wide character is sent with its left half.
			if (wanted.glyphs[at] === 0) {
				column--;
			}
			if (tailStart < 0) {
				tailStart = columns - blankTail(row, column);
			}
			if (column >= tailStart && columns - column > bridge) {
				bytes += moveCursor(cursorColumn, cursorRow, column, row) + styles.change(style, 0);
				bytes += '\u001B[K';
				style = 0;
				cursorColumn = column;
				cursorRow = row;
				held.glyphs.fill(BLANK, base + column, base + columns);
				held.styles.fill(0, base + column, base + columns);
				break;
			}
			const gap = column - cursorColumn;
			const bridged =
				cursorRow === row &&
				cursorColumn >= 0 &&
				gap > 0 &&
				gap <= bridge &&
				canBridge(wanted, base + cursorColumn, gap, style);
			if (bridged) {
				for (let x = cursorColumn; x < column; x++) {
					send(base + x, x, row);
				}
			} else if (cursorColumn !== column || cursorRow !== row) {
				bytes += moveCursor(cursorColumn, cursorRow, column, row);
			}
			const wide = column + 1 < columns && wanted.glyphs[base + column + 1] === 0;
			send(base + column, column, row);
			column += wide ? 2 : 1;
		}
	}
	return bytes + styles.change(style, 0);
};

/** Are these cells plain ASCII in the style that is set, so that sending them again costs a byte each? */
const canBridge = (grid: Grid, start: number, length: number, style: number): boolean => {
	for (let at = start; at < start + length; at++) {
		const glyph = grid.glyphs[at]!;
		if (glyph === 0 || glyph > 0x7e || grid.styles[at] !== style) {
			return false;
		}
	}
	return true;
};

const toAscii = (grid: Grid): void => {
	for (const [at, glyph] of grid.glyphs.entries()) {
		if (glyph === 0 || glyph > 0x7e) {
			grid.glyphs[at] = glyph === 0 ? BLANK : asciiGlyph(glyph);
		}
	}
};

export const createScreen = (sink: Sink, theme: Theme, columns: number, rows: number): Screen => {
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
	let isBusy = false;
	let isStale = false;
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
		const ready = waiters;
		waiters = [];
		for (const resolve of ready) {
			resolve();
		}
	};

	const flush = (): void => {
		if (isBusy) {
			isStale = true;
			return;
		}
		isStale = false;
		compose();
		let bytes = '';
		if (isUnknown) {
			bytes = '\u001B[0m\u001B[H\u001B[2J';
			held = createGrid(wanted.columns, wanted.rows);
			isUnknown = false;
		}
		bytes += difference(held, wanted, styles);
		if (bytes === '') {
			settle();
			return;
		}
		isBusy = true;
		sink(syncBegin + bytes + syncEnd, () => {
			isBusy = false;
			if (isStale) {
				flush();
			} else {
				settle();
			}
		});
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
		},
		flush,
		copy(text) {
			// Between two frames: the line keeps what it is given in order.
			sink(`\u001B]52;c;${base64(text)}\u0007`, () => {});
		},
		settled: () =>
			new Promise(resolve => {
				if (isBusy || isStale) {
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
