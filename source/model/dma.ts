/** The dma pane: pools, every live mapping, bounce slots. */

import type {FrameRun} from '../formats/cells.ts';
import type {DmaApiDump, DmaMapping} from '../formats/debugfs/dmaApiDump.ts';
import type {DmaPools} from '../formats/debugfs/dmaPools.ts';
import type {Swiotlb} from '../formats/debugfs/swiotlb.ts';
import type {Pool, Pools} from '../formats/sys/pools.ts';
import type {Culprits} from './injections.ts';
import {lingering, type Mark, type Moment, markOf, type Row} from './moment.ts';

export type PoolRow = Row & {
	readonly device: string;
	readonly pool: Pool;
	/** Frames of its pages; empty where nobody asked for them, or the target does not tell. */
	readonly frames: readonly FrameRun[];
	/** Bytes of its pages that no block in use covers. */
	readonly idleBytes: number;
	/** Blocks in use more (or fewer) than in the sample that set the mark. */
	readonly change: number;
};

export type MappingRow = Row & {readonly mapping: DmaMapping};

export type Total = {
	readonly count: number;
	readonly bytes: number;
	/** Bytes more or fewer than in the sample that set the mark. */
	readonly change: number;
	readonly mark: Mark | undefined;
};

export type DmaModel = {
	readonly files: DmaFiles;
	readonly pools: readonly PoolRow[];
	readonly mappings: readonly MappingRow[];
	readonly coherent: Total;
	readonly streaming: Total;
	readonly swiotlb: Swiotlb | undefined;
};

export type DmaFiles = {
	/** By device that was asked for them. A device without a pool has no file. */
	readonly pools: readonly (readonly [device: string, pools: Pools | undefined])[];
	/** Pages of pools; undefined where nobody asked for them, or the target does not tell. */
	readonly pages?: DmaPools | undefined;
	/** Undefined where the target has no dma-debug. */
	readonly dump: DmaApiDump | undefined;
	readonly swiotlb: Swiotlb | undefined;
};

const pageBytes = 4096;

const framesOf = (pages: DmaPools | undefined, device: string, pool: string): readonly FrameRun[] =>
	pages?.pages.filter(page => page.device === device && page.pool === pool).map(({run}) => run) ?? [];

const poolRow = (
	device: string,
	pool: Pool,
	frames: readonly FrameRun[],
	older: PoolRow | undefined,
	isFirst: boolean,
	at: Moment,
): PoolRow => {
	const idleBytes = pool.pages * pageBytes - pool.blocksInUse * pool.sizeBytes;
	const row = {id: `${device} ${pool.name}`, pfn: frames[0]?.pfn, device, pool, frames, idleBytes};
	if (!older) {
		return {...row, change: 0, mark: isFirst ? undefined : markOf('new', at)};
	}
	const change = pool.blocksInUse - older.pool.blocksInUse;
	const changed = change !== 0 || pool.pages !== older.pool.pages;
	const mark = changed ? markOf('changed', at) : lingering(older.mark, at);
	return {...row, change: changed ? change : mark ? older.change : 0, mark};
};

const mappingId = ({device, type, busAddress, lengthBytes}: DmaMapping): string =>
	`${device} ${type} ${busAddress.toString(16)}+${lengthBytes}`;

const culpritOf = ({busAddress, physicalAddress, pfn}: DmaMapping, culprits: Culprits): number | undefined =>
	culprits.byAddress.get(busAddress) ??
	culprits.byAddress.get(physicalAddress) ??
	culprits.byPfn.get(pfn ?? Math.floor(physicalAddress / pageBytes));

/** Mappings that were undone and are kept in sight: a disk undoes hundreds in a second. */
const mostGone = 16;

