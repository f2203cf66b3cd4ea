import {parseBuddyinfo} from '../../formats/proc/buddyinfo.ts';
import {type MeminfoLabel, parseMeminfo} from '../../formats/proc/meminfo.ts';
import {parseZoneinfo} from '../../formats/proc/zoneinfo.ts';
import {zoneCause} from '../../model/cause.ts';
import {load} from '../../model/loaded.ts';
import {path} from '../../model/paths.ts';
import {readRecord, recordIn} from '../../model/tree.ts';
import {marksId, ordersId, type ZoneRow, type ZonesModel, zonesModel} from '../../model/zones.ts';
import {rowCause} from './causes.ts';
import {bytes, count} from './format.ts';
import {type About, kept, note, type PaneDefinition, type ZonesPaneRow} from './pane.ts';

const about: About = {
	shows:
		'How the buddy allocator stands. Each zone has its free pages and what they were of late, a line that ' +
		'holds them against the watermarks, and its free blocks of 1, 2, 4 … pages.',
	columns: [],
	signs: [
		note('▁▃▇', 'least free pages of each half second, from the least to the most on show'),
		note('━━ m l h', 'free pages, each doubling as long; the watermarks on that scale'),
		note('min', 'only allocations that may not fail go below it'),
		note('low', 'below it kswapd starts to reclaim'),
		note('high', 'at it kswapd stops'),
	],
};

const shownLabels: readonly MeminfoLabel[] = [
	'MemTotal',
	'MemFree',
	'HighTotal',
	'HighFree',
	'LowTotal',
	'LowFree',
	'Cached',
	'Buffers',
	'AnonPages',
	'Mapped',
	'Dirty',
	'Writeback',
	'Slab',
	'PageTables',
	'Bounce',
	'VmallocUsed',
];

/** Columns of one value of meminfo. */
const cellColumns = 22;

function memoryRows({meminfo}: ZonesModel, columns: number): readonly ZonesPaneRow[] {
	const cells = shownLabels.flatMap(label => {
		const value = meminfo?.[label];
		return value === undefined ? [] : [[label, value] as const];
	});
	const across = Math.max(1, Math.floor(columns / cellColumns));
	// The first, an empty one, is a gap.
	return Array.from({length: 1 + Math.ceil(cells.length / across)}, (_, row) => ({
		id: `line ${row}`,
		kind: 'memory',
		cells: row === 0 ? [] : cells.slice((row - 1) * across, row * across),
	}));
}

const zoneRows = (zone: ZoneRow): readonly ZonesPaneRow[] => [
	{id: zone.id, kind: 'free', zone},
	...(zone.watermarks ? [{id: marksId(zone), kind: 'marks', zone} as const] : []),
	{id: ordersId(zone), kind: 'orders', zone},
];

const rows = kept((model: ZonesModel, columns: number) => [
	...model.zones.flatMap(zoneRows),
	...memoryRows(model, columns),
]);

/** How a zone stands against its watermarks; empty when there is enough. */
export function pressureText({freePages, watermarks}: ZoneRow): string {
	if (!watermarks || freePages >= watermarks.low) return '';
	return freePages < watermarks.min ? ' below min' : ' below low';
}

export const marksText = ({watermarks}: ZoneRow): string =>
	watermarks ? ` min ${watermarks.min} low ${watermarks.low} high ${watermarks.high}` : '';

function text(row: ZonesPaneRow): string {
	switch (row.kind) {
		case 'free':
			return `${row.zone.zone} ${count(row.zone.freePages)} free`;
		case 'marks':
			return marksText(row.zone) + pressureText(row.zone);
		case 'orders':
			return row.zone.freeBlocks.join(' ');
		case 'memory':
			return row.cells.map(([label, kilobytes]) => `${label} ${bytes(kilobytes * 1024)}`).join(' ');
	}
}

export const zonesPane: PaneDefinition<'zones'> = {
	id: 'zones',
	name: 'zones',
	about,
	paths: () => [path.buddyinfo, path.zoneinfo, path.meminfo],
	derive({tree, older, at}) {
		const zoneinfo = recordIn(tree, path.zoneinfo, parseZoneinfo);
		const meminfo = recordIn(tree, path.meminfo, parseMeminfo);
		const reading = readRecord(tree, path.buddyinfo, parseBuddyinfo);
		return load(reading, older, (buddyinfo, model) => zonesModel({buddyinfo, zoneinfo, meminfo}, model, at));
	},
	rows: (model, {room}) => rows(model, room.columns),
	meaning: {text},
	margins: () => ({head: 0, foot: 0}),
	tails: false,
	cause: rowCause('zones', ({zones}, id) => {
		const zone = zones.find(each => [each.id, ordersId(each), marksId(each)].includes(id));
		return zone && zoneCause(zone);
	}),
};
