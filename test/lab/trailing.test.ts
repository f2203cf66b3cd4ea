/** Machines that follow at a distance: who goes back comes out where he would without them, and sooner. */
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {panic} from '../../source/kernel/bug.ts';
import {bootLab, type Lab, type Running, switchOn} from '../../source/lab/lab.ts';
import type {Distances} from '../../source/lab/trailing.ts';
import {runs} from '../sample.ts';
import {clockPath, everyFile, injectPath, mostEvents} from './support.ts';

const ms = 1e6;
/** So close that a session of a second has all of them. */
const near: Distances = {unasked: 60 * ms, asked: [20 * ms, 60 * ms, 300 * ms]};

const none: Distances = {unasked: Number.POSITIVE_INFINITY, asked: []};

/** A machine that counts how many were switched on for it. */
function followed(distances: Distances = near, does: (on: Running) => void = () => {}) {
	let machines = 0;
	const lab = bootLab(
		{load: 'none'},
		(machine, rewoundNs) => {
			machines++;
			const on = switchOn(machine, rewoundNs);
			does(on);
			return on;
		},
		distances,
	);
	return {lab, machines: () => machines};
}

const write = (lab: Lab, text: string, path: string = clockPath) => void lab.write(path, text, 'test');

function runTo(lab: Lab, timeMs: number) {
	while (lab.run(timeMs * ms, mostEvents) === 'hold') lab.releaseHold();
}

/** @returns how many events and writes it took */
function arrive(lab: Lab): number {
	let turns = 0;
	while (lab.run(0, 1) === 'budget') turns++;
	return turns;
}

function followWholly(lab: Lab, unasked = true) {
	while (lab.follow(1000, unasked));
}

function back(lab: Lab, words: string): number {
	write(lab, words);
	return arrive(lab);
}

describe('who goes back', () => {
	test('has as little left to do as the nearest machine before the goal has', () => {
		const {lab} = followed();
		runTo(lab, 600);
		const eventsAt = (timeMs: number) => {
			const other = bootLab({load: 'none'});
			runTo(other, timeMs);
			return other.events();
		};
		followWholly(lab);
		// One follows unasked.
		expect(back(lab, 'rewind 590ms')).toBe(eventsAt(590) - eventsAt(540));
		// From the first time on all do.
		write(lab, 'run');
		runTo(lab, 600);
		followWholly(lab, false);
		expect(back(lab, 'rewind 580ms')).toBe(0);
		expect(back(lab, 'rewind 579ms')).toBe(eventsAt(579) - eventsAt(540));
		expect(back(lab, 'rewind 578ms')).toBe(eventsAt(578) - eventsAt(300));
		expect(back(lab, 'rewind 299ms')).toBe(eventsAt(299));
	});

	test('has all of them on a young machine too, none of them more than half as old', () => {
		const {lab, machines} = followed();
		runTo(lab, 40);
		expect(lab.follow(0, false)).toBe(false);
		back(lab, 'rewind 30ms');
		expect(lab.follow(0, false)).toBe(true);
		expect(machines()).toBe(2);
		followWholly(lab, false);
		expect(machines()).toBe(5);
		expect([back(lab, 'rewind 15ms'), machines()]).toEqual([0, 5]);
		followWholly(lab, false);
		back(lab, 'rewind 9ms');
		// As young as the nearest is near there are none.
		expect([lab.follow(0, true), machines()]).toEqual([false, 6]);
	});

	test('may change the goal on the way, and loses nothing of it while that is still ahead', () => {
		const {lab, machines} = followed(none);
		runTo(lab, 600);
		write(lab, 'rewind 500ms');
		lab.run(0, 100);
		write(lab, 'pause');
		expect(machines()).toBe(2);
		write(lab, 'rewind 490ms');
		expect(machines()).toBe(2);
		lab.run(0, 100);
		write(lab, 'rewind 400ms');
		expect(machines()).toBe(2);
		arrive(lab);
		expect(lab.timeNs()).toBe(400 * ms);
	});
});

test('what is ahead of where one has gone back to is of another future', () => {
	const {lab} = followed();
	const plain = bootLab({load: 'none'});
	for (const each of [lab, plain]) {
		runTo(each, 600);
		back(each, 'rewind 590ms');
		write(each, 'run');
		runTo(each, 700);
		if (each === lab) followWholly(each);
		// Two of three are ahead of it.
		back(each, 'rewind 450ms');
		write(each, 'run');
		write(each, 'pool-work', injectPath);
		runTo(each, 700);
		back(each, 'rewind 690ms');
	}
	expect(everyFile(lab)).toEqual(everyFile(plain));
});

