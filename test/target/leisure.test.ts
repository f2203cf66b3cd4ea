/** Idle time: it is spent while nothing else is due, in slices, and no more than its part. */
import {expect, test} from 'vitest';
import {spendLeisure} from '../../source/target/leisure.ts';
import {fakeClock} from './support/fakeClock.ts';

/** A machine that has so much to do, each piece of which takes a wall millisecond. */
function idle({pieces = Number.POSITIVE_INFINITY, unasked = false} = {}) {
	const wall = fakeClock();
	const has = {pieces, done: 0, leisure: 'still' as 'none' | 'between' | 'still', unasked: undefined as unknown};
	const machine = {
		follow(events: number, isUnasked: boolean) {
			has.unasked = isUnasked;
			if (events === 0) return has.pieces > 0;
			if (has.pieces === 0) return false;
			wall.busy(1);
			has.pieces--;
			has.done++;
			return has.pieces > 0;
		},
	};
	const {look, end} = spendLeisure({machine, pacer: {leisure: () => has.leisure}, wall, unasked});
	return {wall, has, look, end};
}

test.each([
	['still', 700, 900],
	['between', 80, 110],
] as const)('while time stands or runs (%s), %i to %i of a thousand milliseconds go to it', (leisure, least, most) => {
	const {wall, has, look} = idle();
	has.leisure = leisure;
	look();
	wall.advance(36);
	const before = has.done;
	wall.advance(1000);
	expect(has.done - before).toBeGreaterThanOrEqual(least);
	expect(has.done - before).toBeLessThanOrEqual(most);
});

test('what is done is looked at once a second at most, without a timer, and goes on when there is more', () => {
	const {wall, has, look} = idle({pieces: 3});
	look();
	wall.advance(500);
	expect([has.done, wall.timers()]).toEqual([3, 0]);
	has.pieces = 2;
	look();
	expect(wall.timers()).toBe(0);
	wall.advance(600);
	look();
	look();
	expect(wall.timers()).toBe(1);
	wall.advance(500);
	expect([has.done, wall.timers()]).toEqual([5, 0]);
});

test('where no time is left over nothing is done', () => {
	const {wall, has, look} = idle();
	has.leisure = 'none';
	look();
	wall.advance(500);
	expect([has.done, wall.timers()]).toEqual([0, 0]);
});

test('it says whether it may begin unasked, and can be ended', () => {
	for (const unasked of [true, false]) {
		const {wall, has, look, end} = idle({unasked});
		look();
		wall.advance(37);
		expect(has.unasked).toBe(unasked);
		end();
		expect(wall.timers()).toBe(0);
		wall.advance(5000);
		look();
		expect(wall.timers()).toBe(0);
	}
});

test('a machine that has nothing of the kind is left alone', () => {
	const wall = fakeClock();
	const {look} = spendLeisure({machine: {}, pacer: {leisure: () => 'still'}, wall, unasked: true});
	look();
	wall.advance(100);
	expect(wall.timers()).toBe(0);
});
