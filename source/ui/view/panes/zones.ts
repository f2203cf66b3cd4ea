import type {ZoneRow} from '../../../model/zones.ts';
import {bytes, count} from '../../panes/format.ts';
import type {ZonesPaneRow} from '../../panes/pane.ts';
import {marksText, pressureText} from '../../panes/zones.ts';
import type {Meters} from '../../state/meters.ts';
import {type Line, line, padEnd, padStart, type Span, span} from '../../terminal/lines.ts';
import {watermarkGauge} from '../gauge.ts';
import type {PaneLook} from '../look.ts';
import {meterSpans} from '../sparkline.ts';

/** How much is free, and what it was of late. */
function freeLine({id, zone, freePages}: ZoneRow, meters: Meters, columns: number): Line {
	const free = `${padEnd(zone, 8)}${padStart(count(freePages), 7)} free `;
	const room = columns - free.length - 1;
	return line(span(free, 'strong'), ...meterSpans(meters[`free ${id}`], Math.max(4, Math.min(30, room)), 'least'));
}

/** How far it is from the watermarks. */
function marksLine(row: ZoneRow, columns: number): Line {
	const {freePages, presentPages, watermarks} = row;
	const mark = pressureText(row);
	const marks = marksText(row);
	const width = Math.max(6, Math.min(48, columns - marks.length - mark.length));
	return line(
		...(watermarks ? watermarkGauge(freePages, watermarks, presentPages ?? freePages, width) : []),
		span(marks, 'dim'),
		span(mark, mark === ' below min' ? 'bad' : 'warning'),
	);
}

function orderLine({freeBlocks, changes}: ZoneRow, columns: number): Line {
	const width = Math.max(3, Math.min(6, Math.floor(columns / Math.max(1, freeBlocks.length))));
	const cell = (blocks: number, order: number): Span =>
		span(padStart(String(blocks), width), changes[order] === 0 ? 'number' : 'mark.changed');
	return line(...freeBlocks.map(cell));
}

function rowLine(row: ZonesPaneRow, meters: Meters, columns: number): Line {
	switch (row.kind) {
		case 'free':
			return freeLine(row.zone, meters, columns);
		case 'marks':
			return marksLine(row.zone, columns);
		case 'orders':
			return orderLine(row.zone, columns);
		case 'memory':
			return line(
				...row.cells.map(([label, kilobytes]) =>
					span(`${padEnd(label, 12)}${padStart(bytes(kilobytes * 1024), 7)}   `),
				),
			);
	}
}

export const zonesLook: PaneLook<'zones'> = {
	inputs: ({meters}) => [meters],
	content: (_, {state: {meters}, room: {columns}}) => ({
		aside: 'free blocks of each order',
		head: [],
		line: row => rowLine(row, meters, columns),
		foot: [],
	}),
};
