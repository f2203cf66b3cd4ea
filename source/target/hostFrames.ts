/**
 * The page-frame map of this computer, in the format of /sys/kernel/debug/page_map: made of /proc/kpageflags and
 * /proc/kpagecount, which only root may read (fs/proc/page.c stable_page_flags()), and of the zones of /proc/zoneinfo.
 *
 * Not modelled: what these files do not say. Vmalloc, DMA, pinned and kmapped frames are shown as kernel memory, and so
 * are free frames that a CPU keeps for its next allocations. A cell of more than 64 frames is judged by 64 of them.
 */
import {closeSync, openSync, readFileSync, readSync} from 'node:fs';
import {
	formatPageMap,
	type PageMap,
	type PageMapLetter,
	type PageMapZone,
	pageMapLetters,
	pageMapMeanings,
} from '../formats/debugfs/pageMap.ts';
import {kpageFlagBits} from '../formats/proc/kpageflags.ts';
import {parseZoneinfo, zoneName} from '../formats/proc/zoneinfo.ts';
import {TargetError} from './target.ts';
import {systemClock, type WallClock} from './wallClock.ts';

const wordBytes = 8;
/** Cells of the whole map at most, and of a window. */
const wholeCells = 2048;
const mostCells = 65_536;
/** Most frames of a cell that are looked at, in runs that lie evenly in it. */
const lookedAt = 64;
const runFrames = 16;
/** Reading maps takes a twentieth of a CPU's time at most: for nineteen times what it took, a map is given again. */
const idleShare = 19;
/** Maps that are kept: the whole, and windows of monitors that look at different parts. */
const mostKnown = 4;

/** Where the files are; a test has its own. */
type FramePaths = {readonly kpageflags: string; readonly kpagecount: string; readonly zoneinfo: string};

const usualPaths: FramePaths = {
	kpageflags: '/proc/kpageflags',
	kpagecount: '/proc/kpagecount',
	zoneinfo: '/proc/zoneinfo',
};

type Span = {readonly name: string; readonly start: number; readonly end: number};

type Asked = Pick<PageMap, 'window' | 'letters'>;

const flagMask = (name: keyof typeof kpageFlagBits): number => 2 ** (kpageFlagBits[name] % 32);
const low = (flags: number, name: keyof typeof kpageFlagBits): boolean => (flags & flagMask(name)) !== 0;

/** @param flags lower and upper half of a frame's word @param count how often it is mapped, as kpagecount says */
function hostLetter(flags: number, upper: number, count: number): PageMapLetter {
	if (low(flags, 'BUDDY')) return '.';
	if (low(flags, 'NOPAGE') || low(flags, 'OFFLINE') || low(flags, 'HWPOISON') || upper & flagMask('RESERVED'))
		return 'R';
	if (low(flags, 'SLAB')) return 'S';
	if (low(flags, 'PGTABLE')) return 'T';
	if (low(flags, 'ZERO_PAGE')) return 'R';
	if (low(flags, 'ANON') || low(flags, 'KSM')) return count > 1 ? 'a' : 'A';
	if (low(flags, 'WRITEBACK')) return 'w';
	const isCached = low(flags, 'LRU') || low(flags, 'MMAP') || low(flags, 'UPTODATE');
	if (!isCached) return 'K';
	if (low(flags, 'DIRTY')) return 'd';
	return low(flags, 'MMAP') ? 'f' : 'F';
}

/** Words of one of the two files, a run at a time. */
class Words {
	readonly #fd: number;
	readonly #path: string;
	readonly #bytes = new Uint8Array(lookedAt * wordBytes);
	readonly #view = new DataView(this.#bytes.buffer);

	/** @throws TargetError EACCES, ENOENT */
	constructor(path: string) {
		this.#path = path;
		try {
			this.#fd = openSync(path, 'r');
		} catch (error) {
			throw explained(error, path);
		}
	}

