import {describe, expect, test} from 'vitest';
import {ERA_NAMES} from '../../source/kernel/era/behaviour.ts';
import {experiments} from '../../source/lab/experiments/list.ts';
import type {LabOptions} from '../../source/lab/lab.ts';
import {sampleOf} from '../sample.ts';
import {belongings, controlLine, quietLab, run, runAll} from './support.ts';

const machineOf = (era: string, preset: string | undefined): LabOptions => ({era, ...(preset && {preset})});

const cases = experiments.flatMap(experiment => (experiment.eras ?? ERA_NAMES).map(era => ({...experiment, era})));

test('names, keys and processes tell experiments apart', () => {
	for (const property of ['name', 'comm', 'title'] as const)
		expect(new Set(experiments.map(each => each[property])).size, property).toBe(experiments.length);
	const keys = experiments.flatMap(({key}) => key ?? []);
	expect(new Set(keys).size).toBe(keys.length);
	for (const {comm} of experiments) expect(comm.length, comm).toBeLessThan(16);
});

describe('what the claim says is seen', () => {
	// In its first era each is run by labs.test.ts, too.
	test.each(sampleOf(cases, 28))('$name in $era', ({name, era, preset, disposable}) => {
		const lab = quietLab(machineOf(era, preset));
		const first = run(lab, name);
		expect(first.observations.filter(({state}) => state !== 'held')).toEqual([]);
		expect(first.status, first.result ?? '').toBe('done');
		expect(first.observations.length).toBeGreaterThan(0);
		expect(first.answer, 'exactly one answer to its question came true').not.toBeNull();
		if (disposable) return;
		// The first run may have filled caches; from then on nothing may grow.
		const before = belongings(lab);
		expect(run(lab, name).status).toBe('done');
		expect(belongings(lab)).toEqual(before);
	});
});

describe('where the claim must not hold, it does not', () => {
	test.each(experiments.filter(({control}) => control))('$name', experiment => {
		const {control} = experiment;
		const lab = quietLab(
			machineOf(control!.era ?? experiment.eras?.[0] ?? 'ldd3', control!.preset ?? experiment.preset),
		);
		const {status, observations, result, answer} = run(lab, controlLine(experiment));
		expect(status).toBe('failed');
		expect(result).not.toMatch(/killed by signal/);
		const failed = observations.filter(({state}) => state === 'failed').map(({sentence}) => sentence);
		expect(failed.filter(sentence => sentence.startsWith(control!.fails))).toHaveLength(1);
		// What decides the answer failed here and held there: the answer is another one.
		expect(answer?.by.some(number => observations[number - 1]!.state === 'failed')).toBe(true);
	});
});

test('a disposable experiment is refused where something was injected before', () => {
	const lab = quietLab();
	run(lab, 'user-walk');
	for (const {name} of experiments.filter(({disposable}) => disposable))
		expect(() => run(lab, name), name).toThrow(/^EPERM: .* fresh machine/);
	expect(lab.session.at(-1)?.text).toBe('user-walk');
});

test('all that a usual machine takes, injected in one instant under the busy load, hold', () => {
	const lab = quietLab({load: 'busy'});
	const usual = experiments.filter(
		({eras, preset, disposable}) => !preset && !disposable && (!eras || eras.includes('ldd3')),
	);
	const ended = runAll(
		lab,
		usual.map(({name}) => name),
	);
	expect(ended.filter(({status}) => status !== 'done').map(({name, result}) => `${name}: ${result}`)).toEqual([]);
});