const mappingRows = (
	mappings: readonly DmaMapping[],
	older: DmaModel | undefined,
	at: Moment,
	culprits: Culprits,
): MappingRow[] => {
	const before = new Map(older?.mappings.map(row => [row.id, row]));
	const seen = new Map<string, number>();
	const rows = mappings.map((mapping): MappingRow => {
		const place = mappingId(mapping);
		// A device may hold the same bytes twice.
		const count = (seen.get(place) ?? 0) + 1;
		seen.set(place, count);
		const id = count === 1 ? place : `${place} ${count}`;
		const known = before.get(id);
		before.delete(id);
		const isNew = older !== undefined && (known === undefined || known.mark?.kind === 'gone');
		const mark: Mark | undefined = isNew ? markOf('new', at, culpritOf(mapping, culprits)) : lingering(known?.mark, at);
		if (known?.mapping === mapping && known.mark === mark) {
			return known;
		}
		return {id, mapping, mark, pfn: mapping.pfn ?? Math.floor(mapping.physicalAddress / pageBytes)};
	});
	const gone = [...before.values()].flatMap((row): MappingRow[] => {
		const mark = row.mark?.kind === 'gone' ? lingering(row.mark, at) : markOf('gone', at, row.mark?.injection);
		return mark ? [{...row, mark}] : [];
	});
	return [...rows, ...gone.slice(-mostGone)];
};

const total = (rows: readonly MappingRow[], older: Total | undefined, at: Moment): Total => {
	const living = rows.filter(({mark}) => mark?.kind !== 'gone');
	const bytes = living.reduce((sum, {mapping}) => sum + mapping.lengthBytes, 0);
	const change = bytes - (older?.bytes ?? bytes);
	const culprit = rows.find(({mark}) => mark?.injection !== undefined)?.mark?.injection;
	const mark = change === 0 ? lingering(older?.mark, at) : markOf(change > 0 ? 'grown' : 'shrunk', at, culprit);
	return {count: living.length, bytes, change: change === 0 ? (mark ? (older?.change ?? 0) : 0) : change, mark};
};

/** Coherent mappings first: they last. Then by address, so that rows keep their places. */
const byPlace = (a: MappingRow, b: MappingRow): number => {
	const isCoherent = ({mapping}: MappingRow): number => (mapping.type === 'coherent' ? 0 : 1);
	return isCoherent(a) - isCoherent(b) || a.mapping.busAddress - b.mapping.busAddress;
};

const isSame = (a: DmaFiles, b: DmaFiles): boolean =>
	a.pages === b.pages &&
	a.dump === b.dump &&
	a.swiotlb === b.swiotlb &&
	a.pools.length === b.pools.length &&
	a.pools.every(([device, pools], index) => device === b.pools[index]?.[0] && pools === b.pools[index]?.[1]);

export const dmaModel = (files: DmaFiles, older: DmaModel | undefined, at: Moment, culprits: Culprits): DmaModel => {
	if (
		older &&
		isSame(files, older.files) &&
		[...older.pools, ...older.mappings, older.coherent, older.streaming].every(({mark}) => !mark)
	) {
		return older;
	}
	const knownPools = new Map(older?.pools.map(row => [row.id, row]));
	// The names of devices come after the first sample: what is there when devices are first asked is not new.
	const isFirst = !older || older.files.pools.length === 0;
	const rows = mappingRows(files.dump?.mappings ?? [], older, at, culprits).sort(byPlace);
	const isCoherent = ({mapping}: MappingRow): boolean => mapping.type === 'coherent';
	return {
		files,
		pools: files.pools.flatMap(([device, file]) =>
			(file?.pools ?? []).map(pool => {
				const known = knownPools.get(`${device} ${pool.name}`);
				return poolRow(device, pool, framesOf(files.pages, device, pool.name), known, isFirst, at);
			}),
		),
		mappings: rows,
		coherent: total(rows.filter(isCoherent), older?.coherent, at),
		streaming: total(
			rows.filter(row => !isCoherent(row)),
			older?.streaming,
			at,
		),
		swiotlb: files.swiotlb,
	};
};
