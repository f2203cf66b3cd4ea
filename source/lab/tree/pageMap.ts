/** page_map: the whole memory or a window of it, as letters. */
import {formatPageMap, type PageMapLetter, pageMapMeanings} from '../../formats/debugfs/pageMap.ts';
import type {Kernel} from '../../kernel/kernel.ts';
import {LabError} from '../errors.ts';
import {cellLetters, countLetters, frameLetters, highlights, noLetters, zoneSpans} from './frames.ts';

/** Cells of the whole map at most; more memory means more frames a cell. */
const CELLS = 2048;
const MOST_CELLS = 65_536;

/** The whole memory. */
export function pageMap(k: Kernel): string {
	const framesPerCell = Math.max(1, Math.ceil(k.mem_map.frames / CELLS));
	return render(k, 0, k.mem_map.frames, framesPerCell, undefined);
}

/** `page_map/START/FRAMES/CELLS`. @throws LabError EINVAL */
export function pageMapWindow(k: Kernel, startText: string, framesText: string, cellsText: string): string {
	const startPfn = frameNumber(k, startText);
	const frames = positive('FRAMES', framesText, k.mem_map.frames);
	const cells = positive('CELLS', cellsText, MOST_CELLS);
	const end = Math.min(k.mem_map.frames, startPfn + frames);
	return render(k, startPfn, end, Math.max(1, Math.ceil(frames / cells)), {startPfn, frames, cells});
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

type Window = {readonly startPfn: number; readonly frames: number; readonly cells: number};

function render(k: Kernel, start: number, end: number, framesPerCell: number, window: Window | undefined): string {
	const lights = highlights(k);
	const counts = noLetters();
	const zones = zoneSpans(k).flatMap(zone => {
		const from = Math.max(zone.start, start);
		const to = Math.min(zone.end, end);
		if (from >= to) return [];
		const letters = frameLetters(k, from, to - from, lights);
		countLetters(counts, letters, 0, letters.length);
		const cells = cellLetters(letters, framesPerCell);
		return [{name: zone.name, startPfn: from, frames: to - from, cells}];
	});
	const legend = (Object.entries(pageMapMeanings) as [PageMapLetter, string][]).map(([letter, meaning]) => ({
		letter,
		meaning,
		frames: counts[letter.charCodeAt(0)]!,
	}));
	return formatPageMap({framesPerCell, window: window ?? null, legend, zones});
}
