/**
 * /sys/kernel/debug/lab/experiments (ours): what can be written to lab/inject. A block an experiment:
 *
 *     # experiments 0.1
 *     experiment: mremap
 *       key: m
 *       title: mremap growth
 *       claim: A mapping without a fault handler grows with zeros.
 *       eras: ldd3
 *       machine: bounce
 *       parameter: name=pages type=int range=1..1024 choices=- default=4 unit=pages
 *       visible: vma_grown
 */

import {type Cell, decimal, list, name, oneOf, optional, sentence} from '../../cells.ts';
import {document, many, one, pairs} from '../../table.ts';
import {CellError, joinLines, Lines} from '../../text.ts';

export type ExperimentParameter = {
	readonly name: string;
	/** `size` takes 64k or 1M, `address` hexadecimal, `choice` one of `choices`, `text` anything. */
	readonly type: 'int' | 'size' | 'address' | 'choice' | 'text';
	/** Both ends included; null where the type has no order. */
	readonly range: {readonly min: number; readonly max: number} | null;
	readonly choices: readonly string[];
	/** As it would be written after `=`. */
	readonly default: string;
	readonly unit: string | null;
};

export type Experiment = {
	readonly name: string;
	/** The key that injects it with its defaults. */
	readonly key: string | null;
	readonly title: string;
	/** What will be seen, in one sentence. */
	readonly claim: string;
	/** Kernels of which the claim is true; empty for all. */
	readonly eras: readonly string[];
	/** The preset that it needs; null where the usual one does. */
	readonly machine: string | null;
	readonly parameters: readonly ExperimentParameter[];
	/** States that its steps hold until they have been on screen: `slot_held`, `kiocb_queued`. */
	readonly visible: readonly string[];
};

export type Experiments = {readonly experiments: readonly Experiment[]};

const range: Cell<{readonly min: number; readonly max: number}> = {
	align: 'left',
	show: ({min, max}) => `${min}..${max}`,
	read(text) {
		const found = /^(-?\d+)\.\.(-?\d+)$/.exec(text);
		if (found === null) throw new CellError(`min..max, not "${text}"`);
		return {min: decimal.read(found[1]!), max: decimal.read(found[2]!)};
	},
};
const parameter = pairs<ExperimentParameter>({
	name: ['name', name],
	type: ['type', oneOf('int', 'size', 'address', 'choice', 'text')],
	range: ['range', optional(range)],
	choices: ['choices', list(name)],
	default: ['default', name],
	unit: ['unit', optional(name)],
});
const experiment = document<Experiment>({
	name: one('experiment', name),
	key: one('  key', optional(name)),
	title: one('  title', sentence),
	claim: one('  claim', sentence),
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
	const experiments: Experiment[] = [];
	while (!lines.done) experiments.push(experiment.read(lines));
	return {experiments};
}
