import type {ZoneRow} from '../../../model/zones.ts';
import {bytes, count} from '../../panes/format.ts';
import type {OrderLayout, ZonesPaneRow} from '../../panes/pane.ts';
import {blockTexts, leastGauge, pressureText} from '../../panes/zones.ts';
import type {Meters} from '../../state/meters.ts';
import {type Line, line, padEnd, padStart, span} from '../../terminal/lines.ts';
import {watermarkGauge} from '../gauge.ts';
import type {PaneLook} from '../look.ts';
import {meterSpans} from '../sparkline.ts';

/** How much is free, and what it was of late. */
function freeLine({id, zone, freePages}: ZoneRow, meters: Meters, columns: number): Line {
	const free = `${padEnd(zone, 7)} ${count(freePages).padStart(7)} free `;
	const room = columns - free.length - 1;
	return line(span(free, 'strong'), ...meterSpans(meters[`free ${id}`], Math.max(4, Math.min(30, room)), 'least'));
}

/** How far it is from the watermarks. */
function marksLine(row: ZoneRow, marks: string, columns: number): Line {
	const {freePages, presentPages, watermarks} = row;
	const mark = pressureText(row);
	const width = Math.max(leastGauge, Math.min(48, columns - marks.length - mark.length));
	return line(
		...(watermarks ? watermarkGauge(freePages, watermarks, presentPages ?? freePages, width) : []),
		span(marks, 'dim'),
		span(mark, mark === ' below min' ? 'bad' : 'warning'),
	);
}

const orderLine = (zone: ZoneRow, layout: OrderLayout): Line =>
	line(
		...blockTexts(zone, layout).map((text, index) =>
			span(text.padStart(layout.widths[index]!), zone.changes[layout.first + index] === 0 ? 'number' : 'mark.changed'),
		),
	);

function rowLine(row: ZonesPaneRow, meters: Meters, columns: number): Line {
	switch (row.kind) {
		case 'free':
			return freeLine(row.zone, meters, columns);
		case 'marks':
			return marksLine(row.zone, row.marks, columns);
		case 'orders':
			return orderLine(row.zone, row.layout);
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
