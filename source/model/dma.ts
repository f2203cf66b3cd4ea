/** The dma pane: pools, every live mapping, bounce slots. */

import type {FrameRun} from '../formats/cells.ts';
import type {DmaApiDump, DmaMapping} from '../formats/debugfs/dmaApiDump.ts';
import type {DmaPools} from '../formats/debugfs/dmaPools.ts';
import type {Swiotlb} from '../formats/debugfs/swiotlb.ts';
import {pageBytes} from '../formats/pageBytes.ts';
import type {Pool, Pools} from '../formats/sys/pools.ts';
import {diffRows, type Fate, type RowRules, sameList} from './diff.ts';
import type {Culprits} from './injections.ts';
import {lingering, type Mark, type MarkKind, type Moment, markOf, type Row} from './moment.ts';

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

type DmaFiles = {
	/** By device that was asked for them. A device without a pool has no file. */
	readonly pools: readonly (readonly [device: string, pools: Pools | undefined])[];
	/** Pages of pools; undefined where nobody asked for them, or the target does not tell. */
	readonly pages?: DmaPools | undefined;
	/** Undefined where the target has no dma-debug. */
	readonly dump: DmaApiDump | undefined;
	readonly swiotlb: Swiotlb | undefined;
};

const framesOf = (pages: DmaPools | undefined, device: string, pool: string): readonly FrameRun[] =>
	pages?.pages.filter(page => page.device === device && page.pool === pool).map(({run}) => run) ?? [];

type PoolThing = Pick<PoolRow, 'device' | 'pool' | 'frames'>;

const poolThings = ({pools, pages}: DmaFiles): readonly PoolThing[] =>
	pools.flatMap(([device, file]) =>
		(file?.pools ?? []).map(pool => ({device, pool, frames: framesOf(pages, device, pool.name)})),
	);

function poolKind({pool}: PoolThing, known: PoolRow | undefined): MarkKind | undefined {
	if (!known) return 'new';
	return pool.blocksInUse !== known.pool.blocksInUse || pool.pages !== known.pool.pages ? 'changed' : undefined;
}

function poolRow(thing: PoolThing, {id, known, kind, mark}: Fate<PoolRow>): PoolRow {
	const {pool, frames} = thing;
	const now = known ? pool.blocksInUse - known.pool.blocksInUse : 0;
	return {
		...thing,
		id,
		pfn: frames[0]?.pfn,
		idleBytes: pool.pages * pageBytes - pool.blocksInUse * pool.sizeBytes,
		change: kind || !mark || !known ? now : known.change,
		mark,
	};
}

const poolRules: RowRules<PoolThing, PoolRow> = {
	idOf: ({device, pool}) => `${device} ${pool.name}`,
	kindOf: poolKind,
	isSame: (row, {pool, frames}) => row.pool === pool && sameList(row.frames, frames) === row.frames,
	rowOf: poolRow,
};

const mappingId = ({device, type, busAddress, lengthBytes}: DmaMapping): string =>
	`${device} ${type} ${busAddress.toString(16)}+${lengthBytes}`;

const culpritOf = (mapping: DmaMapping, culprits: Culprits): number | undefined =>
	culprits.byAddress.get(mapping.busAddress) ??
	culprits.byAddress.get(mapping.physicalAddress) ??
	culprits.byPfn.get(pfnOf(mapping));

/** Mappings that were undone and are kept in sight: a disk undoes hundreds in a second. */
const mostGone = 16;

const pfnOf = ({pfn, physicalAddress}: DmaMapping): number => pfn ?? Math.floor(physicalAddress / pageBytes);

const mappingRules = (culprits: Culprits): RowRules<DmaMapping, MappingRow> => ({
	// A device may hold the same bytes twice.
	idOf: mappingId,
	culpritOf: mapping => culpritOf(mapping, culprits),
	isSame: (row, mapping) => row.mapping === mapping,
	rowOf: (mapping, {id, mark}) => ({id, mapping, mark, pfn: pfnOf(mapping)}),
	gone: {culpritOf: ({mark}) => mark?.injection},
	arrange: (rows, gone) => [...rows, ...gone.slice(-mostGone)].sort(byPlace),
});

function total(rows: readonly MappingRow[], older: Total | undefined, at: Moment): Total {
	const living = rows.filter(({mark}) => mark?.kind !== 'gone');
	const bytes = living.reduce((sum, {mapping}) => sum + mapping.lengthBytes, 0);
	const change = bytes - (older?.bytes ?? bytes);
	const culprit = rows.find(({mark}) => mark?.injection !== undefined)?.mark?.injection;
	const mark = change === 0 ? lingering(older?.mark, at) : markOf(change > 0 ? 'grown' : 'shrunk', at, culprit);
	return {count: living.length, bytes, change: change === 0 ? (mark ? (older?.change ?? 0) : 0) : change, mark};
}

/** Coherent mappings first: they last. Then by address, so that rows keep their places. */
function byPlace(a: MappingRow, b: MappingRow): number {
	const isCoherent = ({mapping}: MappingRow): number => (mapping.type === 'coherent' ? 0 : 1);
	return isCoherent(a) - isCoherent(b) || a.mapping.busAddress - b.mapping.busAddress;
}

const isSame = (a: DmaFiles, b: DmaFiles): boolean =>
	a.pages === b.pages &&
	a.dump === b.dump &&
	a.swiotlb === b.swiotlb &&
	a.pools.length === b.pools.length &&
	a.pools.every(([device, pools], index) => device === b.pools[index]?.[0] && pools === b.pools[index]?.[1]);

export function dmaModel(files: DmaFiles, older: DmaModel | undefined, at: Moment, culprits: Culprits): DmaModel {
	if (
		older &&
		isSame(files, older.files) &&
		[...older.pools, ...older.mappings, older.coherent, older.streaming].every(({mark}) => !mark)
	) {
		return older;
	}
	// The names of devices come after the first sample: what is there when devices are first asked is not new.
	const knownPools = older && older.files.pools.length > 0 ? older.pools : undefined;
	const rows = diffRows(files.dump?.mappings ?? [], older?.mappings, at, mappingRules(culprits));
	const isCoherent = ({mapping}: MappingRow): boolean => mapping.type === 'coherent';
	return {
		files,
		pools: diffRows(poolThings(files), knownPools, at, poolRules),
		mappings: rows,
		coherent: total(rows.filter(isCoherent), older?.coherent, at),
		streaming: total(
			rows.filter(row => !isCoherent(row)),
			older?.streaming,
			at,
		),
		swiotlb: files.swiotlb,
	};
}
