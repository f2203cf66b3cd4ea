/**
 * Models printk_ratelimit() (kernel/printk.c, 2.6.11) and ___ratelimit() (lib/ratelimit.c, 2.6.26 and later): ten
 * messages at once, and one more each five seconds; or, later, ten in each five seconds.
 */
import type {Kernel} from '../../kernel.ts';
import {log_store} from '../../printk.ts';
import {jiffies} from '../../timer.ts';

const INTERVAL_SECONDS = 5;
const BURST = 10;

type Limit = {
	/** Tokens in ticks (2.6.11), or when the interval began. */
	ticks: number;
	/** When somebody asked last (2.6.11). */
	last: number;
	printed: number;
	missed: number;
};

/** By the text that names a place. The words of a name are no addresses: they do not go with a module. */
const limits = new WeakMap<Kernel, Map<string, Limit>>();

function limitOf(k: Kernel, place: string): Limit {
	let known = limits.get(k);
	if (!known) limits.set(k, (known = new Map()));
	let found = known.get(place);
	if (!found) {
		const interval = INTERVAL_SECONDS * k.era.HZ;
		found = {
			ticks: k.era.ratelimitCountsTokens ? BURST * interval : jiffies(k),
			last: jiffies(k),
			printed: 0,
			missed: 0,
		};
		known.set(place, found);
	}
	return found;
}

function byTokens(k: Kernel, limit: Limit): boolean {
	const interval = INTERVAL_SECONDS * k.era.HZ;
	const now = jiffies(k);
	limit.ticks = Math.min(BURST * interval, limit.ticks + ((now - limit.last) >>> 0));
	limit.last = now;
	if (limit.ticks < interval) {
		limit.missed++;
		return false;
	}
	if (limit.missed > 0) log_store(k, 4, `printk: ${limit.missed} messages suppressed.`);
	limit.missed = 0;
	limit.ticks -= interval;
	return true;
}

function byInterval(k: Kernel, limit: Limit, who: string): boolean {
	const now = jiffies(k);
	if (((now - limit.ticks) | 0) > INTERVAL_SECONDS * k.era.HZ) {
		if (limit.missed > 0) log_store(k, 4, `${who}: ${limit.missed} callbacks suppressed`);
		Object.assign(limit, {ticks: now, printed: 0, missed: 0});
	}
	if (limit.printed < BURST) {
		limit.printed++;
		return true;
	}
	limit.missed++;
	return false;
}

/**
 * @param place which messages are counted together. @param who the function that wants to log one
 * @returns whether a message may be logged now
 */
export function ratelimit(k: Kernel, place: string, who: string): boolean {
	const limit = limitOf(k, place);
	return k.era.ratelimitCountsTokens ? byTokens(k, limit) : byInterval(k, limit, who);
}
