/** Machines that share one time: mmtop compare. */
import {describe, expect, test} from 'vitest';
import {files} from '../../source/formats/files.ts';
import {machinesTogether, togetherAs} from '../../source/target/together.ts';
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

function start() {
	const wall = fakeClock();
	const machines = [fakeMachine({periodNs: 1_000_000}), fakeMachine({periodNs: 3_000_000})];
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

	test('once stopped they answer nothing any more, not even what is still awaited', async () => {
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
