import {parseTraceLine, type TraceLine} from '../../formats/debugfs/tracing/trace.ts';
import {load} from '../../model/loaded.ts';
import {pfnIn} from '../../model/log.ts';
import {path} from '../../model/paths.ts';
import {type TraceEntry, type TraceModel, traceLines, traceModel} from '../../model/trace.ts';
import {pathIn, readRecord} from '../../model/tree.ts';
import {type Content, type Fields, listRows} from '../content.ts';
import {duration, seconds} from '../format.ts';
import {type Line, line, lineText, span} from '../lines.ts';
import {type Lit, type Run, touches} from '../lit.ts';
import {definePane} from '../pane.ts';
import type {State} from '../state.ts';
import {injectionTone, type Tone} from '../theme.ts';

const taskColumns = 16;

const body = (entry: TraceLine): string => {
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
};

const traceLine = (entry: TraceLine, injection: number | undefined): Line => {
	const tone: Tone | undefined = injection === undefined ? undefined : injectionTone(injection);
	if (!('pid' in entry)) {
		return line(span(body(entry), tone));
	}
	const task = `${entry.comm}-${entry.pid}`.padStart(taskColumns);
	const context = ` [${String(entry.cpu).padStart(3, '0')}] ${seconds(entry.timeUs).padStart(12)}: `;
	return line(span(task, tone ?? 'number'), span(context, 'dim'), span(body(entry), tone));
};

const observed = {held: ['✓', 'good'], failed: ['✗', 'bad'], open: ['…', 'dim']} as const;

const parameters = (pairs: readonly {readonly name: string; readonly value: string}[]): string =>
	pairs.map(({name, value}) => ` ${name}=${value}`).join('');

const entryLine = (entry: TraceEntry): Line => {
	switch (entry.kind) {
		case 'line':
			return traceLine(parseTraceLine(entry.text), entry.injection);
		case 'started': {
			const {of} = entry;
			const status = of.status === 'waiting' ? ', waiting for the clock to run' : '';
			return line(
				span(`▶ ${of.name}${parameters(of.parameters)}`, injectionTone(entry.injection)),
				span(` injection ${of.id} by ${of.by} at ${seconds(of.timeUs)}${status}`, 'dim'),
			);
		}
		case 'told':
			return line(span('│ ', injectionTone(entry.injection)), span(entry.text, injectionTone(entry.injection)));
		case 'observed': {
			const [sign, tone] = observed[entry.state];
			return line(span('│ ', injectionTone(entry.injection)), span(`${sign} `, tone), entry.text);
		}
		case 'ended': {
			const {status, result, name} = entry.of;
			return line(
				span(`■ ${name} ${status}`, status === 'failed' ? 'bad' : injectionTone(entry.injection)),
				span(result === null ? '' : `: ${result}`),
			);
		}
	}
};

// Most lines of one sample were in the one before. An entry lives as long as the model that holds it.
const entryLines = new WeakMap<TraceEntry, Line>();

const knownEntryLine = (entry: TraceEntry): Line => {
	let known = entryLines.get(entry);
	if (!known) {
		known = entryLine(entry);
		entryLines.set(entry, known);
	}
	return known;
};

/** Where to look, and what somebody predicted. */
const lessonLines = (entry: TraceEntry, {experiments, predictions, followedInjection}: State): readonly Line[] => {
	if ((entry.kind !== 'started' && entry.kind !== 'ended') || entry.injection !== followedInjection) {
		return [];
	}
	const experiment = experiments.find(({name}) => name === entry.of.name);
	if (!experiment) {
		return [];
	}
	const predicted = predictions.get(entry.injection);
	const bar = span('│ ', injectionTone(entry.injection));
	const answer = (number: number): string => `${number}. ${experiment.answers[number - 1] ?? ''}`;
	if (entry.kind === 'started') {
		return [
			...experiment.looks.map(({pane, says}) => line(bar, span('look at ', 'dim'), span(pane, 'key'), `: ${says}`)),
			...(predicted === undefined
				? []
				: [line(bar, span(`${experiment.question ?? ''} you predict `, 'dim'), answer(predicted))]),
		];
	}
	const came = entry.of.answer?.number;
	if (predicted === undefined) {
		return [];
	}
	if (came === predicted) {
		return [line(span('✓ ', 'good'), `your prediction came true: ${answer(came)}`)];
	}
	const instead = came === undefined ? 'none of the answers' : answer(came);
	return [line(span('✗ ', 'bad'), `you predicted ${answer(predicted)} What came is ${instead}`)];
};

