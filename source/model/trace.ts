/** The trace pane: the newest lines of the trace, and among them what injections tell and observe. */

import {type Inject, type InjectionRecord, isOver, observationLine} from '../formats/debugfs/lab/inject.ts';
import {remembering} from '../formats/text.ts';
import type {Row} from './moment.ts';
import {newLines} from './newLines.ts';

type LineEntry = {
	readonly kind: 'line';
	readonly text: string;
	/** Undefined where the line names no time. */
	readonly timeUs: number | undefined;
	readonly injection: number | undefined;
};

export type TraceEntry = Row &
	(
		| LineEntry
		| {readonly kind: 'started'; readonly of: InjectionRecord; readonly injection: number}
		/** A system call of a program of one's own, as strace prints it. @param line the line of the trace */
		| {readonly kind: 'called'; readonly text: string; readonly line: string; readonly injection: number}
		| {readonly kind: 'told'; readonly text: string; readonly timeUs: number; readonly injection: number}
		| {
				readonly kind: 'observed';
				readonly text: string;
				readonly state: 'held' | 'failed' | 'open';
				readonly injection: number;
		  }
		| {readonly kind: 'ended'; readonly of: InjectionRecord; readonly injection: number}
	);

export type TraceModel = {
	readonly inject: Inject | undefined;
	/** Oldest first. */
	readonly entries: readonly TraceEntry[];
	/** The lines as they stood in the file, the newest of those that were seen. */
	readonly seen: readonly (Row & LineEntry)[];
	/** The file's lines of the sample that it was made from. */
	readonly lines: readonly string[];
	/** For ids of lines. */
	readonly nextId: number;
};

/** Lines that are kept: a person scrolls back a few screens. */
const kept = 400;

/** The last lines of a text that ends with a newline, without its header. */
export function lastLines(text: string, count: number): string[] {
	let start = text.length;
	for (let lines = 0; lines <= count && start > 0; lines++) {
		start = text.lastIndexOf('\n', start - 1);
	}
	const tail = start <= 0 ? text : text.slice(start + 1);
	return tail.split('\n').filter(line => line !== '' && !line.startsWith('#'));
}

/** The part of the file that anybody looks at. */
export const traceLines = (text: string): readonly string[] => lastLines(text, kept);

const pidPattern = /-(\d+) +\[\d/;

/** The task of a line, without parsing the rest: most lines are never drawn. NaN where it names none. */
export const pidOf = remembering((line: string): number => Number(pidPattern.exec(line)?.[1] ?? Number.NaN), kept);

const timePattern = / (\d+)\.(\d{6}): /;

function timeOf(line: string): number | undefined {
	const found = timePattern.exec(line);
	return found ? Number(found[1]) * 1e6 + Number(found[2]) : undefined;
}

function injectionEntries(injection: InjectionRecord): (readonly [timeUs: number, entry: TraceEntry])[] {
	const {id} = injection;
	const base = {mark: undefined, injection: id};
	const entries: (readonly [number, TraceEntry])[] = [
		[injection.timeUs, {...base, id: `injection ${id}`, kind: 'started', of: injection}],
		...injection.narration.map(({timeUs, text}, index): readonly [number, TraceEntry] => [
			timeUs,
			{...base, id: `injection ${id} told ${index}`, kind: 'told', text, timeUs},
		]),
	];
	const last = Math.max(
		injection.timeUs,
		...[...injection.narration, ...injection.observations].map(each => each.timeUs),
	);
	for (const [index, seen] of injection.observations.entries()) {
		const text = observationLine(seen);
		entries.push([
			seen.timeUs,
			{...base, id: `injection ${id} observed ${index}`, kind: 'observed', text, state: seen.state},
		]);
	}
	entries.sort(([a], [b]) => a - b);
	if (isOver(injection)) {
		entries.push([last, {...base, id: `injection ${id} ended`, kind: 'ended', of: injection}]);
	}
	return entries;
}

/** Puts what injections told where its time falls among the lines. */
function merge(lines: TraceModel['seen'], told: readonly (readonly [number, TraceEntry])[]): readonly TraceEntry[] {
	if (told.length === 0) return lines;
	const entries: TraceEntry[] = [];
	let next = 0;
	for (const entry of lines) {
		const {timeUs} = entry;
		while (timeUs !== undefined && next < told.length && told[next]![0] < timeUs) {
			entries.push(told[next]![1]);
			next++;
		}
		entries.push(entry);
	}
	return [...entries, ...told.slice(next).map(([, entry]) => entry)];
}

const recent = 8;

/**
 * The lines that are new become entries; the others stay what they are, so that a selected one stays selected. Where
 * none goes on from what was seen, as when time went back, one that says the same is the one that was seen.
 */
function follow(
	lines: readonly string[],
	older: TraceModel | undefined,
	injectionOf: (line: string) => number | undefined,
): Pick<TraceModel, 'seen' | 'nextId'> {
	let nextId = older?.nextId ?? 1;
	const entryOf = (text: string): TraceModel['seen'][number] => ({
		id: `line ${nextId++}`,
		mark: undefined,
		kind: 'line',
		text,
		timeUs: timeOf(text),
		injection: injectionOf(text),
	});
	const before = older?.seen ?? [];
	if (older?.lines === lines) return {seen: before, nextId};
	const news = newLines(
		before.map(({text}) => text),
		lines,
	);
	const known = news.lost ? [] : before;
	const again = new Map(news.lost ? before.map(entry => [entry.text, entry]) : []);
	const added = news.lines.map(text => {
		const entry = again.get(text) ?? entryOf(text);
		again.delete(text);
		return entry;
	});
	return {seen: [...news.older.map(entryOf), ...known, ...added].slice(-kept), nextId};
}

/** @param lines of the file, all or the newest; those that were seen before and have left it since stay in the model */
export function traceModel(
	lines: readonly string[],
	inject: Inject | undefined,
	older: TraceModel | undefined,
): TraceModel {
	if (older?.lines === lines && older.inject === inject) return older;
	const injections = inject?.injections.slice(-recent) ?? [];
	const byPid = new Map(injections.flatMap(({id, pids}) => pids.map(pid => [pid, id] as const)));
	const injectionOf = (line: string): number | undefined => (byPid.size > 0 ? byPid.get(pidOf(line)) : undefined);
	const {seen, nextId} = follow(lines, older, injectionOf);
	// Whose a line is may become known after it was seen.
	const owned =
		older?.inject === inject
			? seen
			: seen.map(entry => {
					const injection = injectionOf(entry.text);
					return injection === entry.injection ? entry : {...entry, injection};
				});
	const told = injections.flatMap(injectionEntries).sort((a, b) => a[0] - b[0]);
	return {inject, entries: merge(owned, told), seen: owned, lines, nextId};
}
