/** The life of a machine, or a recording, as a line of time with marks for what happened. */

import type {FindingRecord, Severity} from '../formats/debugfs/lab/findings.ts';
import {type InjectionRecord, statusWords} from '../formats/debugfs/lab/inject.ts';
import type {SessionRecord} from '../formats/debugfs/lab/session.ts';
import type {PlayedInstant} from '../target/target.ts';
import {path} from './paths.ts';

export type HappeningKind = 'injection' | 'step' | Severity | 'pause' | 'back' | 'write';

export type Happening = {
	/** Nanoseconds from the beginning of the line. */
	readonly atNs: number;
	readonly kind: HappeningKind;
	readonly says: string;
	/** Which injection it is of. */
	readonly injection?: number;
};

/** From nanosecond 0 on. */
export type TimeLine = {
	/** Where the picture is, and how far the line goes. */
	readonly nowNs: number;
	readonly endNs: number;
	/** In the order of time. */
	readonly marks: readonly Happening[];
};

const restOfMicrosecond = 999;

/** The end of a microsecond that a file names: all that happened in it has happened then. */
const whollyPast = (timeUs: number): number => timeUs * 1000 + restOfMicrosecond;

const injectionMarks = (injections: readonly InjectionRecord[]): readonly Happening[] =>
	injections.flatMap(each => [
		{
			atNs: whollyPast(each.timeUs),
			kind: 'injection' as const,
			says: `${each.name} is injected by ${each.by} (${statusWords(each)})`,
			injection: each.id,
		},
		...each.states.map(({timeUs, state}, index) => ({
			atNs: whollyPast(timeUs),
			kind: 'step' as const,
			says: `${each.name}, step ${index + 1}: ${state}`,
			injection: each.id,
		})),
	]);

const findingMarks = (findings: readonly FindingRecord[]): readonly Happening[] =>
	findings.map(({id, severity, sinceUs, says}) => ({
		atNs: whollyPast(sinceUs),
		kind: severity,
		says: `finding ${id}: ${says}`,
	}));

/** Longest text of a write that a mark shows, in characters. */
const longestText = 40;

/** One of gdb's many writes, or a piece of a file that is brought into the machine: they have no marks. */
const isPiece = (file: string, word: string): boolean =>
	file === path.gdb || ((file === path.insmod || file === path.exec) && (word === 'load' || word === 'data'));

/** What was written to the machine. Injections that are still known have marks of their own. */
function writeMarks(writes: SessionRecord['writes'], injections: readonly InjectionRecord[]): readonly Happening[] {
	const knownFromNs = Math.min(...injections.map(({timeUs}) => timeUs * 1000));
	const marks: Happening[] = [];
	let isPaused = false;
	for (const {timeNs, by, path: file, text} of writes) {
		const [word = ''] = text.trimStart().split(/\s/, 1);
		if ((file === path.inject && timeNs >= knownFromNs) || isPiece(file, word)) continue;
		if (file === path.clock) {
			const pauses = word === 'pause' || word === 'step';
			if (pauses && !isPaused) marks.push({atNs: timeNs, kind: 'pause', says: `${by} paused the machine`});
			if (pauses || word === 'run' || word === 'until') isPaused = pauses;
			continue;
		}
		const [first = ''] = text.trim().split('\n');
		const cut = first.length > longestText || first.length < text.trim().length;
		const what = `${first.slice(0, longestText)}${cut ? ' …' : ''}`;
		marks.push({atNs: timeNs, kind: 'write', says: `${by} wrote ${what} to ${file}`});
	}
	return marks;
}

const inOrder = (marks: readonly Happening[]): readonly Happening[] => marks.toSorted((a, b) => a.atNs - b.atNs);

type Happened = {
	readonly injections: readonly InjectionRecord[];
	readonly findings: readonly FindingRecord[];
};

/**
 * Of a machine that is there now.
 * @param writes what was written to it; empty while that is not known
 */
export const machineLine = (
	{injections, findings}: Happened,
	writes: SessionRecord['writes'],
	nowNs: number,
): TimeLine => ({
	nowNs,
	endNs: nowNs,
	marks: inOrder([
		...[...injectionMarks(injections), ...findingMarks(findings)].flatMap(mark =>
			mark.atNs - restOfMicrosecond <= nowNs ? [{...mark, atNs: Math.min(mark.atNs, nowNs)}] : [],
		),
		...writeMarks(writes, injections).filter(({atNs}) => atNs <= nowNs),
	]),
});

/** Time that stood still for at least so many wall milliseconds was paused. */
const shortestPauseMs = 1000;

/** Whole, as the cursor is. */
const nsBetween = (startMs: number, ms: number): number => Math.round((ms - startMs) * 1e6);

/** Where the machine of a recording went back in time, and where its time stood still. */
function instantMarks(instants: readonly PlayedInstant[], shownUs: ReadonlySet<number>): readonly Happening[] {
	const startMs = instants[0]!.wallMs;
	const marks: Happening[] = [];
	for (let index = 1; index < instants.length; index++) {
		const [before, here] = [instants[index - 1]!, instants[index]!];
		const atNs = nsBetween(startMs, here.wallMs);
		const seconds = (here.timeNs / 1e9).toFixed(3);
		if (here.timeNs < before.timeNs) marks.push({atNs, kind: 'back', says: `the machine went back to ${seconds} s`});
		if (here.timeNs !== before.timeNs) continue;
		let last = index;
		while (instants[last + 1]?.timeNs === here.timeNs) last++;
		const stoodMs = instants[last]!.wallMs - before.wallMs;
		// A step of a story, for which time is held, has its own mark.
		if (stoodMs >= shortestPauseMs && !shownUs.has(Math.floor(here.timeNs / 1000))) {
			const says = `the machine's time stood still for ${(stoodMs / 1000).toFixed(1)} s`;
			marks.push({atNs: nsBetween(startMs, before.wallMs), kind: 'pause', says});
		}
		index = last;
	}
	return marks;
}

/**
 * Marks along the time in which a recording was made.
 * @param happened as its last sample has it; what was before the first one is left out
 * @param instants of its samples, at least one
 */
export function recordedMarks(happened: Happened, instants: readonly PlayedInstant[]): readonly Happening[] {
	const startMs = instants[0]!.wallMs;
	/** At the first sample that shows it. If time went back and came by again, the last time counts. */
	const played = (mark: Happening): readonly Happening[] => {
		const before = instants.findLastIndex(({timeNs}) => timeNs < mark.atNs - restOfMicrosecond);
		const shown = before < 0 ? undefined : instants[before + 1];
		return shown ? [{...mark, atNs: nsBetween(startMs, shown.wallMs)}] : [];
	};
	const shownUs = new Set(happened.injections.flatMap(({states}) => states.map(({timeUs}) => timeUs)));
	const told = [...injectionMarks(happened.injections), ...findingMarks(happened.findings)].flatMap(played);
	return inOrder([...told, ...instantMarks(instants, shownUs)]);
}
