import {describe, expect, test} from 'vitest';
import type {kioctx} from '../../../source/kernel/fs/aio.ts';
import {get_reqs_available, put_reqs_available} from '../../../source/kernel/fs/aio_slots.ts';
import {bareKernel} from '../bare.ts';

/** The slots of a ring, and nothing else of it. */
function withSlots(available: number, perCpu: number[], batch: number) {
	const slots = {available, perCpu, batch, completed: 0};
	return {ctx: {slots} as unknown as kioctx, left: () => [slots.available, ...slots.perCpu]};
}

describe('from 3.12 on each CPU takes slots in batches', () => {
	const k = bareKernel({era: '5.10', cpus: 2});

	test('the last whole batch can be taken, less than one cannot', () => {
		const {ctx, left} = withSlots(11, [0, 0], 8);
		for (let taken = 0; taken < 8; taken++) expect(get_reqs_available(k, ctx)).toBe(true);
		expect(left()).toEqual([3, 0, 0]);
		expect(get_reqs_available(k, ctx)).toBe(false);
		expect(left()).toEqual([3, 0, 0]);
	});

	test('a batch that is all there is can be taken', () => {
		const {ctx, left} = withSlots(8, [0, 0], 8);
		expect(get_reqs_available(k, ctx)).toBe(true);
		expect(left()).toEqual([0, 7, 0]);
	});

	test('what a CPU has is not another’s', () => {
		const {ctx} = withSlots(7, [0, 5], 8);
		expect(get_reqs_available(k, ctx)).toBe(false);
		k.cpu = k.sched.cpus[1]!;
		expect(get_reqs_available(k, ctx)).toBe(true);
		k.cpu = k.sched.cpus[0]!;
	});

	test('a CPU keeps less than two batches: the second goes back to all', () => {
		const {ctx, left} = withSlots(0, [14, 0], 8);
		put_reqs_available(k, ctx, 1);
		expect(left()).toEqual([0, 15, 0]);
		put_reqs_available(k, ctx, 1);
		expect(left()).toEqual([8, 8, 0]);
		put_reqs_available(k, ctx, 24);
		expect(left()).toEqual([32, 8, 0]);
	});
});
