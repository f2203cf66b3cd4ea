import {parseBuddyinfo} from '../../formats/proc/buddyinfo.ts';
import {type Meminfo, type MeminfoLabel, parseMeminfo} from '../../formats/proc/meminfo.ts';
import {parseZoneinfo} from '../../formats/proc/zoneinfo.ts';
import {load} from '../../model/loaded.ts';
import {path} from '../../model/paths.ts';
import {readRecord, recordIn} from '../../model/tree.ts';
import {marksId, ordersId, type ZoneRow, type ZonesModel, zonesModel} from '../../model/zones.ts';
import {type Content, listRows} from '../content.ts';
import {evenColumns} from '../evenColumns.ts';
import {briefCount, bytes, count} from '../format.ts';
import {type Watermarks, watermarkGauge} from '../gauge.ts';
import {blankLine, type Line, line, padEnd, padStart, span} from '../lines.ts';
import type {Meters} from '../meters.ts';
import {definePane} from '../pane.ts';
import {meterSpans} from '../sparkline.ts';

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

/** The watermarks, with as few columns as there are. */
const marksTexts = ({min, low, high}: Watermarks): readonly string[] => [
	` min ${min} low ${low} high ${high}`,
	...[5, 4].map(most => ` min ${briefCount(min, most)} low ${briefCount(low, most)} high ${briefCount(high, most)}`),
	...[5, 4, 3].map(most => ` m ${briefCount(min, most)} l ${briefCount(low, most)} h ${briefCount(high, most)}`),
];

const leastGauge = 6;

/** How much is free, what it was of late, and how far it is from the watermarks. */
const zoneLines = (row: ZoneRow, meters: Meters, columns: number): Line[] => {
	const {id, zone, freePages, presentPages, watermarks} = row;
	const free = `${padEnd(zone, 7)} ${count(freePages).padStart(7)} free `;
	const room = columns - free.length - 1;
	const first = line(
		span(free, 'strong'),
		...meterSpans(meters[`free ${id}`], Math.max(4, Math.min(30, room)), 'least'),
	);
	if (!watermarks) {
		return [first];
	}
	const {min, low} = watermarks;
	const mark = freePages < min ? ' below min' : freePages < low ? ' below low' : '';
	const texts = marksTexts(watermarks);
	const marks = texts.find(text => text.length + mark.length + leastGauge <= columns) ?? texts.at(-1)!;
	const width = Math.max(leastGauge, Math.min(48, columns - marks.length - mark.length));
	return [
		first,
		line(
			...watermarkGauge(freePages, watermarks, presentPages ?? freePages, width),
			span(marks, 'dim'),
			span(mark, mark === ' below min' ? 'bad' : 'warning'),
		),
	];
};

/** How many digits of a count of blocks are written out: all, or as many as there is room for. */
const blockDigits = [Number.POSITIVE_INFINITY, 5, 4] as const;
const widestBlocks = 6;

type OrderLayout = {readonly digits: number; readonly first: number; readonly widths: readonly number[]};

/** Columns of the orders, the same for all zones; in several lines where one has no room for them. */
const orderLayouts = (zones: readonly ZoneRow[], columns: number): readonly OrderLayout[] => {
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
			if (layouts.every(layout => layout !== undefined)) {
				return layouts;
			}
		}
	}
	return Array.from({length: orders}, (_, first) => ({digits: 4, first, widths: [columns]}));
};

const orderLine = ({freeBlocks, changes}: ZoneRow, {digits, first, widths}: OrderLayout): Line =>
	line(
		...freeBlocks.slice(first, first + widths.length).map((blocks, index) => {
			const text = briefCount(blocks, digits).padStart(widths[index]!);
			return span(text, changes[first + index] === 0 ? 'number' : 'mark.changed');
		}),
	);

const meminfoLines = (meminfo: Meminfo, columns: number): Line[] => {
	const cells = shownLabels.flatMap(label => {
		const value = meminfo[label];
		return value === undefined ? [] : [span(`${padEnd(label, 12)}${padStart(bytes(value * 1024), 7)}   `)];
	});
	const across = Math.max(1, Math.floor(columns / 22));
	return Array.from({length: Math.ceil(cells.length / across)}, (_, row) =>
		line(...cells.slice(row * across, (row + 1) * across)),
	);
};

const zonesContent = (model: ZonesModel, meters: Meters, columns: number): Content => {
	const layouts = orderLayouts(model.zones, columns);
	const zones = model.zones.flatMap(zone => [
		...zoneLines(zone, meters, columns).map((each, index) => ({
			id: index === 0 ? zone.id : marksId(zone),
			line: () => each,
		})),
		...layouts.map((layout, index) => ({
			id: index === 0 ? ordersId(zone) : `${ordersId(zone)} from ${layout.first}`,
			line: () => orderLine(zone, layout),
		})),
	]);
	const memory = [blankLine, ...(model.meminfo ? meminfoLines(model.meminfo, columns) : [])];
	return {
		aside: 'free blocks of each order',
		head: [],
		rows: listRows([...zones, ...memory.map((each, index) => ({id: `line ${index}`, line: () => each}))]),
		foot: [],
		tails: false,
	};
};

export const zonesPane = definePane<ZonesModel>({
	id: 'zones',
	name: 'zones',
	paths: () => [path.buddyinfo, path.zoneinfo, path.meminfo],
	derive({tree, older, at}) {
		const zoneinfo = recordIn(tree, path.zoneinfo, parseZoneinfo);
		const meminfo = recordIn(tree, path.meminfo, parseMeminfo);
		const reading = readRecord(tree, path.buddyinfo, parseBuddyinfo);
		return load(reading, older, (buddyinfo, model) => zonesModel({buddyinfo, zoneinfo, meminfo}, model, at));
	},
	content: (model, {meters}, {columns}) => zonesContent(model, meters, columns),
	inputs: ({meters}) => [meters],
});
