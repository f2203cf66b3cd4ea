/**
 * /sys/kernel/debug/page_map and page_map/START/FRAMES/CELLS[/LETTERS] (ours): page frames as letters, one cell for a
 * run of frames, 64 cells a line, zone by zone. A cell shows the commonest kind among its frames in use, or one that is
 * rare and telling (pinned, kmapped, bounce, DMA); a dot only if all of them are free. The digits behind the letters
 * say how much of each cell is in use, from 0 (nothing) to 9 (more than eight ninths); there are none where a cell is
 * one frame. With LETTERS only frames of these kinds count, all others as if they were free.
 *
 *     # page_map 0.2: frames_per_cell=16 window=- letters=-
 *     # R      412 reserved
 *     zone DMA start=0x0 frames=4096
 *     0x00000 RRRRKKKK.... 999912390000
 */

import {decimal, name, pfnCell} from '../cells.ts';
import {pairs} from '../table.ts';
import {hex, joinLines, Lines} from '../text.ts';

/** What a frame is used for, most specific first in the sense of the file's producer. */
export type PageMapLetter =
	| 'R'
	| 'K'
	| 'S'
	| 'T'
	| 'A'
	| 'a'
	| 'F'
	| 'f'
	| 'D'
	| 'P'
	| 'M'
	| 'B'
	| 'V'
	| 'd'
	| 'w'
	| '.';

/** Every letter with its meaning, in the order of the legend. */
export const pageMapMeanings: Readonly<Record<PageMapLetter, string>> = {
	R: 'reserved',
	K: 'kernel',
	S: 'slab',
	T: 'page table',
	A: 'anonymous',
	a: 'anonymous, shared',
	F: 'page cache',
	f: 'page cache, mapped',
	D: 'DMA coherent or pool',
	P: 'pinned',
	M: 'kmapped',
	B: 'bounce',
	V: 'vmalloc',
	d: 'page cache, dirty',
	w: 'under writeback',
	'.': 'free',
};

export const pageMapLetters = Object.keys(pageMapMeanings) as readonly PageMapLetter[];

type PageMapLegendEntry = {
	readonly letter: PageMapLetter;
	readonly meaning: string;
	/** Frames of this kind in what the file covers. */
	readonly frames: number;
};

export type PageMapZone = {
	readonly name: string;
	/** First frame of the zone that the file covers. */
	readonly startPfn: number;
	/** Frames of the zone that the file covers. */
	readonly frames: number;
	/** One letter a cell, ceil(frames / framesPerCell) of them. */
	readonly cells: string;
	/** One digit a cell, how much of it is in use in ninths, rounded up; empty where a cell is one frame. */
	readonly shares: string;
};

/** The part of memory that was asked for by path. */
type PageMapWindow = {readonly startPfn: number; readonly frames: number; readonly cells: number};

export type PageMap = {
	readonly framesPerCell: number;
	/** null for the whole memory. */
	readonly window: PageMapWindow | null;
	/** The kinds that count; null for all. */
	readonly letters: string | null;
	readonly legend: readonly PageMapLegendEntry[];
	readonly zones: readonly PageMapZone[];
};

const cellsPerLine = 64;
const headPattern =
	/^# page_map 0\.2: frames_per_cell=(\d+) window=(?:-|0x([0-9a-f]+)\+(\d+)\/(\d+)) letters=(?:-|([RKSTAaFfDPMBVdw.]+))$/;
const zonePairs = pairs<Omit<PageMapZone, 'cells' | 'shares'>>({
	name: ['name', name],
	startPfn: ['start', pfnCell],
	frames: ['frames', decimal],
});

function formatZone(zone: PageMapZone, framesPerCell: number): string[] {
	const lines = [`zone ${zonePairs.show(zone)}`];
	for (let cell = 0; cell < zone.cells.length; cell += cellsPerLine) {
		const start = hex(zone.startPfn + cell * framesPerCell, 5);
		const shares = zone.shares === '' ? '' : ` ${zone.shares.slice(cell, cell + cellsPerLine)}`;
		lines.push(`0x${start} ${zone.cells.slice(cell, cell + cellsPerLine)}${shares}`);
	}
	return lines;
}

export function formatPageMap({framesPerCell, window, letters, legend, zones}: PageMap): string {
	const shown = window === null ? '-' : `0x${hex(window.startPfn)}+${window.frames}/${window.cells}`;
	return joinLines([
		`# page_map 0.2: frames_per_cell=${framesPerCell} window=${shown} letters=${letters ?? '-'}`,
		...legend.map(({letter, frames, meaning}) => `# ${letter} ${String(frames).padStart(8)} ${meaning}`),
		...zones.flatMap(zone => formatZone(zone, framesPerCell)),
	]);
}

function parseZone(lines: Lines, framesPerCell: number): PageMapZone {
	if (!lines.peek()?.startsWith('zone ')) lines.fail('a zone heading');
	const zone = lines.read(line => zonePairs.read(line.slice('zone '.length)));
	const total = Math.ceil(zone.frames / framesPerCell);
	const isShared = framesPerCell > 1;
	let cells = '';
	let shares = '';
	while (cells.length < total) {
		const length = Math.min(cellsPerLine, total - cells.length);
		const start = hex(zone.startPfn + cells.length * framesPerCell, 5);
		const line = lines.next(`cells from 0x${start}`);
		const head = start.length + 3;
		if (line.length !== head + length + (isShared ? 1 + length : 0) || !line.startsWith(`0x${start} `)) {
			lines.fail(`0x${start} and ${length} cells on the line before this one`);
		}
		cells += line.slice(head, head + length);
		shares += line.slice(head + length + 1);
	}
	return {...zone, cells, shares};
}

/** @throws FormatError */
export function parsePageMap(text: string): PageMap {
	const lines = new Lines('page_map', text);
	const head = lines.match(headPattern, '# page_map 0.2: frames_per_cell=… window=… letters=…');
	const framesPerCell = Number(head[0]);
	const window =
		head[1] === '' ? null : {startPfn: Number(`0x${head[1]}`), frames: Number(head[2]), cells: Number(head[3])};
	const legend: PageMapLegendEntry[] = [];
	for (;;) {
		const groups = lines.tryMatch(/^# ([RKSTAaFfDPMBVdw.]) +(\d+) (.+)$/s);
		if (groups === undefined) break;
		legend.push({letter: groups[0] as PageMapLetter, meaning: groups[2]!, frames: Number(groups[1])});
	}
	const zones: PageMapZone[] = [];
	while (!lines.done) zones.push(parseZone(lines, framesPerCell));
	return {framesPerCell, window, letters: head[4] || null, legend, zones};
}
