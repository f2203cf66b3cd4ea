/** Machines that share one time: mmtop compare. */
import {describe, expect, test} from 'vitest';
import {files} from '../../source/formats/files.ts';
import {experiments} from '../../source/lab/experiments/list.ts';
import {bootLab} from '../../source/lab/lab.ts';
import {togetherAs} from '../../source/target/asOne.ts';
import {machinesTogether} from '../../source/target/together.ts';
import {fakeClock} from './support/fakeClock.ts';
import {fakeMachine} from './support/fakeMachine.ts';

const clockFile = files.clock.path;
const ticks = {paths: ['/proc/ticks']};

describe('as one machine', () => {
	test('whatever is due first happens first, and all end at the same instant', () => {
		const order: string[] = [];
		const [slow, fast] = [fakeMachine({periodNs: 5}), fakeMachine({periodNs: 2})];
		slow.onEvent = () => order.push(`slow ${slow.timeNs()}`);
		fast.onEvent = () => order.push(`fast ${fast.timeNs()}`);
		const both = togetherAs([slow, fast]);
		expect(both.run(6, 100)).toBe('reached');
		expect(order).toEqual(['fast 2', 'fast 4', 'slow 5', 'fast 6']);
		expect([slow.timeNs(), fast.timeNs(), both.timeNs()]).toEqual([6, 6, 6]);
		expect(both.nextEventNs()).toBe(8);
	});

	test('so many events and no more; the rest is for the next run', () => {
		const machines = [fakeMachine({periodNs: 5}), fakeMachine({periodNs: 2})];
		const both = togetherAs(machines);
		expect(both.run(6, 3)).toBe('budget');
		expect(both.run(6, 1)).toBe('reached');
		expect(machines.map(machine => machine.seq())).toEqual([1, 3]);
	});

	test('a state that is held on one holds all, until it is let go', () => {
		const [a, b] = [fakeMachine({periodNs: 3, holdAtNs: [3]}), fakeMachine({periodNs: 2})];
		const both = togetherAs([a, b]);
		expect(both.run(100, 100)).toBe('hold');
		expect(both.clock().holding).toBe('tick 1');
		expect(both.run(100, 100)).toBe('hold');
		expect([a.timeNs(), b.timeNs()], 'the other one comes up to that instant').toEqual([3, 3]);
		expect(b.seq()).toBe(1);
		both.releaseHold();
		expect(both.run(8, 100)).toBe('reached');
		expect([a.timeNs(), b.timeNs()]).toEqual([8, 8]);
	});

	test('what is due at the instant of a hold has happened on the other one, too', () => {
		const [a, b] = [fakeMachine({periodNs: 3, holdAtNs: [6]}), fakeMachine({periodNs: 2})];
		expect(togetherAs([a, b]).run(100, 100)).toBe('hold');
		expect([a.timeNs(), b.timeNs(), b.seq()]).toEqual([6, 6, 3]);
	});

	test('one that awaits the same state goes on until that is held, a budget at a time; one let go, all are', () => {
		const state = 'x: shown';
		const [a, b] = [
			fakeMachine({periodNs: 3, holdAtNs: [3], state}),
			fakeMachine({periodNs: 2, holdAtNs: [10], state}),
		];
		const both = togetherAs([a, b]);
		expect(both.run(4, 3)).toBe('budget');
		expect(both.clock().holding).toBe(state);
		expect(both.run(4, 100)).toBe('hold');
		expect([a, b].map(machine => [machine.timeNs(), machine.clock().holding])).toEqual([
			[3, state],
			[10, state],
		]);
		both.releaseHold();
		expect(both.timeNs()).toBe(3);
		expect(both.run(9, 100)).toBe('reached');
		expect([a.timeNs(), b.timeNs()]).toEqual([9, 10]);
		expect(both.run(12, 100)).toBe('reached');
		expect([a.timeNs(), b.timeNs(), a.seq(), b.seq()]).toEqual([12, 12, 4, 6]);
	});

	test.each([
		['one that comes within 10 ms is waited for', {periodNs: 3 + 10e6}, 3 + 10e6, 'x'],
		['one that comes later is not', {periodNs: 4 + 10e6}, 3, undefined],
		['another state is not', {periodNs: 5, state: 'y'}, 3, undefined],
	])('%s', (_what, options, timeNs, holding) => {
		const a = fakeMachine({periodNs: 3, holdAtNs: [3], state: 'x'});
		const b = fakeMachine({holdAtNs: [options.periodNs], state: 'x', ...options});
		expect(togetherAs([a, b]).run(100, 100)).toBe('hold');
		expect([b.timeNs(), b.clock().holding]).toEqual([timeNs, holding]);
	});

	test('one that is paused does not come up', () => {
		const [a, b] = [fakeMachine({periodNs: 3, holdAtNs: [3]}), fakeMachine({periodNs: 2})];
		b.write(clockFile, 'pause', 'test');
		expect(togetherAs([a, b]).run(100, 100)).toBe('hold');
		expect([a.timeNs(), b.timeNs()]).toEqual([3, 0]);
	});

	test('two machines show each state of a workload together, though it takes them different times', () => {
		const machines = (['lab', 'bounce'] as const).map(preset => bootLab({preset, era: '6.1', load: 'quiet'}));
		const both = togetherAs(machines);
		const {declares} = experiments.find(({name}) => name === 'pin-leak')!;
		const names = declares.map(state => `pin-leak: ${state}`);
		const awaited = () => machines.map(machine => names.filter(name => machine.awaits(name)));
		expect(awaited(), 'nothing was injected').toEqual([[], []]);
		for (const machine of machines) machine.write(files.inject.path, 'pin-leak', 'test');
		const apart: number[] = [];
		for (const [index, name] of names.entries()) {
			expect(awaited()).toEqual([names.slice(index), names.slice(index)]);
			let outcome: string;
			do outcome = both.run(10e9, 1000);
			while (outcome === 'budget');
			expect(machines.map(machine => machine.clock().holding)).toEqual([name, name]);
			apart.push(machines[1]!.timeNs() - machines[0]!.timeNs());
			both.releaseHold();
		}
		expect(Math.max(...apart.map(Math.abs)), 'not all at the same instant by chance').toBeGreaterThan(0);
	});

	test('a state that will not be held is not awaited', () => {
		const machine = bootLab({load: 'quiet'});
		const awaits = () => machine.awaits(names.at(-1)!);
		const {declares} = experiments.find(({name}) => name === 'mremap-growth')!;
		const names = declares.map(state => `mremap-growth: ${state}`);
		machine.write(files.inject.path, 'mremap-growth', 'test');
		expect(awaits()).toBe(true);
		machine.write(clockFile, 'watch off', 'test');
		expect(awaits(), 'without a watcher').toBe(false);
		machine.write(clockFile, 'watch on', 'test');
		while (machine.clock().holding === undefined) machine.run(10e9, 1);
		expect(awaits()).toBe(true);
		machine.write(clockFile, 'go', 'test');
		expect(awaits(), 'it was let go').toBe(false);
		machine.run(10e9, 1e9);
		machine.write(files.inject.path, 'mremap-growth', 'test');
		expect(awaits()).toBe(true);
		machine.write(clockFile, 'rewind 1ms', 'test');
		expect(awaits(), 'it is on its way back').toBe(false);
	});

	test('after a part of what is due all are at one instant, too', () => {
		const machines = [fakeMachine({periodNs: 5}), fakeMachine({periodNs: 5}), fakeMachine({periodNs: 7})];
		const all = togetherAs(machines);
		expect(all.run(100, 1)).toBe('budget');
		expect(machines.map(machine => [machine.timeNs(), machine.seq()])).toEqual([
			[5, 1],
			[5, 1],
			[5, 0],
		]);
	});

	test('one on its way back takes no more of a turn than its share', () => {
		const [a, b] = [fakeMachine({periodNs: 5}), fakeMachine({periodNs: 7})];
		let done = 0;
		const back = {
			...a,
			timeNs: () => 1000,
			nextEventNs: () => done,
			clock: () => ({...a.clock(), paused: true, stepsWanted: 100 - done}),
			run: () => (++done < 100 ? ('budget' as const) : ('reached' as const)),
		};
		const both = togetherAs([back, b]);
		expect(both.run(1000, 16)).toBe('budget');
		expect([done, b.seq()]).toEqual([15, 2]);
	});

	test.each([
		[{pace: 'read', readMs: 7}, {pace: 'manual', readMs: 9}, 'read', 7],
		[{pace: 'read', readMs: 7, holdAtNs: [3]}, {pace: 'fast', readMs: 9, holdAtNs: [3]}, 'read', 9],
		[{pace: 'read', readMs: 7, holdAtNs: [3]}, {pace: 'manual', readMs: 5, holdAtNs: [3]}, 'manual', 7],
	] as const)('as patient as the most patient of those that are held: %j %j', (one, other, pace, readMs) => {
		const machines = [{holdAtNs: [3], ...one}, other].map(each => fakeMachine({periodNs: 3, state: 'x', ...each}));
		const both = togetherAs(machines);
		expect(both.run(3, 9)).toBe('hold');
		expect(both.clock()).toMatchObject({pace, readMs, stays: false});
		machines[0]!.write(clockFile, 'stay', 'test');
		expect(both.clock().stays).toBe(true);
	});

	test('a paused one holds up none of the others; where all are paused, each takes its own steps', () => {
		const [a, b] = [fakeMachine({periodNs: 5}), fakeMachine({periodNs: 2})];
		const both = togetherAs([a, b]);
		a.write(clockFile, 'pause', 'test');
		expect(both.clock().paused).toBe(false);
		expect(both.run(4, 100)).toBe('reached');
		expect([a.timeNs(), b.timeNs()]).toEqual([0, 4]);
		b.write(clockFile, 'pause', 'test');
		expect(both.clock()).toMatchObject({paused: true, stepsWanted: 0});
		for (const machine of [a, b]) machine.write(clockFile, 'step', 'test');
		expect(both.clock().stepsWanted).toBe(1);
		both.run(Number.MAX_SAFE_INTEGER, 2);
		expect([a.timeNs(), b.timeNs()]).toEqual([5, 6]);
	});
});

