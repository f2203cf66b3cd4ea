/**
 * /sys/kernel/debug/lab/experiments (ours): what can be written to lab/inject. A block an experiment:
 *
 *     # experiments 0.1
 *     experiment: mremap
 *       key: m
 *       title: mremap growth
 *       chapter: Areas and mmap
 *       level: 2
 *       minutes: 10
 *       claim: A mapping without a fault handler grows with zeros.
 *       source: LDD3 page 429
 *       setup: A program has mapped four pages of a device, and asks for eight.
 *       question: What does it read in the first new page?
 *       answer: Zeros.
 *       answer: Nothing: mremap() is refused.
 *       look: maps: the row of the device becomes longer
 *       why: mremap() makes the area longer and tells the driver nothing.
 *       next: scullp-fault: What is the right way to map a page of a driver?
 *       difference: 2.6.32,3.2: mremap() answers EFAULT.
 *       control: --era 3.2
 *       eras: ldd3
 *       machine: bounce
 *       parameter: name=pages type=int range=1..1024 choices=- default=4 unit=pages
 *       visible: vma_grown
 */

import {type Cell, decimal, list, name, oneOf, optional, sentence} from '../../cells.ts';
import {document, many, maybe, one, pairs} from '../../table.ts';
import {CellError, joinLines, Lines} from '../../text.ts';

export type ExperimentParameter = {
	readonly name: string;
	/** What it is, in a few words. */
	readonly about: string;
	/** `size` takes 64k or 1M, `address` hexadecimal, `choice` one of `choices`, `text` anything. */
	readonly type: 'int' | 'size' | 'address' | 'choice' | 'text';
	/** Both ends included; null where the type has no order. */
	readonly range: {readonly min: number; readonly max: number} | null;
	readonly choices: readonly string[];
	/** As it would be written after `=`. */
	readonly default: string;
	readonly unit: string | null;
};

/** A pane of the monitor, and what in it. */
type ExperimentLook = {readonly pane: string; readonly says: string};

type EraDifference = {readonly eras: readonly string[]; readonly says: string};

export type ExperimentRecord = {
	readonly name: string;
	/** The key that injects it with its defaults. */
	readonly key: string | null;
	readonly title: string;
	/** Title of the part of the course that it belongs to; those of one chapter follow each other. */
	readonly chapter: string | null;
	/** How much one has to know: 1 to 3. */
	readonly level: number | null;
	/** To predict, run it twice and look. */
	readonly minutes: number | null;
	/** What will be seen, in one sentence. */
	readonly claim: string;
	/** Page of LDD3, Linux file, or section of docs/sources.md. */
	readonly source: string;
	/** What is there before. */
	readonly setup: string | null;
	/** What one predicts; `lab/inject` says which answer the run made the right one. */
	readonly question: string | null;
	/** Counted from 1. */
	readonly answers: readonly string[];
	readonly looks: readonly ExperimentLook[];
	/** How it comes about. */
	readonly why: string | null;
	/** A question, and what answers it, as typed behind `mmtop run --ask`. */
	readonly next: {readonly run: string; readonly says: string} | null;
	/** Kernels in which it comes out in another way. */
	readonly differences: readonly EraDifference[];
	/** Where the claim must not hold, as it is typed behind `mmtop run NAME`: `--era 3.2 pages=1`. */
	readonly control: string | null;
	/** Kernels of which the claim is true; empty for all. */
	readonly eras: readonly string[];
	/** The preset that it needs; null where the usual one does. */
	readonly machine: string | null;
	readonly parameters: readonly ExperimentParameter[];
	/** States that its steps hold until they have been on screen: `slot_held`, `kiocb_queued`. */
	readonly visible: readonly string[];
};

