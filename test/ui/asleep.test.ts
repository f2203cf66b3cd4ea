/** When a student is asleep on the wall of a class. */
import {expect, test} from 'vitest';
import {type Clock, formatClock} from '../../source/formats/debugfs/lab/clock.ts';
import {formatInject} from '../../source/formats/debugfs/lab/inject.ts';
import {path} from '../../source/model/paths.ts';
import {seatPaths} from '../../source/model/seat.ts';
import {initialWall, isAsleep, updateWall} from '../../source/ui/wall/wall.ts';
import {createFakeTarget} from './support/fakeTarget.ts';
import * as records from './support/records.ts';

const fiveMinutesMs = 300_000;

/** A wall with one machine, seen at times that a test names. */
function wallOfOne() {
	const target = createFakeTarget();
	const size = {columns: 80, rows: 24, hasBefore: false, nowMs: 0};
	let wall = initialWall({name: 'monday', role: 'teacher', students: ['anna']}, size);
	const sees = async (nowMs: number, clock: Partial<Clock>, injectedUs: readonly number[]): Promise<void> => {
		target.files.set(path.clock, formatClock(records.clock(clock)));
		const all = injectedUs.map((timeUs, index) => records.injection(index + 1, {timeUs}));
		target.files.set(path.inject, formatInject(records.injectOf(all)));
		target.seq++;
		const sample = await target.sample({paths: seatPaths(new Map())});
		wall = updateWall(wall, {type: 'sampled', index: 0, sample, nowMs}).wall;
	};
	return {
		sees,
		isAsleep: (nowMs: number) => isAsleep(wall.tiles[0]!, nowMs),
		lose: () => {
			wall = updateWall(wall, {type: 'lost', index: 0, reason: 'gone'}).wall;
		},
	};
}

const booted = {timeNs: 0, state: 'running'} as const;

test('five minutes after the last injection, and not before; another injection or pace is something done', async () => {
	const anna = wallOfOne();
	await anna.sees(0, booted, []);
	await anna.sees(1000, {...booted, timeNs: 1e9}, [900_000]);
	expect([fiveMinutesMs + 999, fiveMinutesMs + 1000].map(anna.isAsleep)).toEqual([false, true]);
	// Time goes on by itself.
	await anna.sees(2000, {...booted, timeNs: 2e9, state: 'paused'}, [900_000]);
	expect(anna.isAsleep(fiveMinutesMs + 1000)).toBe(true);
	await anna.sees(3000, {...booted, timeNs: 3e9, pace: 'manual'}, [900_000]);
	expect([fiveMinutesMs + 2999, fiveMinutesMs + 3000].map(anna.isAsleep)).toEqual([false, true]);
});

test.each([
	[1, 300, 0, true],
	[1, 300, 1, false],
	[0.5, 150, 0, true],
	[2, 599, 0, false],
])('a machine seen first at rate %f, at its %i s, injected at %i s: asleep is %s', async (rate, seconds, at, asleep) => {
	const anna = wallOfOne();
	await anna.sees(1e9, {...booted, rate, timeNs: seconds * 1e9}, [at * 1e6]);
	expect(anna.isAsleep(1e9)).toBe(asleep);
});

test('one that stands still when it is seen first, or is lost, is not', async () => {
	const anna = wallOfOne();
	await anna.sees(1e9, {...booted, state: 'paused', timeNs: 900e9}, []);
	expect(anna.isAsleep(1e9)).toBe(false);
	expect(anna.isAsleep(1e9 + fiveMinutesMs)).toBe(true);
	anna.lose();
	expect(anna.isAsleep(1e9 + fiveMinutesMs)).toBe(false);
});
