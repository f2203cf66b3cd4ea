/**
 * Models kernel/time.c, kernel/timer.c and kernel/posix-timers.c (2.6.11 and later): what time it is, and sleeping.
 *
 * Not modelled: setting the clock, adjustments, timers of POSIX; the resolution of jiffies that 2.6.11 sleeps with.
 */
import {userAddress} from '../hardware/address.ts';
import {EFAULT, EINTR, EINVAL} from './errno.ts';
import type {Kernel} from './kernel.ts';
import {copy_words_from_user, copy_words_to_user} from './mm/uaccess.ts';
import {signal_pending} from './signal_state.ts';
import type {Sleeps} from './time.ts';
import {schedule_timeout} from './timer.ts';

const SECOND_NS = 1_000_000_000;
/** The machine is switched on at midnight, 1 January 2005, in UTC. */
export const BOOT_TIME_S = 1_104_537_600;
const CLOCK_REALTIME = 0;
const CLOCK_MONOTONIC = 1;

/** Stores two words. @returns 0 or -EFAULT */
function* putPair(k: Kernel, at: number, first: number, second: number): Sleeps<number> {
	return (yield* copy_words_to_user(k, userAddress(at), Uint32Array.of(first, second))) ? 0 : -EFAULT;
}

/** @param tloc where the time is stored too, or 0. @returns seconds since 1970, or -EFAULT */
export function* sys_time(k: Kernel, tloc: number): Sleeps<number> {
	const seconds = BOOT_TIME_S + Math.floor(k.hw.timeline.nowNs / SECOND_NS);
	if (tloc === 0) return seconds;
	return (yield* copy_words_to_user(k, userAddress(tloc), Uint32Array.of(seconds))) ? seconds : -EFAULT;
}

export function* sys_gettimeofday(k: Kernel, tv: number): Sleeps<number> {
	if (tv === 0) return 0;
	const {nowNs} = k.hw.timeline;
	return yield* putPair(k, tv, BOOT_TIME_S + Math.floor(nowNs / SECOND_NS), Math.floor((nowNs % SECOND_NS) / 1000));
}

export function* sys_clock_gettime(k: Kernel, clock: number, tp: number): Sleeps<number> {
	if (clock !== CLOCK_REALTIME && clock !== CLOCK_MONOTONIC) return -EINVAL;
	const {nowNs} = k.hw.timeline;
	const seconds = Math.floor(nowNs / SECOND_NS) + (clock === CLOCK_REALTIME ? BOOT_TIME_S : 0);
	return yield* putPair(k, tp, seconds, nowNs % SECOND_NS);
}

/** How fine a clock is: a jiffy, or a nanosecond. @param tp where it is stored, or 0. @returns 0, -EINVAL, -EFAULT */
export function* sys_clock_getres(k: Kernel, clock: number, tp: number): Sleeps<number> {
	if (clock !== CLOCK_REALTIME && clock !== CLOCK_MONOTONIC) return -EINVAL;
	return tp === 0 ? 0 : yield* putPair(k, tp, 0, k.era.clockResolutionNs);
}

/**
 * Sleeps for a while. @param rqtp seconds and nanoseconds
 * @param rmtp where what is left is stored when a signal ends it, or 0. @returns 0, -EFAULT, -EINVAL, -EINTR
 */
export function* sys_nanosleep(k: Kernel, rqtp: number, rmtp: number): Sleeps<number> {
	const wanted = new Uint32Array(2);
	if (!(yield* copy_words_from_user(k, wanted, userAddress(rqtp)))) return -EFAULT;
	const [seconds, nanoseconds] = wanted as unknown as [number, number];
	if (seconds > 0x7fff_ffff || nanoseconds >= SECOND_NS) return -EINVAL;
	const {current} = k.cpu;
	let leftNs = seconds * SECOND_NS + nanoseconds;
	while (leftNs > 0 && !signal_pending(k)) {
		current.state = 'TASK_INTERRUPTIBLE';
		leftNs = yield* schedule_timeout(k, leftNs);
	}
	if (leftNs === 0) return 0;
	if (rmtp !== 0) yield* putPair(k, rmtp, Math.floor(leftNs / SECOND_NS), leftNs % SECOND_NS);
	return -EINTR;
}
