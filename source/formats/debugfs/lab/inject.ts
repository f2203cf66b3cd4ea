/**
 * /sys/kernel/debug/lab/inject (ours): what was injected, oldest first, and how it stands or ended.
 *
 *     # inject 0.1
 *     dropped: 7
 *     injection: id=1 name=mremap time=12.345655 status=done by=shell
 *       parameter: pages=4
 *       pids: 131
 *       result: the area is 8 pages long
 *       answer: number=1 by=1,2
 *       | [12.345655] mremap(0x40000000, 16384, 32768, MREMAP_MAYMOVE)
 *       ‖ [12.345672] zero page mapped
 *       ✓ [12.345672] the zero page does not count as resident
 *         file: /proc/131/status VmRSS
 *         expected: 1204
 *         seen: 1204
 *
 * Status: `waiting`, `running`; then `done` when every observation holds (✓), `failed` when one does not (✗),
 * `could-not-run` when the machine did not let the steps come to their end (⊘). The result is a sentence: what came of
 * it, or why not.
 */

import {type Cell, decimal, list, name, oneOf, secondsCell, sentence} from '../../cells.ts';
import {document, many, maybe, one, pairs} from '../../table.ts';
import {CellError, joinLines, Lines, remembering} from '../../text.ts';

const statuses = ['waiting', 'running', 'done', 'failed', 'could-not-run'] as const;

type InjectionStatus = (typeof statuses)[number];

type InjectionParameter = {readonly name: string; readonly value: string};

type Narration = {readonly timeUs: number; readonly text: string};

/** A declared state of the workload, and when it began. */
type ShownState = {readonly timeUs: number; readonly state: string};

export type ObservationRecord = {
	/** `open` until it is decided. */
	readonly state: 'held' | 'failed' | 'open';
	readonly sentence: string;
	/** When it was looked at. */
	readonly timeUs: number;
	/** The file that was read; null where it was the result of a call, or bytes that a program read. */
	readonly file: string | null;
	/** Of the file; null where it was not one that was compared. */
	readonly field: string | null;
	/** What had to be there, and what was. */
	readonly expected: string | null;
	readonly seen: string | null;
	/** A line of the file that was meant. */
	readonly quote?: string | undefined;
};

/** Which answer to the experiment's question came true, and which observations say so; both are counted from 1. */
export type RightAnswer = {readonly number: number; readonly by: readonly number[]};

export type InjectionRecord = {
	readonly id: number;
	/** Of the experiment. */
	readonly name: string;
	/** When it was written. */
	readonly timeUs: number;
	readonly status: InjectionStatus;
	/** As the client called itself. */
	readonly by: string;
	readonly parameters: readonly InjectionParameter[];
	/** Simulated processes that it started. */
	readonly pids: readonly number[];
	/** How it ended, in a sentence; null until then. */
	readonly result: string | null;
	/** Null until it has ended, and where no answer came true or could be decided. */
	readonly answer: RightAnswer | null;
	/** Why no answer could be decided, in a sentence: the steps did not come to their end. Absent where they did. */
	readonly undecided?: string;
	readonly narration: readonly Narration[];
	/** In the order in which they came. */
	readonly states: readonly ShownState[];
	readonly observations: readonly ObservationRecord[];
};

export type Inject = {
	readonly injections: readonly InjectionRecord[];
	/** How many older ones are not kept; absent for none. */
	readonly dropped?: number;
};

type Head = Pick<InjectionRecord, 'id' | 'name' | 'timeUs' | 'status' | 'by'>;

const head = one(
	'injection',
	pairs<Head>({
		id: ['id', decimal],
		name: ['name', name],
		timeUs: ['time', secondsCell],
		status: ['status', oneOf(...statuses)],
		by: ['by', name],
	}),
);
const parameter: Cell<InjectionParameter> = {
	align: 'left',
	show: value => `${name.show(value.name)}=${name.show(value.value)}`,
	read(text) {
		const equals = text.indexOf('=');
		if (equals < 0) throw new CellError(`name=value, not "${text}"`);
		return {name: name.read(text.slice(0, equals)), value: name.read(text.slice(equals + 1))};
	},
};
type Body = Pick<InjectionRecord, 'parameters' | 'pids' | 'result' | 'answer'> & {readonly undecided: string | null};

const body = document<Body>({
	parameters: many('  parameter', parameter),
	pids: one('  pids', list(decimal)),
	result: maybe('  result', sentence),
	answer: maybe('  answer', pairs<RightAnswer>({number: ['number', decimal], by: ['by', list(decimal)]})),
	undecided: maybe('  undecided', sentence),
});
type Evidence = Pick<ObservationRecord, 'expected' | 'seen'> & {
	readonly place: string | null;
	readonly quote: string | null;
};

const evidence = document<Evidence>({
	place: maybe('    file', sentence),
	expected: maybe('    expected', sentence),
	seen: maybe('    seen', sentence),
	quote: maybe('    quote', sentence),
});
const marks = {held: '✓', failed: '✗', open: '…'} as const;
const states = {'✓': 'held', '✗': 'failed', '…': 'open'} as const;
const file = 'lab/inject';
const heading = '# inject 0.1';
const dropped = maybe('dropped', decimal);

