/**
 * Models lib/ratelimit.c (2.6.32 and later) and kernel/printk.c __printk_ratelimit() (2.6.11): a message that would
 * come too often is counted instead.
 */
import type {Kernel} from './kernel.ts';
import {log_store} from './printk.ts';

/** How often a place has spoken: since `beginNs`, or what it has saved up. */
export type Ratelimit = {beginNs: number; printed: number; missed: number};

const BURST = 10;
const INTERVAL_NS = 5e9;

/**
 * Whether a message may be printed now; if others were not, says first how many.
 * @param place function that asks; a limit each
 */
export function ratelimit(k: Kernel, place: string, burst = BURST, intervalNs = INTERVAL_NS): boolean {
	const {limits} = k.log;
	const nowNs = k.hw.timeline.nowNs;
	const known = limits.get(place);
	const limit = known ?? {beginNs: nowNs, printed: 0, missed: 0};
	if (!known) limits.set(place, limit);
	// 2.6.11 gives one more every 5 seconds, later kernels ten every 5 seconds.
	const passed = Math.floor((nowNs - limit.beginNs) / intervalNs);
	if (passed > 0) {
		limit.printed = k.era.ratelimitRefillsWhole ? 0 : Math.max(0, limit.printed - passed);
		limit.beginNs += passed * intervalNs;
		if (k.era.ratelimitRefillsWhole) limit.beginNs = nowNs;
	}
	if (limit.printed >= burst) {
		limit.missed++;
		return false;
	}
	limit.printed++;
	if (limit.missed > 0) log_store(k, 4, k.era.suppressedLine(place, limit.missed));
	limit.missed = 0;
	return true;
}
