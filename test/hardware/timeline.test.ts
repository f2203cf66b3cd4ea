import fc from 'fast-check';
import {expect, test} from 'vitest';
import {Timeline} from '../../source/hardware/timeline.ts';

test('events happen in the order of time, and of asking where the time is equal', () => {
	fc.assert(
		fc.property(fc.array(fc.nat(20), {maxLength: 60}), delays => {
			const timeline = new Timeline();
			const seen: {delay: number; index: number}[] = [];
			for (const [index, delay] of delays.entries()) timeline.after(delay, () => seen.push({delay, index}));
			while (timeline.step(100)) {}
			const sorted = delays
				.map((delay, index) => ({delay, index}))
				.sort((a, b) => a.delay - b.delay || a.index - b.index);
			expect(seen).toEqual(sorted);
		}),
	);
});

test('a cancelled event does not happen and does not count', () => {
	const timeline = new Timeline();
	const seen: string[] = [];
	const first = timeline.after(5, () => seen.push('first'));
	timeline.after(7, () => seen.push('second'));
	timeline.cancel(first);
	expect(timeline.nextNs()).toBe(7);
	while (timeline.step(100)) {}
	expect(seen).toEqual(['second']);
	expect(timeline.seq).toBe(1);
});

test('time does not pass over an event, nor run back', () => {
	const timeline = new Timeline();
	timeline.after(10, () => {});
	expect(() => timeline.advanceTo(10)).toThrow(/passed over/);
	timeline.step(10);
	expect(() => timeline.at(9, () => {})).toThrow(/it is 10 ns already/);
	timeline.advanceTo(30);
	expect(timeline.nowNs).toBe(30);
});
