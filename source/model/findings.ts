/** The findings pane: what is wrong on the machine and what went wrong, the newest first. */

import type {FindingRecord} from '../formats/debugfs/lab/findings.ts';
import {diffRows, type RowRules} from './diff.ts';
import type {Moment, Row} from './moment.ts';

export type FindingRow = Row & {readonly finding: FindingRecord};

export type FindingsModel = {
	readonly findings: readonly FindingRecord[];
	readonly rows: readonly FindingRow[];
	/** Those that are so still. */
	readonly open: number;
	/** Those that the machine has forgotten. */
	readonly dropped: number;
};

type Files = Pick<FindingsModel, 'findings' | 'dropped'>;

const sameText = (a: FindingRecord, b: FindingRecord): boolean => JSON.stringify(a) === JSON.stringify(b);

const rules: RowRules<FindingRecord, FindingRow> = {
	idOf: ({id}) => String(id),
	kindOf: (finding, known) => (known ? (sameText(known.finding, finding) ? undefined : 'changed') : 'new'),
	isSame: (row, finding) => sameText(row.finding, finding),
	rowOf: (finding, {id, mark}) => ({id, finding, mark, pfn: finding.frames[0]?.pfn}),
};

export function findingsModel(files: Files, older: FindingsModel | undefined, at: Moment): FindingsModel {
	const {findings, dropped} = files;
	if (older?.findings === findings && older.rows.every(({mark}) => !mark)) return older;
	const rows = diffRows([...findings].reverse(), older?.rows, at, rules);
	return {findings, rows, open: findings.filter(({untilUs}) => untilUs === null).length, dropped};
}
