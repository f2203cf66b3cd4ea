/** linux/time.h, timekeeping.h and random.h: what time it is, and chance. */
import {kernelAddress} from '../../../hardware/address.ts';
import type {Kernel} from '../../kernel.ts';
import {kwrite32} from '../../mm/access.ts';
import {BOOT_TIME_S} from '../../timekeeping.ts';
import type {Gate} from '../state.ts';
import {writeKernel} from '../text.ts';
import {gate, gates, signed64, wide} from './gate.ts';

const SECOND_NS = 1_000_000_000;
const DAY_SECONDS = 86_400;

const now = (k: Kernel) => k.hw.timeline.nowNs;
/** The last tick: as exact as what is cheap to ask for. */
const lastTick = (k: Kernel) => Math.floor((k.sched.cpus[0]!.timerTicks * SECOND_NS) / k.era.HZ);
const seconds = (ns: number) => Math.floor(ns / SECOND_NS);

function store(k: Kernel, at: number, words: readonly number[]): void {
	for (const [n, value] of words.entries()) kwrite32(k, kernelAddress(at + 4 * n), value);
}

/** A timespec of now. @param ns since power-on. @param isReal since 1970 instead */
const timespec = (ns: number, isReal: boolean) => [seconds(ns) + (isReal ? BOOT_TIME_S : 0), ns % SECOND_NS] as const;

/** struct timespec64 has seconds of 64 bits. */
function storeTimespec64(k: Kernel, at: number, ns: number, isReal: boolean): void {
	const [whole, rest] = timespec(ns, isReal);
	store(k, at, [...wide(whole), rest]);
}

/** Nanoseconds since 1970: more than a number of ours holds exactly. */
function realNs(k: Kernel): readonly [number, number] {
	const ns = BigInt(BOOT_TIME_S) * BigInt(SECOND_NS) + BigInt(now(k));
	return [Number(BigInt.asIntN(32, ns)), Number(ns >> 32n)];
}

const MONTHS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;
const isLeap = (year: number) => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;

/** Days from 1970 to the first day of a year. */
function daysBefore(year: number): number {
	const before = year - 1;
	return 365 * year + Math.floor(before / 4) - Math.floor(before / 100) + Math.floor(before / 400) - 719_527;
}

/** A date, as struct tm has it: seconds to year since 1900, day of the week and of the year. */
function dateWords(time: number): readonly number[] {
	const days = Math.floor(time / DAY_SECONDS);
	const rest = time - days * DAY_SECONDS;
	let year = 1970 + Math.floor(days / 365.2425);
	while (daysBefore(year) > days) year--;
	while (daysBefore(year + 1) <= days) year++;
	const yday = days - daysBefore(year);
	const lengths = MONTHS.map((length, month) => (month === 1 && isLeap(year) ? length + 1 : length));
	let month = 0;
	let day = yday;
	for (; day >= lengths[month]!; month++) day -= lengths[month]!;
	const clock = [rest % 60, Math.floor(rest / 60) % 60, Math.floor(rest / 3600)];
	// The first day of all was a Thursday.
	return [...clock, day + 1, month, year - 1900, (((days + 4) % 7) + 7) % 7, yday];
}

/** Bytes by chance, from the machine's one source of it. */
const random = (k: Kernel, count: number) => Uint8Array.from({length: count}, () => k.hw.chance.integer(0, 255));

export const clockExports: readonly Gate[] = [
	gate('do_gettimeofday', (k, at) => {
		const [whole, ns] = timespec(now(k), true);
		store(k, at, [whole, Math.floor(ns / 1000)]);
	}),
	{
		// It gives a structure: C says where it goes, and has that word taken off the stack.
		name: 'current_kernel_time',
		pops: 4,
		run({k, arg}) {
			store(k, arg(0), timespec(lastTick(k), true));
			return arg(0);
		},
	},
	gate('get_seconds', k => timespec(lastTick(k), true)[0]),
	gate('getnstimeofday', (k, at) => store(k, at, timespec(now(k), true))),
	gate('ktime_get_real_ts64', (k, at) => storeTimespec64(k, at, now(k), true)),
	gate('ktime_get_coarse_real_ts64', (k, at) => storeTimespec64(k, at, lastTick(k), true)),
	...gates(['ktime_get_ts64', 'ktime_get_raw_ts64'], (k, at) => storeTimespec64(k, at, now(k), false)),
	gate('ktime_get_real_seconds', k => wide(timespec(lastTick(k), true)[0])),
	gate('ktime_get_seconds', k => wide(timespec(lastTick(k), false)[0])),
	...gates(['ktime_get', 'ktime_get_boottime', 'sched_clock'], k => wide(now(k))),
	gate('ktime_get_real', realNs),
	gate('time64_to_tm', (k, low, high, offset, to) => store(k, to, dateWords(signed64(low, high) + (offset | 0)))),
	gate('time_to_tm', (k, time, offset, to) => store(k, to, dateWords((time | 0) + (offset | 0)))),
	gate('get_random_bytes', (k, to, count) => writeKernel(k, to, random(k, count))),
	gate('get_random_u32', k => new DataView(random(k, 4).buffer).getUint32(0, true)),
	gate('get_random_u32_below', (k, ceiling) => k.hw.chance.integer(0, Math.max(0, ceiling - 1))),
];
