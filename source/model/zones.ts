/** The zones pane: free blocks per order, watermarks, and memory as meminfo counts it. */

import type {Buddyinfo} from '../formats/proc/buddyinfo.ts';
import type {Meminfo} from '../formats/proc/meminfo.ts';
import {type Zoneinfo, zoneName} from '../formats/proc/zoneinfo.ts';
import {diffRows, type RowRules} from './diff.ts';
import {lingerMs, type Moment, type Row} from './moment.ts';

export type ZoneRow = Row & {
	readonly zone: string;
	readonly freeBlocks: readonly number[];
	/** Against the files before, per order, as long as that is news. */
	readonly changes: readonly number[];
	readonly freePages: number;
	/** From zoneinfo, in pages; undefined where the target has no such file. */
	readonly watermarks: {readonly min: number; readonly low: number; readonly high: number} | undefined;
	readonly presentPages: number | undefined;
};

/** Of the row with the free blocks of a zone. */
export const ordersId = ({id}: ZoneRow): string => `${id} orders`;
/** Of the row with its watermarks. */
export const marksId = ({id}: ZoneRow): string => `${id} marks`;

export type ZonesModel = {
	readonly files: ZonesFiles;
	readonly zones: readonly ZoneRow[];
	readonly meminfo: Meminfo | undefined;
	/** `movedMs` of the sample that showed these files first. */
	readonly sinceMs: number;
};

type ZonesFiles = {
	readonly buddyinfo: Buddyinfo;
	readonly zoneinfo: Zoneinfo | undefined;
	readonly meminfo: Meminfo | undefined;
};

export const zoneId = ({node, zone}: Buddyinfo['zones'][number]): string => `node ${node} zone ${zone}`;

export const freePagesOf = (freeBlocks: readonly number[]): number =>
	freeBlocks.reduce((sum, count, order) => sum + count * 2 ** order, 0);

/** What the files say of a zone. */
type ZoneThing = Pick<ZoneRow, 'id' | 'zone' | 'freeBlocks' | 'watermarks' | 'presentPages'>;

const zoneThings = ({buddyinfo, zoneinfo}: ZonesFiles): readonly ZoneThing[] =>
	buddyinfo.zones.map(each => {
		const {node, zone, freeBlocks} = each;
		const pages = zoneinfo?.zones.find(candidate => candidate.node === node && candidate.zone === zone)?.pages;
		const {min, low, high, present} = pages ?? {};
		const watermarks = min === undefined || low === undefined || high === undefined ? undefined : {min, low, high};
		return {id: zoneId(each), zone: zoneName(each), freeBlocks, watermarks, presentPages: present};
	});

const says = ({freeBlocks, watermarks, presentPages}: ZoneThing): string =>
	JSON.stringify([freeBlocks, watermarks, presentPages]);

const isNews = ({changes}: ZoneRow): boolean => changes.some(change => change !== 0);

/** Changes are news of single orders: the row itself bears no mark. */
const zoneRules: RowRules<ZoneThing, ZoneRow> = {
	idOf: ({id}) => id,
	kindOf: () => undefined,
	isSame: (row, thing) => !isNews(row) && says(row) === says(thing),
	rowOf: (thing, {id, known, mark}) => ({
		...thing,
		id,
		mark,
		changes: thing.freeBlocks.map((count, order) => count - (known?.freeBlocks[order] ?? count)),
		freePages: freePagesOf(thing.freeBlocks),
	}),
};

export function zonesModel(files: ZonesFiles, older: ZonesModel | undefined, at: Moment): ZonesModel {
	const {buddyinfo, zoneinfo, meminfo} = files;
	const isSame =
		older?.files.buddyinfo === buddyinfo && older.files.zoneinfo === zoneinfo && older.files.meminfo === meminfo;
	if (isSame && (at.movedMs - older.sinceMs < lingerMs || !older.zones.some(isNews))) return older;
	const zones = diffRows(zoneThings(files), older?.zones, at, zoneRules);
	return {files, zones, meminfo, sinceMs: at.movedMs};
}
