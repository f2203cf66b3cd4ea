import {couldNotMark, type InjectionRecord, statusWords} from '../../formats/debugfs/lab/inject.ts';
import {parseTraceLine, type TraceLine} from '../../formats/debugfs/tracing/trace.ts';
import {seconds} from '../../formats/text.ts';
import {traceCause} from '../../model/cause.ts';
import {straceLine} from '../../model/explain/call.ts';
import {load} from '../../model/loaded.ts';
import {pfnIn} from '../../model/log.ts';
import {path} from '../../model/paths.ts';
import {type TraceEntry, type TraceModel, traceLines, traceModel} from '../../model/trace.ts';
import {pathIn, readRecord} from '../../model/tree.ts';
import type {Fields} from '../state/list.ts';
import type {State} from '../state/state.ts';
import {rowCause} from './causes.ts';
import {duration} from './format.ts';
import {lessonsOf} from './lessons.ts';
import {type About, kept, type LessonRow, note, type PaneDefinition, type PaneRows, rowById} from './pane.ts';

type TraceRow = PaneRows['trace'];

const about: About = {
	shows:
		'What the kernel just did, as ftrace prints it. Lines of an injected workload have its colour; its ' +
		'narration and observations stand between them.',
	columns: [
		note('comm', 'name of the task'),
		note('pid', 'its number'),
		note('cpu', 'where it ran'),
		note('what', 'the event, function or system call'),
	],
	signs: [
		note('▶ ■', 'an injection begins, ends'),
		note('✓ ✗ …', 'an observation holds, does not hold, is still open'),
		note(couldNotMark, 'the machine could not run it: nothing is decided'),
	],
};

/** What a line says beside its task, CPU and time. */
export function bodyText(entry: TraceLine): string {
	switch (entry.kind) {
		case 'function':
			return `${entry.function} <-${entry.caller}`;
		case 'event':
			return `${entry.event}: ${entry.text}`;
		case 'syscall':
			return `${entry.syscall}(${entry.arguments})`;
		case 'sysret':
			return `${entry.syscall} -> ${entry.result}`;
		case 'graph': {
			const name = entry.function ?? '';
			const call = entry.call === 'close' ? '}' : `${name}()${entry.call === 'leaf' ? ';' : ' {'}`;
			const time = entry.durationNs === null ? '' : duration(entry.durationNs / 1000);
			return `${entry.cpu}) ${time.padStart(9)} | ${'  '.repeat(entry.depth)}${call}`;
		}
		case 'interrupt':
			return `${entry.cpu}) ${entry.edge === 'begin' ? '==========>' : '<=========='} |`;
		case 'lost':
			return `CPU:${entry.cpu} lost ${entry.events ?? 'some'} events`;
		default:
			return entry.text;
	}
}

function lineText(parsed: TraceLine): string {
	if (!('pid' in parsed)) return bodyText(parsed);
	const {comm, pid, cpu, timeUs} = parsed;
	return `${comm}-${pid} [${String(cpu).padStart(3, '0')}] ${seconds(timeUs)}: ${bodyText(parsed)}`;
}

export const observationSigns = {held: '✓', failed: '✗', open: '…'} as const;

/** The parts of what an injection tells, those before the colon or the number being the ones that stand out. */
export function toldParts(entry: Exclude<TraceEntry, {readonly kind: 'line'}>): readonly [string, string] {
	switch (entry.kind) {
		case 'started': {
			const {of} = entry;
			const pairs = of.parameters.map(({name, value}) => ` ${name}=${value}`).join('');
			const status = of.status === 'waiting' ? ', waiting for the clock to run' : '';
			return [`▶ ${of.name}${pairs}`, ` injection ${of.id} by ${of.by} at ${seconds(of.timeUs)}${status}`];
		}
		case 'told':
		case 'called':
			return ['│ ', entry.text];
		case 'observed':
			return [`│ ${observationSigns[entry.state]} `, entry.text];
		case 'ended': {
			const {status, result, name} = entry.of;
			const couldNot = status === 'could-not-run' ? `${couldNotMark} ` : '';
			return [`■ ${name} ${couldNot}${statusWords(entry.of)}`, result === null ? '' : `: ${result}`];
		}
	}
}

const isLesson = (row: TraceRow): row is LessonRow => !('mark' in row);

const lessonSigns = {look: '│ look at', predicted: '│', right: '✓', wrong: '✗', undecided: couldNotMark} as const;

function text(row: TraceRow): string {
	if (isLesson(row)) return [lessonSigns[row.kind], row.pane, row.question, row.text].filter(Boolean).join(' ');
	return row.kind === 'line' ? lineText(parseTraceLine(row.text)) : toldParts(row).join('');
}

