/**
 * Every experiment on the smallest and the largest machine that it can have: memory, high memory, CPUs. A claim holds
 * on each, or the experiment says why it cannot run there.
 */
import {describe, expect, test} from 'vitest';
import {ERA_NAMES, type EraName} from '../../source/kernel/era/behaviour.ts';
import type {Experiment} from '../../source/lab/experiment.ts';
import {experiments} from '../../source/lab/experiments/list.ts';
import type {LabOptions} from '../../source/lab/lab.ts';
import {presets} from '../../source/lab/presets.ts';
import {isLong, sampleOf} from '../sample.ts';
import {quietLab, run} from './support.ts';

const MiB = 2 ** 20;
const leastLowBytes = 64 * MiB;

/** Both ends of what can be chosen of a machine; the rest is as the preset has it. */
function endsOf(preset: string): readonly LabOptions[] {
	const {memBytes, paging} = presets[preset]!;
	const mostBytes = (paging === 'pae' ? 16 : 4) * 1024 * MiB;
	return [
		{cpus: 1},
		{cpus: 8},
		{memBytes: leastLowBytes},
		{memBytes: mostBytes},
		{highmemBytes: 0},
		{highmemBytes: memBytes - leastLowBytes},
		{memBytes: leastLowBytes + MiB, highmemBytes: MiB, cpus: 8},
	];
}

type Case = {readonly experiment: Experiment; readonly era: EraName; readonly machine: LabOptions};

/** Whether the claim is made for a machine. */
const isClaimed = ({leastRamBytes = 0, preset = 'lab'}: Experiment, machine: LabOptions) =>
	(machine.memBytes ?? presets[preset]!.memBytes) >= leastRamBytes;

const cases: readonly Case[] = experiments.flatMap(experiment =>
	(experiment.eras ?? ERA_NAMES).flatMap(era =>
		endsOf(experiment.preset ?? 'lab')
			.filter(machine => isClaimed(experiment, machine))
			.map(machine => ({
				experiment,
				era,
				machine: {era, ...(experiment.preset && {preset: experiment.preset}), ...machine},
			})),
	),
);

/** What a machine is too small for says so; nothing is left open for another reason. */
const reasons = /has no high memory|pages, and \d+ must be free|take --machine/;

/** Machines of many gigabytes cost most, so a short run has few of them. */
const isLarge = ({machine}: Case) => (machine.memBytes ?? 0) > 1024 * MiB;

const sample = isLong
	? cases
	: [
			...sampleOf(
				cases.filter(each => !isLarge(each)),
				24,
			),
			...sampleOf(cases.filter(isLarge), 4),
		];

const told = (machine: LabOptions) =>
	Object.entries(machine)
		.map(([name, value]) => `${name} ${typeof value === 'number' && value >= MiB ? `${value / MiB}M` : value}`)
		.join(', ');

describe('at the ends of what a machine can be', () => {
	test.each(sample.map(each => [`${each.experiment.name} on ${told(each.machine)}`, each] as const))('%s', (_name, {
		experiment,
		machine,
	}) => {
		const lab = quietLab(machine);
		let refused = '';
		try {
			const {status, result, observations} = run(lab, experiment.name);
			const amiss = observations.filter(({state}) => state !== 'held');
			expect(amiss.map(({sentence, expected, seen}) => `${sentence}: ${expected}, not ${seen}`)).toEqual([]);
			if (status === 'could-not-run') refused = result ?? '';
			else expect(status, result ?? '').toBe('done');
		} catch (error) {
			if (!/^EPERM: /.test((error as Error).message)) throw error;
			refused = (error as Error).message;
		}
		if (refused !== '') expect(refused).toMatch(reasons);
	});
});
