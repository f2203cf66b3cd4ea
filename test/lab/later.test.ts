/**
 * after two minutes of the busy load, in which memory has filled and lists have grown, each experiment holds as on a
 * fresh machine.
 */
import {expect, test} from 'vitest';
import type {Experiment} from '../../source/lab/experiment.ts';
import {experiments} from '../../source/lab/experiments/list.ts';
import {inject} from '../../source/lab/injections.ts';
import {isLong} from '../sample.ts';
import {quietMachine, untilEnded} from './support.ts';

/**
 * Machines that cost least for all claims to be made of one: of two kernels the one that more claims are about. Memory
 * is full after 41 s; where caches are not coherent, seconds are dear.
 */
const allMachines = [
	{era: 'ldd3', seconds: 120},
	{era: '5.10', seconds: 120},
	{era: 'ldd3', preset: 'bounce', seconds: 120},
	{era: 'ldd3', preset: 'iommu', seconds: 120},
	{era: 'ldd3', preset: 'noncoherent', seconds: 50},
	{era: 'ldd3', preset: '1g', seconds: 50},
	{era: 'ldd3', preset: 'pae', seconds: 50},
] as const;

const machineOf = ({eras, preset}: Experiment) =>
	allMachines.find(
		each => ('preset' in each ? each.preset : undefined) === preset && (eras ?? [each.era]).includes(each.era),
	);

const cases = allMachines.map(machine => {
	const mine = experiments.filter(each => machineOf(each) === machine);
	// What leaves damage goes last, the oops at the very end.
	const order = ({name, disposable}: Experiment) => (disposable ? (name === 'aio-twice' ? 2 : 1) : 0);
	return {machine, experiments: [...mine].sort((a, b) => order(a) - order(b))};
});

test('every experiment has a machine here', () => {
	const tried = new Set(cases.flatMap(({experiments}) => experiments));
	const left = experiments.filter(each => !tried.has(each));
	expect(left).toEqual([]);
});

/** As a sample the machine of most experiments, and one whose free memory has just run out. */
const sample = [cases[0]!, {...cases[2]!, machine: {...allMachines[2], seconds: 44}}];

test.each(isLong ? cases : sample)('$machine', {timeout: 300_000}, ({machine: {seconds, ...machine}, experiments}) => {
	const later = quietMachine({...machine, load: 'busy'});
	later.run(seconds * 1e9, Number.MAX_SAFE_INTEGER);
	const ended = experiments.map(experiment => {
		const among = [{...experiment, disposable: false}];
		return untilEnded(later, [inject(later, experiment.name, 'test', among)])[0]!;
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