function formatObservation(observation: ObservationRecord): string[] {
	const {state, sentence: text, timeUs, file, field, expected, seen, quote = null} = observation;
	const place = file === null ? null : [file, ...(field === null ? [] : [field])].map(name.show).join(' ');
	return [
		`  ${marks[state]} [${secondsCell.show(timeUs)}] ${sentence.show(text)}`,
		...evidence.write({place, expected, seen, quote}),
	];
}

function parseObservation(lines: Lines): ObservationRecord | undefined {
	const found = lines.tryMatch(/^ {2}([✓✗…]) \[(\d+\.\d{6})\] (.*)$/s);
	if (found === undefined) return undefined;
	const {place, expected, seen, quote} = evidence.read(lines);
	const [file = null, field = null] = place === null ? [] : place.split(' ').map(name.read);
	return {
		state: states[found[0] as keyof typeof states],
		sentence: sentence.read(found[2]!),
		timeUs: secondsCell.read(found[1]!),
		file,
		field,
		expected,
		seen,
		...(quote !== null && {quote}),
	};
}

/** Whether nothing of an injection is still to come. */
export const isOver = ({status}: Pick<InjectionRecord, 'status'>): boolean =>
	status !== 'waiting' && status !== 'running';

/** A status in words. */
export const statusWords = ({status}: Pick<InjectionRecord, 'status'>): string => status.replaceAll('-', ' ');

/** What stands beside ✓ and ✗: the machine could not run it, or a question stays open. */
export const couldNotMark = '⊘' as const;

const refusal = (name: string) => `${name} cannot run here: `;

/** What the machine says when it refuses an injection, as EPERM. */
export const unfitWords = (name: string, reason: string): string => refusal(name) + reason;

/** Why the machine refused an injection that it is unfit for, or undefined where something else is wrong. */
export function unfitReason(
	name: string,
	{code, message}: {readonly code: string; readonly message: string},
): string | undefined {
	const words = message.replace(/^EPERM: /, '');
	return code === 'EPERM' && words.startsWith(refusal(name)) ? words.slice(refusal(name).length) : undefined;
}

/** An observation in one line: what was seen, and where; what should have been there only when it was not. */
export function observationLine(observation: ObservationRecord): string {
	const {state, sentence: text, file, field, expected, seen, quote} = observation;
	if (seen === null) return text;
	if (quote !== undefined && state === 'held') return `${text} (${file}: “${quote}”)`;
	const place = file === null ? '' : `${field === null ? file : `${file} ${field}`}: `;
	return `${text} (${place}${seen}${state === 'failed' && expected !== null ? `, not ${expected}` : ''})`;
}

/** The lines of one. */
export function formatInjection(injection: InjectionRecord): string {
	return joinLines([
		...head.write(injection),
		...body.write({...injection, undecided: injection.undecided ?? null}),
		...injection.narration.map(({timeUs, text}) => `  | [${secondsCell.show(timeUs)}] ${sentence.show(text)}`),
		...injection.states.map(({timeUs, state}) => `  ‖ [${secondsCell.show(timeUs)}] ${sentence.show(state)}`),
		...injection.observations.flatMap(formatObservation),
	]);
}

/** Lines of a time and a sentence, as long as they come. */
function timedSentences(lines: Lines, pattern: RegExp): Narration[] {
	const said: Narration[] = [];
	for (let found = lines.tryMatch(pattern); found !== undefined; found = lines.tryMatch(pattern)) {
		said.push({timeUs: secondsCell.read(found[0]!), text: sentence.read(found[1]!)});
	}
	return said;
}

/** An injection that has ended says the same for ever. */
const parseInjection = remembering((text: string, linesBefore: number): InjectionRecord => {
	const lines = new Lines(file, text, linesBefore);
	const first = head.read(lines);
	const {undecided, ...rest} = body.read(lines);
	const narration = timedSentences(lines, /^ {2}\| \[(\d+\.\d{6})\] (.*)$/s);
	const states = timedSentences(lines, /^ {2}‖ \[(\d+\.\d{6})\] (.*)$/s).map(({timeUs, text: state}) => ({
		timeUs,
		state,
	}));
	const observations: ObservationRecord[] = [];
	for (let seen = parseObservation(lines); seen !== undefined; seen = parseObservation(lines)) observations.push(seen);
	if (!lines.done) lines.fail('an injection');
	return {...first, ...rest, ...(undecided !== null && {undecided}), narration, states, observations};
});

/** The file of them, each as {@link formatInjection} has it. */
export const formatInjections = (parts: readonly string[], droppedCount: number): string =>
	joinLines([heading, ...dropped.write(droppedCount > 0 ? droppedCount : null)]) + parts.join('');

export const formatInject = ({injections, dropped: count = 0}: Inject): string =>
	formatInjections(injections.map(formatInjection), count);

/** @throws FormatError */
export function parseInject(text: string): Inject {
	const [first = '', ...parts] = text.split(/^(?=injection: )/m);
	const lines = new Lines(file, first);
	lines.expect(heading);
	const count = dropped.read(lines);
	if (!lines.done) lines.fail('injection: …');
	let linesBefore = count === null ? 1 : 2;
	const injections = parts.map(part => {
		const injection = parseInjection(part, linesBefore);
		linesBefore += part.split('\n').length - 1;
		return injection;
	});
	return {injections, ...(count !== null && {dropped: count})};
}
