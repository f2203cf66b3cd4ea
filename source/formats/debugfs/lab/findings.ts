/**
 * /sys/kernel/debug/lab/findings (ours): what is wrong on this machine, and what went wrong, oldest first.
 *
 *     # findings 0.1: older=10.000000 dropped=0
 *     finding: id=3 kind=pin-alone severity=warning since=12.345678 until=- times=1 task=demo-131 driver=- …
 *       says: page frame 0x7c00 is held by a pin alone: …
 *
 * `until=-`: it is still so. `times`: how often a report came. `older`: what is kept for longer counts as old; that can
 * be written. `dropped`: so many were forgotten for newer ones, those that were over first; one that is still so is not
 * found again.
 *
 * /sys/kernel/debug/lab/findings/<id>: the same of one, with the whole report from the log and what it happened within,
 * as in cause/<object>. That is kept for as long as the finding is.
 */
import {
	decimal,
	type FrameRun,
	frameRun,
	list,
	name,
	oneOf,
	optional,
	secondsCell,
	sentence,
	task,
} from '../../cells.ts';
import {many, one, pairs} from '../../table.ts';
import {joinLines, Lines} from '../../text.ts';
import {type CauseChange, readChanges, writeChanges} from '../cause.ts';

const findingKinds = [
	'panic',
	'oops',
	'bug',
	'warning',
	'dma-debug',
	'oom',
	'message',
	'slot-slept',
	'mapping-lost',
	'pool-lost',
	'module-left',
	'pin-alone',
	'mapping-old',
	'block-old',
	'kmap-old',
	'iocb-old',
] as const;

export type FindingKind = (typeof findingKinds)[number];

/** error: the machine is not what it should be; warning: somebody made a mistake; note: it may be meant so. */
export type Severity = 'error' | 'warning' | 'note';

export type FindingRecord = {
	/** Running number since boot. */
	readonly id: number;
	readonly kind: FindingKind;
	readonly severity: Severity;
	readonly sinceUs: number;
	/** When it was over, or came last; null while it is so. */
	readonly untilUs: number | null;
	readonly times: number;
	readonly task: {readonly comm: string; readonly pid: number};
	/** Or module. */
	readonly driver: string | null;
	readonly frames: readonly FrameRun[];
	/** As cause/<object> names them. */
	readonly objects: readonly string[];
	readonly says: string;
};

type FindingsRecord = {
	readonly olderUs: number;
	readonly dropped: number;
	readonly findings: readonly FindingRecord[];
};

/** One of them, whole. */
type WholeFinding = {
	readonly finding: FindingRecord;
	/** Lines of the report, as /proc/kmsg has them. */
	readonly log: readonly string[];
	readonly changes: readonly CauseChange[];
};

const header = one(
	'# findings 0.1',
	pairs<Pick<FindingsRecord, 'olderUs' | 'dropped'>>({olderUs: ['older', secondsCell], dropped: ['dropped', decimal]}),
);
const row = one(
	'finding',
	pairs<Omit<FindingRecord, 'says'>>({
		id: ['id', decimal],
		kind: ['kind', oneOf(...findingKinds)],
		severity: ['severity', oneOf('error', 'warning', 'note')],
		sinceUs: ['since', secondsCell],
		untilUs: ['until', optional(secondsCell)],
		times: ['times', decimal],
		task: ['task', task],
		driver: ['driver', optional(name)],
		frames: ['frames', list(frameRun)],
		objects: ['objects', list(name)],
	}),
);
const says = one('  says', sentence);
const log = many('log', sentence);
const wholeHeader = one('# finding 0.1', decimal);

const writeFinding = (finding: FindingRecord) => [...row.write(finding), ...says.write(finding.says)];
const readFinding = (lines: Lines): FindingRecord => ({...row.read(lines), says: says.read(lines)});

export function formatFindings(record: FindingsRecord): string {
	return joinLines([...header.write(record), ...record.findings.flatMap(writeFinding)]);
}

/** @throws FormatError */
export function parseFindings(text: string): FindingsRecord {
	const lines = new Lines('lab/findings', text);
	const head = header.read(lines);
	const findings: FindingRecord[] = [];
	while (!lines.done) findings.push(readFinding(lines));
	return {...head, findings};
}

export function formatWholeFinding(record: WholeFinding): string {
	return joinLines([
		...wholeHeader.write(record.finding.id),
		...writeFinding(record.finding),
		...log.write(record.log),
		...writeChanges(record.changes),
	]);
}

/** @throws FormatError */
export function parseWholeFinding(text: string): WholeFinding {
	const lines = new Lines('lab/findings/<id>', text);
	wholeHeader.read(lines);
	const finding = readFinding(lines);
	const record = {finding, log: log.read(lines), changes: readChanges(lines)};
	if (!lines.done) lines.fail('a change');
	return record;
}