/** Why a pair `name=value` cannot be injected, in one sentence that says what could; undefined if it can. */
export function refusedPair(
	{name, parameters}: Pick<ExperimentRecord, 'name' | 'parameters'>,
	pair: string,
): string | undefined {
	const at = pair.indexOf('=');
	const parameter = at < 0 ? undefined : parameters.find(each => each.name === pair.slice(0, at));
	if (parameter !== undefined) return refusedValue(parameter, pair.slice(at + 1));
	const names = parameters.map(each => `${each.name}=N`).join(', ') || 'no parameters';
	return `${name} takes ${names}, got "${pair}"`;
}

function refusedValue({name, range}: ExperimentParameter, text: string): string | undefined {
	if (range === null) return undefined;
	const value = Number(text);
	const isInRange = /^\d+$/.test(text) && value >= range.min && value <= range.max;
	return isInRange ? undefined : `${name} must be ${range.min}..${range.max}, got "${text}"`;
}

export type Experiments = {readonly experiments: readonly ExperimentRecord[]};

const range: Cell<{readonly min: number; readonly max: number}> = {
	align: 'left',
	show: ({min, max}) => `${min}..${max}`,
	read(text) {
		const found = /^(-?\d+)\.\.(-?\d+)$/.exec(text);
		if (found === null) throw new CellError(`min..max, not "${text}"`);
		return {min: decimal.read(found[1]!), max: decimal.read(found[2]!)};
	},
};
const fields = pairs<Omit<ExperimentParameter, 'about'>>({
	name: ['name', name],
	type: ['type', oneOf('int', 'size', 'address', 'choice', 'text')],
	range: ['range', optional(range)],
	choices: ['choices', list(name)],
	default: ['default', name],
	unit: ['unit', optional(name)],
});
const about = ' about=';
/** What a parameter is about ends its line, and may hold blanks. */
const parameter: Cell<ExperimentParameter> = {
	align: 'left',
	show: value => `${fields.show(value)}${about}${sentence.show(value.about)}`,
	read(text) {
		const at = text.indexOf(about);
		if (at < 0) throw new CellError('about=…');
		return {...fields.read(text.slice(0, at)), about: sentence.read(text.slice(at + about.length))};
	},
};
/** What is said of something, as `maps: the row of the device becomes longer`. */
function remark<Key extends string, Of>(
	key: Key,
	of: Cell<Of>,
): Cell<{readonly [Each in Key]: Of} & {readonly says: string}> {
	return {
		align: 'left',
		show: value => `${of.show(value[key])}: ${sentence.show(value.says)}`,
		read(text) {
			const colon = text.indexOf(': ');
			if (colon < 0) throw new CellError(`${key}: …, not "${text}"`);
			const about = {[key]: of.read(text.slice(0, colon))} as {readonly [Each in Key]: Of};
			return {...about, says: sentence.read(text.slice(colon + 2))};
		},
	};
}
const experiment = document<ExperimentRecord>({
	name: one('experiment', name),
	key: one('  key', optional(name)),
	title: one('  title', sentence),
	chapter: maybe('  chapter', sentence),
	level: maybe('  level', decimal),
	minutes: maybe('  minutes', decimal),
	claim: one('  claim', sentence),
	source: one('  source', sentence),
	setup: maybe('  setup', sentence),
	question: maybe('  question', sentence),
	answers: many('  answer', sentence),
	looks: many('  look', remark('pane', name)),
	why: maybe('  why', sentence),
	next: maybe('  next', remark('run', sentence)),
	differences: many('  difference', remark('eras', list(name))),
	control: maybe('  control', sentence),
	eras: one('  eras', list(name)),
	machine: one('  machine', optional(name)),
	parameters: many('  parameter', parameter),
	visible: one('  visible', list(name)),
});
const heading = '# experiments 0.1';

export function formatExperiments({experiments}: Experiments): string {
	return joinLines([heading, ...experiments.flatMap(experiment.write)]);
}

/** @throws FormatError */
export function parseExperiments(text: string): Experiments {
	const lines = new Lines('lab/experiments', text);
	lines.expect(heading);
	const experiments: ExperimentRecord[] = [];
	while (!lines.done) experiments.push(experiment.read(lines));
	return {experiments};
}
