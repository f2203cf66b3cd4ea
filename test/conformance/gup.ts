/** truth/i386 gup, topic gup: the get_user_pages family on 50 kinds of memory. */
import {PAGE_SIZE, type Pfn, userAddress} from '../../source/hardware/address.ts';
import {errnoName} from '../../source/kernel/errno.ts';
import {O_RDONLY, O_RDWR} from '../../source/kernel/fs/file.ts';
import {shmem_getpage} from '../../source/kernel/fs/shmem.ts';
import type {Kernel} from '../../source/kernel/kernel.ts';
import {
	get_user_pages,
	page_cache_release,
	page_maybe_dma_pinned,
	unpin_user_page,
} from '../../source/kernel/mm/gup.ts';
import {get_user_pages_fast, pin_user_pages_fast} from '../../source/kernel/mm/gup_fast.ts';
import type {vm_area_struct} from '../../source/kernel/mm/mm_types.ts';
import {
	MAP_ANONYMOUS,
	MAP_FIXED,
	MAP_PRIVATE,
	MAP_SHARED,
	PROT_EXEC,
	PROT_NONE,
	PROT_READ,
	PROT_WRITE,
} from '../../source/kernel/mm/mman.ts';
import {sys_mmap2} from '../../source/kernel/mm/mmap.ts';
import {mmap_read_lock, mmap_read_unlock} from '../../source/kernel/mm/mmap_lock.ts';
import {sys_mprotect} from '../../source/kernel/mm/mprotect.ts';
import {sys_munmap} from '../../source/kernel/mm/munmap.ts';
import {PageReserved, page_count, page_mapcount} from '../../source/kernel/mm/page.ts';
import {put_page} from '../../source/kernel/mm/page_alloc.ts';
import {NO_PTE, pte_offset, pte_pfn, pte_present, pte_val} from '../../source/kernel/mm/pgtable.ts';
import type {Sleeps} from '../../source/kernel/time.ts';
import {runProcess} from '../kernel/support.ts';
import {answerStory} from './gupStories.ts';
import {runMachine} from './machines.ts';
import {type Vector, vectorTopic} from './topic.ts';
import {loadTruthDriver, openDevice, resetAreas, type TruthDriver, type Variant} from './truthDriver.ts';
import {hex, load, openUnlinked, relateFrames, store} from './userProgram.ts';

const base = 0x6000_0000;
const readWrite = PROT_READ | PROT_WRITE;
const at = (page: number) => base + page * PAGE_SIZE;
const bytes = (pages: number) => pages * PAGE_SIZE;

type SetUp = (driver: TruthDriver) => Sleeps<void>;

