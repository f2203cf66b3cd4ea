/** The iocbs pane: pending kiocbs by age, and the contexts that they belong to. */

import type {Aio, AioContext, Kiocb} from '../formats/debugfs/aio.ts';
import type {Culprits} from './injections.ts';
import {lingering, type Mark, type Moment, markOf, type Row} from './moment.ts';

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

export type IocbsFiles = {
	readonly aio: Aio;
	readonly aioNr: number | undefined;
	readonly aioMaxNr: number | undefined;
};

/** Completed requests that are kept in sight. */
const mostGone = 6;

const kiocbMark = (kiocb: Kiocb, known: KiocbRow | undefined, at: Moment, injection: number | undefined) => {
	if (known === undefined) {
		return markOf('new', at, injection);
	}
	return kiocb.state === known.kiocb.state ? lingering(known.mark, at) : markOf('changed', at, injection);
};

const kiocbRows = (aio: Aio, older: IocbsModel | undefined, at: Moment, culprits: Culprits): KiocbRow[] => {
	const before = new Map(older?.rows.map(row => [row.id, row]));
	const rows = aio.kiocbs.map((kiocb): KiocbRow => {
		const id = `kiocb ${kiocb.id}`;
		const known = before.get(id);
		before.delete(id);
		const mark: Mark | undefined = older ? kiocbMark(kiocb, known, at, culprits.byPid.get(kiocb.pid)) : undefined;
		return {id, kiocb, mark, pfn: kiocb.pinned[0]?.pfn};
	});
	const gone = [...before.values()].flatMap((row): KiocbRow[] => {
		const mark =
			row.mark?.kind === 'gone' ? lingering(row.mark, at) : markOf('gone', at, culprits.byPid.get(row.kiocb.pid));
		return mark ? [{...row, mark}] : [];
	});
	// The newest of those that completed first: they are the ones that were just seen above.
	gone.sort((a, b) => b.kiocb.id - a.kiocb.id);
	return [...rows.sort((a, b) => a.kiocb.id - b.kiocb.id), ...gone.slice(0, mostGone)];
};

const contextRow = (context: AioContext): ContextRow => ({
	id: `context ${context.pid} ${context.ctx.toString(16)}`,
	context,
	ready: context.ringNr === 0 ? 0 : (context.tail - context.head + context.ringNr) % context.ringNr,
	mark: undefined,
});

export const iocbsModel = (
	{aio, aioNr, aioMaxNr}: IocbsFiles,
	older: IocbsModel | undefined,
	at: Moment,
	culprits: Culprits,
): IocbsModel => {
	const isSame = older?.aio === aio && older.aioNr === aioNr && older.aioMaxNr === aioMaxNr;
	if (older && isSame && older.rows.every(({mark}) => !mark)) {
		return older;
	}
	return {
		aio,
		rows: kiocbRows(aio, older, at, culprits),
		contexts: aio.contexts.map(contextRow),
		pending: aio.kiocbs.length,
		pagesPinned: aio.kiocbs.reduce((sum, {pagesPinned}) => sum + pagesPinned, 0),
		aioNr,
		aioMaxNr,
	};
};