	/** Reads words from a frame on; those behind the end of memory are 0. */
	read(pfn: number, frames: number): DataView {
		this.#bytes.fill(0);
		try {
			readSync(this.#fd, this.#bytes, 0, frames * wordBytes, pfn * wordBytes);
		} catch (error) {
			throw explained(error, this.#path);
		}
		return this.#view;
	}

	close(): void {
		closeSync(this.#fd);
	}
}

function explained(error: unknown, path: string): TargetError {
	const code = (error as NodeJS.ErrnoException).code ?? 'EIO';
	if (code === 'EACCES' || code === 'EPERM')
		return new TargetError(code, `the map of frames is made of ${path}, which only root may read`);
	const why = code === 'ENOENT' ? 'this kernel does not have' : 'could not be read';
	return new TargetError(code, `the map of frames is made of ${path}, which ${why}`);
}

function zoneSpans(path: string): readonly Span[] {
	let text: string;
	try {
		text = readFileSync(path, 'utf8');
	} catch (error) {
		throw explained(error, path);
	}
	return parseZoneinfo(text).zones.flatMap(zone => {
		const start = zone.state.start_pfn;
		const {spanned = 0, present = 0} = zone.pages;
		return start === undefined || present === 0 ? [] : [{name: zoneName(zone), start, end: start + spanned}];
	});
}

/** What a cell shows: the commonest kind in use, and how many of the frames that were looked at are in use. */
type CellLook = {readonly letter: PageMapLetter; readonly used: number; readonly looked: number};

class HostMap {
	readonly #flags: Words;
	readonly #counts: Words;
	readonly #totals = new Map<PageMapLetter, number>();

	constructor({kpageflags, kpagecount}: FramePaths) {
		this.#flags = new Words(kpageflags);
		try {
			this.#counts = new Words(kpagecount);
		} catch (error) {
			this.#flags.close();
			throw error;
		}
	}

	close(): void {
		this.#flags.close();
		this.#counts.close();
	}

	#count(pfn: number, frames: number, kinds: Map<PageMapLetter, number>): void {
		const flags = this.#flags.read(pfn, frames);
		let counts: DataView | undefined;
		for (let index = 0; index < frames; index++) {
			const at = index * wordBytes;
			const word = flags.getUint32(at, true);
			if (low(word, 'ANON')) counts ??= this.#counts.read(pfn, frames);
			const letter = hostLetter(word, flags.getUint32(at + 4, true), counts?.getUint32(at, true) ?? 0);
			kinds.set(letter, (kinds.get(letter) ?? 0) + 1);
		}
	}

	#look(start: number, end: number, letters: string | null): CellLook {
		const frames = end - start;
		const kinds = new Map<PageMapLetter, number>();
		if (frames <= lookedAt) this.#count(start, frames, kinds);
		else {
			const runs = lookedAt / runFrames;
			for (let run = 0; run < runs; run++)
				this.#count(start + Math.floor((run * (frames - runFrames)) / (runs - 1)), runFrames, kinds);
		}
		let letter: PageMapLetter = '.';
		let [most, used] = [0, 0];
		const looked = Math.min(frames, lookedAt);
		for (const [kind, count] of kinds) {
			this.#totals.set(kind, (this.#totals.get(kind) ?? 0) + (count * frames) / looked);
			if (kind === '.' || (letters !== null && !letters.includes(kind))) continue;
			used += count;
			if (count > most) [letter, most] = [kind, count];
		}
		return {letter, used, looked};
	}

	zone({name, start, end}: Span, framesPerCell: number, letters: string | null): PageMapZone {
		let [cells, shares] = ['', ''];
		for (let at = start; at < end; at += framesPerCell) {
			const {letter, used, looked} = this.#look(at, Math.min(end, at + framesPerCell), letters);
			cells += letter;
			if (framesPerCell > 1) shares += Math.ceil((9 * used) / looked);
		}
		return {name, startPfn: start, frames: end - start, cells, shares};
	}

	/** How many of each kind there are; where cells are large, by those that were looked at. */
	legend(isEstimate: boolean): PageMap['legend'] {
		return pageMapLetters
			.filter(letter => this.#totals.has(letter))
			.map(letter => ({
				letter,
				meaning: (letter === 'K' ? 'kernel, or unknown' : pageMapMeanings[letter]) + (isEstimate ? ', about' : ''),
				frames: Math.round(this.#totals.get(letter)!),
			}));
	}
}

function render(paths: FramePaths, asked: Asked): string {
	const spans = zoneSpans(paths.zoneinfo);
	const memoryEnd = Math.max(0, ...spans.map(({end}) => end));
	const {window, letters} = asked;
	const start = window?.startPfn ?? 0;
	const end = Math.min(memoryEnd, start + (window?.frames ?? memoryEnd));
	const framesPerCell = Math.max(1, Math.ceil((window?.frames ?? memoryEnd) / (window?.cells ?? wholeCells)));
	const map = new HostMap(paths);
	try {
		const zones = spans.flatMap(span => {
			const [from, to] = [Math.max(span.start, start), Math.min(span.end, end)];
			return from < to ? [map.zone({...span, start: from, end: to}, framesPerCell, letters)] : [];
		});
		return formatPageMap({framesPerCell, ...asked, legend: map.legend(framesPerCell > lookedAt), zones});
	} finally {
		map.close();
	}
}

const windowPattern = /^\/sys\/kernel\/debug\/page_map(?:\/(0x[0-9a-f]+|\d+)\/(\d+)\/(\d+)(?:\/([^/]+))?)?$/;

/** What a path asks for; undefined for a path that is not of the map. @throws TargetError EINVAL */
function askedBy(path: string): Asked | undefined {
	const found = windowPattern.exec(path);
	if (found === null) return undefined;
	const [, start, frames, cells, letters] = found;
	if (start === undefined) return {window: null, letters: null};
	const window = {startPfn: Number(start), frames: Number(frames), cells: Number(cells)};
	const isFitting = window.frames >= 1 && window.cells >= 1 && window.cells <= mostCells;
	if (!isFitting || !Number.isSafeInteger(window.startPfn + window.frames))
		throw new TargetError('EINVAL', `CELLS must be 1..${mostCells} and FRAMES at least 1, got ${frames}/${cells}`);
	if ([...(letters ?? '')].some(letter => !pageMapLetters.includes(letter as PageMapLetter)))
		throw new TargetError('EINVAL', `LETTERS must be some of ${pageMapLetters.join('')}`);
	return {window, letters: letters ?? null};
}

/**
 * Reads the map, whole or a window of it. Four different ones at most cost a twentieth of a CPU together: a map that
 * took long is given again for a while.
 *
 * @returns a function of a path, which answers undefined for a path that is not of the map, and throws TargetError
 * EACCES or ENOENT where a file cannot be read
 */
export function hostFrames(
	paths: FramePaths = usualPaths,
	wall: WallClock = systemClock,
): (path: string) => string | undefined {
	const known = new Map<string, {readonly text: string; readonly tookMs: number; readonly untilMs: number}>();
	return path => {
		const asked = askedBy(path);
		if (asked === undefined) return undefined;
		const beganMs = wall.nowMs();
		const before = known.get(path);
		if (before && beganMs < before.untilMs) return before.text;
		const text = render(paths, asked);
		const doneMs = wall.nowMs();
		const tookMs = doneMs - beganMs;
		known.delete(path);
		for (const [each] of [...known].slice(0, Math.max(0, known.size + 1 - mostKnown))) known.delete(each);
		// The share is that of all of them together.
		const togetherMs = [...known.values()].reduce((sum, each) => sum + each.tookMs, tookMs);
		known.set(path, {text, tookMs, untilMs: doneMs + togetherMs * idleShare});
		return text;
	};
}
