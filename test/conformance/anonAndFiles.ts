/**
 * truth/i386 anon_and_files: zero page, copy-on-write, shared memory, file mappings beyond the end; entries, frames,
 * flags.
 */
import {PAGE_SIZE, userAddress} from '../../source/hardware/address.ts';
import {sys_wait4} from '../../source/kernel/exit.ts';
import {copy_process} from '../../source/kernel/fork.ts';
import {O_CREAT, O_RDWR} from '../../source/kernel/fs/file.ts';
import {sys_ftruncate, sys_pread64, sys_write} from '../../source/kernel/fs/read_write.ts';
import {tmpfs} from '../../source/kernel/fs/shmem.ts';
import {mount, sys_open} from '../../source/kernel/fs/vfs.ts';
import type {Kernel} from '../../source/kernel/kernel.ts';
import {MAP_ANONYMOUS, MAP_FIXED, MAP_PRIVATE, MAP_SHARED, MREMAP_MAYMOVE} from '../../source/kernel/mm/mman.ts';
import {sys_mmap2} from '../../source/kernel/mm/mmap.ts';
import {sys_mremap} from '../../source/kernel/mm/mremap.ts';
import {sys_munmap} from '../../source/kernel/mm/munmap.ts';
import {user_read8, user_write} from '../../source/kernel/mm/uaccess.ts';
import type {Sleeps} from '../../source/kernel/time.ts';
import {runProcess} from '../kernel/support.ts';
import {runMachine} from './machines.ts';
import {type Vector, vectorTopic} from './topic.ts';
import {load, mapsLines, okOrErrno, pageFields, pteFields, relateFrames, rssKb, store, vmFlags} from './userProgram.ts';
import {relateInodes} from './vmaOps.ts';

