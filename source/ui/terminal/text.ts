/** Text cut and broken to columns, without a look. */

import {sliceToWidth, textWidth} from './width.ts';

/** Cuts text to `columns` and shows with an ellipsis that it did. */
export function truncate(text: string, columns: number): string {
	if (columns <= 0) return '';
	return textWidth(text) <= columns ? text : `${sliceToWidth(text, columns - 1)}…`;
}

/** Breaks text into lines at blanks; a longer word is cut. */
export function wrapText(text: string, columns: number): string[] {
	const rows = [''];
	for (const word of text.split(' ')) {
		const row = rows.at(-1)!;
		const longer = row === '' ? word : `${row} ${word}`;
		if (textWidth(longer) <= columns) {
			rows[rows.length - 1] = longer;
		} else if (row === '') {
			rows[0] = truncate(word, columns);
		} else {
			rows.push(truncate(word, columns));
		}
	}
	return rows;
}
