/**
 * Models kernel/sys.c (2.6.11 and later; sys_sysinfo() of kernel/timer.c): what the system is called and has, and what
 * a process has used.
 *
 * Not modelled: setting names, users and groups (all are root), usage of children that were waited for.
 */
import {userAddress} from '../hardware/address.ts';
import {EFAULT, EINVAL} from './errno.ts';
import type {Kernel} from './kernel.ts';
import {copy_to_user, copy_words_to_user} from './mm/uaccess.ts';
import type {task_struct} from './sched.ts';
import type {Sleeps} from './time.ts';

/** What the system calls itself: the fields of struct new_utsname. */
export const utsname = (k: Kernel): readonly string[] => ['Linux', 'lab', k.era.release, '#1', 'i686', '(none)'];

/** Each of the six names has so many bytes. */
const NAME_BYTES = 65;

export function* sys_newuname(k: Kernel, to: number): Sleeps<number> {
	const names = utsname(k);
	const bytes = new Uint8Array(NAME_BYTES * names.length);
	for (const [i, name] of names.entries())
		bytes.set(
			[...name].map(letter => letter.charCodeAt(0)),
			i * NAME_BYTES,
		);
	return (yield* copy_to_user(k, userAddress(to), bytes)) > 0 ? -EFAULT : 0;
}

const RUSAGE_SELF = 0;

/** struct rusage: times of user and kernel, the largest residence in kB, faults. */
export function usageWords(k: Kernel, {utime, stime, min_flt, maj_flt, mm}: task_struct): number[] {
	const time = (ticks: number) => {
		const us = Math.floor((ticks * 1e6) / k.era.HZ);
		return [Math.floor(us / 1e6), us % 1e6];
	};
	const words = new Array<number>(18).fill(0);
	words.splice(0, 4, ...time(utime), ...time(stime));
	words[4] = k.era.rusageShowsResidence ? 4 * (mm?.hiwater_rss ?? 0) : 0;
	words[8] = min_flt;
	words[9] = maj_flt;
	return words;
}

/** What the caller has used. @returns 0, -EFAULT, -EINVAL for whom nothing is kept */
export function* sys_getrusage(k: Kernel, who: number, ru: number): Sleeps<number> {
	if (who !== RUSAGE_SELF) return -EINVAL;
	const words = Uint32Array.from(usageWords(k, k.cpu.current));
	return (yield* copy_words_to_user(k, userAddress(ru), words)) ? 0 : -EFAULT;
}

/** struct sysinfo: time since boot, load, memory in pages of which mem_unit says the size, processes. */
export function* sys_sysinfo(k: Kernel, info: number): Sleeps<number> {
	const {zones} = k.pages;
	const sum = (of: (zone: (typeof zones)[number]) => number) => zones.reduce((all, zone) => all + of(zone), 0);
	const high = zones.filter(({name}) => name === 'HighMem');
	const words = new Uint32Array(16);
	words[0] = Math.floor(k.hw.timeline.nowNs / 1e9);
	for (const [i, load] of k.sched.avenrun.entries()) words[1 + i] = load << 5;
	words[4] = sum(zone => zone.managed_pages) * 4_096;
	words[5] = sum(zone => zone.free_pages) * 4_096;
	words[10] = k.sched.tasks.size;
	words[11] = high.reduce((all, zone) => all + zone.managed_pages, 0) * 4_096;
	words[12] = high.reduce((all, zone) => all + zone.free_pages, 0) * 4_096;
	words[13] = 1;
	return (yield* copy_words_to_user(k, userAddress(info), words)) ? 0 : -EFAULT;
}
