/** The maps pane: one process's areas, and what became of each since the sample before. */

import type {Vma, VmaArea} from '../formats/debugfs/vma.ts';
import {pageBytes} from '../formats/pageBytes.ts';
import type {Maps, MapsArea} from '../formats/proc/maps.ts';
import {address as formatAddress} from '../formats/text.ts';
import {diffRows} from './diff.ts';
import type {Culprits} from './injections.ts';
import {lingering, type MarkKind, type Moment, type Row} from './moment.ts';

export type MapsRow = Row & {
	readonly area: MapsArea;
	/** Undefined when the target has no `vma/<pid>`. */
	readonly vma: VmaArea | undefined;
	/** What the mark says in words: `+16k`, `split`, `from 40000000`. */
	readonly note: string;
};

export type MapsModel = {
	readonly files: MapsFiles;
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

type MapsFiles = {
	readonly pid: number;
	readonly comm: string;
	readonly maps: Maps;
	readonly vma: Vma | undefined;
	readonly first: number | undefined;
};

export const areaBytes = ({start, end}: MapsArea): number => end - start;

/** The kernel's page at the end of every process's file: no memory of the process. */
const isGate = ({start, pathname}: MapsArea): boolean => start === 0xffff_e000 || pathname === '[vsyscall]';

const isSameObject = (a: MapsArea, b: MapsArea): boolean =>
	a.pathname === b.pathname && a.inode === b.inode && a.major === b.major && a.minor === b.minor;

const contains = (outer: MapsArea, inner: MapsArea): boolean => outer.start <= inner.start && outer.end >= inner.end;

const kilobytes = (bytes: number): string => `${bytes < 0 ? '-' : '+'}${Math.abs(bytes) / 1024}k`;

type Fate = {readonly older: MapsRow | undefined; readonly kind: MarkKind | undefined; readonly note: string};

const same = (older: MapsRow): Fate => ({older, kind: undefined, note: ''});

/** Rows or areas by address; neither overlap each other, so that the one that could hold an address is found fast. */
function lastFrom<T>(sorted: readonly T[], startOf: (each: T) => number, start: number): T | undefined {
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
}

type Before = {
	/** Living rows of the sample before, by address. */
	readonly rows: readonly MapsRow[];
	readonly byStart: ReadonlyMap<number, MapsRow>;
	readonly byEnd: ReadonlyMap<number, MapsRow>;
	/** Rows that have been found again. */
	readonly taken: Set<MapsRow>;
};

function holderOf(area: MapsArea, {rows}: Before): MapsRow | undefined {
	const row = lastFrom(rows, each => each.area.start, area.start);
	return row && contains(row.area, area) ? row : undefined;
}

function resized(older: MapsRow, area: MapsArea): Fate {
	const difference = areaBytes(area) - areaBytes(older.area);
	return {older, kind: difference > 0 ? 'grown' : 'shrunk', note: kilobytes(difference)};
}

function fateAtStart(older: MapsRow, area: MapsArea, before: Before): Fate {
	if (areaBytes(area) === areaBytes(older.area)) {
		return older.area.perms === area.perms ? same(older) : {older, kind: 'changed', note: `was ${older.area.perms}`};
	}
	const inEnd = lastFrom(before.rows, each => each.area.start, area.end - 1);
	return inEnd && inEnd !== older && contains(area, inEnd.area)
		? {older, kind: 'merged', note: 'merged'}
		: resized(older, area);
}

/** What a new area was before. */
function fateOf(area: MapsArea, before: Before): Fate {
	const isFree = (row: MapsRow | undefined): row is MapsRow =>
		row !== undefined && !before.taken.has(row) && isSameObject(row.area, area);
	const atStart = before.byStart.get(area.start);
	if (isFree(atStart)) return fateAtStart(atStart, area, before);
	const holder = holderOf(area, before);
	const atEnd = before.byEnd.get(area.end);
	if (isFree(atEnd)) return resized(atEnd, area);
	return holder && isSameObject(holder.area, area)
		? {older: undefined, kind: 'split', note: 'split off'}
		: {older: undefined, kind: 'new', note: 'new'};
}

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
	first === undefined ? maps.areas.length : Math.max(vma?.mapCount ?? 0, first + maps.areas.length);

/** What comes into a window at its edges, or leaves it there, may have been there before, and may be there still. */
const isWithin = ({start, end}: MapsArea, window: readonly {readonly area: MapsArea}[]): boolean =>
	window.length > 0 && end > window[0]!.area.start && start < window.at(-1)!.area.end;

/** For who did not look: areas under their ids, and no word of what became of them. */
export const withoutNews = (model: MapsModel): MapsModel => ({
	...model,
	rows: model.rows.filter(row => !isGone(row)).map(row => (row.mark ? {...row, mark: undefined, note: ''} : row)),
});

/** An area with what became of it. */
type Found = {readonly area: MapsArea; readonly vma: VmaArea | undefined; readonly fate: Fate};

/** Areas under the rows that they had, as far as these can be told, and the rows of none. */
function findAreas(
	{maps, vma, first}: MapsFiles,
	older: MapsModel | undefined,
): {readonly found: readonly Found[]; readonly lost: ReadonlySet<MapsRow>} {
	const living = older?.rows.filter(row => !isGone(row)) ?? [];
	const before: Before = {
		rows: living,
		byStart: new Map(living.map(row => [row.area.start, row])),
		byEnd: new Map(living.map(row => [row.area.end, row])),
		taken: new Set(),
	};
	const fates = maps.areas.map((area): Fate => {
		const isComparable = older && (first === undefined || isWithin(area, living));
		const fate: Fate = isComparable ? fateOf(area, before) : {older: undefined, kind: undefined, note: ''};
		if (fate.older) before.taken.add(fate.older);
		return fate;
	});
	const covered = ({area}: MapsRow): boolean => {
		const holder = lastFrom(maps.areas, each => each.start, area.start);
		return holder !== undefined && contains(holder, area);
	};
	const seen = maps.areas.map(area => ({area}));
	const lost = living.filter(
		row => !before.taken.has(row) && !covered(row) && (first === undefined || isWithin(row.area, seen)),
	);
	const vmas = new Map(vma?.areas.map(each => [each.start, each]));
	const found = maps.areas.map((area, index): Found => {
		const fate = fates[index]!;
		const from = fate.kind === 'new' ? movedFrom(area, lost, before.taken) : undefined;
		if (from) before.taken.add(from);
		const start = from && formatAddress(from.area.start);
		return {
			area,
			vma: vmas.get(area.start),
			fate: from ? {older: from, kind: 'moved', note: `from ${start}`} : fate,
		};
	});
	return {found, lost: new Set(lost)};
}

const byAddress = (a: MapsRow, b: MapsRow): number => a.area.start - b.area.start;

const residentBytesOf = (areas: readonly VmaArea[] | undefined): number | undefined =>
	areas?.reduce((sum, {pagesPresent}) => sum + pagesPresent * pageBytes, 0);

export function mapsModel(files: MapsFiles, last: MapsModel | undefined, at: Moment, culprits: Culprits): MapsModel {
	const {pid, comm, maps, vma, first} = files;
	const older = last?.pid === pid && last.first === first ? last : undefined;
	const isRead = older?.files.maps === maps && older.files.vma === vma && older.comm === comm;
	if (isRead && older.rows.every(({mark}) => mark === lingering(mark, at))) return older;
	let nextId = last?.nextId ?? 1;
	const injection = culprits.byPid.get(pid);
	const {found, lost} = findAreas(files, older);
	const rows = diffRows<Found, MapsRow>(found, older?.rows, at, {
		idOf: ({fate}) => fate.older?.id ?? `area ${pid}.${nextId++}`,
		kindOf: ({fate}) => fate.kind,
		culpritOf: () => injection,
		isSame: (row, each) => row.area === each.area && row.vma === each.vma,
		rowOf: ({area, vma: pages, fate}, {id, known, kind, mark}) => ({
			id,
			area,
			vma: pages,
			mark,
			note: kind ? fate.note : mark && known ? known.note : '',
		}),
		gone: {
			isGone: row => lost.has(row),
			culpritOf: () => injection,
			rowOf: (row, mark) => ({...row, mark, note: 'gone'}),
		},
		arrange: (living, gone) => [...living, ...gone].sort(byAddress),
	});
	const {areas: vmaAreas, ...mm} = vma ?? {areas: undefined};
	return {
		files,
		pid,
		comm,
		rows,
		areas: areasOf(files),
		first,
		mappedBytes:
			first === undefined || !vma
				? maps.areas.reduce((sum, area) => sum + (isGate(area) ? 0 : areaBytes(area)), 0)
				: vma.totalVm * pageBytes,
		residentBytes: first === undefined ? residentBytesOf(vmaAreas) : undefined,
		mm: vma ? (mm as Omit<Vma, 'areas'>) : undefined,
		nextId,
	};
}
