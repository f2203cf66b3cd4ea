/** Text cut and broken to columns, without a look. */

import {sliceToWidth, textWidth} from './width.ts';

/** Cuts text to `columns` and shows with an ellipsis that it did. */
export function truncate(text: string, columns: number): string {
	if (columns <= 0) return '';
	return textWidth(text) <= columns ? text : `${sliceToWidth(text, columns - 1)}…`;
}

/** A word in parts of at most so many columns. */
function piecesOf(word: string, columns: number): string[] {
	const pieces: string[] = [];
	for (let rest = word; rest !== ''; rest = rest.slice(pieces.at(-1)!.length)) {
		// A character that is wider than all of the room still goes on.
		pieces.push(sliceToWidth(rest, Math.max(2, columns)));
	}
	return pieces;
}

/** Breaks text into lines at blanks; a word that is longer than a line is broken, too. */
export function wrapText(text: string, columns: number): string[] {
	const rows = [''];
	for (const word of text.split(' ')) {
		const row = rows.at(-1)!;
		const longer = row === '' ? word : `${row} ${word}`;
		if (textWidth(longer) <= columns) {
			rows[rows.length - 1] = longer;
			continue;
		}
		const pieces = piecesOf(word, columns);
		if (row === '') rows.pop();
		rows.push(...pieces);
	}
	return rows;
}