describe('a machine that never goes back', () => {
	test('has none behind it, unless one is to follow unasked', () => {
		const {lab, machines} = followed();
		runTo(lab, 600);
		followWholly(lab, false);
		expect(machines()).toBe(1);
		followWholly(lab);
		expect(machines()).toBe(2);
	});

	test('has none before it is as old as the distance', () => {
		const {lab, machines} = followed();
		runTo(lab, 60);
		followWholly(lab);
		expect(machines()).toBe(1);
		runTo(lab, 61);
		followWholly(lab);
		expect(machines()).toBe(2);
	});

	test('gives them up when the last return was as long ago as the last one is behind', () => {
		const {lab, machines} = followed({unasked: 1e9, asked: [1e9, 2e9]});
		runTo(lab, 4000);
		back(lab, 'rewind 3500ms');
		followWholly(lab, false);
		expect(machines()).toBe(4);
		write(lab, 'run');
		runTo(lab, 5499);
		followWholly(lab, false);
		expect(machines()).toBe(4);
		runTo(lab, 5500);
		followWholly(lab, false);
		// Nothing is left that one could be taken from.
		back(lab, 'rewind 100ms');
		expect(machines()).toBe(5);
	});
});

test('a machine that others cannot follow is not followed, and goes back as before', () => {
	let times = 0;
	const {lab, machines} = followed(near, ({k}) => {
		if (times++ === 1) k.hw.timeline.at(100 * ms, () => panic(k, 'only here'));
	});
	runTo(lab, 600);
	followWholly(lab);
	expect(machines()).toBe(2);
	expect(lab.follow(1000, true)).toBe(false);
	expect(back(lab, 'rewind 590ms')).toBeGreaterThan(0);
	expect([lab.stopped(), lab.timeNs()]).toEqual([undefined, 590 * ms]);
});

type Act = {readonly name: string; readonly does: (lab: Lab) => void};

const words = (text: string, path: string = clockPath): fc.Arbitrary<Act> =>
	fc.constant({
		name: text,
		does: lab => {
			try {
				write(lab, text, path);
			} catch (error) {
				if (!/^E[A-Z]+: /.test((error as Error).message)) throw error;
			}
		},
	});

/** What a session is made of. Times are short: near ones follow. */
const act: fc.Arbitrary<Act> = fc.oneof(
	{
		weight: 5,
		arbitrary: fc.integer({min: 1, max: 250}).map(forMs => ({
			name: `run ${forMs}`,
			does: (lab: Lab) => {
				runTo(lab, lab.timeNs() / ms + forMs);
			},
		})),
	},
	words('pause'),
	words('run'),
	{weight: 2, arbitrary: fc.integer({min: 1, max: 300}).chain(steps => words(`step ${steps}`))},
	fc.integer({min: 1, max: 900}).chain(untilMs => words(`until ${untilMs}ms`)),
	words('watch off'),
	words('stay'),
	words('go'),
	words('next'),
	words('rate 2'),
	{
		weight: 2,
		arbitrary: fc
			.constantFrom('mremap-growth', 'direct-read pages=8', 'pool-work')
			.chain(each => words(each, injectPath)),
	},
	words('1000', '/proc/sys/fs/aio-max-nr'),
	// A state is held, and what comes is done while it is.
	{
		weight: 1,
		arbitrary: fc.constant({name: 'hold', does: (lab: Lab) => void lab.run(lab.timeNs() + 200 * ms, mostEvents)}),
	},
	{
		weight: 2,
		arbitrary: fc
			.integer({min: 1, max: 400})
			.map(steps => ({name: `back ${steps}`, does: (lab: Lab) => void back(lab, `back ${steps}`)})),
	},
	{
		weight: 2,
		arbitrary: fc.integer({min: 0, max: 99}).map(part => ({
			name: `rewind to ${part}%`,
			does: (lab: Lab) => {
				if (lab.timeNs() > 0) back(lab, `rewind ${Math.floor((lab.timeNs() * part) / 100)}ns`);
			},
		})),
	},
);

const panicsAt =
	(timeNs: number) =>
	({k}: Running) =>
		void k.hw.timeline.at(timeNs, () => panic(k, 'here'));

test.each([
	['any session', () => {}],
	['any session, on a machine that panics', panicsAt(420 * ms)],
] as const)('%s is the same with machines behind it, to the byte', (_what, does) => {
	fc.assert(
		fc.property(fc.array(fc.record({act, follows: fc.nat({max: 4000})}), {minLength: 4, maxLength: 14}), doings => {
			const plain = followed(none, does).lab;
			const {lab} = followed(near, does);
			for (const {
				act: {does: act},
				follows,
			} of doings) {
				act(plain);
				act(lab);
				// As far as there was time for.
				lab.follow(follows, true);
				lab.follow(follows, true);
			}
			expect([lab.timeNs(), lab.events(), lab.session]).toEqual([plain.timeNs(), plain.events(), plain.session]);
			expect(everyFile(lab)).toEqual(everyFile(plain));
		}),
		{numRuns: runs(30), seed: 5},
	);
});
