/** The zones pane: free blocks per order, watermarks, and memory as meminfo counts it. */

import type {Buddyinfo} from '../formats/proc/buddyinfo.ts';
import type {Meminfo} from '../formats/proc/meminfo.ts';
import type {Zoneinfo} from '../formats/proc/zoneinfo.ts';

export type ZoneRow = {
	readonly id: string;
	readonly zone: string;
	readonly freeBlocks: readonly number[];
	/** Against the sample before, per order. */
	readonly changes: readonly number[];
	readonly freePages: number;
	/** From zoneinfo, in pages; undefined where the target has no such file. */
	readonly watermarks: {readonly min: number; readonly low: number; readonly high: number} | undefined;
	readonly presentPages: number | undefined;
};

/** Of the row with the free blocks of a zone. */
export const ordersId = ({id}: ZoneRow): string => `${id} orders`;

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

export const zonesModel = (files: ZonesFiles, older: ZonesModel | undefined): ZonesModel => {
	const {buddyinfo, zoneinfo, meminfo} = files;
	if (older?.files.buddyinfo === buddyinfo && older.files.zoneinfo === zoneinfo && older.files.meminfo === meminfo) {
		return older;
	}
	const zones = buddyinfo.zones.map(({node, zone, freeBlocks}): ZoneRow => {
		const before = older?.zones.find(row => row.zone === zone);
		const pages = zoneinfo?.zones.find(candidate => candidate.node === node && candidate.zone === zone)?.pages;
		const [min, low, high] = [pages?.min, pages?.low, pages?.high];
		return {
			id: `node ${node} zone ${zone}`,
			zone,
			freeBlocks,
			changes: freeBlocks.map((count, order) => count - (before?.freeBlocks[order] ?? count)),
			freePages: freeBlocks.reduce((sum, count, order) => sum + count * 2 ** order, 0),
			watermarks: min === undefined || low === undefined || high === undefined ? undefined : {min, low, high},
			presentPages: pages?.present,
		};
	});
	return {files, zones, meminfo};
};
