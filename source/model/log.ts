/** The log pane: dmesg, with what went wrong standing out. */

import type {Kmsg, KmsgLine} from '../formats/proc/kmsg.ts';
import {diffRows} from './diff.ts';
import type {Moment, Row} from './moment.ts';

type LogSeverity = 'bad' | 'warning' | 'usual';

export type LogRow = Row & {readonly line: KmsgLine; readonly severity: LogSeverity};

export type LogModel = {
	readonly kmsg: Kmsg;
	readonly rows: readonly LogRow[];
	readonly bad: number;
	readonly warnings: number;
};

function severityOf({level, text}: KmsgLine): LogSeverity {
	const priority = level & 7;
	if (priority <= 3 || /\b(?:BUG|Oops|panic)\b/.test(text)) return 'bad';
	return priority === 4 || /\bWARNING\b/.test(text) ? 'warning' : 'usual';
}

/** The page frame that a line of the log or of the trace names. */
export function pfnIn(text: string): number | undefined {
	const found = /\bpfn[:= ] ?(?:0x)?([0-9a-f]+)\b/.exec(text);
	return found ? Number.parseInt(found[1]!, 16) : undefined;
}

const isSameLine = (a: KmsgLine, b: KmsgLine): boolean =>
	a.timeUs === b.timeUs && a.level === b.level && a.text === b.text;

export function logModel(kmsg: Kmsg, older: LogModel | undefined, at: Moment): LogModel {
	if (older?.kmsg === kmsg && older.rows.every(({mark}) => !mark)) return older;
	const rows = diffRows<KmsgLine, LogRow>(kmsg.lines, older?.rows, at, {
		// Several lines may bear one time.
		idOf: ({timeUs}) => String(timeUs),
		isSame: (row, line) => isSameLine(row.line, line),
		rowOf: (line, {id, mark}) => ({id, line, severity: severityOf(line), mark, pfn: pfnIn(line.text)}),
	});
	return {
		kmsg,
		rows,
		bad: rows.filter(({severity}) => severity === 'bad').length,
		warnings: rows.filter(({severity}) => severity === 'warning').length,
	};
}