const anonymous = (k: Kernel, address: number, pages: number, prot: number, type = MAP_PRIVATE) =>
	sys_mmap2(k, address, bytes(pages), prot, type | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

/** Anonymous memory of which the first pages were written. */
const written = (pages: number, address = base): SetUp =>
	function* ({k}) {
		yield* anonymous(k, address, pages, readWrite);
		for (let page = 0; page < pages; page++) yield* store(k, address + bytes(page), page + 1);
	};

const untouched = (pages: number, prot: number, type = MAP_PRIVATE): SetUp =>
	function* ({k}) {
		yield* anonymous(k, base, pages, prot, type);
	};

const readOnce = (pages: number, prot: number): SetUp =>
	function* ({k}) {
		yield* anonymous(k, base, pages, prot);
		for (let page = 0; page < pages; page++) yield* load(k, at(page));
	};

function* holed(driver: TruthDriver): Sleeps<void> {
	yield* written(4)(driver);
	yield* sys_munmap(driver.k, at(2), PAGE_SIZE);
}

function* partlyReadOnly(driver: TruthDriver): Sleeps<void> {
	yield* written(4)(driver);
	yield* sys_mprotect(driver.k, at(1), PAGE_SIZE, PROT_READ);
}

/** A file of 6000 bytes in memory, its pages in the cache and on no per-CPU list. */
const fileOf = (pages: number, prot: number, type: number, flags: number, touch: boolean, address = base): SetUp =>
	function* ({k}) {
		const {fd, file} = openUnlinked(k, '/tmp/g', 6000, flags);
		for (const index of [0, 1]) put_page(k, yield* shmem_getpage(k, file.inode, index));
		yield* sys_mmap2(k, address, bytes(pages), prot, type | MAP_FIXED, fd, 0);
		if (touch) yield* load(k, address);
	};

/** A driver's mapping; earlier calls on the same mapping have left pages in it. */
const driverMapping = (variant: Variant, touched: number): SetUp =>
	function* (driver) {
		const fd = openDevice(driver, variant);
		yield* sys_mmap2(driver.k, base, bytes(4), readWrite, MAP_SHARED | MAP_FIXED, fd, 0);
		for (let page = 0; page < touched; page++) yield* load(driver.k, at(page));
	};

function* nothing(): Sleeps<void> {}

const drivers: Readonly<Record<string, Variant>> = {
	'remap_pfn_range of RAM (VM_PFNMAP|VM_IO)': 'RPR_GFP',
	'remap_pfn_range of reserved RAM (VM_PFNMAP|VM_IO)': 'RPR_GFP_RES',
	'remap_pfn_range of MMIO': 'RPR_MMIO',
	'driver fault handler': 'FAULT',
	'driver fault handler with VM_IO': 'IO_FAULT',
	'vmf_insert_pfn (VM_PFNMAP)': 'FAULT_NOPAGE',
	'vm_insert_page (VM_MIXEDMAP)': 'INSERT',
	'fault handler over vmalloc': 'VMALLOC',
	'vm_ops without fault': 'OPS_NOFAULT',
	dma_mmap_coherent: 'COHERENT',
};

const scenarios: Readonly<Record<string, SetUp>> = {
	'private anon, 4 pages already written': written(4),
	'same, unaligned start addr+100, 2 pages': written(4),
	'same, addr+4095, 1 page': written(4),
	'nr_pages 0': written(4),
	'private anon, never touched': untouched(4, readWrite),
	'private anon, only read so far (zero page mapped)': readOnce(2, readWrite),
	'shared anon, never touched': untouched(2, readWrite, MAP_SHARED),
	'range crosses an unmapped hole at page 2': holed,
	'range starts in an unmapped hole': holed,
	'page 1 is PROT_READ in a private RW mapping': partlyReadOnly,
	'read-only private anon': readOnce(2, PROT_READ),
	'read-only shared file mapping (fd O_RDWR)': fileOf(1, PROT_READ, MAP_SHARED, O_RDWR, true),
	'read-only shared file mapping (fd O_RDONLY)': fileOf(1, PROT_READ, MAP_SHARED, O_RDONLY, true),
	'PROT_NONE private anon': untouched(1, PROT_NONE),
	*'PROT_WRITE-only private anon (i386: implies readable hardware PTE, but VM_READ clear)'({k}) {
		yield* anonymous(k, base, 1, PROT_WRITE);
		yield* store(k, base, 1);
	},
	'RW shared file mapping, 6000 byte file, 2 pages': fileOf(2, readWrite, MAP_SHARED, O_RDWR, false),
	'RW shared file mapping, 4 pages mapped over a 6000 byte file (beyond EOF from page 2)': fileOf(
		4,
		readWrite,
		MAP_SHARED,
		O_RDWR,
		false,
	),
	'starts beyond EOF': fileOf(4, readWrite, MAP_SHARED, O_RDWR, false),
	'RW private file mapping (write breaks COW)': fileOf(1, readWrite, MAP_PRIVATE, O_RDWR, false),
	'address 0 (unmapped)': nothing,
	'address PAGE_OFFSET 0xc0000000': nothing,
	'address 0xfffff000': nothing,
	'last user page 0xbffff000 crossing TASK_SIZE, 2 pages': written(33, 0xbffd_f000),
	'stack buffer': written(33, 0xbffd_f000),
	'program text (r-x private file)': fileOf(1, PROT_READ | PROT_EXEC, MAP_PRIVATE, O_RDONLY, true, 0x0804_e000),
	'static data of the program': written(7, 0x0812_0000),
};

function setUpOf(scenario: string): SetUp {
	const plain = scenario.replace(/, FORCE$/, '');
	const found = scenarios[plain];
	if (found) return found;
	const driver = /^driver mapping( FORCE)?: (.*)$/.exec(scenario);
	const variant = driver ? drivers[driver[2]!] : undefined;
	if (!variant) throw new Error(`no kind of memory is known as "${scenario}"`);
	return driverMapping(variant, driver![1] && variant !== 'IO_FAULT' ? 2 : 1);
}

type Question = {
	readonly api: string;
	readonly addr: string;
	readonly nr_pages: number;
	readonly write: boolean;
	readonly force: boolean;
};

function* call(k: Kernel, question: Question, pages: Pfn[], vmas: vm_area_struct[]): Sleeps<number> {
	const {api, nr_pages, write, force} = question;
	const start = userAddress(Number(question.addr));
	if (api === 'get_user_pages_fast') return yield* get_user_pages_fast(k, start, nr_pages, write, pages, force);
	if (api === 'pin_user_pages_fast') return yield* pin_user_pages_fast(k, start, nr_pages, write, pages, force);
	const {current} = k.cpu;
	const mm = current.mm!;
	yield* mmap_read_lock(k, mm);
	const wanted = api === 'get_user_pages(pages=NULL)' ? null : pages;
	const got = yield* get_user_pages(k, current, mm, start, nr_pages, write, force, wanted, vmas);
	yield* mmap_read_unlock(k, mm);
	return got;
}

function frameBefore(k: Kernel, address: number): Pfn | 0 {
	const mm = k.cpu.current.mm!;
	const entry = address < 0xc000_0000 ? pte_offset(k, mm, address) : NO_PTE;
	return entry !== NO_PTE && pte_present(pte_val(k, entry)) ? pte_pfn(k, entry) : 0;
}

function* answer(driver: TruthDriver, vector: Vector): Sleeps<Vector> {
	const {k} = driver;
	resetAreas(driver);
	const {run, topic, api, scenario, addr, nr_pages, write, force} = vector as Record<string, unknown>;
	const question = {api, addr, nr_pages, write, force} as Question;
	yield* setUpOf(String(scenario))(driver);
	const first = Number(addr) - (Number(addr) % PAGE_SIZE);
	// Asked for no pages, the fast calls may still hand out some.
	const before = Array.from({length: Math.max(8, Number(nr_pages))}, (_, page) => frameBefore(k, first + bytes(page)));
	const countsBefore = before.map(frame => (frame === 0 ? 0 : page_count(k, frame)));
	const pages: Pfn[] = [];
	const vmas: vm_area_struct[] = [];
	const ret = yield* call(k, question, pages, vmas);
	const described = pages.map((frame, index) => ({
		pfn: hex(frame),
		pfn_before: hex(before[index]!),
		count_before: countsBefore[index]!,
		count_held: page_count(k, frame),
		mapcount: page_mapcount(k, frame),
		reserved: PageReserved(k, frame) ? 1 : 0,
		highmem: frame >= k.layout.max_low_pfn ? 1 : 0,
		maybe_pinned: page_maybe_dma_pinned(k, frame) ? 1 : 0,
	}));
	for (const frame of pages) (api === 'pin_user_pages_fast' ? unpin_user_page : page_cache_release)(k, frame);
	return {
		run,
		topic,
		api,
		scenario,
		addr,
		nr_pages,
		write,
		force,
		ret,
		ret_name: ret < 0 ? errnoName(ret) : 'count',
		...(described.length > 0 ? {pages: described} : {}),
		...(api === 'get_user_pages' && vmas.length > 0 ? {vma_start_first: hex(vmas[0]!.vm_start)} : {}),
		...(pages.length > 0 ? {page0_count_after_put: page_count(k, pages[0]!)} : {}),
	};
}

export const gup = vectorTopic({
	name: 'gup',
	accepts: document => document.file === 'gup.json',
	isAnswer: path => !/^(run|topic|api|scenario|addr|nr_pages|write|force|seq|fs)$/.test(path),
	relate: vector => relateFrames(vector) as Vector,
	classes: [
		{
			name: 'gup_dirty of ext4',
			reason: 'the filesystem of the simulated disk is a simple one of its own; experiments show the same loss on it',
			holds: vector => vector.fs === 'ext4',
		},
	],
	nameOf: vector => `${vector.api}: ${vector.scenario ?? vector.seq} at ${vector.addr}${vector.write ? ' write' : ''}`,
	prepare() {
		const drivers = new Map<string, TruthDriver>();
		return vector => {
			const run = String(vector.run);
			let driver = drivers.get(run);
			if (!driver) drivers.set(run, (driver = loadTruthDriver(runMachine(run))));
			driver.k.trace.on = false;
			const loaded = driver;
			return runProcess(driver.k, k => (vector.topic === 'gup' ? answer(loaded, vector) : answerStory(k, vector)));
		};
	},
});
