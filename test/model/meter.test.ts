import {expect, test} from 'vitest';
import {measureLevel, measureRate, withGap} from '../../source/model/meter.ts';
import type {Moment} from '../../source/model/moment.ts';

const at = (ms: number, rate = 1): Moment => ({timeNs: ms * 1e6 * rate, movedMs: ms});

test('a rate is by the virtual second, whatever the rate of virtual time', () => {
	for (const rate of [0.1, 1, 20]) {
		let meter = measureRate(undefined, at(0, rate), 1000);
		meter = measureRate(meter, at(250, rate), 1100);
		expect(meter.columns).toEqual([]);
		meter = measureRate(meter, at(500, rate), 1200);
		expect(meter.columns).toEqual([400 / rate]);
	}
});

test('a level keeps the extreme of its column: a burst between two columns is seen', () => {
	let [most, least] = [measureLevel(undefined, at(0), 3), measureLevel(undefined, at(0), 3, Math.min)];
	for (const [ms, level] of [
		[100, 90],
		[200, 1],
		[500, 4],
	] as const) {
		most = measureLevel(most, at(ms), level);
		least = measureLevel(least, at(ms), level, Math.min);
	}
	expect([most.columns, least.columns]).toEqual([[90], [1]]);
});

test('while the machine stands still a meter stays the same object', () => {
	const meter = measureRate(undefined, at(100), 7);
	expect(measureRate(meter, at(100), 7)).toBe(meter);
	const level = measureLevel(undefined, at(100), 7);
	expect(measureLevel(level, at(100), 7)).toBe(level);
});

test('a counter that went back begins anew, and so does a machine', () => {
	const meter = measureRate(measureRate(undefined, at(0), 500), at(600), 900);
	expect(meter.columns).toHaveLength(1);
	const restarted = measureRate(meter, at(700), 3);
	expect(measureRate(restarted, at(1300), 9).columns.at(-1)).toBe(10);
	expect(measureRate(meter, at(10), 3).columns).toEqual(meter.columns);
});

test('a time when nobody looked is one gap', () => {
	const meter = measureRate(measureRate(undefined, at(0), 0), at(500), 50);
	const gap = withGap(withGap(meter));
	expect(gap.columns).toEqual([100, undefined]);
	// What passed in it is in no column.
	const resumed = measureRate(measureRate(gap, at(9000), 5050), at(9500), 5100);
	expect(resumed.columns).toEqual([100, undefined, 100]);
	const level = withGap(measureLevel(measureLevel(undefined, at(0), 7), at(200), 90));
	expect(measureLevel(measureLevel(level, at(9000), 3), at(9500), 4).columns).toEqual([4]);
});
