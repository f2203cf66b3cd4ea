/** On its way back in time a machine runs in long turns, shows now and then how far it is, and can be told to stay. */
import {expect, test} from 'vitest';
import {togetherAs} from '../../source/target/asOne.ts';
import {Pacer} from '../../source/target/pacer.ts';
import {Watchers} from '../../source/target/watchers.ts';
import {fakeClock} from './support/fakeClock.ts';
import {fakeMachine} from './support/fakeMachine.ts';

/** A machine each of whose runs takes a wall millisecond, with so many left on its way. */
function onItsWay({runs = Number.POSITIVE_INFINITY, isRewinding = true} = {}) {
	const wall = fakeClock();
	const seen = {left: runs, runs: 0, changes: [] as number[]};
	const machine = {
		timeNs: () => 5e9,
		nextEventNs: () => 1e9,
		releaseHold: () => {},
		clock: () => ({
			rate: 1,
			paused: true,
			stepsWanted: seen.left > 0 ? Number.MAX_SAFE_INTEGER : 0,
			untilNs: undefined,
			holding: undefined,
			isRewinding: isRewinding && seen.left > 0,
		}),
		run() {
			wall.busy(1);
			seen.runs++;
			seen.left--;
			return seen.left > 0 ? ('budget' as const) : ('reached' as const);
		},
	};
	const onCrash = (error: unknown) => {
		throw error;
	};
	const onChange = () => void seen.changes.push(seen.left);
	const pacer = (of: typeof machine | ReturnType<typeof togetherAs> = machine) =>
		new Pacer({machine: of, wall, watchers: new Watchers(), onChange, onCrash});
	return {wall, seen, machine, pacer};
}

test('a turn takes four times as long as one of steps, and the next follows at once', () => {
	for (const [isRewinding, runs] of [
		[true, 32],
		[false, 8],
	] as const) {
		const {seen, wall, pacer} = onItsWay({isRewinding});
		pacer().turn();
		expect(seen.runs).toBe(runs);
		wall.advance(1);
		expect(seen.runs).toBe(2 * runs);
	}
});

test('it is shown four times a second, and when it is there', () => {
	const {seen, wall, pacer} = onItsWay({runs: 1001});
	pacer().turn();
	while (seen.runs < 1001) wall.advance(1);
	expect(seen.changes.length).toBeGreaterThanOrEqual(4);
	expect(seen.changes.length).toBeLessThanOrEqual(6);
	expect(seen.changes.at(-1)).toBe(0);
	expect(wall.timers()).toBe(0);
});

test('there is no idle time meanwhile, and there is when it has arrived', () => {
	const {seen, pacer} = onItsWay();
	const paces = pacer();
	paces.turn();
	expect(paces.leisure()).toBe('none');
	seen.left = 0;
	paces.turn();
	expect(paces.leisure()).toBe('still');
});

test('of two machines one may be on its way while the other stands', () => {
	const {machine, seen, pacer} = onItsWay();
	const stands = onItsWay({runs: 0}).machine;
	expect(togetherAs([machine, stands]).clock().isRewinding).toBe(true);
	expect(togetherAs([stands, stands]).clock().isRewinding).toBe(false);
	pacer(togetherAs([stands, machine])).turn();
	expect(seen.runs).toBeGreaterThan(0);
});

test('of two machines one comes back while a state of the other is held for as long as its reader wants', () => {
	const {machine, seen, wall} = onItsWay({runs: 1001});
	const held = fakeMachine({periodNs: 1e6, holdAtNs: [1e6], pace: 'manual'});
	const watchers = new Watchers();
	const watcher = watchers.join();
	const watch = (forMs: number) => {
		for (let ms = 0; ms < forMs; ms += 25) {
			watchers.asked(watcher, wall.nowMs());
			wall.advance(25);
		}
	};
	const onChange = () => void seen.changes.push(seen.left);
	const onCrash = (error: unknown) => {
		throw error;
	};
	const stands = fakeMachine();
	stands.write('/sys/kernel/debug/lab/clock', 'pause', 'test');
	let goesBack = false;
	const first = {
		...stands,
		clock: () => (goesBack ? machine.clock() : stands.clock()),
		run: (limitNs: number, maxEvents: number) => (goesBack ? machine.run() : stands.run(limitNs, maxEvents)),
	};
	const pacer = new Pacer({machine: togetherAs([first, held]), wall, watchers, onChange, onCrash});
	pacer.turn();
	watch(50);
	expect(held.clock().holding).toBe('tick 1');
	goesBack = true;
	pacer.turn();
	expect(pacer.leisure()).toBe('none');
	seen.changes.length = 0;
	watch(2000);
	expect([seen.left, held.clock().holding, held.timeNs()]).toEqual([0, 'tick 1', 1e6]);
	expect(seen.changes.length, 'shown four times a second').toBeLessThanOrEqual(6);
	expect(seen.changes.at(-1), 'and when it is there').toBe(0);
	expect(pacer.leisure()).toBe('still');
});
