import fc from 'fast-check';
import {expect, test} from 'vitest';
import type {Pfn} from '../../source/hardware/address.ts';
import {SIGKILL} from '../../source/kernel/bug.ts';
import {O_WRONLY} from '../../source/kernel/fs/file.ts';
import type {Kernel} from '../../source/kernel/kernel.ts';
import {__GFP_NOWARN, GFP_ATOMIC, GFP_HIGHUSER} from '../../source/kernel/mm/gfp.ts';
import {put_page, try_alloc_pages} from '../../source/kernel/mm/page_alloc.ts';
import {sys_kill} from '../../source/kernel/signal.ts';
import type {Experiment} from '../../source/lab/experiment.ts';
import {experiments} from '../../source/lab/experiments/list.ts';
import {type Injection, inject, injectionNamed} from '../../source/lab/injections.ts';
import {User} from '../../source/lab/userland.ts';
import {isLong, sampleOf} from '../sample.ts';
import {
	belongings,
	clockPath,
	hasEnded,
	injections,
	injectPath,
	mostEvents,
	quietLab,
	quietMachine,
} from './support.ts';

const lasting = experiments.filter(({disposable}) => !disposable);
const machineOf = ({eras, preset}: Experiment) => ({era: eras?.[0] ?? 'ldd3', ...(preset && {preset})});

/** Short where an experiment can be. */
const quick = ({name, parameters}: Experiment) =>
	parameters.some(each => each.name === 'hold') && name !== 'mmap-sem' ? `${name} hold=1` : name;

const emptyScull: Experiment = {
	...lasting[0]!,
	name: 'empty-scull',
	*run({k}) {
		const u = new User(k);
		for (const path of [0, 1, 2, 3].map(minor => `/dev/scullp${minor}`).concat('/dev/scullv3'))
			yield* u.close(yield* u.open(path, O_WRONLY));
		return 'opened for writing only, they forgot what they had';
	},
};

/** Lets time pass until these have ended. Asks the machine itself, for its file is long in the end. */
function untilEnded(machine: ReturnType<typeof quietMachine>, ids: readonly number[]): readonly Injection[] {
	const limit = machine.timeNs() + 30e9;
	const mine = ids.map(id => injectionNamed(machine.injections, id)!);
	while (!mine.every(hasEnded) && machine.timeNs() < limit) machine.run(machine.timeNs() + 20e6, mostEvents);
	return mine;
}

/** Lets init reap who died, and children that wait for their parents give up. */
function settle(machine: ReturnType<typeof quietMachine>): void {
	const limit = machine.timeNs() + 3e9;
	const injected = () => [...machine.k.sched.tasks.values()].some(({injection}) => injection !== 0);
	do machine.run(machine.timeNs() + 20e6, mostEvents);
	while (injected() && machine.timeNs() < limit);
}

/** Machines are used again: whatever an experiment took must be back each time. */
const machines = new Map<string, ReturnType<typeof quietMachine>>();

function machineFor(experiment: Experiment) {
	const options = machineOf(experiment);
	const key = JSON.stringify(options);
	const machine = machines.get(key) ?? quietMachine(options);
	machines.set(key, machine);
	return {
		...machine,
		start: () => inject(machine, quick(experiment), 'test'),
		left() {
			// A scull device keeps what was written to it, whoever wrote it.
			untilEnded(machine, [inject(machine, 'empty-scull', 'test', [emptyScull])]);
			settle(machine);
			return belongings(machine);
		},
	};
}

test.each(sampleOf(lasting, 7))('ten of $name in one instant all end, and leave nothing', experiment => {
	const machine = machineFor(experiment);
	const ten = () => untilEnded(machine, Array.from({length: 10}, machine.start));
	ten();
	const before = machine.left();
	expect(ten().map(({status, result}) => (status === 'done' ? 'done' : result))).toEqual(Array(10).fill('done'));
	expect(machine.left()).toEqual(before);
});

test('what is injected while the clock is paused waits, and ends when the clock is stepped', () => {
	const lab = quietLab();
	lab.write(clockPath, 'pause', 'test');
	const id = Number(lab.write(injectPath, 'user-walk', 'test'));
	lab.run(lab.timeNs() + 1e9, mostEvents);
	const mine = () => injections(lab).find(each => each.id === id)!;
	expect(mine().status).toBe('waiting');
	for (let step = 0; step < 10_000 && mine().status !== 'done'; step++) {
		lab.write(clockPath, 'step', 'test');
		lab.run(lab.timeNs() + 1e9, mostEvents);
	}
	expect(mine().status).toBe('done');
	expect(mine().observations.map(({state}) => state)).toEqual(['held', 'held', 'held']);
});

/** Large memory takes long to be used up. */
const isLarge = ({preset = ''}: Experiment) => preset === 'pae' || preset === '1g';
const kinds = [
	...new Set(lasting.filter(each => isLong || !isLarge(each)).map(each => JSON.stringify(machineOf(each)))),
];

test.each(
	sampleOf(kinds, 3),
)('without memory all that take %s end with a result or a sentence, and leave nothing', kind => {
	const experiments = lasting.filter(each => JSON.stringify(machineOf(each)) === kind);
	const machine = machineFor(experiments[0]!);
	const starved = () => {
		const taken = allMemory(machine.k);
		const ended = experiments.flatMap(each => untilEnded(machine, [machineFor(each).start()]));
		for (const page of taken) put_page(machine.k, page);
		return ended;
	};
	// The first time what was cached is reclaimed.
	starved();
	const before = machine.left();
	for (const injection of starved()) {
		expect(hasEnded(injection), injection.experiment.name).toBe(true);
		expect(injection.result, injection.experiment.name).toMatch(/\S/);
	}
	expect(machine.left()).toEqual(before);
});

function allMemory(k: Kernel): Pfn[] {
	const taken: Pfn[] = [];
	for (const gfp of [GFP_HIGHUSER, GFP_ATOMIC])
		for (let page = try_alloc_pages(k, gfp | __GFP_NOWARN, 0); page !== undefined; ) {
			taken.push(page);
			page = try_alloc_pages(k, gfp | __GFP_NOWARN, 0);
		}
	return taken;
}

/** Kills in a run of an experiment; at another event each. */
const kills = 4;

test.each(sampleOf(lasting, 8, 2))('$name, killed at any event, says so and leaves nothing', experiment => {
	const machine = machineFor(experiment);
	const {timeline} = machine.k.hw;
	untilEnded(machine, [machine.start()]);
	const first = timeline.seq;
	untilEnded(machine, [machine.start()]);
	const events = timeline.seq - first;
	const before = machine.left();
	fc.assert(
		fc.property(fc.integer({min: 0, max: events}), after => {
			const id = machine.start();
			const {pids} = injectionNamed(machine.injections, id)!;
			machine.run(machine.timeNs() + 60e9, after);
			sys_kill(machine.k, pids[0]!, SIGKILL);
			const [injection] = untilEnded(machine, [id]);
			expect(injection!.status === 'done' ? 'its process was killed by signal 9' : injection!.result).toBe(
				'its process was killed by signal 9',
			);
			expect(machine.left()).toEqual(before);
		}),
		{numRuns: kills, seed: 1},
	);
});
