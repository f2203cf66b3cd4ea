/** The maps pane: one process's areas, and what became of each since the sample before. */

import type {Vma, VmaArea} from '../formats/debugfs/vma.ts';
import type {Maps, MapsArea} from '../formats/proc/maps.ts';
import type {Culprits} from './injections.ts';
import {lingering, type Mark, type MarkKind, type Moment, markOf, type Row} from './moment.ts';

export type MapsRow = Row & {
	readonly area: MapsArea;
	/** Undefined when the target has no `vma/<pid>`. */
	readonly vma: VmaArea | undefined;
	/** What the mark says in words: `+16k`, `split`, `from 40000000`. */
	readonly note: string;
};

export type MapsModel = {
	readonly pid: number;
	readonly comm: string;
	/** By address; areas that are gone stay for a moment. */
	readonly rows: readonly MapsRow[];
	/** Areas that the process has; more than living rows where a window was read. */
	readonly areas: number;
	/** Number of the first row's area in a window, counted from 0; undefined when all were read. */
	readonly first: number | undefined;
	readonly mappedBytes: number;
	/** Of all areas, so not known from a window. */
	readonly residentBytes: number | undefined;
	/** mm_struct: users, counts, who holds mmap_sem. */
	readonly mm: Omit<Vma, 'areas'> | undefined;
	/** For ids of rows. */
	readonly nextId: number;
};

export type MapsFiles = {
	readonly pid: number;
	readonly comm: string;
	readonly maps: Maps;
	readonly vma: Vma | undefined;
	readonly first: number | undefined;
};

const pageBytes = 4096;

export const areaBytes = ({start, end}: MapsArea): number => end - start;

const isSameObject = (a: MapsArea, b: MapsArea): boolean =>
	a.pathname === b.pathname && a.inode === b.inode && a.major === b.major && a.minor === b.minor;

const contains = (outer: MapsArea, inner: MapsArea): boolean => outer.start <= inner.start && outer.end >= inner.end;

const kilobytes = (bytes: number): string => `${bytes < 0 ? '-' : '+'}${Math.abs(bytes) / 1024}k`;

type Fate = {readonly older: MapsRow | undefined; readonly kind: MarkKind | undefined; readonly note: string};

const same = (older: MapsRow): Fate => ({older, kind: undefined, note: ''});

