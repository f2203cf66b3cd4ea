/**
 * A claim holds whenever one asks, and whatever else goes on: after a second, a minute and ten of each load, in each
 * era and on each machine that an experiment names. On a busy machine memory has filled by then and lists have grown.
 */
import {expect, test} from 'vitest';
import {loadNames} from '../../source/formats/debugfs/lab/load.ts';
import {ERA_NAMES} from '../../source/kernel/era/behaviour.ts';
import type {Experiment} from '../../source/lab/experiment.ts';
import {experiments} from '../../source/lab/experiments/list.ts';
import {inject} from '../../source/lab/injections.ts';
import {presets} from '../../source/lab/presets.ts';
import {isLong, sampleOf} from '../sample.ts';
import {quietMachine, untilEnded} from './support.ts';

/** What leaves damage goes last, the oops at the very end. */
const damageOf = ({name, disposable}: Experiment) => (disposable ? (name === 'aio-twice' ? 2 : 1) : 0);

/** All experiments that name a kernel and a kind of machine are made on one such, one after the other. */
const machines = ERA_NAMES.flatMap(era =>
	Object.keys(presets).flatMap(preset => {
		const named = experiments
			.filter(each => (each.preset ?? 'lab') === preset && (each.eras?.includes(era) ?? true))
			.sort((a, b) => damageOf(a) - damageOf(b));
		return named.length === 0 ? [] : [{era, preset, named}];
	}),
);

const cases = machines.flatMap(machine =>
	loadNames.flatMap(load => [1, 60, 600].map(seconds => ({...machine, load, seconds}))),
);

/**
 * On a busy machine the free memory has run out where everything bounces after 44 s. On the usual one it has after
 * 41 s: that is in the long run, here and in commands/verdicts.test.ts.
 */
const full = {
	...machines.find(({era, preset}) => era === 'ldd3' && preset === 'bounce')!,
	load: 'busy' as const,
	seconds: 44,
};
const cheap = cases.filter(({load, seconds}) => seconds === 1 || (seconds === 60 && load !== 'busy'));

test('every experiment is tried', () => {
	const tried = new Set(machines.flatMap(({named}) => named));
	expect(experiments.filter(each => !tried.has(each))).toEqual([]);
});

test.each(isLong ? cases : [full, ...sampleOf(cheap, 3)])('$era on $preset, $load, after $seconds s', {
	timeout: 900_000,
}, ({era, preset, load, seconds, named}) => {
	const machine = quietMachine({era, preset, load});
	machine.run(seconds * 1e9, Number.MAX_SAFE_INTEGER);
	const ended = named.map(experiment => {
		const among = [{...experiment, disposable: false}];
		return untilEnded(machine, [inject(machine, experiment.name, 'test', among)])[0]!;
	});
	const amiss = ended.filter(({status, answer}) => status !== 'done' || answer === null);
	expect(
		amiss.map(({name, status, result, observations}) => [
			name,
			status,
			result,
			observations.filter(({state}) => state !== 'held').map(({sentence, seen}) => `${sentence}: ${seen}`),
		]),
	).toEqual([]);
});
