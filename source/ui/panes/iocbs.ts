import {parseAio} from '../../formats/debugfs/aio.ts';
import {parseDecimalFile} from '../../formats/scalars.ts';
import {type ContextRow, type IocbsModel, iocbsModel, type KiocbRow} from '../../model/iocbs.ts';
import {load} from '../../model/loaded.ts';
import type {Meter} from '../../model/meter.ts';
import {path} from '../../model/paths.ts';
import {readRecord, recordIn} from '../../model/tree.ts';
import {type Content, type Fields, type ListItem, listRows, markSign, markTone} from '../content.ts';
import {address, bar, bytes, count, duration, plural} from '../format.ts';
import {type Line, line, padEnd, span} from '../lines.ts';
import {touches} from '../lit.ts';
import {definePane} from '../pane.ts';
import {meterSpans} from '../sparkline.ts';
import type {Tone} from '../theme.ts';

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
		show: ({kiocb, mark}) => (mark?.kind === 'gone' ? 'completed' : kiocb.state),
	},
	{heading: 'pins', columns: 4, atEnd: true, from: 54, show: ({kiocb}) => String(kiocb.pagesPinned)},
	{heading: 'age', columns: 7, atEnd: true, from: 54, show: ({kiocb}) => duration(kiocb.ageUs)},
	{heading: 'file', columns: 16, atEnd: false, from: 82, show: ({kiocb}) => kiocb.file},
];

/** A column with the width that it has here: a number is not cut. */
type ShownColumn = Column & {readonly width: number};

const signColumns = 1;

/** Where numbers are long, fewer columns have room. Those that are always shown are counted first. */
const shownColumns = (rows: readonly KiocbRow[], columns: number): readonly ShownColumn[] => {
	const all = kiocbColumns.map((column): ShownColumn => {
		const widen = (most: number, row: KiocbRow): number => Math.max(most, column.show(row).length);
		return {...column, width: column.atEnd ? rows.reduce(widen, column.columns) : column.columns};
	});
	const always = all.filter(({from}) => from === 0);
	let room = columns - signColumns - always.reduce((sum, {width}) => sum + 1 + width, 0);
	return all.filter(({from, atEnd, width}) => {
		if (from === 0) return true;
		// A text may be cut by a little.
		const isShown = columns >= from && room >= (atEnd ? 1 + width : width);
		if (isShown) room -= 1 + width;
		return isShown;
	});
};

const join = (shown: readonly ShownColumn[], cell: (column: Column) => string): string =>
	shown
		.map(column => (column.atEnd ? cell(column).padStart(column.width) : padEnd(cell(column), column.width)))
		.join(' ');

/** Requests complete all the time: those that did are quiet, their sign says it. */
const rowTone = ({mark}: KiocbRow): Tone | undefined => (mark?.kind === 'gone' ? 'dim' : markTone(mark));

const kiocbLine = (row: KiocbRow, shown: readonly ShownColumn[]): Line =>
	line(span(`${markSign(row.mark)} ${join(shown, column => column.show(row))}`, rowTone(row)));

const contextLine = ({context, ready}: ContextRow, pidColumns: number, columns: number): Line => {
	const ctx = columns < 50 ? '' : `ctx ${address(context.ctx)} `;
	const left = `  ${String(context.pid).padStart(pidColumns)} ${padEnd(context.comm, 8)} ${ctx}`;
	const right = ` ${ready} ready, ${context.inFlight} out`;
	const room = Math.max(3, Math.min(12, columns - left.length - right.length));
	return line(
		span(left),
		span(bar(context.ringNr === 0 ? 0 : ready / context.ringNr, room), 'bar.full'),
		span(right, 'number'),
	);
};

const kiocbFields = ({kiocb}: KiocbRow): Fields => ({
	pid: kiocb.pid,
	comm: kiocb.comm,
	op: kiocb.opcode,
	kind: kiocb.kind,
	pos: kiocb.pos,
	len: kiocb.nbytes,
	state: kiocb.state,
	pins: kiocb.pagesPinned,
	age: kiocb.ageUs,
	file: kiocb.file,
});

const iocbsContent = (model: IocbsModel, meter: Meter | undefined, columns: number): Content => {
	const shown = shownColumns(model.rows, columns);
	const pidColumns = model.contexts.reduce((most, {context}) => Math.max(most, String(context.pid).length), 5);
	const title = `  ${'pid'.padStart(pidColumns)} comm     events in its ring`;
	const contexts: readonly ListItem[] =
		model.contexts.length === 0
			? []
			: [
					{line: () => line(span(padEnd(title, columns), 'heading'))},
					...model.contexts.map(row => ({id: row.id, line: () => contextLine(row, pidColumns, columns)})),
				];
	const most = model.aioMaxNr === undefined || columns < 44 ? '' : ` of ${count(model.aioMaxNr)}`;
	const limits = model.aioNr === undefined ? '' : ` · aio-nr ${count(model.aioNr)}${most}`;
	return {
		aside: `${plural(model.contexts.length, 'context')}${limits}`,
		head: [line(span(padEnd(`  ${join(shown, ({heading}) => heading)}`.trimEnd(), columns), 'heading'))],
		rows: listRows([
			...model.rows.map(
				(row): ListItem => ({
					id: row.id,
					pfn: row.pfn,
					isLit: ({runs}) => row.kiocb.pinned.some(({pfn}) => touches(runs, {pfn, frames: 1})),
					line: () => kiocbLine(row, shown),
					fields: () => kiocbFields(row),
				}),
			),
			...contexts,
		]),
		foot: [
			line(
				span(`${String(model.pending).padStart(2)} in flight`, 'number'),
				' ',
				...meterSpans(meter, Math.min(24, Math.max(4, columns - 30))),
				span(` ${plural(model.pagesPinned, 'page')} pinned`, 'dim'),
			),
		],
		tails: false,
	};
};

export const iocbsPane = definePane<IocbsModel>({
	id: 'iocbs',
	name: 'iocbs',
	paths: () => [path.aio, path.aioNr, path.aioMaxNr],
	derive({tree, at, culprits, older}) {
		const aioNr = recordIn(tree, path.aioNr, parseDecimalFile)?.value;
		const aioMaxNr = recordIn(tree, path.aioMaxNr, parseDecimalFile)?.value;
		const reading = readRecord(tree, path.aio, parseAio);
		return load(reading, older, (aio, model) => iocbsModel({aio, aioNr, aioMaxNr}, model, at, culprits));
	},
	content: (model, {meters}, {columns}) => iocbsContent(model, meters.requests, columns),
	inputs: ({meters}) => [meters.requests],
});
