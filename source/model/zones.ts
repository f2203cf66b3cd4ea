/** The zones pane: free blocks per order, watermarks, and memory as meminfo counts it. */

import type {Buddyinfo} from '../formats/proc/buddyinfo.ts';
import type {Meminfo} from '../formats/proc/meminfo.ts';
import type {Zoneinfo} from '../formats/proc/zoneinfo.ts';
import {lingerMs, type Moment} from './moment.ts';

export type ZoneRow = {
	readonly id: string;
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

export type ZonesFiles = {
	readonly buddyinfo: Buddyinfo;
	readonly zoneinfo: Zoneinfo | undefined;
	readonly meminfo: Meminfo | undefined;
};

export const zoneId = ({node, zone}: Buddyinfo['zones'][number]): string => `node ${node} zone ${zone}`;

export const freePagesOf = (freeBlocks: readonly number[]): number =>
	freeBlocks.reduce((sum, count, order) => sum + count * 2 ** order, 0);

export const zonesModel = (files: ZonesFiles, older: ZonesModel | undefined, at: Moment): ZonesModel => {
	const {buddyinfo, zoneinfo, meminfo} = files;
	const isSame =
		older?.files.buddyinfo === buddyinfo && older.files.zoneinfo === zoneinfo && older.files.meminfo === meminfo;
	const isNews = (row: ZoneRow): boolean => row.changes.some(change => change !== 0);
	if (isSame && (at.movedMs - older.sinceMs < lingerMs || !older.zones.some(isNews))) {
		return older;
	}
	const zones = buddyinfo.zones.map((each): ZoneRow => {
		const {node, zone, freeBlocks} = each;
		const id = zoneId(each);
		const before = older?.zones.find(row => row.id === id);
		const pages = zoneinfo?.zones.find(candidate => candidate.node === node && candidate.zone === zone)?.pages;
		const freePages = freePagesOf(freeBlocks);
		const [min, low, high] = [pages?.min, pages?.low, pages?.high];
		return {
			id,
			zone,
			freeBlocks,
			changes: freeBlocks.map((count, order) => count - (before?.freeBlocks[order] ?? count)),
			freePages,
			watermarks: min === undefined || low === undefined || high === undefined ? undefined : {min, low, high},
			presentPages: pages?.present,
		};
	});
	return {files, zones, meminfo, sinceMs: at.movedMs};
};
