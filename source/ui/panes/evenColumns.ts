/** Columns of a row of numbers: as even as the numbers let them be. */

/**
 * @param lengths of the longest text in each column
 * @param most columns that one is made wide where there is room
 * @returns a width for each, in which a blank stands before the text; undefined when they do not fit
 */
export function evenColumns(lengths: readonly number[], columns: number, most: number): readonly number[] | undefined {
	const even = Math.min(most, Math.floor(columns / Math.max(1, lengths.length)));
	const widths = lengths.map(length => Math.max(even, length + 1));
	let over = widths.reduce((sum, width) => sum + width, 0) - columns;
	for (; over > 0; over--) {
		const spare = widths.map((width, index) => width - 1 - lengths[index]!);
		const widest = spare.lastIndexOf(Math.max(...spare));
		if ((spare[widest] ?? 0) <= 0) return undefined;
		widths[widest]!--;
	}
	return widths;
}
