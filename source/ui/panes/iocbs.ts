import {parseAio} from '../../formats/debugfs/aio.ts';
import {parseDecimalFile} from '../../formats/scalars.ts';
import {address} from '../../formats/text.ts';
import {kiocbCause} from '../../model/cause.ts';
import {type IocbsModel, iocbsModel, type KiocbRow} from '../../model/iocbs.ts';
import {load} from '../../model/loaded.ts';
import {path} from '../../model/paths.ts';
import {readRecord, recordIn} from '../../model/tree.ts';
import type {Fields} from '../state/list.ts';
import {oneFrame, type Run, touches} from '../state/lit.ts';
import {rowCause} from './causes.ts';
import {bytes, duration, markSign} from './format.ts';
import {type About, heading, kept, note, type PaneDefinition, type PaneRows, rowById} from './pane.ts';

type IocbsRow = PaneRows['iocbs'];

const about: About = {
	shows: 'Asynchronous I/O under way: one row for each kiocb, then the contexts of io_setup with their event rings.',
	columns: [
		note('pid', 'process that submitted it'),
		note('comm', 'its name'),
		note('op', 'PREAD, PWRITE and their vector forms'),
		note('kind', 'async, or sync for a plain read or write'),
		note('pos', 'offset in the file, hexadecimal'),
		note('len', 'bytes asked for'),
		note('state', 'how far it is, from queued to completed'),
		note('pins', 'user pages that it holds in memory'),
		note('age', 'time since it was submitted'),
		note('file', 'what is read or written'),
	],
	signs: [
		note('×', 'completed a moment ago'),
		note('▁▃▇', 'most requests in flight, a column for half a second'),
		note('aio-nr', 'events that all contexts may hold, of fs.aio-max-nr'),
	],
};

function fields(row: IocbsRow): Fields {
	if (!('kiocb' in row)) return {};
	const {kiocb} = row;
	return {
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
	};
}

export const stateText = ({kiocb, mark}: KiocbRow): string => (mark?.kind === 'gone' ? 'completed' : kiocb.state);

function text(row: IocbsRow): string {
	if ('context' in row) {
		const {pid, comm, ctx, inFlight} = row.context;
		return `${pid} ${comm} ctx ${address(ctx)} ${row.ready} ready, ${inFlight} out`;
	}
	if (!('kiocb' in row)) return '';
	const {pid, comm, opcode, kind, pos, nbytes, pagesPinned, ageUs, file} = row.kiocb;
	const left = `${markSign(row.mark)} ${pid} ${comm} ${opcode} ${kind} ${pos.toString(16)} ${bytes(nbytes)}`;
	return `${left} ${stateText(row)} ${pagesPinned} ${duration(ageUs)} ${file}`;
}

const framesOf = (row: IocbsRow): readonly Run[] =>
	'kiocb' in row ? row.kiocb.pinned.map(({pfn}) => oneFrame(pfn)) : [];

const rows = kept(({rows: kiocbs, contexts}: IocbsModel): readonly IocbsRow[] =>
	contexts.length === 0 ? kiocbs : [...kiocbs, heading, ...contexts],
);

export const iocbsPane: PaneDefinition<'iocbs'> = {
	id: 'iocbs',
	name: 'iocbs',
	about,
	paths: () => [path.aio, path.aioNr, path.aioMaxNr],
	derive({tree, at, culprits, older}) {
		const aioNr = recordIn(tree, path.aioNr, parseDecimalFile)?.value;
		const aioMaxNr = recordIn(tree, path.aioMaxNr, parseDecimalFile)?.value;
		const reading = readRecord(tree, path.aio, parseAio);
		return load(reading, older, (aio, model) => iocbsModel({aio, aioNr, aioMaxNr}, model, at, culprits));
	},
	rows: model => rows(model),
	meaning: {
		fields,
		text,
		touchedBy: (row, {byPid}) =>
			byPid.get('kiocb' in row ? row.kiocb.pid : 'context' in row ? row.context.pid : Number.NaN),
		isLit: (row, {runs}) => framesOf(row).some(run => touches(runs, run)),
	},
	margins: () => ({head: 1, foot: 1}),
	tails: false,
	cause: rowCause('iocbs', (model, id) => {
		const row = rowById(model.rows, id);
		return row && kiocbCause(row);
	}),
	frames: (model, id) => model.rows.filter(row => row.id === id).flatMap(framesOf),
};
