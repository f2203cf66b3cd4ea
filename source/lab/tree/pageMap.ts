/** page_map: the whole memory or a window of it, as letters. */
import {
	formatPageMap,
	type PageMap,
	type PageMapLetter,
	pageMapLetters,
	pageMapMeanings,
} from '../../formats/debugfs/pageMap.ts';
import type {Kernel} from '../../kernel/kernel.ts';
import {LabError} from '../errors.ts';
import {cellOf, eachRun, highlights, zoneSpans} from './frames.ts';

/** Cells of the whole map at most; more memory means more frames a cell. */
const cells = 2048;
const mostCells = 65_536;

/** The whole memory. */
export function pageMap(k: Kernel): string {
	const framesPerCell = Math.max(1, Math.ceil(k.mem_map.frames / cells));
	return render(k, 0, k.mem_map.frames, framesPerCell, {window: null, letters: null});
}

/** `page_map/START/FRAMES/CELLS`, and `/LETTERS` behind it for these kinds alone. @throws LabError EINVAL */
export function pageMapWindow(
	k: Kernel,
	{start, frames: framesText, cells: cellsText, letters}: Readonly<Record<string, string>>,
): string {
	const startPfn = frameNumber(k, start!);
	const frames = positive('FRAMES', framesText!, k.mem_map.frames);
	const cells = positive('CELLS', cellsText!, mostCells);
	const end = Math.min(k.mem_map.frames, startPfn + frames);
	const isKnown = [...(letters ?? '')].every(letter => pageMapLetters.includes(letter as PageMapLetter));
	if (!isKnown) throw new LabError('EINVAL', `LETTERS must be some of ${pageMapLetters.join('')}, got "${letters}"`);
	return render(k, startPfn, end, Math.max(1, Math.ceil(frames / cells)), {
		window: {startPfn, frames, cells},
		letters: letters ?? null,
	});
}

/** A frame number in hexadecimal with 0x, or decimal. @throws LabError EINVAL */
export function frameNumber(k: Kernel, text: string): number {
	const value = /^(0x[0-9a-f]+|\d+)$/i.test(text) ? Number(text) : Number.NaN;
	if (!(value < k.mem_map.frames))
		throw new LabError('EINVAL', `a pfn must be 0..0x${(k.mem_map.frames - 1).toString(16)}, got "${text}"`);
	return value;
}

function positive(name: string, text: string, most: number): number {
	const value = /^(0x[0-9a-f]+|\d+)$/i.test(text) ? Number(text) : Number.NaN;
	if (!(value >= 1 && value <= most)) throw new LabError('EINVAL', `${name} must be 1..${most}, got "${text}"`);
	return value;
}

type Asked = Pick<PageMap, 'window' | 'letters'>;

function render(k: Kernel, start: number, end: number, framesPerCell: number, asked: Asked): string {
	const lights = highlights(k);
	const totals = new Map<PageMapLetter, number>();
	const zones = zoneSpans(k).flatMap(zone => {
		const from = Math.max(zone.start, start);
		const to = Math.min(zone.end, end);
		if (from >= to) return [];
		let cells = '';
		let shares = '';
		const counts = new Map<PageMapLetter, number>();
		let cellStart = from;
		eachRun(k, from, to - from, lights, (letter, first, end) => {
			totals.set(letter, (totals.get(letter) ?? 0) + end - first);
			for (let at = first; at < end; ) {
				const cellEnd = Math.min(to, cellStart + framesPerCell);
				const upTo = Math.min(end, cellEnd);
				counts.set(letter, (counts.get(letter) ?? 0) + upTo - at);
				at = upTo;
				if (at < cellEnd) continue;
				const cell = cellOf(counts, asked.letters);
				cells += cell.letter;
				if (framesPerCell > 1) shares += Math.ceil((9 * cell.used) / (cellEnd - cellStart));
				counts.clear();
				cellStart = cellEnd;
			}
		});
		return [{name: zone.name, startPfn: from, frames: to - from, cells, shares}];
	});
	const legend = (Object.entries(pageMapMeanings) as [PageMapLetter, string][]).map(([letter, meaning]) => ({
		letter,
		meaning,
		frames: totals.get(letter) ?? 0,
	}));
	return formatPageMap({framesPerCell, ...asked, legend, zones});
}
