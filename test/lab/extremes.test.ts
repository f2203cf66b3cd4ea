import {expect, test} from 'vitest';
import type {Experiment} from '../../source/lab/experiment.ts';
import {experiments} from '../../source/lab/experiments/list.ts';
import {isLong, sampleOf} from '../sample.ts';
import {belongings, quietLab, run, runAll} from './support.ts';

/** Each parameter at its least and at its most; what an experiment sleeps shows nothing that a second does not. */
function extremes({name, parameters}: Experiment): readonly string[] {
	return parameters.flatMap(parameter =>
		[parameter.least, parameter.unit === 'ms' ? Math.min(parameter.most, 1_000) : parameter.most].map(
			value => `${name} ${parameter.name}=${value}`,
		),
	);
}

const cases = experiments.filter(({parameters}) => parameters.length > 0);

test.each(
	sampleOf(cases, 10),
)('$name ends, with each parameter at its least and its most, and leaves nothing', experiment => {
	const {eras, preset, disposable} = experiment;
	const machine = () => quietLab({era: eras?.[0] ?? 'ldd3', ...(preset && {preset})});
	const lines = extremes(experiment);
	if (disposable) {
		for (const line of lines) expect(run(machine(), line).result, line).toMatch(/^(?!its process was killed).+/);
		return;
	}
	const lab = machine();
	const all = () => lines.map(line => run(lab, line));
	all();
	const before = belongings(lab);
	for (const {status, result, parameters} of all()) {
		const line = parameters.map(({name, value}) => `${name}=${value}`).join(' ');
		expect(['done', 'failed'], line).toContain(status);
		expect(result, line).toMatch(/^(?!its process was killed).+/);
	}
	expect(belongings(lab)).toEqual(before);
});

test('under the busy load, all that a usual machine takes hold, three of each at once', () => {
	const lab = quietLab({load: 'busy'});
	lab.run(isLong ? 10e9 : 2e9, Number.MAX_SAFE_INTEGER);
	const usual = experiments.filter(
		({eras, preset, disposable}) => !preset && !disposable && (!eras || eras.includes('ldd3')),
	);
	const ended = runAll(
		lab,
		usual.flatMap(({name}) => [name, name, name]),
	);
	const failed = ended.filter(({status}) => status !== 'done');
	expect(
		failed.map(({name, result, observations}) => [name, result, observations.filter(each => each.state !== 'held')]),
	).toEqual([]);
});
