/** linux/mm.h: pages of processes, held so that a driver or a device can reach them. Who gets them varies by era. */
import {kernelAddress, PAGE_SIZE, type Pfn, physicalAddress, userAddress} from '../../../hardware/address.ts';
import type {Kernel} from '../../kernel.ts';
import {kread, kread32, kwrite32, oops} from '../../mm/access.ts';
import {__get_user_pages, get_user_pages, page_cache_release, unpin_user_page} from '../../mm/gup.ts';
import {get_user_pages_fast, pin_user_pages_fast} from '../../mm/gup_fast.ts';
import {pageStructAddress} from '../../mm/layout.ts';
import type {mm_struct, vm_area_struct} from '../../mm/mm_types.ts';
import {mmap_read_lock, mmap_read_unlock} from '../../mm/mmap_lock.ts';
import {set_page_dirty_lock} from '../../mm/page-writeback.ts';
import type {task_struct} from '../../sched.ts';
import type {Sleeps} from '../../time.ts';
import {type Gate, type GateCall, modulesOf} from '../state.ts';
import {mmWindow, vmaWindow} from '../structureWindows.ts';
import {taskWindow} from '../taskWindow.ts';
import {writeKernel} from '../text.ts';
import {pageAt} from './pages.ts';

const FOLL_WRITE = 1;
const FOLL_FORCE = 0x10;

/** Stores what was taken into C's arrays, which may be NULL. */
function store(k: Kernel, frames: readonly Pfn[], pages: number, areas: readonly vm_area_struct[], vmas: number): void {
	if (pages !== 0)
		for (const [i, frame] of frames.entries()) kwrite32(k, kernelAddress(pages + 4 * i), pageStructAddress(k, frame));
	const {windows} = modulesOf(k);
	if (vmas !== 0)
		for (const [i, area] of areas.entries())
			kwrite32(k, kernelAddress(vmas + 4 * i), windows.addressOf(vmaWindow, area));
}

type Wanted = {
	readonly task: task_struct;
	readonly mm: mm_struct;
	readonly start: number;
	readonly count: number;
	readonly write: boolean;
	readonly force: boolean;
	readonly hold: 'get' | 'pin';
	/** Where C's arrays are, or NULL. */
	readonly pages: number;
	readonly vmas: number;
};

/** With the semaphore held by the caller. */
function* take(k: Kernel, wanted: Wanted): Sleeps<number> {
	const {task, mm, start, count, write, force, hold} = wanted;
	const frames: Pfn[] = [];
	const areas: vm_area_struct[] = [];
	const into = wanted.pages === 0 ? null : frames;
	const taken =
		hold === 'get'
			? yield* get_user_pages(k, task, mm, userAddress(start), count | 0, write, force, into, areas)
			: yield* __get_user_pages(k, task, mm, start, count | 0, {write, force, hold}, into, areas);
	store(k, frames, wanted.pages, areas, wanted.vmas);
	return taken;
}

const mmOf = (k: Kernel): mm_struct => k.cpu.current.mm ?? oops(k, 0, false, false);

function taskAndMm(k: Kernel, task: number, mm: number): {task: task_struct; mm: mm_struct} {
	const {windows} = modulesOf(k);
	return {
		task: task === 0 ? k.cpu.current : (windows.objectAt(taskWindow, task) ?? oops(k, task, false, false)),
		mm: windows.objectAt(mmWindow, mm) ?? oops(k, mm, false, false),
	};
}

/** Eight arguments up to 4.5; of the current task and with flags later; without areas since 6.5. */
function wantedBy({k, arg}: GateCall, hold: 'get' | 'pin'): Wanted {
	if (k.era.gupTakesTask)
		return {
			...taskAndMm(k, arg(0), arg(1)),
			start: arg(2),
			count: arg(3),
			write: arg(4) !== 0,
			force: arg(5) !== 0,
			hold,
			pages: arg(6),
			vmas: arg(7),
		};
	return {
		task: k.cpu.current,
		mm: mmOf(k),
		start: arg(0),
		count: arg(1),
		write: (arg(2) & FOLL_WRITE) !== 0,
		force: (arg(2) & FOLL_FORCE) !== 0,
		hold,
		pages: arg(3),
		vmas: k.era.gupGivesAreas ? arg(4) : 0,
	};
}