const entryFields = (entry: TraceEntry): Fields => {
	if (entry.kind !== 'line') {
		return {what: entry.kind};
	}
	const parsed = parseTraceLine(entry.text);
	return 'pid' in parsed
		? {comm: parsed.comm, pid: parsed.pid, cpu: parsed.cpu, what: body(parsed)}
		: {what: body(parsed)};
};

const entryPfn = (entry: TraceEntry): number | undefined => ('text' in entry ? pfnIn(entry.text) : undefined);

const litBy = (entry: TraceEntry, runs: readonly Run[]): boolean => {
	const pfn = entryPfn(entry);
	return pfn !== undefined && touches(runs, {pfn, frames: 1});
};

const entryRow = (entry: TraceEntry) => ({
	id: entry.id,
	pfn: entryPfn(entry),
	line: () => knownEntryLine(entry),
	isLit: ({runs}: Lit) => litBy(entry, runs),
	fields: () => entryFields(entry),
});

const lessonRows = (entry: TraceEntry, state: State) =>
	lessonLines(entry, state).map((text, index) => ({
		id: `${entry.id} lesson ${index}`,
		line: () => text,
		fields: () => ({what: lineText(text)}),
	}));

/** Where an injection is followed, its entries alone are shown. */
const traceContent = (model: TraceModel, state: State): Content => {
	const followed = state.followedInjection;
	const entries =
		followed === undefined ? model.entries : model.entries.filter(({injection}) => injection === followed);
	const name = model.inject?.injections.find(({id}) => id === followed)?.name;
	return {
		aside: name === undefined ? 'everything' : `following: ${name} · Esc shows everything`,
		head: [],
		rows:
			followed === undefined
				? {
						// Most lines are never asked.
						count: entries.length,
						idAt: index => entries[index]?.id,
						lineAt: index => knownEntryLine(entries[index]!),
						pfnAt: index => entries[index] && entryPfn(entries[index]),
						isLitAt: (index, {runs}) => entries[index] !== undefined && litBy(entries[index], runs),
						fieldsAt: index => entryFields(entries[index]!),
					}
				: listRows(entries.flatMap(entry => [entryRow(entry), ...lessonRows(entry, state)])),
		foot: [],
		tails: true,
	};
};

/** Who only watches the lines pass needs the newest, from a machine that sends them alone. A recording holds either. */
const tracePaths = (state: State): readonly string[] => {
	const {target, views, followedInjection} = state;
	const {selected, filter, sort} = views.trace;
	const isArranged = selected !== undefined || filter !== '' || sort !== undefined;
	if (target.kind === 'host' || (target.kind !== 'recording' && (isArranged || followedInjection !== undefined))) {
		return [path.trace];
	}
	return target.kind === 'recording' ? [path.traceTail, path.trace] : [path.traceTail];
};

export const tracePane = definePane<TraceModel>({
	id: 'trace',
	name: 'trace',
	paths: tracePaths,
	derive({tree, state, known}) {
		const found = pathIn(tree, [path.traceTail, path.trace]);
		const reading = found === undefined ? undefined : readRecord(tree, found, traceLines);
		return load(reading, known, (lines, model) => traceModel(lines, state.inject, model));
	},
	content: traceContent,
	inputs: ({followedInjection, predictions, experiments}) => [followedInjection, predictions, experiments],
});
