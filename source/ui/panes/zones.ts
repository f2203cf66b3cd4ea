import {parseBuddyinfo} from '../../formats/proc/buddyinfo.ts';
import {type MeminfoLabel, parseMeminfo} from '../../formats/proc/meminfo.ts';
import {parseZoneinfo} from '../../formats/proc/zoneinfo.ts';
import {zoneCause} from '../../model/cause.ts';
import {load} from '../../model/loaded.ts';
import {path} from '../../model/paths.ts';
import {readRecord, recordIn} from '../../model/tree.ts';
import {marksId, ordersId, type ZoneRow, type ZonesModel, zonesModel} from '../../model/zones.ts';
import {rowCause} from './causes.ts';
import {evenColumns} from './evenColumns.ts';
import {briefCount, bytes, count} from './format.ts';
import {type About, kept, note, type OrderLayout, type PaneDefinition, type ZonesPaneRow} from './pane.ts';

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

/** How a zone stands against its watermarks; empty when there is enough. */
export function pressureText({freePages, watermarks}: ZoneRow): string {
	if (watermarks && freePages < watermarks.min) return ' below min';
	return watermarks && freePages < watermarks.low ? ' below low' : '';
}

type Watermarks = NonNullable<ZoneRow['watermarks']>;

const fullMarks = ({min, low, high}: Watermarks): string => ` min ${min} low ${low} high ${high}`;

/** The watermarks, in fewer and fewer columns. */
function marksTexts(watermarks: Watermarks): readonly string[] {
	const brief = (most: number) =>
		[watermarks.min, watermarks.low, watermarks.high].map(pages => briefCount(pages, most)) as [string, string, string];
	return [
		fullMarks(watermarks),
		...[5, 4].map(brief).map(([min, low, high]) => ` min ${min} low ${low} high ${high}`),
		...[5, 4, 3].map(brief).map(([min, low, high]) => ` m ${min} l ${low} h ${high}`),
	];
}

export const leastGauge = 6;

/** The most of the watermarks that leaves room for their gauge. */
function marksText(zone: ZoneRow, watermarks: Watermarks, columns: number): string {
	const room = columns - leastGauge - pressureText(zone).length;
	const texts = marksTexts(watermarks);
	return texts.find(each => each.length <= room) ?? texts.at(-1)!;
}

/** How many digits of a count of blocks are written out: all, or as many as there is room for. */
const blockDigits = [Number.POSITIVE_INFINITY, 5, 4] as const;
const widestBlocks = 6;

/** Columns of the orders, the same for all zones; in several rows where one has no room for them. */
function orderLayouts(zones: readonly ZoneRow[], columns: number): readonly OrderLayout[] {
	const orders = Math.max(0, ...zones.map(({freeBlocks}) => freeBlocks.length));
	for (let lines = 1; lines < orders; lines++) {
		const each = Math.ceil(orders / lines);
		for (const digits of blockDigits) {
			const lengths = Array.from({length: orders}, (_, order) =>
				Math.max(...zones.map(({freeBlocks}) => briefCount(freeBlocks[order] ?? 0, digits).length)),
			);
			const layouts = Array.from({length: Math.ceil(orders / each)}, (_, index): OrderLayout | undefined => {
				const first = index * each;
				const widths = evenColumns(lengths.slice(first, first + each), columns, widestBlocks);
				return widths && {digits, first, widths};
			});
			if (layouts.every(layout => layout !== undefined)) return layouts;
		}
	}
	return Array.from({length: orders}, (_, first) => ({digits: 4, first, widths: [columns]}));
}

const zoneRows = (zone: ZoneRow, layouts: readonly OrderLayout[], columns: number): readonly ZonesPaneRow[] => [
	{id: zone.id, kind: 'free', zone},
	...(zone.watermarks
		? [{id: marksId(zone), kind: 'marks', zone, marks: marksText(zone, zone.watermarks, columns)} as const]
		: []),
	...layouts.map(layout => {
		const id = layout.first === 0 ? ordersId(zone) : `${ordersId(zone)} from ${layout.first}`;
		return {id, kind: 'orders', zone, layout} as const;
	}),
];

const rows = kept((model: ZonesModel, columns: number) => {
	const layouts = orderLayouts(model.zones, columns);
	return [...model.zones.flatMap(zone => zoneRows(zone, layouts, columns)), ...memoryRows(model, columns)];
});

/** Free blocks of the orders in a row, as it shows them. */
export const blockTexts = ({freeBlocks}: ZoneRow, {digits, first, widths}: OrderLayout): readonly string[] =>
	freeBlocks.slice(first, first + widths.length).map(blocks => briefCount(blocks, digits));

function text(row: ZonesPaneRow): string {
	switch (row.kind) {
		case 'free':
			return `${row.zone.zone} ${count(row.zone.freePages)} free`;
		case 'marks':
			return `${fullMarks(row.zone.watermarks!)}${row.marks}${pressureText(row.zone)}`;
		case 'orders':
			return [...row.zone.freeBlocks, ...blockTexts(row.zone, row.layout)].join(' ');
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
		// The orders may be in several rows.
		const zone = zones.find(each => id === each.id || id === marksId(each) || id.startsWith(ordersId(each)));
		return zone && zoneCause(zone);
	}),
};
