import {address} from '../../../formats/text.ts';
import type {ContextRow, IocbsModel, KiocbRow} from '../../../model/iocbs.ts';
import type {Meter} from '../../../model/meter.ts';
import {bar, bytes, count, duration, longest, markSign, plural} from '../../panes/format.ts';
import {stateText} from '../../panes/iocbs.ts';
import type {PaneRows} from '../../panes/pane.ts';
import {type Line, line, padEnd, span} from '../../terminal/lines.ts';
import type {Tone} from '../../terminal/theme.ts';
import {markTone} from '../content.ts';
import type {PaneLook} from '../look.ts';
import {meterSpans} from '../sparkline.ts';

const leastPid = 5;
const commColumns = 8;
const leastMeter = 4;

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
	{heading: 'pid', columns: leastPid, atEnd: true, from: 0, show: ({kiocb}) => String(kiocb.pid)},
	{heading: 'comm', columns: commColumns, atEnd: false, from: 0, show: ({kiocb}) => kiocb.comm},
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

/** A column with the width that it has here: a number is not cut. */
type ShownColumn = Column & {readonly width: number};

const signColumns = 1;

/** Where numbers are long, fewer columns have room. Those that are always shown are counted first. */
function shownColumns(rows: readonly KiocbRow[], columns: number): readonly ShownColumn[] {
	const all = kiocbColumns.map(column => ({
		...column,
		width: column.atEnd ? longest(rows, column.columns, column.show) : column.columns,
	}));
	const always = all.filter(({from}) => from === 0);
	let room = columns - signColumns - always.reduce((sum, {width}) => sum + 1 + width, 0);
	return all.filter(({from, atEnd, width}) => {
		if (from === 0) return true;
		// A text may be cut by a little.
		const isShown = columns >= from && room >= (atEnd ? 1 + width : width);
		if (isShown) room -= 1 + width;
		return isShown;
	});
}

const join = (shown: readonly ShownColumn[], cell: (column: Column) => string): string =>
	shown
		.map(column => (column.atEnd ? cell(column).padStart(column.width) : padEnd(cell(column), column.width)))
		.join(' ');

/** Requests complete all the time: those that did are quiet, their sign says it. */
const rowTone = ({mark}: KiocbRow): Tone | undefined => (mark?.kind === 'gone' ? 'dim' : markTone(mark));

const kiocbLine = (row: KiocbRow, shown: readonly ShownColumn[]): Line =>
	line(span(`${markSign(row.mark)} ${join(shown, column => column.show(row))}`, rowTone(row)));

/** Columns of the bar of a ring; where there is too little room, there is none. */
const barRoom = (room: number): number => (room < 3 ? 0 : Math.min(12, room));

function contextLine({context, ready}: ContextRow, pidColumns: number, columns: number): Line {
	const pid = `  ${String(context.pid).padStart(pidColumns)} `;
	const ctx = columns < 50 ? '' : `ctx ${address(context.ctx)} `;
	const right = ` ${ready} ready, ${context.inFlight} out`;
	const others = pid.length + 1 + ctx.length + right.length;
	const comm = padEnd(context.comm, Math.min(commColumns, columns - others));
	const room = barRoom(columns - others - comm.length);
	return line(
		span(`${pid}${comm} ${ctx}`),
		span(bar(context.ringNr === 0 ? 0 : ready / context.ringNr, room), 'bar.full'),
		span(right, 'number'),
	);
}

const headingLine = (text: string, columns: number): Line => line(span(padEnd(text, columns), 'heading'));

function footLine({pending, pagesPinned}: IocbsModel, meter: Meter | undefined, columns: number): Line {
	const flight = `${String(pending).padStart(2)} in flight`;
	const pinned = ` ${plural(pagesPinned, 'page')} pinned`;
	const room = Math.min(24, Math.max(leastMeter, columns - 30), columns - flight.length - 1 - pinned.length);
	return line(
		span(flight, 'number'),
		' ',
		...(room < leastMeter ? [] : meterSpans(meter, room)),
		span(room < leastMeter ? pinned.trimStart() : pinned, 'dim'),
	);
}

export const iocbsLook: PaneLook<'iocbs'> = {
	inputs: ({meters}) => [meters.requests],
	content(model, {state, room: {columns}}) {
		const most = model.aioMaxNr === undefined || columns < 44 ? '' : ` of ${count(model.aioMaxNr)}`;
		const shown = shownColumns(model.rows, columns);
		const pidColumns = longest(model.contexts, leastPid, ({context}) => String(context.pid));
		const title = `  ${'pid'.padStart(pidColumns)} comm     events in its ring`;
		const rowLine = (row: PaneRows['iocbs']): Line => {
			if ('kiocb' in row) return kiocbLine(row, shown);
			return 'context' in row ? contextLine(row, pidColumns, columns) : headingLine(title, columns);
		};
		const limits = model.aioNr === undefined ? '' : ` · aio-nr ${count(model.aioNr)}${most}`;
		return {
			aside: `${plural(model.contexts.length, 'context')}${limits}`,
			head: [headingLine(`  ${join(shown, ({heading}) => heading)}`.trimEnd(), columns)],
			line: rowLine,
			foot: [footLine(model, state.meters.requests, columns)],
		};
	},
};
