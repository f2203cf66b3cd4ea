/**
 * Stands in for `output.js` of Ink, which puts texts where they were laid out and makes a frame of them. The original
 * makes an object for every cell of the screen whenever anything changed, which is most of what a frame of Ink's costs.
 * Here a row of the same texts at the same places as in the frame before is the same line, and others are put together
 * in a row of cells. The frames look like those of the original, but for halves of wide characters, which are blank
 * here.
 */

import {createGrid, putStyledText, styledRowText, type TextPlace} from './cells.ts';
import {createStyleTable} from './sgr.ts';

type Clip = {
	readonly x1?: number | undefined;
	readonly x2?: number | undefined;
	readonly y1?: number | undefined;
	readonly y2?: number | undefined;
};

type Transformer = (line: string, index: number) => string;

type Part = TextPlace & {readonly text: string};

const isSamePart = (a: Part, b: Part | undefined): boolean =>
	a.text === b?.text && a.column === b.column && a.begin === b.begin && a.end === b.end;

type Row = {readonly columns: number; readonly parts: Part[]; readonly text: string};

const styles = createStyleTable();

function rowText(parts: readonly Part[], columns: number): string {
	const grid = createGrid(columns, 1);
	for (const part of parts) putStyledText(grid, 0, part, part.text, 0, styles);
	return styledRowText(grid, 0, styles);
}

/** The rows of the last frame. */
let known: readonly Row[] = [];

class Output {
	readonly #columns: number;
	readonly #rows: readonly Part[][];
	readonly #clips: Clip[] = [];

	constructor({width, height}: {readonly width: number; readonly height: number}) {
		this.#columns = width;
		this.#rows = Array.from({length: height}, () => []);
	}

	write(x: number, y: number, text: string, {transformers}: {readonly transformers: readonly Transformer[]}): void {
		if (!text) return;
		const {x1 = 0, x2 = this.#columns, y1 = 0, y2 = this.#rows.length} = this.#clips.at(-1) ?? {};
		const [begin, end] = [Math.max(0, x1), Math.min(this.#columns, x2)];
		for (const [index, line] of text.split('\n').entries()) {
			const row = y + index;
			if (row < y1 || row >= y2) continue;
			const shown = transformers.reduce((before, transform) => transform(before, index), line);
			this.#rows[row]?.push({column: x, begin, end, text: shown});
		}
	}

	clip(clip: Clip): void {
		this.#clips.push(clip);
	}

	unclip(): void {
		this.#clips.pop();
	}

	get(): {readonly output: string; readonly height: number} {
		const columns = this.#columns;
		known = this.#rows.map((parts, index) => {
			const before = known[index];
			const isSame =
				before?.columns === columns &&
				before.parts.length === parts.length &&
				parts.every((part, place) => isSamePart(part, before.parts[place]));
			return isSame ? before : {columns, parts, text: rowText(parts, columns)};
		});
		return {output: known.map(({text}) => text).join('\n'), height: this.#rows.length};
	}
}

export {Output as default};
