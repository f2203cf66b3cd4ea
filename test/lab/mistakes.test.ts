import {expect, test} from 'vitest';
import type {InjectionRecord} from '../../source/formats/debugfs/lab/inject.ts';
import {ERA_NAMES} from '../../source/kernel/era/behaviour.ts';
import type {KiocbMemory} from '../../source/kernel/fs/kiocb.ts';
import {newKiocbMemory} from '../../source/kernel/fs/kiocb_memory.ts';
import type {Experiment} from '../../source/lab/experiment.ts';
import {dmaMistakes} from '../../source/lab/experiments/dmaMistakes.ts';
import {experiments} from '../../source/lab/experiments/list.ts';
import {inject} from '../../source/lab/injections.ts';
import {quietLab, quietMachine, run, untilEnded} from './support.ts';

/** Sentences that did not hold, after the experiment has ended as it should. */
function failing(options: Parameters<typeof quietLab>[0], line: string): readonly string[] {
	const {status, observations, result} = run(quietLab(options), line);
	expect(result).not.toMatch(/killed/);
	expect(observations.length).toBeGreaterThan(0);
	return status === 'done' ? [] : observations.filter(({state}) => state === 'failed').map(({sentence}) => sentence);
}

test.each(
	ERA_NAMES,
)('%s: a request completed again when another has its memory ends the other with a wrong result', era => {
	expect(failing({era}, 'aio-twice late=1')).toEqual([]);
});

test.each(ERA_NAMES)('%s: a request touched when another has its memory makes the other say 0 bytes', era => {
	expect(failing({era}, 'aio-touch late=1')).toEqual([]);
});

test('a driver that does it right gives the second read its own result, however late one looks', () => {
	for (const name of ['aio-twice', 'aio-touch'])
		expect(failing({}, `${name} late=1 fixed=1`)).toEqual([expect.stringMatching(/^the result of the second read/)]);
});

test('each class of dma-debug can be provoked alone, and is not told of a driver that does it right', () => {
	const lab = quietLab({era: '2.6.32'});
	for (let number = 1; number <= dmaMistakes.length; number++) {
		expect(run(lab, `dma-mistake class=${number}`)).toMatchObject({status: 'done'});
		expect(run(lab, `dma-mistake class=${number} fixed=1`)).toMatchObject({status: 'failed'});
	}
});

/** The experiment, in which others free memory of requests between the driver's mistake and the second read. */
const amongOthers = (experiment: Experiment, freed: number): Experiment => ({
	...experiment,
	disposable: false,
	*run(x) {
		const others: KiocbMemory[] = [];
		while (others.length < freed) others.push((yield* newKiocbMemory(x.k))!);
		const show = x.show;
		return yield* experiment.run({
			...x,
			*show(state) {
				yield* show(state);
				if (state === 'driver came back') x.k.aio.spare.push(...others);
			},
		});
	},
});

test.each(['ldd3', '6.18'])('%s: what a driver spoils is found though memory that was freed since lies above', era => {
	const machine = quietMachine({era});
	const aioTouch = experiments.find(({name}) => name === 'aio-touch')!;
	for (const freed of [0, 1, 7, 200]) {
		const id = inject(machine, 'aio-touch', 'test', [amongOthers(aioTouch, freed)]);
		const [{status, observations}] = untilEnded(machine, [id]) as [InjectionRecord];
		expect([status, observations.filter(({state}) => state !== 'held')], `${freed} above`).toEqual(['done', []]);
	}
});

test('a request of another program in the memory keeps both from running: its end would be no proof', () => {
	for (const name of ['aio-touch', 'aio-twice']) {
		const experiment = experiments.find(each => each.name === name)!;
		const machine = quietMachine();
		const [device] = machine.board.drivers.scullp.slice(2, 3);
		const id = inject(machine, name, 'test', [experiment]);
		// As the driver notes it, whatever it met.
		Object.defineProperty(device, 'cameBackTo', {get: () => 1, set() {}});
		expect(untilEnded(machine, [id])[0]).toMatchObject({
			status: 'could-not-run',
			result: 'another request had the memory when the driver came back',
		});
	}
});
