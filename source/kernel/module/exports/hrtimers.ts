/**
 * linux/hrtimer.h. A timer is a structure of the driver's; while it is queued, the kernel's own hangs beside it.
 *
 * Not modelled: modes beyond absolute and relative (pinned, soft, hard), slack, CLOCK_TAI.
 */
import {kernelAddress} from '../../../hardware/address.ts';
import {type hrtimer, hrtimer_cancel, hrtimer_is_queued, hrtimer_start, hrtimer_try_to_cancel} from '../../hrtimer.ts';
import type {Kernel} from '../../kernel.ts';
import {kread32, kwrite32} from '../../mm/access.ts';
import {BOOT_TIME_S} from '../../timekeeping.ts';
import {callCAtomic} from '../callC.ts';
import {offsetOf} from '../layouts.ts';
import {besides, type Gate} from '../state.ts';
import {gate, setWord, word} from './gate.ts';

const CLOCK_REALTIME = 0;
const HRTIMER_MODE_REL = 1;
const HRTIMER_RESTART = 1;
/** In the state of a timer: it is queued. */
const HRTIMER_STATE_ENQUEUED = 1;
const KTIME_MAX = 2n ** 63n - 1n;

const timersOf = (k: Kernel) => besides<hrtimer>(k, 'hrtimer');

const int64 = (low: number, high: number) => (BigInt(high | 0) << 32n) | BigInt(low >>> 0);
const words = (value: bigint) => [Number(BigInt.asIntN(32, value)), Number(BigInt.asIntN(32, value >> 32n))] as const;

const expiresAt = (at: number) => kernelAddress(at + offsetOf('hrtimer', 'expires'));
const expiresOf = (k: Kernel, at: number) =>
	int64(kread32(k, expiresAt(at)), kread32(k, kernelAddress(expiresAt(at) + 4)));

function setExpires(k: Kernel, at: number, value: bigint): void {
	const [low, high] = words(value);
	kwrite32(k, expiresAt(at), low);
	kwrite32(k, kernelAddress(expiresAt(at) + 4), high);
}

/** What a timer's clock says at power-on. */
const clockBase = (k: Kernel, at: number) =>
	word(k, 'hrtimer', at, 'clock') === CLOCK_REALTIME ? BigInt(BOOT_TIME_S) * 1_000_000_000n : 0n;

const clockNow = (k: Kernel, at: number) => clockBase(k, at) + BigInt(k.hw.timeline.nowNs);

/** Nanoseconds since power-on at which it is due. */
function dueNs(k: Kernel, at: number): number {
	const ns = expiresOf(k, at) - clockBase(k, at);
	return Number(ns < 0n ? 0n : ns);
}

const setState = (k: Kernel, at: number, timer: hrtimer) =>
	setWord(k, 'hrtimer', at, 'state', hrtimer_is_queued(timer) ? HRTIMER_STATE_ENQUEUED : 0);

function timerAt(k: Kernel, at: number): hrtimer {
	const known = timersOf(k).get(at);
	if (known) return known;
	const made: hrtimer = {
		event: undefined,
		isDue: false,
		isRunning: false,
		cpu: 0,
		*run() {
			setWord(k, 'hrtimer', at, 'state', 0);
			const result = yield* callCAtomic(k, word(k, 'hrtimer', at, 'function'), [at]);
			if (result === HRTIMER_RESTART) {
				setWord(k, 'hrtimer', at, 'state', HRTIMER_STATE_ENQUEUED);
				return dueNs(k, at);
			}
			// The function may have freed it.
			if (!hrtimer_is_queued(made)) timersOf(k).delete(at);
			return undefined;
		},
	};
	timersOf(k).set(at, made);
	return made;
}

function init(k: Kernel, at: number, callback: number, clock: number): void {
	timersOf(k).delete(at);
	setWord(k, 'hrtimer', at, 'function', callback);
	setWord(k, 'hrtimer', at, 'state', 0);
	setWord(k, 'hrtimer', at, 'clock', clock);
	setExpires(k, at, 0n);
}

function start(k: Kernel, at: number, time: bigint, mode: number): number {
	const wanted = (mode & HRTIMER_MODE_REL) !== 0 ? clockNow(k, at) + time : time;
	setExpires(k, at, wanted > KTIME_MAX ? KTIME_MAX : wanted);
	const timer = timerAt(k, at);
	const was = hrtimer_start(k, timer, dueNs(k, at));
	setState(k, at, timer);
	return was ? 1 : 0;
}

/** Moves the expiry behind a time by whole intervals. @returns how many that were */
function forward(k: Kernel, at: number, now: bigint, interval: bigint): readonly [number, number] {
	const expires = expiresOf(k, at);
	// A timer that is queued keeps its time: Linux warns.
	if (now < expires || interval <= 0n || (timersOf(k).has(at) && hrtimer_is_queued(timerAt(k, at)))) return [0, 0];
	const steps = (now - expires) / interval + 1n;
	setExpires(k, at, expires + steps * interval);
	return words(steps);
}

function tryToCancel(k: Kernel, at: number): number {
	const timer = timersOf(k).get(at);
	if (!timer) return 0;
	const was = hrtimer_try_to_cancel(k, timer);
	setState(k, at, timer);
	if (was >= 0) timersOf(k).delete(at);
	return was;
}

export const hrtimerExports: readonly Gate[] = [
	gate('hrtimer_init', (k, at, clock) => init(k, at, 0, clock)),
	gate('hrtimer_setup', init),
	gate('hrtimer_start', (k, at, low, high, mode) => start(k, at, int64(low, high), mode)),
	gate('hrtimer_start_range_ns', (k, at, low, high, _slack, fifth, sixth) =>
		start(k, at, int64(low, high), k.era.hrtimerSlackIsU64 ? sixth : fifth),
	),
	gate('hrtimer_try_to_cancel', tryToCancel),
	gate('hrtimer_cancel', function* (k, at) {
		const timer = timersOf(k).get(at);
		const was = timer !== undefined && (yield* hrtimer_cancel(k, timer));
		timersOf(k).delete(at);
		setWord(k, 'hrtimer', at, 'state', 0);
		return was ? 1 : 0;
	}),
	gate('hrtimer_active', (k, at) => {
		const timer = timersOf(k).get(at);
		return timer && (hrtimer_is_queued(timer) || timer.isRunning) ? 1 : 0;
	}),
	gate('hrtimer_forward', (k, at, low, high, stepLow, stepHigh) =>
		forward(k, at, int64(low, high), int64(stepLow, stepHigh)),
	),
	gate('hrtimer_forward_now', (k, at, low, high) => forward(k, at, clockNow(k, at), int64(low, high))),
	gate('hrtimer_get_remaining', (k, at) => words(expiresOf(k, at) - clockNow(k, at))),
	gate('hrtimer_cb_get_time', (k, at) => words(clockNow(k, at))),
];