function* unlocked(call: GateCall): Sleeps<number> {
	const {k, arg} = call;
	const mm = mmOf(k);
	yield* mmap_read_lock(k, mm);
	const flags = arg(3);
	const result = yield* take(k, {
		task: k.cpu.current,
		mm,
		start: arg(0),
		count: arg(1),
		write: (flags & FOLL_WRITE) !== 0,
		force: (flags & FOLL_FORCE) !== 0,
		hold: 'get',
		pages: arg(2),
		vmas: 0,
	});
	yield* mmap_read_unlock(k, mm);
	return result;
}

/** The third argument is `write` of old, which is the same bit as FOLL_WRITE. */
const fastGate = (name: string, fast: typeof get_user_pages_fast): Gate => ({
	name,
	*run({k, arg}) {
		mmOf(k);
		const frames: Pfn[] = [];
		const write = (arg(2) & FOLL_WRITE) !== 0;
		const force = (arg(2) & FOLL_FORCE) !== 0;
		const taken = yield* fast(k, userAddress(arg(0)), arg(1) | 0, write, frames, force);
		store(k, frames, arg(3), [], 0);
		return taken;
	},
});

function* unpinAll({k, arg}: GateCall, count: number, dirty: boolean): Sleeps<void> {
	for (let i = 0; i < count; i++) {
		const frame = pageAt(k, kread32(k, kernelAddress(arg(0) + 4 * i)));
		if (dirty) yield* set_page_dirty_lock(k, frame);
		unpin_user_page(k, frame);
	}
}

/** Bytes of another process, or to it; only as far as they go. @returns bytes moved. @see mm/memory.c */
function* accessProcess({k, arg}: GateCall): Sleeps<number> {
	const [start, buffer, length, write] = [arg(1), arg(2), arg(3), arg(4) !== 0];
	const task = modulesOf(k).windows.objectAt(taskWindow, arg(0)) ?? oops(k, arg(0), false, false);
	const {mm} = task;
	if (!mm) return 0;
	yield* mmap_read_lock(k, mm);
	let done = 0;
	while (done < length) {
		const at = start + done;
		const frames: Pfn[] = [];
		if ((yield* get_user_pages(k, task, mm, userAddress(at), 1, write, true, frames, null)) <= 0) break;
		const bytes = Math.min(length - done, PAGE_SIZE - (at % PAGE_SIZE));
		const physical = physicalAddress(frames[0]! * PAGE_SIZE + (at % PAGE_SIZE));
		if (write) k.hw.ram.write(physical, kread(k, kernelAddress(buffer + done), bytes));
		else writeKernel(k, buffer + done, k.hw.ram.read(physical, bytes));
		if (write) yield* set_page_dirty_lock(k, frames[0]!);
		page_cache_release(k, frames[0]!);
		done += bytes;
	}
	yield* mmap_read_unlock(k, mm);
	return done;
}

export const gupExports: readonly Gate[] = [
	{name: 'get_user_pages', run: call => take(call.k, wantedBy(call, 'get'))},
	{name: 'pin_user_pages', run: call => take(call.k, wantedBy(call, 'pin'))},
	{name: 'get_user_pages_unlocked', run: unlocked},
	fastGate('get_user_pages_fast', get_user_pages_fast),
	fastGate('pin_user_pages_fast', pin_user_pages_fast),
	{name: 'unpin_user_page', run: ({k, arg}) => unpin_user_page(k, pageAt(k, arg(0)))},
	{name: 'unpin_user_pages', run: call => unpinAll(call, call.arg(1), false)},
	{name: 'unpin_user_pages_dirty_lock', run: call => unpinAll(call, call.arg(1), call.arg(2) !== 0)},
	{name: 'access_process_vm', run: accessProcess},
];
