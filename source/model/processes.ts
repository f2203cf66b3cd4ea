/** The process list, and the process that is shown until somebody chooses one. */

import type {Status} from '../formats/proc/status.ts';
import type {Row} from './moment.ts';

export type ProcessRow = Row & {
	readonly pid: number;
	readonly comm: string;
	/** As Linux writes it: `S (sleeping)`. */
	readonly state: string;
	/** Undefined for a kernel thread, which has no memory of its own. */
	readonly vmSizeKb: number | undefined;
	readonly vmRssKb: number | undefined;
	/** Id of the injection that started it. */
	readonly injection: number | undefined;
};

export const processRows = (
	statuses: readonly (readonly [pid: number, status: Status])[],
	byPid: ReadonlyMap<number, number>,
): ProcessRow[] =>
	statuses
		.map(([pid, status]) => ({
			id: `pid ${pid}`,
			mark: undefined,
			pid,
			comm: status.Name ?? '?',
			state: status.State ?? '?',
			vmSizeKb: status.VmSize,
			vmRssKb: status.VmRSS,
			injection: byPid.get(pid),
		}))
		.sort((a, b) => a.pid - b.pid);

/** The process with the largest address space: there is something to see. Of equals the oldest. */
export const likelyProcess = (rows: readonly ProcessRow[]): ProcessRow | undefined =>
	rows.reduce<ProcessRow | undefined>(
		(best, row) => ((row.vmSizeKb ?? -1) > (best?.vmSizeKb ?? -1) ? row : best),
		undefined,
	);
