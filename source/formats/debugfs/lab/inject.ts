/**
 * /sys/kernel/debug/lab/inject (ours): what was injected, oldest first, and how it stands or ended.
 *
 *     # inject 0.1
 *     injection: id=1 name=mremap time=12.345655 status=done by=shell
 *       parameter: pages=4
 *       pids: 131
 *       result: the area is 8 pages long
 *       | [12.345655] mremap(0x40000000, 16384, 32768, MREMAP_MAYMOVE)
 *       ✓ page 5 reads as zeros
 */

import {type Cell, decimal, list, name, oneOf, seconds, sentence} from '../../cells.ts';
import {document, many, maybe, one, pairs} from '../../table.ts';
import {CellError, joinLines, Lines} from '../../text.ts';

export type InjectionStatus = 'waiting' | 'running' | 'done' | 'failed';

export type InjectionParameter = {readonly name: string; readonly value: string};

export type Narration = {readonly timeUs: number; readonly text: string};

/** `open` until it is decided. */
export type Observation = {readonly state: 'held' | 'failed' | 'open'; readonly sentence: string};

export type Injection = {
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
	readonly narration: readonly Narration[];
	readonly observations: readonly Observation[];
};

export type Inject = {readonly injections: readonly Injection[]};

type Head = Pick<Injection, 'id' | 'name' | 'timeUs' | 'status' | 'by'>;

const head = one(
	'injection',
	pairs<Head>({
		id: ['id', decimal],
		name: ['name', name],
		timeUs: ['time', seconds],
		status: ['status', oneOf('waiting', 'running', 'done', 'failed')],
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
const body = document<Pick<Injection, 'parameters' | 'pids' | 'result'>>({
	parameters: many('  parameter', parameter),
	pids: one('  pids', list(decimal)),
	result: maybe('  result', sentence),
});
const marks = {held: '✓', failed: '✗', open: '…'} as const;
const states = {'✓': 'held', '✗': 'failed', '…': 'open'} as const;
const heading = '# inject 0.1';

function formatInjection(injection: Injection): string[] {
	return [
		...head.write(injection),
		...body.write(injection),
		...injection.narration.map(({timeUs, text}) => `  | [${seconds.show(timeUs)}] ${sentence.show(text)}`),
		...injection.observations.map(({state, sentence: text}) => `  ${marks[state]} ${sentence.show(text)}`),
	];
}

function parseInjection(lines: Lines): Injection {
	const first = head.read(lines);
	const rest = body.read(lines);
	const narration: Narration[] = [];
	const observations: Observation[] = [];
	for (;;) {
		const told = lines.tryMatch(/^ {2}\| \[(\d+\.\d{6})\] (.*)$/s);
		if (told === undefined) break;
		narration.push({timeUs: seconds.read(told[0]!), text: sentence.read(told[1]!)});
	}
	for (;;) {
		const seen = lines.tryMatch(/^ {2}([✓✗…]) (.*)$/s);
		if (seen === undefined) break;
		observations.push({state: states[seen[0] as keyof typeof states], sentence: sentence.read(seen[1]!)});
	}
	return {...first, ...rest, narration, observations};
}

export function formatInject({injections}: Inject): string {
	return joinLines([heading, ...injections.flatMap(formatInjection)]);
}

/** @throws FormatError */
export function parseInject(text: string): Inject {
	const lines = new Lines('lab/inject', text);
	lines.expect(heading);
	const injections: Injection[] = [];
	while (!lines.done) injections.push(parseInjection(lines));
	return {injections};
}
