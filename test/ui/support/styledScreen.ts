/** A screen as a text of planes: what stands in each cell, and how it looks. */

import {createHeadlessTerminal} from './headlessTerminal.ts';

const attributeNames = ['bold', 'dim', 'italic', 'underlined', 'reversed', 'struck'];

/** Looks that were put in words, of which a screen has a few dozen in thousands of cells. */
const inWords = new Map<string, string>();

/** Of a cell as the headless terminal gives it, in words; empty for the terminal's own look. */
function lookOf(cell: string): string {
	const look = cell.slice(cell.indexOf('|', 1) + 1);
	const known = inWords.get(look) ?? wordsOf(look);
	inWords.set(look, known);
	return known;
}

function wordsOf(look: string): string {
	const [attributes = '', colours = ''] = look.split('|');
	const [, foreground, , background] = colours.split(',').map(Number);
	return [
		...attributeNames.filter((_, index) => attributes[index] === '1'),
		...(foreground === undefined || foreground < 0 ? [] : [`fg${foreground}`]),
		...(background === undefined || background < 0 ? [] : [`bg${background}`]),
	].join(' ');
}

/** Looks of a row as runs: `a3 b12`, a look's letter and how many cells have it; `.` for the terminal's own. */
function runsOf(looks: readonly string[], letterOf: (look: string) => string): string {
	const runs: {letter: string; length: number}[] = [];
	for (const look of looks) {
		const letter = letterOf(look);
		const last = runs.at(-1);
		if (last?.letter === letter) {
			last.length++;
		} else {
			runs.push({letter, length: 1});
		}
	}
	return runs.map(({letter, length}) => `${letter}${length}`).join(' ');
}

/**
 * A screen's text, then its looks, a block for every plane of cells: the same text may be shown in several ways. The
 * letters of the looks are explained below.
 *
 * @param planes cells as a terminal of ours gives them
 */
export function describeScreen(text: readonly string[], planes: readonly (readonly (readonly string[])[])[]): string {
	const letters = new Map<string, string>([['', '.']]);
	const letterOf = (look: string): string => {
		const known = letters.get(look) ?? String.fromCodePoint(0x40 + letters.size);
		letters.set(look, known);
		return known;
	};
	const looks = planes.flatMap(cells => [...cells.map(row => runsOf(row.map(lookOf), letterOf)), '']);
	const legend = [...letters].map(([look, letter]) => `${letter} ${look || "the terminal's own"}`);
	return [`${planes[0]?.[0]?.length}x${text.length}`, ...text, '', ...looks, ...legend, ''].join('\n');
}

/** @param text rows with SGR sequences, as Ink renders them */
export async function styledScreen(text: string, columns: number, rows: number): Promise<string> {
	const terminal = createHeadlessTerminal(columns, rows);
	await terminal.write(text.replaceAll('\n', '\r\n'));
	return describeScreen(terminal.text(), [terminal.cells()]);
}
