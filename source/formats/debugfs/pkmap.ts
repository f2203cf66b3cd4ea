/**
 * /sys/kernel/debug/pkmap (ours): the table of kmap(), mm/highmem.c. Only entries with a pkmap_count are listed: 1 is
 * still mapped but unused until the next flush, n has n - 1 users.
 *
 *     # pkmap 0.1: LAST_PKMAP=1024 last_pkmap_nr=217 flushes=4 last_flush=12.345655 waiters=-
 *     # index address  pkmap_count pfn
 *         217 ff8d9000           2 0x6b02
 */

import {addressCell, decimal, list, optional, pfnCell, secondsCell, type Task, task} from '../cells.ts';
import {column, one, pairs, table} from '../table.ts';
import {joinLines, Lines} from '../text.ts';

type PkmapEntry = {
	readonly index: number;
	readonly address: number;
	readonly pkmapCount: number;
	readonly pfn: number;
};

export type Pkmap = {
	/** Entries in the table: LAST_PKMAP. */
	readonly lastPkmap: number;
	/** Index handed out last: last_pkmap_nr. */
	readonly lastPkmapNr: number;
	/** Times that flush_all_zero_pkmaps ran. */
	readonly flushes: number;
	/** Virtual time of the last flush in microseconds, null for never. */
	readonly lastFlushUs: number | null;
	/** Tasks that sleep on pkmap_map_wait. */
	readonly waiters: readonly Task[];
	readonly entries: readonly PkmapEntry[];
};

const header = one(
	'# pkmap 0.1',
	pairs<Omit<Pkmap, 'entries'>>({
		lastPkmap: ['LAST_PKMAP', decimal],
		lastPkmapNr: ['last_pkmap_nr', decimal],
		flushes: ['flushes', decimal],
		lastFlushUs: ['last_flush', optional(secondsCell)],
		waiters: ['waiters', list(task)],
	}),
);
const rows = table<PkmapEntry>({
	index: column('# index', 7, decimal),
	address: column('address', 8, addressCell),
	pkmapCount: column('pkmap_count', 11, decimal),
	pfn: column('pfn', 1, pfnCell),
});

export function formatPkmap(record: Pkmap): string {
	return joinLines([...header.write(record), rows.heading, ...record.entries.map(rows.show)]);
}

/** @throws FormatError */
export function parsePkmap(text: string): Pkmap {
	const lines = new Lines('pkmap', text);
	const head = header.read(lines);
	lines.expect(rows.heading);
	const entries: PkmapEntry[] = [];
	while (!lines.done) entries.push(lines.read(rows.read));
	return {...head, entries};
}
