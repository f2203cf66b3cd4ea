import {parseBuddyinfo} from '../../../formats/proc/buddyinfo.ts';
import {type Meminfo, type MeminfoLabel, parseMeminfo} from '../../../formats/proc/meminfo.ts';
import {parseZoneinfo} from '../../../formats/proc/zoneinfo.ts';
import {load} from '../../../model/loaded.ts';
import {path} from '../../../model/paths.ts';
import {readRecord, recordIn} from '../../../model/tree.ts';
import {marksId, ordersId, type ZoneRow, type ZonesModel, zonesModel} from '../../../model/zones.ts';
import {blankLine, type Line, line, padEnd, padStart, type Span, span} from '../../terminal/lines.ts';
import type {Meters} from '../../update/meters.ts';
import {type Content, listRows} from '../content.ts';
import {bytes, count} from '../format.ts';
import {watermarkGauge} from '../gauge.ts';
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

/** How much is free, what it was of late, and how far it is from the watermarks. */
const zoneLines = (row: ZoneRow, meters: Meters, columns: number): Line[] => {
	const {id, zone, freePages, presentPages, watermarks} = row;
	const free = `${padEnd(zone, 8)}${padStart(count(freePages), 7)} free `;
	const room = columns - free.length - 1;
	const first = line(
		span(free, 'strong'),
		...meterSpans(meters[`free ${id}`], Math.max(4, Math.min(30, room)), 'least'),
	);
	if (!watermarks) {
		return [first];
	}
	const {min, low, high} = watermarks;
	const mark = freePages < min ? ' below min' : freePages < low ? ' below low' : '';
	const marks = ` min ${min} low ${low} high ${high}`;
	const width = Math.max(6, Math.min(48, columns - marks.length - mark.length));
	return [
		first,
		line(
			...watermarkGauge(freePages, watermarks, presentPages ?? freePages, width),
			span(marks, 'dim'),
			span(mark, mark === ' below min' ? 'bad' : 'warning'),
		),
	];
};

const orderLine = ({freeBlocks, changes}: ZoneRow, columns: number): Line => {
	const width = Math.max(3, Math.min(6, Math.floor(columns / Math.max(1, freeBlocks.length))));
	const cell = (blocks: number, order: number): Span =>
		span(padStart(String(blocks), width), changes[order] === 0 ? 'number' : 'mark.changed');
	return line(...freeBlocks.map(cell));
};

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
	const zones = model.zones.flatMap(zone => [
		...zoneLines(zone, meters, columns).map((each, index) => ({
			id: index === 0 ? zone.id : marksId(zone),
			line: () => each,
		})),
		{id: ordersId(zone), line: () => orderLine(zone, columns)},
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
