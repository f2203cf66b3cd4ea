/**
 * Stands in for `output.js` of Ink, which puts texts where they were laid out and makes a frame of them. The original
 * makes an object for every cell of the screen whenever anything changed, which is most of what a frame of Ink's costs.
 * Here a row of the same texts at the same places as in the frame before is the same line. The frames are those of the
 * original.
 */

import type {StyledChar} from '@alcalzone/ansi-tokenize';
import sliceAnsi from 'slice-ansi';
import {styledCharsFromTokens, styledCharsToString, tokenize} from './inkTokenize.ts';
import stringWidth from './inkWidth.ts';

type Clip = {
	readonly x1?: number | undefined;
	readonly x2?: number | undefined;
	readonly y1?: number | undefined;
	readonly y2?: number | undefined;
};

type Transformer = (line: string, index: number) => string;

/** A column and a text, a column and a text … */
type Row = (number | string)[];

const blank: StyledChar = {type: 'char', value: ' ', fullWidth: false, styles: []};

function rowText(row: Row, columns: number): string {
	const cells = new Array<StyledChar>(columns).fill(blank);
	for (let index = 0; index < row.length; index += 2) {
		let column = row[index] as number;
		for (const character of styledCharsFromTokens(tokenize(row[index + 1] as string))) {
			const width = Math.max(1, stringWidth(character.value));
			if (column >= 0) cells[column] = character;
			for (let further = Math.max(0, column + 1); further < column + width; further++) {
				cells[further] = {type: 'char', value: '', fullWidth: false, styles: character.styles};
			}
			column += width;
		}
	}
	// What was written beyond the last column may lie apart.
	return styledCharsToString(cells.filter(cell => cell !== undefined)).trimEnd();
}

/** The rows of the last frame, and what was made of them. */
let known: readonly {readonly columns: number; readonly row: Row; readonly text: string}[] = [];

function clipped(lines: readonly string[], x: number, {x1, x2}: Clip): readonly string[] {
	if (x1 === undefined || x2 === undefined) return lines;
	return lines.map(line => {
		const width = stringWidth(line);
		return sliceAnsi(line, x < x1 ? x1 - x : 0, x + width > x2 ? x2 - x : width);
	});
}

class Output {
	readonly #columns: number;
	readonly #rows: readonly Row[];
	readonly #clips: Clip[] = [];

	constructor({width, height}: {readonly width: number; readonly height: number}) {
		this.#columns = width;
		this.#rows = Array.from({length: height}, () => []);
	}

	write(x: number, y: number, text: string, {transformers}: {readonly transformers: readonly Transformer[]}): void {
		if (!text) return;
		let lines: readonly string[] = text.includes('\n') ? text.split('\n') : [text];
		let [column, row] = [x, y];
		const clip = this.#clips.at(-1);
		if (clip) {
			const {x1, x2, y1, y2} = clip;
			const widest = Math.max(...lines.map(line => stringWidth(line)));
			if (x1 !== undefined && x2 !== undefined && (x + widest < x1 || x > x2)) return;
			if (y1 !== undefined && y2 !== undefined && (y + lines.length < y1 || y > y2)) return;
			lines = clipped(lines, x, clip);
			if (x1 !== undefined && x2 !== undefined) column = Math.max(x, x1);
			if (y1 !== undefined && y2 !== undefined) {
				lines = lines.slice(Math.max(0, y1 - y), y + lines.length > y2 ? y2 - y : lines.length);
				row = Math.max(y, y1);
			}
		}
		for (const [index, line] of lines.entries()) {
			// Text above the first row is not written at all, as with the original.
			const at = this.#rows[row + index];
			if (!at) return;
			at.push(
				column,
				transformers.reduce((before, transform) => transform(before, index), line),
			);
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
		known = this.#rows.map((row, index) => {
			const before = known[index];
			const isSame =
				before?.columns === columns &&
				before.row.length === row.length &&
				before.row.every((part, place) => part === row[place]);
			return isSame ? before : {columns, row, text: rowText(row, columns)};
		});
		return {output: known.map(({text}) => text).join('\n'), height: this.#rows.length};
	}
}

export {Output as default};
