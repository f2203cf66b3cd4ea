/** The zones pane: free blocks per order, watermarks, and memory as meminfo counts it. */

import type {Buddyinfo} from '../formats/proc/buddyinfo.ts';
import type {Meminfo} from '../formats/proc/meminfo.ts';
import type {Zoneinfo} from '../formats/proc/zoneinfo.ts';
import {type Meter, measureLevel} from './meter.ts';
import type {Moment} from './moment.ts';

export type ZoneRow = {
	readonly id: string;
	readonly zone: string;
	readonly freeBlocks: readonly number[];
	/** Against the sample before, per order. */
	readonly changes: readonly number[];
	readonly freePages: number;
	/** Its least free pages of late. */
	readonly freeMeter: Meter;
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
};

export type ZonesFiles = {
	readonly buddyinfo: Buddyinfo;
	readonly zoneinfo: Zoneinfo | undefined;
	readonly meminfo: Meminfo | undefined;
};

const freePagesOf = (freeBlocks: readonly number[]): number =>
	freeBlocks.reduce((sum, count, order) => sum + count * 2 ** order, 0);

export const zonesModel = (files: ZonesFiles, older: ZonesModel | undefined, at: Moment): ZonesModel => {
	const {buddyinfo, zoneinfo, meminfo} = files;
	const isSame =
		older?.files.buddyinfo === buddyinfo && older.files.zoneinfo === zoneinfo && older.files.meminfo === meminfo;
	if (isSame && older.zones.every(row => measureLevel(row.freeMeter, at, row.freePages, Math.min) === row.freeMeter)) {
		return older;
	}
	const zones = buddyinfo.zones.map(({node, zone, freeBlocks}): ZoneRow => {
		const before = older?.zones.find(row => row.zone === zone);
		const pages = zoneinfo?.zones.find(candidate => candidate.node === node && candidate.zone === zone)?.pages;
		const freePages = freePagesOf(freeBlocks);
		const [min, low, high] = [pages?.min, pages?.low, pages?.high];
		return {
			id: `node ${node} zone ${zone}`,
			zone,
			freeBlocks,
			changes: freeBlocks.map((count, order) => count - (before?.freeBlocks[order] ?? count)),
			freePages,
			freeMeter: measureLevel(before?.freeMeter, at, freePages, Math.min),
			watermarks: min === undefined || low === undefined || high === undefined ? undefined : {min, low, high},
			presentPages: pages?.present,
		};
	});
	return {files, zones, meminfo};
};
