import {address} from '../../../formats/text.ts';
import type {ContextRow, KiocbRow} from '../../../model/iocbs.ts';
import {bar, bytes, count, duration, markSign, plural} from '../../panes/format.ts';
import {stateText} from '../../panes/iocbs.ts';
import type {PaneRows} from '../../panes/pane.ts';
import {type Line, line, padEnd, padStart, span} from '../../terminal/lines.ts';
import type {Tone} from '../../terminal/theme.ts';
import {markTone} from '../content.ts';
import type {PaneLook} from '../look.ts';
import {meterSpans} from '../sparkline.ts';

/** A column of the kiocb table: its heading, and what it shows. The widest panes show all of them. */
type Column = {
	readonly heading: string;
	readonly columns: number;
	readonly atEnd: boolean;
	readonly show: (row: KiocbRow) => string;
	/** Width of pane from which on it is shown. */
	readonly from: number;
};

const kiocbColumns: readonly Column[] = [
	{heading: 'pid', columns: 5, atEnd: true, from: 0, show: ({kiocb}) => String(kiocb.pid)},
	{heading: 'comm', columns: 8, atEnd: false, from: 0, show: ({kiocb}) => kiocb.comm},
	{heading: 'op', columns: 6, atEnd: false, from: 0, show: ({kiocb}) => kiocb.opcode},
	{heading: 'kind', columns: 5, atEnd: false, from: 64, show: ({kiocb}) => kiocb.kind},
	{heading: 'pos', columns: 8, atEnd: true, from: 44, show: ({kiocb}) => kiocb.pos.toString(16)},
	{heading: 'len', columns: 4, atEnd: true, from: 38, show: ({kiocb}) => bytes(kiocb.nbytes)},
	{
		heading: 'state',
		columns: 9,
		atEnd: false,
		from: 0,
		show: stateText,
	},
	{heading: 'pins', columns: 4, atEnd: true, from: 54, show: ({kiocb}) => String(kiocb.pagesPinned)},
	{heading: 'age', columns: 7, atEnd: true, from: 54, show: ({kiocb}) => duration(kiocb.ageUs)},
	{heading: 'file', columns: 16, atEnd: false, from: 82, show: ({kiocb}) => kiocb.file},
];

const join = (columns: number, cell: (column: Column) => string): string =>
	kiocbColumns
		.filter(({from}) => columns >= from)
		.map(column => (column.atEnd ? padStart(cell(column), column.columns) : padEnd(cell(column), column.columns)))
		.join(' ');

/** Requests complete all the time: those that did are quiet, their sign says it. */
const rowTone = ({mark}: KiocbRow): Tone | undefined => (mark?.kind === 'gone' ? 'dim' : markTone(mark));

const kiocbLine = (row: KiocbRow, columns: number): Line =>
	line(span(`${markSign(row.mark)} ${join(columns, column => column.show(row))}`, rowTone(row)));

function contextLine({context, ready}: ContextRow, columns: number): Line {
	const ctx = columns < 50 ? '' : `ctx ${address(context.ctx)} `;
	const left = `  ${padStart(String(context.pid), 5)} ${padEnd(context.comm, 8)} ${ctx}`;
	const right = ` ${ready} ready, ${context.inFlight} out`;
	const room = Math.max(3, Math.min(12, columns - left.length - right.length));
	return line(
		span(left),
		span(bar(context.ringNr === 0 ? 0 : ready / context.ringNr, room), 'bar.full'),
		span(right, 'number'),
	);
}

const headingLine = (text: string, columns: number): Line => line(span(padEnd(text, columns), 'heading'));

function rowLine(row: PaneRows['iocbs'], columns: number): Line {
	if ('kiocb' in row) return kiocbLine(row, columns);
	return 'context' in row ? contextLine(row, columns) : headingLine('    pid comm     events in its ring', columns);
}

export const iocbsLook: PaneLook<'iocbs'> = {
	inputs: ({meters}) => [meters.requests],
	content(model, {state, room: {columns}}) {
		const most = model.aioMaxNr === undefined || columns < 44 ? '' : ` of ${count(model.aioMaxNr)}`;
		const limits = model.aioNr === undefined ? '' : ` · aio-nr ${count(model.aioNr)}${most}`;
		return {
			aside: `${plural(model.contexts.length, 'context')}${limits}`,
			head: [headingLine(`  ${join(columns, ({heading}) => heading)}`, columns)],
			line: row => rowLine(row, columns),
			foot: [
				line(
					span(`${padStart(String(model.pending), 2)} in flight`, 'number'),
					' ',
					...meterSpans(state.meters.requests, Math.min(24, Math.max(4, columns - 30))),
					span(` ${plural(model.pagesPinned, 'page')} pinned`, 'dim'),
				),
			],
		};
	},
};
