/** truth/i386 gup, topics gup_life and gup_dirty: a held page through munmap, fork and set_page_dirty. */
import {PAGE_SIZE, type Pfn, userAddress} from '../../source/hardware/address.ts';
import {sys_wait4} from '../../source/kernel/exit.ts';
import {copy_process} from '../../source/kernel/fork.ts';
import type {Kernel} from '../../source/kernel/kernel.ts';
import {page_cache_release, unpin_user_page} from '../../source/kernel/mm/gup.ts';
import {get_user_pages_fast, pin_user_pages_fast} from '../../source/kernel/mm/gup_fast.ts';
import {MAP_ANONYMOUS, MAP_FIXED, MAP_PRIVATE} from '../../source/kernel/mm/mman.ts';
import {sys_mmap2} from '../../source/kernel/mm/mmap.ts';
import {sys_munmap} from '../../source/kernel/mm/munmap.ts';
import {PageAnon, PageDirty, PageLRU, page_count, page_mapcount} from '../../source/kernel/mm/page.ts';
import {set_page_dirty} from '../../source/kernel/mm/page-writeback.ts';
import {pte_offset, pte_pfn} from '../../source/kernel/mm/pgtable.ts';
import type {Sleeps} from '../../source/kernel/time.ts';
import type {Vector} from './topic.ts';
import {hex, load, store} from './userProgram.ts';

const base = 0x6000_0000;

type Fields = Record<string, unknown>;

const isPin = (vector: Vector) => vector.api === 'pin_user_pages_fast';

/** Two written pages, held by the module. */
function* holdTwo(k: Kernel, vector: Vector, count: number): Sleeps<{readonly ret: number; readonly pages: Pfn[]}> {
	const flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;
	yield* sys_mmap2(k, base, 2 * PAGE_SIZE, 3, flags, -1, 0);
	yield* store(k, base, 1);
	yield* store(k, base + PAGE_SIZE, 2);
	const pages: Pfn[] = [];
	const take = isPin(vector) ? pin_user_pages_fast : get_user_pages_fast;
	const ret = yield* take(k, userAddress(base), count, true, pages);
	return {ret, pages};
}

function giveBack(k: Kernel, vector: Vector, pages: readonly Pfn[]): void {
	for (const page of pages) (isPin(vector) ? unpin_user_page : page_cache_release)(k, page);
}

const byteOf = (loaded: object) => ('value' in loaded ? String(loaded.value) : 'signal');

function* throughMunmap(k: Kernel, vector: Vector): Sleeps<Fields> {
	const {ret, pages} = yield* holdTwo(k, vector, 2);
	const [page] = pages as [Pfn];
	k.hw.ram.pageForWrite(page)[0] = 0x99;
	const user_sees = byteOf(yield* load(k, base));
	const held = {count_held: page_count(k, page), mapcount: page_mapcount(k, page)};
	yield* sys_munmap(k, base, 2 * PAGE_SIZE);
	const gone = {count_after_munmap: page_count(k, page), mapcount_after_munmap: page_mapcount(k, page)};
	giveBack(k, vector, pages);
	return {ret, user_sees, ...held, ...gone, count_after_put: page_count(k, page)};
}

function* throughFork(k: Kernel, vector: Vector): Sleeps<Fields> {
	const {pages} = yield* holdTwo(k, vector, 1);
	const [page] = pages as [Pfn];
	let over = false;
	const child = yield* copy_process(k, {
		*body() {
			while (!over) yield 10_000;
		},
	});
	if (typeof child === 'number') throw new Error('the test program cannot fork');
	yield* store(k, base, 0x21);
	const now = pte_pfn(k, pte_offset(k, k.cpu.current.mm!, base));
	k.hw.ram.pageForWrite(page)[1] = 0x22;
	const seen = byteOf(yield* load(k, base + 1)) === '0x22';
	over = true;
	yield* sys_wait4(k, child.pid);
	giveBack(k, vector, pages);
	return {
		held_pfn: hex(page),
		parent_pfn_after_write: hex(now),
		same_page: now === page,
		parent_sees_device_write: seen,
	};
}

function* dirtiedAnonymous(k: Kernel, vector: Vector): Sleeps<Fields> {
	const {pages} = yield* holdTwo(k, vector, 1);
	const [page] = pages as [Pfn];
	const flag = (value: boolean) => (value ? 1 : 0);
	const before = flag(PageDirty(k, page));
	const kind = {PageAnon: flag(PageAnon(k, page)), PageLRU: flag(PageLRU(k, page))};
	set_page_dirty(k, page);
	const after = flag(PageDirty(k, page));
	giveBack(k, vector, pages);
	return {PageDirty_before: before, ...kind, PageDirty_after_set_page_dirty: after};
}

/** Answers a vector of these topics. */
export function* answerStory(k: Kernel, vector: Vector): Sleeps<Vector> {
	const {run, topic, api, fs, seq} = vector;
	if (topic === 'gup_dirty') return {run, topic, api, fs, ...(yield* dirtiedAnonymous(k, vector))};
	const story = String(seq).includes('munmap') ? throughMunmap : throughFork;
	return {run, topic, api, seq, ...(yield* story(k, vector))};
}
