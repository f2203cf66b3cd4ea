import {type PageMapLetter, pageMapMeanings} from '../../../formats/debugfs/pageMap.ts';
import {pageBytes} from '../../../formats/pageBytes.ts';
import {prefixedHex} from '../../../formats/text.ts';
import {cellAt, cellOf} from '../../../model/frameCells.ts';
import type {FramesModel, FramesZone} from '../../../model/frames.ts';
import {lingerMs} from '../../../model/moment.ts';
import {bytes, plural} from '../../panes/format.ts';
import {type FramesLayout, frameLabelColumns, framesLayout} from '../../state/frameWindow.ts';
import type {Run} from '../../state/lit.ts';
import type {State} from '../../state/state.ts';
import {blankLine, fitLine, type Line, line, padEnd, span, toneNumber} from '../../terminal/lines.ts';
import {injectionTone, pageTone} from '../../terminal/theme.ts';
import {legendBelow, legendBeside, letterTones} from '../frameLegend.ts';
import {watermarkGauge} from '../gauge.ts';
import type {PaneLook} from '../look.ts';

// How full a cell is, by its digit: a few of its frames in use, many, all.
const fullness = ['', 'few', 'few', 'few', '', '', '', '', '', 'full'] as const;

/** By digit and character code of the letter; the tenth row is for cells of one frame. */
const toneNumbers = fullness.map(level => {
	const row = new Uint8Array(128);
	for (const [letter, tone] of Object.entries(letterTones)) {
		row[letter.charCodeAt(0)] = toneNumber(pageTone(tone, level));
	}
	return row;
});
const oneFrameTones = toneNumbers[0]!;
const digitZero = '0'.charCodeAt(0);
const freshTone = toneNumber('mark.changed');
const cursorTone = toneNumber('page.cursor');
const litTone = toneNumber('page.lit');

/** What stands before a row of cells, and a blank. */
const rowLabel = (text: string): string => `${padEnd(text, frameLabelColumns - 1)} `;

type Pointers = {
	readonly cursorPfn: number | undefined;
	/** The followed frame, and those behind what is selected. */
	readonly lit: readonly Run[];
	/** Frames that the workload in the banner has touched, and its tone. */
	readonly told: {readonly pfns: readonly number[]; readonly tone: number} | undefined;
};

function zoneTones(zone: FramesZone, {at, framesPerCell}: FramesModel, pointers: Pointers): Uint8Array {
	const {cells, shares, changedMs, injections} = zone;
	const tones = new Uint8Array(cells.length);
	for (let cell = 0; cell < tones.length; cell++) {
		const isFresh = at.movedMs - changedMs[cell]! < lingerMs;
		const injection = injections[cell]!;
		const byLetter = shares === '' ? oneFrameTones : toneNumbers[shares.charCodeAt(cell) - digitZero]!;
		tones[cell] = isFresh
			? injection > 0
				? toneNumber(injectionTone(injection))
				: freshTone
			: byLetter[cells.charCodeAt(cell) & 127]!;
	}
	for (const pfn of pointers.told?.pfns ?? []) {
		const cell = cellOf(zone, framesPerCell, pfn);
		if (cell >= 0 && cells[cell] !== '.') tones[cell] = pointers.told!.tone;
	}
	for (const {pfn, frames} of pointers.lit) {
		const first = Math.max(pfn, zone.startPfn);
		const last = Math.min(pfn + frames, zone.startPfn + zone.frames) - 1;
		if (first <= last) {
			tones.fill(litTone, cellOf(zone, framesPerCell, first), cellOf(zone, framesPerCell, last) + 1);
		}
	}
	const cursor = pointers.cursorPfn === undefined ? -1 : cellOf(zone, framesPerCell, pointers.cursorPfn);
	if (cursor >= 0) {
		tones[cursor] = cursorTone;
	}
	return tones;
}

