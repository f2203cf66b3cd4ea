/** The legend of the frame map: which letter stands for what, and how many frames of it there are. */

import type {PageMapLetter} from '../../formats/debugfs/pageMap.ts';
import type {FramesModel} from '../../model/frames.ts';
import {count, signed} from '../panes/format.ts';
import {type Line, line, type Span, span} from '../terminal/lines.ts';
import type {PageTone} from '../terminal/theme.ts';

export const letterTones: Readonly<Record<PageMapLetter, PageTone>> = {
	R: 'page.reserved',
	K: 'page.kernel',
	S: 'page.slab',
	T: 'page.table',
	A: 'page.anonymous',
	a: 'page.shared',
	F: 'page.file',
	f: 'page.mapped',
	D: 'page.dma',
	P: 'page.pinned',
	M: 'page.kmapped',
	B: 'page.bounce',
	V: 'page.vmalloc',
	d: 'page.dirty',
	w: 'page.writeback',
	'.': 'page.free',
};

/** Short names for where the meanings have no room. */
const shortNames: Readonly<Record<PageMapLetter, string>> = {
	R: 'rsvd',
	K: 'kernel',
	S: 'slab',
	T: 'tables',
	A: 'anon',
	a: 'shared',
	F: 'file',
	f: 'mapped',
	D: 'dma',
	P: 'pinned',
	M: 'kmapped',
	B: 'bounce',
	V: 'vmalloc',
	d: 'dirty',
	w: 'writing',
	'.': 'free',
};

type Entry = FramesModel['legend'][number];

const shown = ({legend}: FramesModel): readonly Entry[] => legend.filter(({frames}) => frames > 0);

/** Which letter is which kind, with how many frames of it there are and how many more or fewer than before. */
export const legendWords = (model: FramesModel): readonly string[] =>
	shown(model).map(({letter, meaning, frames, change}) =>
		`${letter} ${meaning} ${count(frames)} ${signed(change)}`.trimEnd(),
	);

function besideLine({letter, frames, change}: Entry, columns: number): Line {
	const number = `${columns < 24 ? '' : `${signed(change)} `}${columns < 16 ? frames : count(frames)}`;
	const name = shortNames[letter].slice(0, Math.max(0, columns - 3 - number.length));
	return line(
		span(letter, letterTones[letter]),
		span(` ${name}`, 'dim'),
		span(`${name === '' ? '' : ' '}${number.padStart(columns - 3 - name.length)}`, 'number'),
	);
}

/** What passes tells more than what is always there: in this order kinds have the room. */
const mostTelling = 'PMBwdDVaAfF.TSKR';

/** One kind a row, the most telling ones where there is not room for all; the last row says how many are left out. */
export function legendBeside(model: FramesModel, columns: number, rows: number): readonly Line[] {
	const entries = shown(model);
	const lineOf = (entry: Entry): Line => besideLine(entry, Math.min(columns, 30));
	if (entries.length <= rows) return entries.map(lineOf);
	const ranked = entries.toSorted((a, b) => mostTelling.indexOf(a.letter) - mostTelling.indexOf(b.letter));
	const kept = new Set(ranked.slice(0, rows - 1));
	return [
		...entries.filter(entry => kept.has(entry)).map(lineOf),
		line(span(`… ${entries.length - kept.size} more`, 'dim')),
	];
}

/** How much the legend says about each letter; the most that fits is taken. */
type LegendStyle = (entry: Entry) => string;

const legendStyles: readonly LegendStyle[] = [
	({meaning, frames, change}) => ` ${meaning} ${count(frames)}${change === 0 ? '' : ` ${signed(change)}`}  `,
	({letter, frames}) => ` ${shortNames[letter]} ${count(frames)}  `,
	({letter, frames}) => ` ${shortNames[letter].slice(0, 4)} ${frames} `,
	({frames}) => ` ${frames} `,
];

function lay(model: FramesModel, columns: number, style: LegendStyle): Line[] {
	const lines: Span[][] = [[]];
	let width = 0;
	for (const entry of shown(model)) {
		const text = style(entry);
		if (width + 1 + text.trimEnd().length > columns && width > 0) {
			lines.push([]);
			width = 0;
		}
		lines.at(-1)!.push(span(entry.letter, letterTones[entry.letter]), span(text, 'dim'));
		width += 1 + text.length;
	}
	return lines.map(spans => line(...spans));
}

export function legendBelow(model: FramesModel, columns: number, rows: number): readonly Line[] {
	const candidates = legendStyles.map(style => lay(model, columns, style));
	return (candidates.find(lines => lines.length <= rows) ?? candidates.at(-1)!).slice(0, rows);
}
