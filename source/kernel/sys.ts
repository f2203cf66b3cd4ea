/**
 * Models kernel/sys.c (2.6.11 and later; sys_sysinfo() of kernel/timer.c): what the system is called and has, and what
 * a process has used.
 *
 * Not modelled: setting names, users and groups (all are root).
 */
import {PAGE_SIZE, userAddress} from '../hardware/address.ts';
import {EFAULT, EINVAL} from './errno.ts';
import {nr_blockdev_pages} from './fs/block_dev.ts';
import type {Kernel} from './kernel.ts';
import {copy_to_user, copy_words_to_user} from './mm/uaccess.ts';
import type {task_struct} from './sched.ts';
import {usageOf} from './signal_struct.ts';
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

const RUSAGE_CHILDREN = -1;
const RUSAGE_SELF = 0;
/** Of the calling thread alone (2.6.26 on). */
const RUSAGE_THREAD = 1;

type Used = {readonly utime: number; readonly stime: number; readonly min_flt: number; readonly maj_flt: number};

/** Most pages that were resident at once, now or in an address space given up. */
const maxrssOf = ({mm, signal}: task_struct): number => Math.max(signal.maxrss, mm ? mm.hiwater_rss : 0);

/** What a process has used, for who waited for it: itself and the children that it waited for. @see wait4() */
export function usageWords(k: Kernel, task: task_struct): number[] {
	const {cutime, cstime, cmin_flt, cmaj_flt, cmaxrss} = task.signal;
	const used = usageOf(k, task);
	const both = {
		utime: used.utime + cutime,
		stime: used.stime + cstime,
		min_flt: used.min_flt + cmin_flt,
		maj_flt: used.maj_flt + cmaj_flt,
	};
	return wordsOf(k, both, Math.max(maxrssOf(task), cmaxrss));
}

/** struct rusage: times of user and kernel, the largest residence in kB, faults. @param maxrss pages */
function wordsOf(k: Kernel, {utime, stime, min_flt, maj_flt}: Used, maxrss: number): number[] {
	const time = (ticks: number) => {
		const us = Math.floor((ticks * 1e6) / k.era.HZ);
		return [Math.floor(us / 1e6), us % 1e6];
	};
	const words = new Array<number>(18).fill(0);
	words.splice(0, 4, ...time(utime), ...time(stime));
	words[4] = k.era.rusageShowsResidence ? 4 * maxrss : 0;
	words[8] = min_flt;
	words[9] = maj_flt;
	return words;
}

/** @returns undefined for whom nothing is kept */
function usageFor(k: Kernel, who: number): number[] | undefined {
	const {current} = k.cpu;
	const {cutime, cstime, cmin_flt, cmaj_flt, cmaxrss} = current.signal;
	if (who === RUSAGE_SELF) return wordsOf(k, usageOf(k, current), maxrssOf(current));
	if (who === RUSAGE_CHILDREN)
		return wordsOf(k, {utime: cutime, stime: cstime, min_flt: cmin_flt, maj_flt: cmaj_flt}, cmaxrss);
	return who === RUSAGE_THREAD && k.era.rusageOfThread ? wordsOf(k, current, maxrssOf(current)) : undefined;
}

/** What the caller, its children that were waited for, or its thread have used. @returns 0, -EFAULT, -EINVAL */
export function* sys_getrusage(k: Kernel, who: number, ru: number): Sleeps<number> {
	const used = usageFor(k, who);
	if (!used) return -EINVAL;
	const words = Uint32Array.from(used);
	return (yield* copy_words_to_user(k, userAddress(ru), words)) ? 0 : -EFAULT;
}

/** struct sysinfo: time since boot, load, memory in pages of which mem_unit says the size, processes. */
export function* sys_sysinfo(k: Kernel, info: number): Sleeps<number> {
	const {zones} = k.pages;
	const sum = (of: (zone: (typeof zones)[number]) => number) => zones.reduce((all, zone) => all + of(zone), 0);
	const high = zones.filter(({name}) => name === 'HighMem');
	const words = new Uint32Array(16);
	words[0] = Math.ceil(k.hw.timeline.nowNs / 1e9);
	for (const [i, load] of k.sched.avenrun.entries()) words[1 + i] = load << 5;
	const total = sum(zone => zone.managed_pages);
	// In bytes, unless 32 bits are too few for them.
	const unit = total * PAGE_SIZE < 2 ** 32 ? PAGE_SIZE : 1;
	words[4] = total * unit;
	words[5] = sum(zone => zone.free_pages) * unit;
	words[6] = (k.era.sysinfoShowsShared ? k.filemap.nr_shmem : 0) * unit;
	words[7] = nr_blockdev_pages(k) * unit;
	words[10] = k.sched.tasks.size;
	words[11] = high.reduce((all, zone) => all + zone.managed_pages, 0) * unit;
	words[12] = high.reduce((all, zone) => all + zone.free_pages, 0) * unit;
	words[13] = PAGE_SIZE / unit;
	return (yield* copy_words_to_user(k, userAddress(info), words)) ? 0 : -EFAULT;
}