/** The zone's name, how much of it is free, and how far that is from its watermarks. */
function bandLine({name, stand}: FramesZone, width: number): Line {
	const label = span(rowLabel(name), 'strong');
	if (!stand) return line(label);
	const free = `${bytes(stand.free * pageBytes)} free`.padStart(13);
	return line(label, ...watermarkGauge(stand.free, stand, stand.present, Math.max(4, width - free.length)), free);
}

function zoneLines(zone: FramesZone, model: FramesModel, layout: FramesLayout, pointers: Pointers): Line[] {
	const {width, hasBands} = layout;
	const tones = zoneTones(zone, model, pointers);
	const lines = hasBands ? [bandLine(zone, width)] : [];
	for (let cell = 0; cell < zone.cells.length; cell += width) {
		const isNamed = cell === 0 && !hasBands;
		const label = isNamed ? zone.name : prefixedHex(zone.startPfn + cell * model.framesPerCell);
		const text = zone.cells.slice(cell, cell + width);
		lines.push(
			line(span(rowLabel(label), isNamed ? 'strong' : 'dim'), {
				text,
				cells: tones.subarray(cell, cell + width),
			}),
		);
	}
	return lines;
}

function withLegend(map: readonly Line[], model: FramesModel, layout: FramesLayout, rows: number): readonly Line[] {
	const gap = 2;
	const legend = legendBeside(model, layout.legendColumns - gap, rows);
	const columns = frameLabelColumns + layout.width + gap;
	return Array.from({length: Math.max(map.length, legend.length)}, (_, row) =>
		line(...fitLine(map[row] ?? blankLine, columns).spans, ...(legend[row]?.spans ?? [])),
	);
}

/** What the cell under the cursor holds. */
function cursorText(model: FramesModel, pfn: number): string {
	const found = cellAt(model, pfn);
	if (!found) return `pfn ${prefixedHex(pfn)} is outside of this window`;
	const {zone, cell, pfn: first, frames} = found;
	const meaning = pageMapMeanings[zone.cells[cell] as PageMapLetter];
	return model.framesPerCell === 1
		? `pfn ${prefixedHex(first)} ${zone.name}: ${meaning}`
		: `pfn ${prefixedHex(first)}+${frames} ${zone.name}: ${meaning}, ${zone.shares[cell]}/9 used`;
}

/** During its story all that a workload has touched bears its colour, however long ago that was. */
function toldOf({injections: {culprits, story}}: State): Pointers['told'] {
	if (story === undefined) return undefined;
	const pfns = [...culprits.byPfn].filter(([, injection]) => injection === story).map(([pfn]) => pfn);
	return {pfns, tone: toneNumber(injectionTone(story))};
}

export const framesLook: PaneLook<'frames'> = {
	inputs: ({frames, injections: {story, culprits}}) => [frames.cursorPfn, story, story !== undefined && culprits],
	content(model, {state, room, lit}) {
		const {cursorPfn} = state.frames;
		const layout = framesLayout(room);
		const {columns, rows} = room;
		const map = model.zones.flatMap(zone =>
			zoneLines(zone, model, layout, {cursorPfn, lit: lit.runs, told: toldOf(state)}),
		);
		const {letters} = model.source;
		const usual = `${letters === null ? '' : `only ${letters} · `}${plural(model.framesPerCell, 'frame')} a cell`;
		const foot = layout.legendColumns > 0 ? [] : legendBelow(model, columns, layout.legendRows);
		const head = layout.legendColumns > 0 ? withLegend(map, model, layout, rows) : map;
		const height = Math.max(1, rows - foot.length);
		const over = head.length - height + 1;
		return {
			aside: cursorPfn === undefined ? usual : cursorText(model, cursorPfn),
			// Only a map that was recorded on a larger screen is too long.
			head: over > 1 ? [...head.slice(0, -over), line(span(`… ${over} more lines`, 'dim'))] : head,
			line: () => blankLine,
			foot,
		};
	},
};
