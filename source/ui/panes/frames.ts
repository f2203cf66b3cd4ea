import {type PageMapLetter, parsePageMap} from '../../formats/debugfs/pageMap.ts';
import {type FramesModel, type FramesZone, framesModel} from '../../model/frames.ts';
import {load} from '../../model/loaded.ts';
import {lingerMs} from '../../model/moment.ts';
import {path} from '../../model/paths.ts';
import {readRecord} from '../../model/tree.ts';
import {type Content, noRows} from '../content.ts';
import {count, pfnText, plural, signed} from '../format.ts';
import {cellsPerLine, frameLabelColumns, frameWindow, frameWindowPath} from '../frameWindow.ts';
import {blankLine, type Line, line, padEnd, type Span, span, toneNumber} from '../lines.ts';
import {litInputs, litRuns, type Run} from '../lit.ts';
import {definePane, type Room} from '../pane.ts';
import type {State} from '../state.ts';
import {injectionTone, type Tone} from '../theme.ts';

export const letterTones: Readonly<Record<PageMapLetter, Tone>> = {
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

const toneByCharCode = new Uint8Array(128);
for (const [letter, tone] of Object.entries(letterTones)) {
	toneByCharCode[letter.charCodeAt(0)] = toneNumber(tone);
}
const freshTone = toneNumber('mark.changed');
const cursorTone = toneNumber('page.cursor');
const followTone = toneNumber('row.followed');

type Pointers = {
	readonly cursorPfn: number | undefined;
	readonly followedPfn: number | undefined;
	/** Behind what is selected in another pane. */
	readonly lit: readonly Run[];
};

const cellOf = (zone: FramesZone, framesPerCell: number, pfn: number | undefined): number =>
	pfn === undefined || pfn < zone.startPfn || pfn >= zone.startPfn + zone.frames
		? -1
		: Math.floor((pfn - zone.startPfn) / framesPerCell);

const zoneTones = (zone: FramesZone, {at, framesPerCell}: FramesModel, pointers: Pointers): Uint8Array => {
	const tones = new Uint8Array(zone.cells.length);
	for (let cell = 0; cell < tones.length; cell++) {
		const isFresh = at.movedMs - zone.changedMs[cell]! < lingerMs;
		const injection = zone.injections[cell]!;
		tones[cell] = isFresh
			? injection > 0
				? toneNumber(injectionTone(injection))
				: freshTone
			: toneByCharCode[zone.cells.charCodeAt(cell) & 127]!;
	}
	for (const {pfn, frames} of pointers.lit) {
		const first = Math.max(pfn, zone.startPfn);
		const last = Math.min(pfn + frames, zone.startPfn + zone.frames) - 1;
		if (first <= last) {
			tones.fill(followTone, cellOf(zone, framesPerCell, first), cellOf(zone, framesPerCell, last) + 1);
		}
	}
	const followed = cellOf(zone, framesPerCell, pointers.followedPfn);
	const cursor = cellOf(zone, framesPerCell, pointers.cursorPfn);
	if (followed >= 0) {
		tones[followed] = followTone;
	}
	if (cursor >= 0) {
		tones[cursor] = cursorTone;
	}
	return tones;
};

const zoneLines = (zone: FramesZone, model: FramesModel, width: number, pointers: Pointers): Line[] => {
	const tones = zoneTones(zone, model, pointers);
	const lines: Line[] = [];
	for (let cell = 0; cell < zone.cells.length; cell += width) {
		const label = cell === 0 ? zone.name : pfnText(zone.startPfn + cell * model.framesPerCell);
		const text = zone.cells.slice(cell, cell + width);
		lines.push(
			line(span(padEnd(label, frameLabelColumns), cell === 0 ? 'strong' : 'dim'), {
				text,
				cells: tones.subarray(cell, cell + width),
			}),
		);
	}
	return lines;
};

/** Short names for panes without room for the meanings. */
const shortNames: Readonly<Record<PageMapLetter, string>> = {
	R: 'rsvd',
	K: 'kern',
	S: 'slab',
	T: 'ptab',
	A: 'anon',
	a: 'shared',
	F: 'file',
	f: 'mapped',
	D: 'dma',
	P: 'pinned',
	M: 'kmap',
	B: 'bounce',
	V: 'vmalloc',
	d: 'dirty',
	w: 'writing',
	'.': 'free',
};

/** How much the legend says about each letter; the most that fits is taken. */
type LegendStyle = (entry: FramesModel['legend'][number]) => string;

const legendStyles: readonly LegendStyle[] = [
	({meaning, frames, change}) => ` ${meaning} ${count(frames)}${change === 0 ? '' : ` ${signed(change)}`}  `,
	({letter, frames}) => ` ${shortNames[letter]} ${count(frames)}  `,
	({frames}) => ` ${count(frames)} `,
];

const layLegend = (model: FramesModel, columns: number, style: LegendStyle): Line[] => {
	const lines: Span[][] = [[]];
	let width = 0;
	for (const entry of model.legend.filter(({frames}) => frames > 0)) {
		const text = style(entry);
		if (width + 1 + text.trimEnd().length > columns && width > 0) {
			lines.push([]);
			width = 0;
		}
		lines.at(-1)!.push(span(entry.letter, letterTones[entry.letter]), span(text, 'dim'));
		width += 1 + text.length;
	}
	return lines.map(spans => line(...spans));
};

const legendLines = (model: FramesModel, columns: number, rows: number): Line[] => {
	const candidates = legendStyles.map(style => layLegend(model, columns, style));
	return (candidates.find(lines => lines.length <= rows) ?? candidates.at(-1)!).slice(0, rows);
};

const cursorLine = (model: FramesModel, pfn: number): Line => {
	for (const zone of model.zones) {
		const cell = cellOf(zone, model.framesPerCell, pfn);
		if (cell >= 0) {
			const letter = zone.cells[cell] as PageMapLetter;
			const meaning = model.legend.find(entry => entry.letter === letter)?.meaning ?? 'unknown';
			const first = zone.startPfn + cell * model.framesPerCell;
			const range = model.framesPerCell === 1 ? pfnText(first) : `${pfnText(first)}+${model.framesPerCell}`;
			return line(span(`${letter} `, letterTones[letter]), `pfn ${range} ${zone.name}: ${meaning}`);
		}
	}
	return line(span(`pfn ${pfnText(pfn)} is outside of this window`, 'dim'));
};

/** Lines of legend that a window of this height can spare. */
const legendRows = (rows: number): number => (rows < 8 ? 1 : rows < 14 ? 2 : 4);

const framesContent = (model: FramesModel, columns: number, rows: number, pointers: Pointers): Content => {
	const width = cellsPerLine(columns);
	const legend = legendLines(model, columns, legendRows(rows));
	const foot = pointers.cursorPfn === undefined ? legend : [cursorLine(model, pointers.cursorPfn), ...legend.slice(1)];
	const map = model.zones.flatMap(zone => zoneLines(zone, model, width, pointers));
	return {
		aside: `${plural(model.framesPerCell, 'frame')} a cell`,
		head: map.slice(0, Math.max(0, rows - foot.length)),
		rows: noRows,
		foot: foot.length === 0 ? [blankLine] : foot,
		tails: false,
	};
};

const framesPath = (state: State, {columns, rows}: Room): string =>
	frameWindowPath(frameWindow(state.memoryZones, columns, rows, state.framesPerCell, state.cursorPfn));

export const framesPane = definePane<FramesModel>({
	id: 'frames',
	name: 'frames',
	paths: (state, room) => [framesPath(state, room)],
	derive({tree, at, culprits, older}) {
		const found = Object.keys(tree).find(each => each.startsWith(path.pageMap));
		const reading = found === undefined ? undefined : readRecord(tree, found, parsePageMap);
		return load(reading, older, (pageMap, model) => framesModel(pageMap, model, at, culprits));
	},
	content(model, state, {columns, rows}) {
		const {cursorPfn, followedPfn} = state;
		return framesContent(model, columns, rows, {cursorPfn, followedPfn, lit: litRuns(state)});
	},
	inputs: state => [state.cursorPfn, state.followedPfn, ...litInputs(state)],
});
