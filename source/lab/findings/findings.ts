/**
 * What is wrong on a machine and what went wrong there: findings with an identity, bounded. They follow from the
 * machine alone, so going back in time makes the same ones again.
 */
import type {FindingKind, Severity} from '../../formats/debugfs/lab/findings.ts';
import type {LogLine} from '../../kernel/printk.ts';
import type {Within} from '../../kernel/trace.ts';
import {LabError} from '../errors.ts';

export type KnownFinding = {
	readonly id: number;
	readonly kind: FindingKind;
	readonly severity: Severity;
	sinceNs: number;
	/** When it was over, or came last; undefined while it is so. */
	untilNs: number | undefined;
	times: number;
	comm: string;
	pid: number;
	driver: string | null;
	/** The trace record of what began it: it is kept as long as the finding. */
	record: Within;
	says: string;
	frames: readonly number[];
	/** As cause/<object> names them. */
	objects: readonly string[];
	/** The report in the log. */
	readonly lines: LogLine[];
};

/** What is found, before it has an identity. */
export type Found = Omit<KnownFinding, 'id' | 'untilNs' | 'times' | 'lines'> & {
	/** The same thing found again has the same. */
	readonly key: string;
};

/** So many are kept; of more, the oldest that is over is forgotten, else the oldest, but never the newest. */
const most = 128;

export type FindingsState = {
	/** Oldest first. */
	readonly all: KnownFinding[];
	/** Those that are so now, by their key. */
	readonly open: Map<string, KnownFinding>;
	/**
	 * Keys of those that are still so and are forgotten: they are not found again until they are over. What is found once
	 * only has no key here.
	 */
	readonly forgotten: Set<string>;
	/** By key, what brings a finding up to date that has changed since it was last written. */
	readonly stale: Map<string, () => void>;
	nextId: number;
	dropped: number;
	/** What stays for longer is old. */
	olderNs: number;
};

/** A transfer of a disk of 2005 that takes as long has long failed. */
const oldNs = 10e9;

export const noFindings = (): FindingsState => ({
	all: [],
	open: new Map(),
	forgotten: new Set(),
	stale: new Map(),
	nextId: 1,
	dropped: 0,
	olderNs: oldNs,
});

function forgetOne(findings: FindingsState): void {
	const {all, open, forgotten} = findings;
	const over = all.findIndex(({untilNs}) => untilNs !== undefined);
	const [gone] = all.splice(Math.max(0, over), 1);
	for (const [key, each] of open) {
		if (each !== gone) continue;
		open.delete(key);
		forgotten.add(key);
	}
	findings.dropped++;
}

function add(findings: FindingsState, found: Omit<KnownFinding, 'id'>): KnownFinding {
	if (findings.all.length >= most) forgetOne(findings);
	const finding: KnownFinding = {...found, id: findings.nextId++};
	findings.all.push(finding);
	return finding;
}

/** Something happened, and is over. */
export const happened = (
	findings: FindingsState,
	{key: _, ...found}: Found,
	timeNs: number,
	lines: LogLine[] = [],
): KnownFinding => add(findings, {...found, untilNs: timeNs, times: 1, lines});

/** Something is so from now on for ever, and is found this once. */
export const stays = (findings: FindingsState, {key: _, ...found}: Found): KnownFinding =>
	add(findings, {...found, untilNs: undefined, times: 1, lines: []});

/**
 * Something that is so has changed. Its finding is written anew when it is read, or at the next tick: a thousand
 * changes of one instant are written once.
 * @param write calls `begins`
 */
export function changes(findings: FindingsState, key: string, write: () => void): void {
	if (findings.open.has(key)) findings.stale.set(key, write);
}

/** Brings findings up to date, all of them or one. */
export function writeStale({stale}: FindingsState, key?: string): void {
	for (const [each, write] of key === undefined ? [...stale] : [[key, stale.get(key)] as const]) {
		stale.delete(each);
		write?.();
	}
}

/** Something is so: the finding of its key then says what was found now. Without one it is a new finding. */
export function begins(findings: FindingsState, {key, ...found}: Found): void {
	if (findings.forgotten.has(key)) return;
	const known = findings.open.get(key);
	if (known) Object.assign(known, found);
	else findings.open.set(key, add(findings, {...found, untilNs: undefined, times: 1, lines: []}));
}

/** It is so no more. What it was about stays written. */
export function ends(findings: FindingsState, key: string, timeNs: number): void {
	writeStale(findings, key);
	findings.forgotten.delete(key);
	const finding = findings.open.get(key);
	if (!finding) return;
	finding.untilNs = timeNs;
	findings.open.delete(key);
}

/**
 * Makes the open findings whose keys begin with a word be those that were found.
 * @param found all of them
 */
export function settle(findings: FindingsState, word: string, found: readonly Found[], nowNs: number): void {
	const keys = new Set(found.map(({key}) => key));
	for (const key of [...findings.open.keys(), ...findings.forgotten])
		if (key.startsWith(`${word}:`) && !keys.has(key)) ends(findings, key, nowNs);
	for (const each of found) begins(findings, each);
}

/** @throws LabError ENOENT */
export function findingNamed(findings: FindingsState, id: number): KnownFinding {
	writeStale(findings);
	const {all, nextId} = findings;
	const found = all.find(each => each.id === id);
	if (found) return found;
	throw new LabError('ENOENT', id >= 1 && id < nextId ? `finding ${id} is forgotten` : `no finding ${id}`);
}
