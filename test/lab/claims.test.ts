/** What experiments print, with each parameter at its ends and in the middle, in every era of theirs. */
import {describe, expect, test} from 'vitest';
import {ERA_NAMES, type EraName} from '../../source/kernel/era/behaviour.ts';
import type {Experiment, Parameter} from '../../source/lab/experiment.ts';
import {experiments} from '../../source/lab/experiments/list.ts';
import type {Lab} from '../../source/lab/lab.ts';
import {isLong, sampleOf} from '../sample.ts';
import {quietLab, run} from './support.ts';

type Case = {readonly experiment: Experiment; readonly era: EraName; readonly values: Readonly<Record<string, number>>};

/** What an experiment sleeps shows nothing that a second does not. */
const mostMs = 1_000;

function valuesOf({least, most, unit}: Parameter): readonly number[] {
	const top = unit === 'ms' ? Math.min(most, mostMs) : most;
	return [...new Set([least, Math.floor((least + top) / 2), top])];
}

const cases: readonly Case[] = experiments.flatMap(experiment =>
	(experiment.eras ?? ERA_NAMES).flatMap(era =>
		experiment.parameters.flatMap(parameter =>
			valuesOf(parameter).map(value => ({experiment, era, values: {[parameter.name]: value}})),
		),
	),
);

const lineOf = ({experiment, values}: Case) =>
	[experiment.name, ...Object.entries(values).map(([name, value]) => `${name}=${value}`)].join(' ');

/** Whether it is run as it must fail. In an era in which it comes out in another way, its control may as well. */
const isControl = ({experiment: {control, lesson}, era, values}: Case) =>
	!lesson.differences?.some(({eras}) => eras.includes(era)) &&
	control?.set !== undefined &&
	Object.entries(control.set).every(([name, value]) => values[name] === value);

const machines = new Map<string, Lab>();

/** A machine that experiments of an era share; one whose damage stays has its own. */
function machineFor({experiment: {preset, disposable}, era}: Case): Lab {
	const fresh = () => quietLab({era, ...(preset !== undefined && {preset})});
	if (disposable) return fresh();
	const name = `${era} ${preset}`;
	const lab = machines.get(name) ?? fresh();
	machines.set(name, lab);
	return lab;
}

const nouns =
	'pages|bytes|areas|blocks|requests|reads|buffers|places|samples|mappings|frames|slots|entries|children|threads|times|' +
	'mistakes|errors|copies|ranges|rounds|pieces|calls|references|pins';
/** What a sentence never says: a value that is not there, and one of several. */
const unsaid = new RegExp(`\\b(?:undefined|null|NaN|Infinity)\\b|\\[object|\\b1 (?:${nouns})\\b`);

describe('an experiment', () => {
	test.each(sampleOf(cases, 30).map(each => [`${each.era} ${lineOf(each)}`, each] as const))(
		'%s',
		(_name, each) => {
			const {status, observations, narration, result, answer} = run(machineFor(each), lineOf(each));
			const failed = observations.some(({state}) => state === 'failed');
			if (status === 'could-not-run') expect(result).toMatch(/\w+ .*\w/);
			else {
				expect(status).toBe(failed ? 'failed' : 'done');
				expect(answer, 'exactly one answer came true').not.toBeNull();
				// A value may make the claim false; then what decides the answer is false, too: another one is right.
				const decides = answer!.by.map(number => observations[number - 1]!.state);
				if (failed) expect(decides, 'states of what decides the answer').toContain('failed');
				if (isControl(each)) expect(failed).toBe(true);
			}
			// Each observation says which thing it is about.
			const sentences = observations.map(({sentence}) => sentence);
			expect(sentences.filter((sentence, i) => sentences.indexOf(sentence) < i)).toEqual([]);
			for (const text of [result ?? '', ...narration.map(({text: said}) => said), ...sentences])
				expect(text).not.toMatch(unsaid);
		},
		isLong ? 60_000 : undefined,
	);
});
