/**
 * truth/i386 mmap_driver, topic drv: what user space and the driver see of 23 kinds of mmap method, in 15 sequences of
 * calls.
 */
import {PAGE_SIZE} from '../../source/hardware/address.ts';
import {sys_wait4} from '../../source/kernel/exit.ts';
import {copy_process} from '../../source/kernel/fork.ts';
import {sys_close} from '../../source/kernel/fs/file.ts';
import type {Kernel} from '../../source/kernel/kernel.ts';
import {sys_madvise} from '../../source/kernel/mm/madvise.ts';
import {sys_mlock, sys_munlock} from '../../source/kernel/mm/mlock.ts';
import {
	MADV_DONTFORK,
	MADV_DONTNEED,
	MAP_ANONYMOUS,
	MAP_FIXED,
	MAP_PRIVATE,
	MAP_SHARED,
	MREMAP_FIXED,
	MREMAP_MAYMOVE,
	MS_SYNC,
} from '../../source/kernel/mm/mman.ts';
import {sys_mmap2} from '../../source/kernel/mm/mmap.ts';
import {sys_mprotect} from '../../source/kernel/mm/mprotect.ts';
import {sys_mremap} from '../../source/kernel/mm/mremap.ts';
import {sys_msync} from '../../source/kernel/mm/msync.ts';
import {sys_munmap} from '../../source/kernel/mm/munmap.ts';
import type {Sleeps} from '../../source/kernel/time.ts';
import {runProcess} from '../kernel/support.ts';
import {runMachine} from './machines.ts';
import {answerAreas} from './mmapDriverAreas.ts';
import {type Vector, vectorTopic} from './topic.ts';
import {
	driverSees,
	loadTruthDriver,
	openDevice,
	resetAreas,
	statistics,
	type TruthDriver,
	type Variant,
} from './truthDriver.ts';
import {load, mapsLines, okOrErrno, pageFields, pteFields, relateFrames, rssKb, store, vmFlags} from './userProgram.ts';
import {relateInodes} from './vmaOps.ts';

const base = 0x6000_0000;
const windowEnd = 0x6010_0000;
const elsewhere = 0x6004_0000;
const at = (page: number) => base + page * PAGE_SIZE;
const bytes = (pages: number) => pages * PAGE_SIZE;

type Fields = Record<string, unknown>;

/** One run of the test program on one device. */
type Run = {
	readonly k: Kernel;
	readonly driver: TruthDriver;
	readonly variant: Variant;
	readonly fd: number;
	readonly shared: boolean;
	/** ROM of the machine's BIOS lies behind the mapping: the program does not write. */
	readonly rom: boolean;
};

const drain = ({driver}: Run) => driver.events.splice(0);
const maps = ({k}: Run) => mapsLines(k, base, windowEnd);
const mapsOnly = (k: Kernel) => mapsLines(k, base, windowEnd);

function* unmapAll(k: Kernel): Sleeps<void> {
	yield* sys_munmap(k, base, windowEnd - base);
}