function start(one: Parameters<typeof fakeMachine>[0] = {}) {
	const wall = fakeClock();
	const machines = [fakeMachine({periodNs: 1_000_000, ...one}), fakeMachine({periodNs: 3_000_000})];
	const together = machinesTogether(
		machines.map((machine, index) => ({machine, name: `machine ${index}`})),
		wall,
	);
	return {wall, machines, ...together};
}

describe('as targets', () => {
	test('questions of one moment are answered at one instant', async () => {
		const {wall, targets, machines} = start();
		wall.advance(100);
		const first = targets[0]!.sample(ticks);
		wall.busy(30);
		const [a, b] = await Promise.all([first, targets[1]!.sample(ticks)]);
		expect([a.timeNs, b.timeNs]).toEqual([130e6, 130e6]);
		expect([a.files, b.files]).toEqual([{'/proc/ticks': {text: '130\n'}}, {'/proc/ticks': {text: '43\n'}}]);
		expect(machines.map(machine => machine.timeNs())).toEqual([130e6, 130e6]);
		expect(targets.map(({name}) => name)).toEqual(['machine 0', 'machine 1']);
	});

	test('one that nobody else asks with is answered after a while', async () => {
		const {wall, targets} = start();
		const alone = targets[1]!.sample(ticks);
		wall.advance(149);
		expect(await Promise.race([alone, Promise.resolve('waits')])).toBe('waits');
		wall.advance(1);
		expect((await alone).timeNs).toBe(150e6);
	});

	test('a write is for its own machine, and is refused as that refuses it', async () => {
		const {targets, machines} = start();
		await targets[0]!.write('/proc/kmsg', 'hello');
		expect(machines.map(({session}) => session.length)).toEqual([1, 0]);
		await expect(targets[1]!.write('/proc/ticks', '1')).rejects.toThrow(/^EACCES/);
		expect(await targets[1]!.read('/proc/ticks')).toBe('0\n');
		await expect(targets[1]!.list('/nowhere')).rejects.toThrow(/^ENOENT/);
	});

	test('what is written to both in one turn is written at one instant, and time goes on then', async () => {
		const {wall, targets, machines} = start();
		wall.advance(100);
		wall.busy(5);
		const writes = [targets[0]!.write(clockFile, 'pause')];
		wall.busy(5);
		writes.push(targets[1]!.write(clockFile, 'pause'));
		await Promise.all(writes);
		expect(machines.map(({session}) => session[0]?.timeNs)).toEqual([105e6, 105e6]);
		wall.advance(50);
		expect(machines.map(machine => machine.timeNs())).toEqual([105e6, 105e6]);
		await Promise.all(targets.map(target => target.write(clockFile, 'run')));
		wall.advance(50);
		await targets[0]!.read('/proc/ticks');
		expect(machines.map(machine => machine.timeNs())).toEqual([155e6, 155e6]);
	});

	test('so it is where they lag behind', async () => {
		const {wall, targets, machines} = start();
		machines[0]!.onEvent = () => wall.busy(2);
		wall.advance(100);
		const [one, other] = targets;
		await Promise.all([one!.write('/proc/kmsg', 'a'), other!.write('/proc/kmsg', 'b')]);
		const [at, same] = machines.map(({session}) => session[0]!.timeNs);
		expect(at).toBe(same);
		expect(at).toBeLessThan(100e6);
	});

	test('a question behind a write is answered when the write has had its effect', async () => {
		const {wall, targets, machines} = start();
		await Promise.all(targets.map(target => target.write(clockFile, 'pause')));
		wall.advance(10);
		for (const target of targets) void target.write(clockFile, 'step');
		const answers = Promise.all(targets.map(target => target.sample(ticks)));
		wall.advance(0);
		expect((await answers).map(({files: read}) => read)).toEqual(['1\n', '1\n'].map(text => ({'/proc/ticks': {text}})));
		expect(machines.map(machine => machine.timeNs())).toEqual([1e6, 3e6]);
		const late = targets[0]!.sample(ticks);
		wall.busy(200);
		void targets[1]!.write(clockFile, 'step');
		wall.advance(1);
		wall.advance(1);
		expect((await late).timeNs).toBe(1e6);
	});

	describe('a held state', () => {
		/** Both halves of a screen ask, draw and ask again for so long. */
		const watch = async ({wall, targets}: ReturnType<typeof start>, forMs: number) => {
			for (let ms = 0; ms < forMs; ms += 25) {
				wall.advance(25);
				await Promise.all(targets.map(target => target.sample(ticks)));
			}
		};
		const held = ({machines}: ReturnType<typeof start>) => machines.map(machine => machine.clock().holding);

		test('of which somebody said that it stays does, until he goes on', async () => {
			const pair = start({holdAtNs: [60e6]});
			await watch(pair, 75);
			expect(held(pair)).toEqual(['tick 60', undefined]);
			for (const target of pair.targets) await target.write(clockFile, 'stay');
			await watch(pair, 5000);
			expect(held(pair)).toEqual(['tick 60', undefined]);
			expect(pair.machines.map(machine => machine.timeNs())).toEqual([60e6, 60e6]);
			for (const target of pair.targets) await target.write(clockFile, 'next');
			await watch(pair, 50);
			expect(pair.machines.map(machine => machine.timeNs() > 60e6)).toEqual([true, true]);
		});

		test('waits as long as its machine’s pace says: both halves are one reader', async () => {
			const manual = start({holdAtNs: [60e6], pace: 'manual', readMs: 400});
			await watch(manual, 5000);
			expect(held(manual)).toEqual(['tick 60', undefined]);
			const reading = start({holdAtNs: [60e6], pace: 'read', readMs: 400});
			await watch(reading, 75);
			await watch(reading, 350);
			expect(held(reading)).toEqual(['tick 60', undefined]);
			await watch(reading, 100);
			expect(held(reading)).toEqual([undefined, undefined]);
		});
	});

	test('once stopped they answer nothing any more, whoever still waits', async () => {
		const {targets, stop, wall} = start();
		const waits = targets[0]!.sample(ticks);
		stop();
		await expect(waits).rejects.toThrow('EDISCONNECTED: the machines were stopped');
		await expect(targets[1]!.read('/proc/ticks')).rejects.toThrow('EDISCONNECTED');
		expect(wall.timers()).toBe(0);
	});

	test('one that breaks takes both along, and says when', async () => {
		const {targets, machines, wall} = start();
		machines[1]!.onEvent = () => {
			throw new Error('a bug of ours');
		};
		wall.advance(10);
		await expect(targets[0]!.read('/proc/ticks')).rejects.toThrow(
			/^EIO: the simulated machines broke at \d+ ns: a bug of ours$/,
		);
	});
});