const base = 0x6000_0000;
const readWrite = 3;
const at = (page: number) => base + page * PAGE_SIZE;
const bytes = (pages: number) => pages * PAGE_SIZE;
const maps = (k: Kernel) => mapsLines(k, base, base + (1 << 20));
const anonymous = (k: Kernel, pages: number, type: number) =>
	sys_mmap2(k, base, bytes(pages), readWrite, type | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

type Fields = Record<string, unknown>;

function* privateReadThenWrite(k: Kernel): Sleeps<Fields> {
	yield* anonymous(k, 4, MAP_PRIVATE);
	const fields: Fields = {maps: maps(k), VmFlags: vmFlags(k, base), pte0: pteFields(k, base)};
	fields.read0 = yield* load(k, base);
	fields.pte_after_read = pteFields(k, base);
	fields.page_after_read = pageFields(k, base);
	fields.read1 = yield* load(k, at(1));
	fields.page1_after_read = pageFields(k, at(1));
	fields.rss_kb_after_2_reads = rssKb(k, base);
	fields.write0 = yield* store(k, base, 0x42);
	fields.pte_after_write = pteFields(k, base);
	fields.page_after_write = pageFields(k, base);
	fields.write2_first = yield* store(k, at(2), 1);
	fields.page2_after_write = pageFields(k, at(2));
	fields.rss_kb = rssKb(k, base);
	fields.mremap_grow = okOrErrno(yield* sys_mremap(k, base, bytes(4), bytes(8), MREMAP_MAYMOVE, 0));
	fields.read_page6 = yield* load(k, at(6));
	fields.page6 = pageFields(k, at(6));
	fields.beyond_end = yield* load(k, at(8));
	yield* sys_munmap(k, base, bytes(8));
	fields.after_munmap = yield* load(k, base);
	return fields;
}

function* sharedReadThenWrite(k: Kernel): Sleeps<Fields> {
	yield* anonymous(k, 4, MAP_SHARED);
	const fields: Fields = {maps: maps(k), VmFlags: vmFlags(k, base)};
	fields.read0 = yield* load(k, base);
	fields.pte_after_read = pteFields(k, base);
	fields.page_after_read_is_not_zero_page = pageFields(k, base);
	fields.write0 = yield* store(k, base, 0x42);
	fields.page_after_write = pageFields(k, base);
	fields.mremap_grow = okOrErrno(yield* sys_mremap(k, base, bytes(4), bytes(8), MREMAP_MAYMOVE, 0));
	fields.maps_grown = maps(k);
	fields.read_page3 = yield* load(k, at(3));
	fields.read_page4_beyond_object = yield* load(k, at(4));
	fields.write_page4_beyond_object = yield* store(k, at(4), 1);
	return fields;
}

function* zeroPageIdentity(k: Kernel): Sleeps<Fields> {
	yield* anonymous(k, 64, MAP_PRIVATE);
	for (let page = 0; page < 64; page++) yield* load(k, at(page));
	const first = pageFields(k, base);
	if (!('pfn' in first)) throw new Error('the first page is not there');
	const {pfn, kpageflags, kpagecount, page_count, page_mapcount, PageReserved: reserved} = first;
	let same = 1;
	for (let page = 1; page < 64; page++) {
		const other = pageFields(k, at(page));
		if (!('pfn' in other) || other.pfn !== pfn) same = 0;
	}
	return {pfn, all_same: same, kpageflags, kpagecount, page_count, page_mapcount, reserved, rss_kb: rssKb(k, base)};
}

function* forkCow(k: Kernel): Sleeps<Fields> {
	yield* anonymous(k, 1, MAP_PRIVATE);
	yield* store(k, base, 0x31);
	const fields: Fields = {parent_before: pageFields(k, base), pte_before: pteFields(k, base)};
	let turn: 'parent looks' | 'child writes' | 'parent goes on' = 'parent looks';
	const child = yield* copy_process(k, {
		*body(k) {
			while (turn !== 'child writes') yield 1_000;
			yield* store(k, base, 0x32);
			const page = pageFields(k, base);
			fields.child = {child_pfn_after_write: 'pfn' in page ? page.pfn : '0x0'};
			turn = 'parent goes on';
		},
	});
	if (typeof child === 'number') throw new Error('the test program cannot fork');
	fields.parent_after_fork = pageFields(k, base);
	fields.pte_after_fork = pteFields(k, base);
	turn = 'child writes';
	yield* sys_wait4(k, child.pid);
	fields.parent_reads = yield* load(k, base);
	fields.parent_after_child_write = pageFields(k, base);
	fields.pte_after_child_write = pteFields(k, base);
	fields.parent_writes = yield* store(k, base, 0x33);
	fields.parent_after_own_write_page_reused = pageFields(k, base);
	fields.pte_after_own_write = pteFields(k, base);
	return fields;
}

/** A file of 6000 bytes `A`, mapped four pages long. */
function* fileMapping(k: Kernel, vector: Vector): Sleeps<Fields> {
	const {file_size, map_pages, flags} = vector as Record<string, unknown>;
	const buffer = userAddress(0x5000_0000);
	yield* sys_mmap2(k, buffer, bytes(2), readWrite, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	yield* user_write(k, buffer, new Uint8Array(Number(file_size)).fill(0x41));
	const fd = yield* sys_open(k, '/tmp/f1', O_RDWR | O_CREAT);
	yield* sys_ftruncate(k, fd, 0);
	yield* sys_write(k, fd, buffer, Number(file_size));
	const type = flags === 'MAP_SHARED' ? MAP_SHARED : MAP_PRIVATE;
	yield* sys_mmap2(k, base, bytes(Number(map_pages)), readWrite, type | MAP_FIXED, fd, 0);
	const fields: Fields = {maps: maps(k), VmFlags: vmFlags(k, base)};
	fields.byte0 = yield* load(k, base);
	fields.byte5999 = yield* load(k, base + 5999);
	fields.byte6000_tail = yield* load(k, base + 6000);
	fields.byte8191_tail = yield* load(k, base + 8191);
	fields.byte8192_beyond_eof_page = yield* load(k, base + 8192);
	fields.page0 = pageFields(k, base);
	fields.pte0_after_read = pteFields(k, base);
	fields.write0 = yield* store(k, base, 0x42);
	fields.pte0_after_write = pteFields(k, base);
	fields.page0_after_write = pageFields(k, base);
	yield* sys_pread64(k, fd, buffer, 1, 0);
	fields.file_byte0_now = String.fromCharCode(yield* user_read8(k, buffer));
	yield* sys_ftruncate(k, fd, 12_288);
	fields.after_ftruncate_12288_read_8192 = yield* load(k, base + 8192);
	yield* sys_ftruncate(k, fd, 100);
	fields.after_ftruncate_100_read_4096 = yield* load(k, base + 4096);
	fields.after_ftruncate_100_read_0 = yield* load(k, base);
	fields.after_ftruncate_100_read_200 = yield* load(k, base + 200);
	return fields;
}

const sequences: Readonly<Record<string, (k: Kernel) => Sleeps<Fields>>> = {
	'private-read-then-write': privateReadThenWrite,
	'shared-read-then-write': sharedReadThenWrite,
	'zero-page-identity: 64 pages read, all map the same pfn': zeroPageIdentity,
	'fork-cow': forkCow,
};

function* answer(k: Kernel, vector: Vector): Sleeps<Vector> {
	const {run, topic, seq, fs, flags, file_size, map_pages} = vector as Record<string, unknown>;
	if (topic === 'file_map') return {run, topic, fs, flags, file_size, map_pages, ...(yield* fileMapping(k, vector))};
	const sequence = sequences[String(seq)];
	if (!sequence) throw new Error(`no sequence is known as "${seq}"`);
	return {run, topic, seq, ...(yield* sequence(k))};
}

function relate(vector: Vector): Vector {
	const names = new Map<string, string>();
	const related = relateFrames(vector) as Vector;
	return Object.fromEntries(
		Object.entries(related).map(([key, value]) => [key, key.startsWith('maps') ? relateInodes(value, names) : value]),
	);
}

export const anonAndFiles = vectorTopic({
	name: 'anon_and_files',
	accepts: document => document.file === 'anon_and_files.json',
	isAnswer: path => !/^(run|topic|seq|fs|flags|file_size|map_pages)$/.test(path),
	relate,
	leftOut: [
		{path: /\.(pgd|pmd)$/, reason: 'where page tables lie'},
		{
			path: /^page0_after_write\.(kpageflags|page_count|PageLRU)$/,
			reason: 'a fresh anonymous page waits in a per-CPU batch, which is not modelled, before it is on an LRU list',
			when: vector => vector.flags === 'MAP_PRIVATE',
		},
	],
	classes: [
		{
			name: 'files of ext4',
			reason: 'the filesystem of the simulated disk is a simple one of its own, without buffers that hold a page',
			holds: vector => vector.fs === 'ext4',
		},
	],
	nameOf: vector => String(vector.seq ?? `${vector.fs} ${vector.flags}`),
	prepare() {
		const machines = new Map<string, Kernel>();
		return vector => {
			const run = String(vector.run);
			let k = machines.get(run);
			if (!k) {
				machines.set(run, (k = runMachine(run)));
				mount(k, tmpfs('/tmp', {major: 0, minor: 20}));
			}
			return runProcess(k, k => answer(k, vector));
		};
	},
});