/** Rows or areas by address; neither overlap each other, so that the one that could hold an address is found fast. */
const lastFrom = <T>(sorted: readonly T[], startOf: (each: T) => number, start: number): T | undefined => {
	let low = 0;
	let high = sorted.length;
	while (low < high) {
		const middle = (low + high) >> 1;
		if (startOf(sorted[middle]!) <= start) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return sorted[low - 1];
};

type Before = {
	/** Living rows of the sample before, by address. */
	readonly rows: readonly MapsRow[];
	readonly byStart: ReadonlyMap<number, MapsRow>;
	readonly byEnd: ReadonlyMap<number, MapsRow>;
	/** Rows that have been found again. */
	readonly taken: Set<MapsRow>;
};

const holderOf = (area: MapsArea, {rows}: Before): MapsRow | undefined => {
	const row = lastFrom(rows, each => each.area.start, area.start);
	return row && contains(row.area, area) ? row : undefined;
};

const resized = (older: MapsRow, area: MapsArea): Fate => {
	const difference = areaBytes(area) - areaBytes(older.area);
	return {older, kind: difference > 0 ? 'grown' : 'shrunk', note: kilobytes(difference)};
};

const fateAtStart = (older: MapsRow, area: MapsArea, before: Before): Fate => {
	if (areaBytes(area) === areaBytes(older.area)) {
		return older.area.perms === area.perms ? same(older) : {older, kind: 'changed', note: `was ${older.area.perms}`};
	}
	const inEnd = lastFrom(before.rows, each => each.area.start, area.end - 1);
	return inEnd && inEnd !== older && contains(area, inEnd.area)
		? {older, kind: 'merged', note: 'merged'}
		: resized(older, area);
};

/** What a new area was before. */
const fateOf = (area: MapsArea, before: Before): Fate => {
	const isFree = (row: MapsRow | undefined): row is MapsRow =>
		row !== undefined && !before.taken.has(row) && isSameObject(row.area, area);
	const atStart = before.byStart.get(area.start);
	if (isFree(atStart)) {
		return fateAtStart(atStart, area, before);
	}
	const holder = holderOf(area, before);
	const atEnd = before.byEnd.get(area.end);
	if (isFree(atEnd)) {
		return resized(atEnd, area);
	}
	return holder && isSameObject(holder.area, area)
		? {older: undefined, kind: 'split', note: 'split off'}
		: {older: undefined, kind: 'new', note: 'new'};
};

/** An area that mremap moved: the object and offset of one that is gone, at another address. */
const movedFrom = (area: MapsArea, gone: readonly MapsRow[], taken: ReadonlySet<MapsRow>): MapsRow | undefined =>
	area.inode === 0
		? undefined
		: gone.find(
				row =>
					!taken.has(row) &&
					isSameObject(row.area, area) &&
					row.area.offset === area.offset &&
					row.area.perms === area.perms,
			);

const isGone = (row: MapsRow): boolean => row.mark?.kind === 'gone';

const areasOf = ({first, maps, vma}: MapsFiles): number =>
	first === undefined ? maps.areas.length : (vma?.mapCount ?? first + maps.areas.length);

/** What comes into a window at its edges, or leaves it there, may have been there before, and may be there still. */
const isWithin = ({start, end}: MapsArea, window: readonly {readonly area: MapsArea}[]): boolean =>
	window.length > 0 && end > window[0]!.area.start && start < window.at(-1)!.area.end;

const needsNothing = (files: MapsFiles, older: MapsModel, at: Moment): boolean =>
	older.rows.every(row => row.mark === undefined || lingering(row.mark, at)) &&
	older.areas === areasOf(files) &&
	older.rows.length - older.rows.filter(isGone).length === files.maps.areas.length &&
	older.rows.filter(row => !isGone(row)).every((row, index) => row.area === files.maps.areas[index]) &&
	older.rows.filter(row => !isGone(row)).every((row, index) => row.vma === files.vma?.areas[index]) &&
	(older.mm === undefined) === (files.vma === undefined);

/** For who did not look: areas under their ids, and no word of what became of them. */
export const withoutNews = (model: MapsModel): MapsModel => ({
	...model,
	rows: model.rows.filter(row => !isGone(row)).map(row => ({...row, mark: undefined, note: ''})),
});

export const mapsModel = (files: MapsFiles, last: MapsModel | undefined, at: Moment, culprits: Culprits): MapsModel => {
	const older = last?.pid === files.pid && last.first === files.first ? last : undefined;
	if (older && needsNothing(files, older, at)) {
		return older;
	}
	const injection = culprits.byPid.get(files.pid);
	const living = older?.rows.filter(row => !isGone(row)) ?? [];
	const before: Before = {
		rows: living,
		byStart: new Map(living.map(row => [row.area.start, row])),
		byEnd: new Map(living.map(row => [row.area.end, row])),
		taken: new Set(),
	};
	const vmas = new Map(files.vma?.areas.map(vma => [vma.start, vma]));
	let nextId = last?.nextId ?? 1;

	const fates = files.maps.areas.map(area => {
		const isComparable = older && (files.first === undefined || isWithin(area, living));
		const fate: Fate = isComparable ? fateOf(area, before) : {older: undefined, kind: undefined, note: ''};
		if (fate.older) {
			before.taken.add(fate.older);
		}
		return {area, fate};
	});
	const covered = ({area}: MapsRow): boolean => {
		const holder = lastFrom(files.maps.areas, each => each.start, area.start);
		return holder !== undefined && contains(holder, area);
	};
	const seen = fates.map(({area}) => ({area}));
	const lost = living.filter(
		row => !before.taken.has(row) && !covered(row) && (files.first === undefined || isWithin(row.area, seen)),
	);

	const rows = fates.map(({area, fate}): MapsRow => {
		const from = fate.kind === 'new' ? movedFrom(area, lost, before.taken) : undefined;
		const kind = from ? 'moved' : fate.kind;
		const origin = from ?? fate.older;
		const mark: Mark | undefined = kind ? markOf(kind, at, injection) : lingering(origin?.mark, at);
		const note = from ? `from ${from.area.start.toString(16).padStart(8, '0')}` : fate.note;
		if (from) {
			before.taken.add(from);
		}
		return {
			id: origin?.id ?? `area ${files.pid}.${nextId++}`,
			area,
			vma: vmas.get(area.start),
			mark,
			note: kind ? note : mark && origin ? origin.note : '',
		};
	});

	const ghosts = lost
		.filter(row => !before.taken.has(row))
		.map((row): MapsRow => ({...row, mark: markOf('gone', at, injection), note: 'gone'}));
	const stillGone = older?.rows.filter(row => isGone(row) && lingering(row.mark, at)) ?? [];
	const all = [...rows, ...ghosts, ...stillGone].sort((a, b) => a.area.start - b.area.start);
	const {areas: vmaAreas, ...mm} = files.vma ?? {areas: undefined};
	return {
		pid: files.pid,
		comm: files.comm,
		rows: all,
		areas: areasOf(files),
		first: files.first,
		mappedBytes:
			files.first === undefined || !files.vma
				? files.maps.areas.reduce((sum, area) => sum + areaBytes(area), 0)
				: files.vma.totalVm * pageBytes,
		residentBytes:
			files.first === undefined
				? vmaAreas?.reduce((sum, {pagesPresent}) => sum + pagesPresent * pageBytes, 0)
				: undefined,
		mm: files.vma ? (mm as Omit<Vma, 'areas'>) : undefined,
		nextId,
	};
};
