/**
 * Models how fs/aio.c keeps a ring from overflowing: a request needs a slot for its event before it starts. Up to 3.11
 * the free slots are counted; from 3.12 on each CPU takes them in batches.
 */
import type {Kernel} from '../kernel.ts';
import type {kioctx} from './aio.ts';
import {aio_ring_avail, eventsWaiting} from './aio_ring.ts';

/** Takes a slot for one request. @returns whether there was one */
export function get_reqs_available(k: Kernel, ctx: kioctx): boolean {
	if (!k.era.aioSlotsPerCpu) return ctx.active_reqs.size < aio_ring_avail(k, ctx.ring);
	if (takeFromBatch(k, ctx)) return true;
	if (ctx.slots.completed === 0) return false;
	refill_reqs_available(k, ctx);
	return takeFromBatch(k, ctx);
}

function takeFromBatch(k: Kernel, ctx: kioctx): boolean {
	const {slots} = ctx;
	const cpu = k.cpu.id;
	if (slots.perCpu[cpu] === 0) {
		if (slots.available < slots.batch) return false;
		slots.available -= slots.batch;
		slots.perCpu[cpu] = slots.batch;
	}
	slots.perCpu[cpu]!--;
	return true;
}

/** Gives slots back to this CPU's share, and what is too much of it to all. */
export function put_reqs_available(k: Kernel, {slots}: kioctx, count: number): void {
	slots.perCpu[k.cpu.id]! += count;
	while (slots.perCpu[k.cpu.id]! >= 2 * slots.batch) {
		slots.perCpu[k.cpu.id]! -= slots.batch;
		slots.available += slots.batch;
	}
}

/** Slots of events that the program has read are free again. */
export function refill_reqs_available(k: Kernel, ctx: kioctx): void {
	const read = Math.max(0, ctx.slots.completed - eventsWaiting(k, ctx.ring));
	if (read === 0) return;
	ctx.slots.completed -= read;
	put_reqs_available(k, ctx, read);
}
