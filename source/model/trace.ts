/** The trace pane: the newest lines of the trace, and among them what injections tell and observe. */

import type {Inject, Injection} from '../formats/debugfs/lab/inject.ts';
import type {Row} from './moment.ts';

export type TraceEntry = Row &
	(
		| {readonly kind: 'line'; readonly text: string; readonly injection: number | undefined}
		| {readonly kind: 'started'; readonly of: Injection; readonly injection: number}
		| {readonly kind: 'told'; readonly text: string; readonly timeUs: number; readonly injection: number}
		| {
				readonly kind: 'observed';
				readonly text: string;
				readonly state: 'held' | 'failed' | 'open';
				readonly injection: number;
		  }
		| {readonly kind: 'ended'; readonly of: Injection; readonly injection: number}
	);

export type TraceModel = {
	readonly inject: Inject | undefined;
	/** Oldest first. */
	readonly entries: readonly TraceEntry[];
	/** The newest lines as they stand in the file. */
	readonly lines: readonly string[];
};

/** Lines that are looked at: a person scrolls back a few screens. */
const kept = 400;

/** The last lines of a text that ends with a newline, without its header. */
export const lastLines = (text: string, count: number): string[] => {
	let start = text.length;
	for (let lines = 0; lines <= count && start > 0; lines++) {
		start = text.lastIndexOf('\n', start - 1);
	}
	const tail = start <= 0 ? text : text.slice(start + 1);
	return tail.split('\n').filter(line => line !== '' && !line.startsWith('#'));
};

/** The part of the file that somebody looks at who scrolls or follows an injection. */
export const traceLines = (text: string): readonly string[] => lastLines(text, kept);

/** Lines that the highest screen shows. */
const keptNewest = 80;

/** The part that is seen by somebody who only watches it pass. */
export const newestTraceLines = (text: string): readonly string[] => lastLines(text, keptNewest);

const pidPattern = /-(\d+) +\[\d/;

/** The task of a line, without parsing the rest: most lines are never drawn. NaN where it names none. */
export const pidOf = (line: string): number => Number(pidPattern.exec(line)?.[1] ?? Number.NaN);

const timePattern = / (\d+)\.(\d{6}): /;

const timeOf = (line: string): number | undefined => {
	const found = timePattern.exec(line);
	return found ? Number(found[1]) * 1e6 + Number(found[2]) : undefined;
};

const injectionEntries = (injection: Injection): (readonly [timeUs: number, entry: TraceEntry])[] => {
	const {id} = injection;
	const base = {mark: undefined, injection: id};
	const entries: (readonly [number, TraceEntry])[] = [
		[injection.timeUs, {...base, id: `injection ${id}`, kind: 'started', of: injection}],
		...injection.narration.map(({timeUs, text}, index): readonly [number, TraceEntry] => [
			timeUs,
			{...base, id: `injection ${id} told ${index}`, kind: 'told', text, timeUs},
		]),
	];
	const last = injection.narration.at(-1)?.timeUs ?? injection.timeUs;
	for (const [index, {state, sentence}] of injection.observations.entries()) {
		entries.push([last, {...base, id: `injection ${id} observed ${index}`, kind: 'observed', text: sentence, state}]);
	}
	if (injection.status === 'done' || injection.status === 'failed') {
		entries.push([last, {...base, id: `injection ${id} ended`, kind: 'ended', of: injection}]);
	}
	return entries;
};

/** Puts what injections told where its time falls among the lines. */
const merge = (
	lines: readonly TraceEntry[],
	told: readonly (readonly [number, TraceEntry])[],
): readonly TraceEntry[] => {
	if (told.length === 0) {
		return lines;
	}
	const entries: TraceEntry[] = [];
	let next = 0;
	for (const entry of lines) {
		const timeUs = entry.kind === 'line' ? timeOf(entry.text) : undefined;
		while (timeUs !== undefined && next < told.length && told[next]![0] < timeUs) {
			entries.push(told[next]![1]);
			next++;
		}
		entries.push(entry);
	}
	return [...entries, ...told.slice(next).map(([, entry]) => entry)];
};

const recent = 8;

export const traceModel = (
	lines: readonly string[],
	inject: Inject | undefined,
	older: TraceModel | undefined,
): TraceModel => {
	if (older?.lines === lines && older.inject === inject) {
		return older;
	}
	const injections = inject?.injections.slice(-recent) ?? [];
	const byPid = new Map(injections.flatMap(({id, pids}) => pids.map(pid => [pid, id] as const)));
	const known = new Map(older?.entries.map(entry => [entry.id, entry]));
	const seen = new Map<string, number>();
	const lineEntries = lines.map((line): TraceEntry => {
		// Lines can be alike; their order tells them apart.
		const count = (seen.get(line) ?? 0) + 1;
		seen.set(line, count);
		const injection = byPid.size > 0 ? byPid.get(pidOf(line)) : undefined;
		const id = count === 1 ? line : `${line} ${count}`;
		const before = known.get(id);
		return before && before.injection === injection
			? before
			: {id, mark: undefined, kind: 'line', text: line, injection};
	});
	const told = injections.flatMap(injectionEntries).sort((a, b) => a[0] - b[0]);
	return {inject, entries: merge(lineEntries, told), lines};
};