function fields(row: TraceRow): Fields {
	if (isLesson(row)) return {what: text(row)};
	if (row.kind !== 'line') return {what: row.kind};
	const parsed = parseTraceLine(row.text);
	const what = bodyText(parsed);
	return 'pid' in parsed ? {comm: parsed.comm, pid: parsed.pid, cpu: parsed.cpu, what} : {what};
}

/** A program or a module of one's own is named by its path, an experiment is not. */
const isOwn = ({name}: InjectionRecord): boolean => name.startsWith('./');

const calls = new WeakMap<TraceEntry, TraceEntry>();

/** The entry of a call; the same object as long as it reads the same. */
function calledEntry(entry: TraceEntry & {readonly kind: 'line'}, text: string, injection: number): TraceEntry {
	const known = calls.get(entry);
	if (known?.kind === 'called' && known.text === text && known.mark === entry.mark) return known;
	const {id, mark, text: line} = entry;
	const made: TraceEntry = {id, mark, kind: 'called', text, line, injection};
	calls.set(entry, made);
	return made;
}

/** Calls with their results, a line each, as strace prints them. */
function straced(entries: readonly TraceEntry[], injection: number): readonly TraceEntry[] {
	/** By task and call: the index in `shown` of the call that has no result yet. */
	const open = new Map<string, number>();
	const shown: TraceEntry[] = [];
	for (const entry of entries) {
		const parsed = entry.kind === 'line' ? parseTraceLine(entry.text) : undefined;
		if (entry.kind === 'line' && parsed?.kind === 'syscall') {
			open.set(`${parsed.pid} ${parsed.syscall}`, shown.length);
			shown.push(calledEntry(entry, straceLine(parsed.syscall, parsed.arguments, undefined), injection));
			continue;
		}
		const key = parsed?.kind === 'sysret' ? `${parsed.pid} ${parsed.syscall}` : '';
		const at = open.get(key);
		const call = at === undefined ? undefined : shown[at];
		if (parsed?.kind !== 'sysret' || call?.kind !== 'called') {
			shown.push(entry);
			continue;
		}
		open.delete(key);
		const origin = parseTraceLine(call.line);
		if (origin.kind !== 'syscall') continue;
		const text = straceLine(origin.syscall, origin.arguments, parsed.result);
		shown[at!] = finished(call, text);
	}
	return shown;
}

const ends = new WeakMap<TraceEntry, TraceEntry>();

/** The entry of a call with its result; the same object for the same call. */
function finished(call: TraceEntry & {readonly kind: 'called'}, text: string): TraceEntry {
	const known = ends.get(call) ?? {...call, text};
	ends.set(call, known);
	return known;
}

/** Entries of one injection. */
function ownEntries(entries: readonly TraceEntry[], followed: number): readonly TraceEntry[] {
	const own = entries.filter(({injection}) => injection === followed);
	const start = own.find(entry => entry.kind === 'started');
	return start?.kind === 'started' && isOwn(start.of) ? straced(own, followed) : own;
}

/** Where an injection is followed, its entries alone are shown, each with its lessons. */
const followedRows = kept(
	(
		{entries}: TraceModel,
		followed: number,
		experiments: State['lab']['experiments'],
		predictions: State['injections']['predictions'],
	): readonly TraceRow[] =>
		ownEntries(entries, followed).flatMap(entry => [entry, ...lessonsOf(entry, experiments, predictions)]),
);

function rows(model: TraceModel, {lab, injections: {followed, predictions}}: State): readonly TraceRow[] {
	return followed === undefined ? model.entries : followedRows(model, followed, lab.experiments, predictions);
}

/** Who only watches the lines pass needs the newest, from a machine that sends them alone. A recording holds either. */
function paths({target, views, injections: {followed}}: State): readonly string[] {
	const {selected, filter, sort} = views.trace;
	const isArranged = selected !== undefined || filter !== '' || sort !== undefined;
	if (target.kind === 'host' || (target.kind !== 'recording' && (isArranged || followed !== undefined))) {
		return [path.trace];
	}
	return target.kind === 'recording' ? [path.traceTail, path.trace] : [path.traceTail];
}

export const tracePane: PaneDefinition<'trace'> = {
	id: 'trace',
	name: 'trace',
	about,
	paths: ({state}) => paths(state),
	derive({tree, state, known}) {
		const found = pathIn(tree, [path.traceTail, path.trace]);
		const reading = found === undefined ? undefined : readRecord(tree, found, traceLines);
		return load(reading, known, (lines, model) => traceModel(lines, state.lab.inject, model));
	},
	rows: (model, {state}) => rows(model, state),
	meaning: {fields, text, pfn: row => (!isLesson(row) && 'text' in row ? pfnIn(row.text) : undefined)},
	margins: () => ({head: 0, foot: 0}),
	tails: true,
	cause: rowCause('trace', (model, id) => {
		const entry = rowById(model.entries, id);
		return entry && traceCause(entry);
	}),
};
