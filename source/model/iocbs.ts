/** The iocbs pane: pending kiocbs by age, and the contexts that they belong to. */

import type {Aio, AioContext, Kiocb} from '../formats/debugfs/aio.ts';
import {diffRows} from './diff.ts';
import type {Culprits} from './injections.ts';
import type {Moment, Row} from './moment.ts';

export type KiocbRow = Row & {readonly kiocb: Kiocb};

export type ContextRow = Row & {
	readonly context: AioContext;
	/** Completed events that wait in the ring for io_getevents. */
	readonly ready: number;
};

export type IocbsModel = {
	readonly aio: Aio;
	/** Oldest first; behind them those that completed a moment ago, marked as gone. */
	readonly rows: readonly KiocbRow[];
	readonly contexts: readonly ContextRow[];
	readonly pending: number;
	readonly pagesPinned: number;
	readonly aioNr: number | undefined;
	readonly aioMaxNr: number | undefined;
};

type IocbsFiles = {
	readonly aio: Aio;
	readonly aioNr: number | undefined;
	readonly aioMaxNr: number | undefined;
};

/** Completed requests that are kept in sight. */
const mostGone = 6;

function kiocbRows(aio: Aio, older: IocbsModel | undefined, at: Moment, {byPid}: Culprits): readonly KiocbRow[] {
	return diffRows<Kiocb, KiocbRow>(aio.kiocbs, older?.rows, at, {
		idOf: ({id}) => `kiocb ${id}`,
		kindOf: (kiocb, known) => (known ? (kiocb.state === known.kiocb.state ? undefined : 'changed') : 'new'),
		culpritOf: ({pid}) => byPid.get(pid),
		isSame: (row, kiocb) => row.kiocb === kiocb,
		rowOf: (kiocb, {id, mark}) => ({id, kiocb, mark, pfn: kiocb.pinned[0]?.pfn}),
		gone: {culpritOf: ({kiocb}) => byPid.get(kiocb.pid)},
		arrange: (rows, gone) => [
			...rows.sort((a, b) => a.kiocb.id - b.kiocb.id),
			// The newest of those that completed first: they are the ones that were just seen above.
			...gone.sort((a, b) => b.kiocb.id - a.kiocb.id).slice(0, mostGone),
		],
	});
}

const readyIn = ({ringNr, tail, head}: AioContext): number => (ringNr === 0 ? 0 : (tail - head + ringNr) % ringNr);

const contextRows = (contexts: readonly AioContext[], older: IocbsModel | undefined, at: Moment) =>
	diffRows<AioContext, ContextRow>(contexts, older?.contexts, at, {
		idOf: ({pid, ctx}) => `context ${pid} ${ctx.toString(16)}`,
		kindOf: () => undefined,
		isSame: (row, context) => row.context === context,
		rowOf: (context, {id, mark}) => ({id, context, ready: readyIn(context), mark}),
	});

export function iocbsModel(
	{aio, aioNr, aioMaxNr}: IocbsFiles,
	older: IocbsModel | undefined,
	at: Moment,
	culprits: Culprits,
): IocbsModel {
	const isSame = older?.aio === aio && older.aioNr === aioNr && older.aioMaxNr === aioMaxNr;
	if (older && isSame && older.rows.every(({mark}) => !mark)) return older;
	return {
		aio,
		rows: kiocbRows(aio, older, at, culprits),
		contexts: contextRows(aio.contexts, older, at),
		pending: aio.kiocbs.length,
		pagesPinned: aio.kiocbs.reduce((sum, {pagesPinned}) => sum + pagesPinned, 0),
		aioNr,
		aioMaxNr,
	};
}
