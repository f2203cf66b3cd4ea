import {PAGE_SIZE, userAddress} from '../source/hardware/address.ts';
import type {Kernel} from '../source/kernel/kernel.ts';
import {MAP_FIXED, PROT_READ} from '../source/kernel/mm/mman.ts';
import {try_sys_mmap} from '../source/kernel/mm/mmap.ts';
import {try_sys_mprotect} from '../source/kernel/mm/mprotect.ts';
import {try_sys_mremap} from '../source/kernel/mm/mremap.ts';
import {try_sys_munmap} from '../source/kernel/mm/munmap.ts';
import {try_user_read8, try_user_write8} from '../source/kernel/mm/uaccess.ts';
import type {Bench} from './measure.ts';
import {must, privateAnonymous, processKernel, readWrite} from './support.ts';

/** 64 MiB, as in vmabench.c. */
const touchedPages = 16_384;
const window = 0x2000_0000;
const mremapMaymoveFixed = 3;

const mapAt = (k: Kernel, address: number, pages: number) =>
	must(try_sys_mmap(k, address, pages * PAGE_SIZE, readWrite, privateAnonymous | (address === 0 ? 0 : MAP_FIXED)));

function touch(k: Kernel, at: number, pages: number): void {
	for (let page = 0; page < pages; page++) must(try_user_write8(k, userAddress(at + page * PAGE_SIZE), 1));
}

/** Touches 64 MiB again and again; `each` page costs one operation. */
function faulting(each: (k: Kernel, address: number) => void) {
	const k = processKernel();
	return (count: number) => {
		for (let done = 0; done < count; done += touchedPages) {
			const at = mapAt(k, 0, touchedPages);
			for (let page = 0; page < touchedPages; page++) each(k, at + page * PAGE_SIZE);
			must(try_sys_munmap(k, at, touchedPages * PAGE_SIZE));
		}
	};
}

function protecting(touched: boolean) {
	const k = processKernel();
	const at = mapAt(k, window, 64);
	if (touched) touch(k, at, 64);
	return (count: number) => {
		for (let i = 0; i < count; i++)
			must(try_sys_mprotect(k, at + 32 * PAGE_SIZE, PAGE_SIZE, i & 1 ? readWrite : PROT_READ));
	};
}

function growing(count: number): void {
	const k = processKernel();
	const most = 4096;
	for (let done = 0; done < count; done += most - 1) {
		const at = mapAt(k, window, 1);
		touch(k, at, 1);
		for (let pages = 1; pages < most; pages++)
			must(try_sys_mremap(k, at, pages * PAGE_SIZE, (pages + 1) * PAGE_SIZE, 0, 0));
		must(try_sys_munmap(k, at, most * PAGE_SIZE));
	}
}

function moving() {
	const k = processKernel();
	let at = mapAt(k, window, 1);
	touch(k, at, 1);
	return (count: number) => {
		for (let i = 0; i < count; i++) {
			const to = at === window ? window + 5 * PAGE_SIZE : window;
			at = must(try_sys_mremap(k, at, PAGE_SIZE, PAGE_SIZE, mremapMaymoveFixed, to));
		}
	};
}

/** What one mm with many areas costs: a lookup, an mmap and a munmap in the middle of them. */
function crowded(areas: number) {
	const k = processKernel();
	k.mm.max_map_count = 200_000;
	for (let i = 0; i < areas; i++) mapAt(k, window + i * 2 * PAGE_SIZE, 1);
	return (count: number) => {
		for (let i = 0; i < count; i++) {
			const hole = window + ((i * 7919) % areas) * 2 * PAGE_SIZE + PAGE_SIZE;
			// Another protection, so that it stays an area of its own.
			must(try_sys_mmap(k, hole, PAGE_SIZE, PROT_READ, privateAnonymous | MAP_FIXED));
			must(try_sys_munmap(k, hole, PAGE_SIZE));
		}
	};
}

/** RAM that nobody has touched: its bytes appear, and the host's own pages with them, while it is measured. */
function faultingCold(count: number): void {
	for (let done = 0; done < count; done += touchedPages) touch(...coldArea());
}

function coldArea(): [Kernel, number, number] {
	const k = processKernel();
	return [k, mapAt(k, 0, touchedPages), touchedPages];
}

/** `real` names the figure of vmabench.c that the same operation has on a real kernel. */
export const memoryBenches: readonly Bench[] = [
	{
		name: 'minor fault, write, with unmap',
		real: 'anon_write_fault_with_unmap',
		unit: 'page',
		count: 20 * touchedPages,
		smallCount: touchedPages,
		prepare: () => faulting((k, address) => must(try_user_write8(k, userAddress(address), 1))),
	},
	{
		name: 'minor fault, write, cold RAM',
		unit: 'page',
		count: 4 * touchedPages,
		smallCount: touchedPages,
		prepare: () => faultingCold,
	},
	{
		name: 'minor fault, read, with unmap',
		real: 'anon_read_fault_zero_page',
		unit: 'page',
		count: 20 * touchedPages,
		smallCount: touchedPages,
		prepare: () => faulting((k, address) => must(try_user_read8(k, userAddress(address)))),
	},
	{
		name: 'mmap + munmap of one page',
		real: 'mmap_munmap_pair',
		unit: 'pair',
		count: 200_000,
		smallCount: 2_000,
		prepare() {
			const k = processKernel();
			return count => {
				for (let i = 0; i < count; i++) must(try_sys_munmap(k, mapAt(k, 0, 1), PAGE_SIZE));
			};
		},
	},
	{
		name: 'mmap + write + munmap',
		real: 'mmap_touch_munmap',
		unit: 'pair',
		count: 200_000,
		smallCount: 2_000,
		prepare() {
			const k = processKernel();
			return count => {
				for (let i = 0; i < count; i++) {
					const at = mapAt(k, 0, 1);
					touch(k, at, 1);
					must(try_sys_munmap(k, at, PAGE_SIZE));
				}
			};
		},
	},
	{
		name: 'mprotect split/merge, untouched',
		real: 'mprotect_split_merge_untouched',
		unit: 'call',
		count: 200_000,
		smallCount: 2_000,
		prepare: () => protecting(false),
	},
	{
		name: 'mprotect split/merge, touched',
		real: 'mprotect_split_merge_touched',
		unit: 'call',
		count: 200_000,
		smallCount: 2_000,
		prepare: () => protecting(true),
	},
	{
		name: 'mremap growth in place',
		real: 'mremap_grow_in_place',
		unit: 'call',
		count: 32 * 4095,
		smallCount: 4095,
		prepare: () => growing,
	},
	{
		name: 'mremap move of one page',
		real: 'mremap_move_fixed_1page',
		unit: 'call',
		count: 100_000,
		smallCount: 2_000,
		prepare: moving,
	},
	{
		name: 'mmap + munmap among 60 areas',
		unit: 'pair',
		count: 100_000,
		smallCount: 1_000,
		prepare: () => crowded(60),
	},
	{
		name: 'mmap + munmap among 60,000 areas',
		unit: 'pair',
		count: 100_000,
		smallCount: 1_000,
		prepare: () => crowded(60_000),
	},
];