/** Sequences: what the program does after a successful mmap, and what it prints. */
const sequences: Readonly<Record<string, (run: Run) => Sleeps<Fields>>> = {
	*basic(run) {
		const {k, driver, variant} = run;
		const fields: Fields = {maps: maps(run), VmFlags: vmFlags(k, base), after_mmap: statistics(driver, variant)};
		fields.pte_before_access = pteFields(k, base);
		for (const page of [0, 1, 2, 3]) fields[`read${page}`] = yield* load(k, at(page));
		fields.pte_after_read = pteFields(k, base);
		fields.page_after_read = pageFields(k, base);
		fields.after_read = statistics(driver, variant);
		fields.rss_kb = rssKb(k, base);
		if (!run.rom) {
			for (const page of [0, 1, 2, 3]) fields[`write${page}`] = yield* store(k, at(page), 0x50 + page);
			for (const page of [0, 1, 2, 3]) fields[`reread${page}`] = yield* load(k, at(page));
			fields.driver_sees = driverSees(driver, variant);
			fields.pte_after_write = pteFields(k, base);
			fields.page_after_write = pageFields(k, base);
			fields.after_write = statistics(driver, variant);
		}
		yield* unmapAll(k);
		fields.after_munmap = statistics(driver, variant);
		fields.events = drain(run);
		return fields;
	},
	'mremap-grow': run => grow(run, 0),
	'mremap-grow-maymove': run => grow(run, MREMAP_MAYMOVE),
	*'mremap-grow-blocked'(run) {
		yield* sys_mmap2(run.k, at(4), PAGE_SIZE, 1, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
		return yield* grow(run, 0);
	},
	*'mremap-grow-blocked-maymove'(run) {
		yield* sys_mmap2(run.k, at(4), PAGE_SIZE, 1, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
		return yield* grow(run, MREMAP_MAYMOVE);
	},
	*'mremap-old-size-0'(run) {
		const {k} = run;
		const result = yield* sys_mremap(k, base, 0, bytes(4), MREMAP_MAYMOVE | MREMAP_FIXED, elsewhere);
		const fields: Fields = {mremap: {from: 0, to: 4, ret: okOrErrno(result)}};
		if (result >= 0) {
			fields.new_page0 = yield* load(k, elsewhere);
			fields.old_page0 = yield* load(k, base);
		}
		return yield* finish(run, fields);
	},
	*'mremap-move-fixed'(run) {
		const {k} = run;
		const fields: Fields = {touch1: yield* load(k, at(2))};
		const result = yield* sys_mremap(k, base, bytes(4), bytes(4), MREMAP_MAYMOVE | MREMAP_FIXED, elsewhere);
		fields.mremap = {from: 4, to: 4, ret: okOrErrno(result)};
		fields.new_page2 = yield* load(k, elsewhere + bytes(2));
		fields.old_page2 = yield* load(k, at(2));
		return yield* finish(run, fields);
	},
	*'mremap-shrink'(run) {
		const {k} = run;
		const result = yield* sys_mremap(k, base, bytes(4), bytes(2), 0, 0);
		const fields: Fields = {mremap: {from: 4, to: 2, ret: okOrErrno(result)}};
		fields.read_page1 = yield* load(k, at(1));
		fields.read_page2_gone = yield* load(k, at(2));
		return yield* finish(run, fields);
	},
	*'munmap-middle'(run) {
		const {k} = run;
		const fields: Fields = {touch0: yield* load(k, base)};
		yield* sys_munmap(k, at(1), PAGE_SIZE);
		fields.maps = maps(run);
		fields.page0 = yield* load(k, base);
		fields.page1_hole = yield* load(k, at(1));
		fields.page2 = yield* load(k, at(2));
		fields.events_middle = drain(run);
		yield* unmapAll(k);
		fields.events_final = drain(run);
		return fields;
	},
	*'munmap-head-tail'(run) {
		const {k} = run;
		const fields: Fields = {};
		yield* sys_munmap(k, base, PAGE_SIZE);
		fields.maps_head_gone = maps(run);
		yield* sys_munmap(k, at(3), PAGE_SIZE);
		fields.maps_tail_gone = maps(run);
		fields.events_partial = drain(run);
		yield* unmapAll(k);
		fields.events_final = drain(run);
		return fields;
	},
	*'mprotect-ro-page1'(run) {
		const {k} = run;
		const fields: Fields = {mprotect: okOrErrno(yield* sys_mprotect(k, at(1), PAGE_SIZE, 1))};
		fields.maps = maps(run);
		fields.write0 = run.rom ? yield* load(k, base) : yield* store(k, base, 9);
		fields.read1 = yield* load(k, at(1));
		fields.write1 = yield* store(k, at(1), 9);
		fields.mprotect_back = okOrErrno(yield* sys_mprotect(k, at(1), PAGE_SIZE, 3));
		fields.maps_back = maps(run);
		fields.mprotect_none = okOrErrno(yield* sys_mprotect(k, base, bytes(4), 0));
		fields.read0_none = yield* load(k, base);
		fields.pte_prot_none = pteFields(k, base);
		yield* unmapAll(k);
		fields.events = drain(run);
		return fields;
	},
	*fork(run) {
		const {k, driver, variant} = run;
		const fields: Fields = {touch0: yield* load(k, base), events_before: drain(run)};
		fields.info_before = statistics(driver, variant);
		const reads: string[] = [];
		const child = yield* copy_process(k, {
			*body(k) {
				for (const page of [0, 1, 2, 3]) {
					const read = yield* load(k, at(page));
					reads.push('value' in read ? read.value : `${read.signal}00`);
				}
				if (!run.rom) yield* store(k, at(2), 0x77);
			},
		});
		if (typeof child === 'number') throw new Error('the test program cannot fork');
		const waited = yield* sys_wait4(k, child.pid);
		fields.child_reads = reads;
		fields.child_status = typeof waited === 'number' ? waited : waited.code;
		fields.parent_page2_after_child_wrote_0x77 = yield* load(k, at(2));
		fields.events_fork_and_child_exit = drain(run);
		yield* unmapAll(k);
		fields.events_final = drain(run);
		fields.info_after = statistics(driver, variant);
		return fields;
	},
	*'map-8-pages-of-4-page-area'(run) {
		const {k} = run;
		const fields: Fields = {};
		for (const page of [3, 4, 7]) fields[`page${page}`] = yield* load(k, at(page));
		return yield* finish(run, fields);
	},
	*'pgoff+2'(run) {
		const {k} = run;
		const fields: Fields = {};
		for (const page of [0, 1, 2]) fields[`page${page}`] = yield* load(k, at(page));
		fields.write_to_readonly_vma = yield* store(k, base, 1);
		return yield* finish(run, fields);
	},
	*misc(run) {
		const {k} = run;
		const fields: Fields = {touch: yield* load(k, base)};
		fields.msync = okOrErrno(yield* sys_msync(k, base, bytes(4), MS_SYNC));
		fields.mlock = okOrErrno(yield* sys_mlock(k, base, bytes(4)));
		fields.VmFlags_mlocked = vmFlags(k, base);
		yield* sys_munlock(k, base, bytes(4));
		fields.madvise_dontneed = okOrErrno(yield* sys_madvise(k, base, bytes(4), MADV_DONTNEED));
		fields.read_after_dontneed = yield* load(k, base);
		fields.madvise_dontfork = okOrErrno(yield* sys_madvise(k, base, bytes(4), MADV_DONTFORK));
		fields.VmFlags_dontfork = vmFlags(k, base);
		yield* sys_close(k, run.fd);
		fields.read_after_close_fd = yield* load(k, base);
		fields.events = drain(run);
		yield* unmapAll(k);
		return fields;
	},
};

function* finish(run: Run, fields: Fields): Sleeps<Fields> {
	fields.maps = maps(run);
	yield* unmapAll(run.k);
	fields.events = drain(run);
	return fields;
}

function* grow(run: Run, flags: number): Sleeps<Fields> {
	const {k} = run;
	const fields: Fields = {touch0: yield* load(k, base)};
	const result = yield* sys_mremap(k, base, bytes(4), bytes(8), flags, 0);
	const moved = result >= 0 ? {moved: result !== base} : {};
	fields.mremap = {from: 4, to: 8, ret: okOrErrno(result), ...moved};
	if (result >= 0) {
		fields.read_page0 = yield* load(k, result);
		fields.read_page3 = yield* load(k, result + bytes(3));
		fields.read_page4_beyond = yield* load(k, result + bytes(4));
		if (!run.rom) fields.write_page5_beyond = yield* store(k, result + bytes(5), 1);
		if (result !== base) fields.old_addr = yield* load(k, base);
	}
	fields.maps = mapsOnly(k);
	if (result >= 0) yield* sys_munmap(k, result, bytes(8));
	yield* unmapAll(k);
	fields.events = drain(run);
	return fields;
}

type Mmap = {readonly len_pages: number; readonly pgoff: number; readonly prot?: number};

function* answer(driver: TruthDriver, vector: Vector): Sleeps<Vector> {
	const {k} = driver;
	resetAreas(driver);
	const variant = vector.variant as Variant;
	const asked = vector.mmap as Mmap;
	const shared = vector.flags === 'MAP_SHARED';
	// The static program's vDSO and vvar pages take the top of the mmap area.
	yield* sys_mmap2(k, 0xb7ff_a000, bytes(6), 1, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	// The sequences before this one left the gigabyte around the window without tables.
	yield* sys_mmap2(k, base, PAGE_SIZE, 1, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	yield* load(k, base);
	yield* unmapAll(k);
	const fd = openDevice(driver, variant);
	const run: Run = {k, driver, variant, fd, shared, rom: variant === 'RPR_PGOFF' || variant === 'SIMPLE_NOPAGE'};
	const {run: _, topic, seq, flags} = vector as Record<string, unknown>;
	const head: Fields = {run: vector.run, topic, variant, seq, flags};
	if (seq === 'basic') head.before = statistics(driver, variant);
	const type = shared ? MAP_SHARED : MAP_PRIVATE;
	const mapped = yield* sys_mmap2(k, base, bytes(asked.len_pages), asked.prot ?? 1, type | MAP_FIXED, fd, asked.pgoff);
	head.mmap = {...asked, ret: okOrErrno(mapped)};
	if (mapped < 0) return {...head, events: drain(run)};
	const sequence = sequences[String(seq)];
	if (!sequence) throw new Error(`no sequence of calls is known as "${seq}"`);
	return {...head, ...(yield* sequence(run))};
}

/** Opens and closes are counted since the module was loaded; what counts is how many a sequence adds. */
function relateCounters(vector: Vector): Vector {
	const first = (vector.before ?? vector.info_before) as {opens?: number; closes?: number} | undefined;
	const since = (value: unknown): unknown => {
		if (typeof value !== 'object' || value === null || !('opens' in value)) return value;
		const {opens, closes} = value as {opens: number; closes: number};
		return {...value, opens: opens - (first?.opens ?? 0), closes: closes - (first?.closes ?? 0)};
	};
	return Object.fromEntries(Object.entries(vector).map(([key, value]) => [key, since(value)]));
}

/** A private remap puts the frame's number into vm_pgoff, which maps and events show. */
function relatePlaces(vector: Vector): Vector {
	const text = JSON.stringify(vector);
	const offset = /60\w{6}-\w+ \S+ ([0-9a-f]{5})000 00:05/.exec(text)?.[1];
	const frame = offset === undefined ? 0 : Number.parseInt(offset, 16);
	if (frame < 0x1000 || !/RPR|COHERENT/.test(String(vector.variant)) || vector.variant === 'RPR_MMIO') return vector;
	const related = text
		.replace(
			/(\S+-\S+ \S+) ([0-9a-f]{5})000 00:05/g,
			(_, head: string, at: string) => `${head} frame+${Number.parseInt(at, 16) - frame} 00:05`,
		)
		.replace(/"pgoff":(\d+)/g, (whole, at: string) =>
			Number(at) >= 0x1000 ? `"pgoff":"frame+${Number(at) - frame}"` : whole,
		);
	return JSON.parse(related) as Vector;
}

function relate(vector: Vector): Vector {
	const names = new Map<string, string>();
	const placed = relateCounters(relatePlaces(relateFrames(vector) as Vector));
	return Object.fromEntries(
		Object.entries(placed).map(([key, value]) => [key, key.startsWith('maps') ? relateInodes(value, names) : value]),
	);
}

const questionPath =
	/^(run|topic|variant|seq|flags|mmap\.(len_pages|pgoff|prot)|mremap\.(from|to)|region_pages|len_pages|pgoff|case|via|pfn|pfn_is)$/;

export const mmapDriver = vectorTopic({
	name: 'mmap_driver',
	accepts: document => document.file === 'mmap_driver.json',
	isAnswer: path => !questionPath.test(path),
	relate,
	leftOut: [
		{path: /\.(pgd|pmd)$/, reason: 'where page tables lie'},
		{
			path: /^page_after_write\.(kpageflags|page_count|PageLRU)$/,
			reason: 'a fresh anonymous page waits in a per-CPU batch, which is not modelled, before it is on an LRU list',
			when: vector => vector.flags === 'MAP_PRIVATE',
		},
		{
			path: /^(touch|touch0|touch1|read.*|page\d|new_page\d|old_page\d|parent_page2.*|write0)\.value$|^child_reads/,
			reason: 'the contents of a BIOS',
			when: vector => vector.variant === 'RPR_PGOFF' || vector.variant === 'SIMPLE_NOPAGE',
		},
		{
			path: /^read\.value$|^page_count$/,
			reason: 'the contents of a BIOS, and what boot left of low memory',
			when: vector => vector.topic === 'drv_ram' && Number(vector.pfn) < 0x100,
		},
		{
			path: /^page[247]\.value$/,
			reason: 'frames beyond the area of the driver',
			when: vector => /^(RPR|COHERENT)/.test(String(vector.variant)),
		},
	],
	classes: [
		{
			name: 'drv_ram through /dev/mem',
			reason: 'which of its checks refuse a page depends on how that kernel was configured (STRICT_DEVMEM)',
			holds: vector => vector.via === '/dev/mem',
		},
	],
	nameOf: vector => [vector.topic, vector.variant, vector.flags, vector.seq ?? vector.case ?? vector.via].join(' '),
	prepare() {
		const drivers = new Map<string, TruthDriver>();
		return vector => {
			const run = String(vector.run);
			let driver = drivers.get(run);
			if (!driver) drivers.set(run, (driver = loadTruthDriver(runMachine(run))));
			driver.k.trace.on = false;
			const loaded = driver;
			return runProcess(driver.k, () =>
				vector.topic === 'drv' ? answer(loaded, vector) : answerAreas(loaded, vector),
			);
		};
	},
});
