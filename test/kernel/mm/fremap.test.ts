import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {userAddress} from '../../../source/hardware/address.ts';
import {type EraName, erasBefore, erasFrom} from '../../../source/kernel/era/behaviour.ts';
import {EINVAL} from '../../../source/kernel/errno.ts';
import {O_RDWR} from '../../../source/kernel/fs/file.ts';
import type {Kernel} from '../../../source/kernel/kernel.ts';
import {VM_NONLINEAR, type vm_area_struct} from '../../../source/kernel/mm/mm_types.ts';
import {pte_file, pte_offset, pte_to_pgoff, pte_val, set_pte_file} from '../../../source/kernel/mm/pgtable.ts';
import {mappersOf, try_to_unmap} from '../../../source/kernel/mm/rmap.ts';
import {truncate_inode} from '../../../source/kernel/mm/truncate.ts';
import {user_read8, user_write8} from '../../../source/kernel/mm/uaccess.ts';
import type {Sleeps} from '../../../source/kernel/time.ts';
import {bootWithDisk, install, newProcess, runIn} from '../fs/machine.ts';
import {dmesg} from '../support.ts';
import {Caller} from '../systemCalls.ts';

const page = 4096;
const place = 0x2000_0000;
const anonymousShared = 0x31;
const shared = 0x11;
const nonblock = 0x1_0000;

type Machine = {readonly c: Caller; readonly k: Kernel; readonly mm: NonNullable<Kernel['cpu']['current']['mm']>};

function onMachine<T>(era: EraName, body: (m: Machine) => Sleeps<T>, pae = false): T {
	const machine = bootWithDisk({era, pae});
	install(machine, '/data', 8);
	const {k} = machine;
	return runIn(k, newProcess(k), () => body({c: new Caller(k), k, mm: k.cpu.current.mm!}));
}

/** Eight pages of shared memory, each with its number in its first byte. */
function* numbered({c, k}: Machine): Sleeps<void> {
	yield* c.call('mmap2', place, 8 * page, 3, anonymousShared, -1, 0);
	for (let i = 0; i < 8; i++) yield* user_write8(k, userAddress(place + i * page), i);
}

function* seen({k}: Machine, pages = 8): Sleeps<number[]> {
	const bytes: number[] = [];
	for (let i = 0; i < pages; i++) bytes.push(yield* user_read8(k, userAddress(place + i * page)));
	return bytes;
}

const areas = (mm: Machine['mm']) =>
	[...mm.mmap].filter(({vm_start}) => vm_start >= place && vm_start < place + 8 * page);
const shape = (vmas: readonly vm_area_struct[]) =>
	vmas.map(({vm_start, vm_end, vm_pgoff}) => [(vm_start - place) / page, (vm_end - place) / page, vm_pgoff]);
const remap = ({c}: Machine, at: number, pages: number, pgoff: number, flags = 0, prot = 0) =>
	c.call('remap_file_pages', place + at * page, pages * page, prot, pgoff, flags);

describe.each(erasBefore('5.10'))('remap_file_pages of memory in %s', era => {
	it('lays pages in another order within one area, and they are the same pages', () => {
		onMachine(era, function* (m) {
			yield* numbered(m);
			expect(yield* remap(m, 0, 2, 6)).toBe(0);
			expect(yield* remap(m, 5, 1, 0)).toBe(0);
			expect(yield* seen(m)).toEqual([6, 7, 2, 3, 4, 0, 6, 7]);
			expect(shape(areas(m.mm))).toEqual([[0, 8, 0]]);
			expect(areas(m.mm)[0]!.vm_flags & VM_NONLINEAR).toBe(VM_NONLINEAR);
			yield* user_write8(m.k, userAddress(place), 66);
			expect(yield* seen(m)).toEqual([66, 7, 2, 3, 4, 0, 66, 7]);
			const frame = areas(m.mm)[0]!.vm_file!.inode.i_mapping.pages.get(6)!;
			expect(mappersOf(m.k, frame).map(({address}) => (address - place) / page)).toEqual([0, 6]);
			expect(m.mm.rss_shmem).toBe(8);
		});
	});

	it('leaves entries that say which page belongs there, through madvise, mprotect, mremap and fork', () => {
		onMachine(era, function* (m) {
			yield* numbered(m);
			yield* remap(m, 0, 3, 4, nonblock);
			yield* m.c.call('madvise', place, 8 * page, 4);
			const at = () => pte_offset(m.k, m.mm, place + page);
			expect([pte_file(pte_val(m.k, at())), pte_to_pgoff(m.k, at())]).toEqual([true, 5]);
			yield* m.c.call('mprotect', place, 8 * page, 1);
			expect(pte_to_pgoff(m.k, at())).toBe(5);
			m.c.goOn = function* () {
				return yield* user_read8(m.k, userAddress(place + page));
			};
			const child = yield* m.c.call('fork');
			const status = yield* m.c.words(0);
			expect(yield* m.c.call('wait4', child, status, 0, 0)).toBe(child);
			expect(yield* m.c.readWords(status, 1)).toEqual([5 << 8]);
			expect(pte_file(pte_val(m.k, at()))).toBe(true);
			const moved = yield* m.c.call('mremap', place, 8 * page, 8 * page, 3, place + 64 * page);
			expect(yield* user_read8(m.k, userAddress(moved + page))).toBe(5);
			expect(yield* user_read8(m.k, userAddress(moved + 7 * page))).toBe(7);
		});
	});

	it('keeps the entry of a page that reclaim takes out of the tables', () => {
		onMachine(era, function* (m) {
			yield* numbered(m);
			yield* remap(m, 0, 1, 6);
			const frame = areas(m.mm)[0]!.vm_file!.inode.i_mapping.pages.get(6)!;
			expect(try_to_unmap(m.k, frame)).toBe(true);
			expect(pte_to_pgoff(m.k, pte_offset(m.k, m.mm, place))).toBe(6);
			expect(pte_val(m.k, pte_offset(m.k, m.mm, place + 6 * page))).toBe(0);
			expect(yield* seen(m)).toEqual([6, 1, 2, 3, 4, 5, 6, 7]);
		});
	});

	it('mincore asks for the page that the entry names, where it asks the tables at all', () => {
		onMachine(era, function* (m) {
			yield* m.c.call('mmap2', place, 8 * page, 3, anonymousShared, -1, 0);
			yield* user_write8(m.k, userAddress(place), 1);
			yield* remap(m, 0, 1, 6, nonblock);
			yield* remap(m, 3, 1, 0, nonblock);
			yield* m.c.call('madvise', place, 8 * page, 4);
			const vec = yield* m.c.room(4);
			expect(yield* m.c.call('mincore', place, 4 * page, vec)).toBe(0);
			const cached: number[] = [];
			for (let i = 0; i < 4; i++) cached.push(yield* user_read8(m.k, userAddress(vec + i)));
			expect(cached).toEqual(m.k.era.mincoreAsksTables ? [0, 0, 0, 1] : [1, 0, 0, 0]);
		});
	});

	it('takes what is whole pages of one shared mapping', () => {
		onMachine(era, function* (m) {
			yield* numbered(m);
			expect(yield* remap(m, 0, 2, 6, 0, 1)).toBe(-EINVAL);
			expect(yield* remap(m, 0, 0, 6)).toBe(-EINVAL);
			expect(yield* remap(m, 7, 2, 0)).toBe(-EINVAL);
			expect(yield* remap(m, -1, 1, 0)).toBe(-EINVAL);
			expect(yield* remap(m, 0, 1, 2 ** 29 - 1)).toBe(-EINVAL);
			expect(yield* remap(m, 0, 1, 2 ** 29 - 2)).toBe(era === 'ldd3' ? -EINVAL : 0);
			yield* m.c.call('mmap2', place, 8 * page, 3, 0x32, -1, 0);
			expect(yield* remap(m, 0, 1, 3)).toBe(-EINVAL);
		});
	});

	it('a truncated page is gone wherever it was mapped, and the others stay', () => {
		onMachine(era, function* (m) {
			yield* numbered(m);
			yield* remap(m, 0, 1, 7);
			yield* remap(m, 3, 1, 1);
			yield* truncate_inode(m.k, areas(m.mm)[0]!.vm_file!.inode, 7 * page);
			expect(m.mm.rss_shmem).toBe(6);
			expect(yield* user_read8(m.k, userAddress(place + 3 * page))).toBe(1);
			expect(pte_to_pgoff(m.k, pte_offset(m.k, m.mm, place))).toBe(7);
		});
	});
});

it('a file on a disk is reordered by entries in 2.6.11; where dirty pages are counted, by areas', () => {
	for (const era of erasBefore('5.10'))
		onMachine(era, function* (m) {
			const fd = yield* m.c.call('open', '/data', O_RDWR, 0);
			yield* m.c.call('mmap2', place, 4 * page, 3, shared, fd, 0);
			expect(yield* remap(m, 1, 2, 5)).toBe(0);
			const byEntries = [[0, 4, 0]];
			const byAreas = [
				[0, 1, 0],
				[1, 3, 5],
				[3, 4, 3],
			];
			expect(shape(areas(m.mm))).toEqual(era === 'ldd3' ? byEntries : byAreas);
			const data = yield* m.c.room(8);
			yield* m.c.call('pread64', fd, data, 1, 6 * page, 0);
			const [sixth] = yield* m.c.readWords(data, 1);
			expect(yield* user_read8(m.k, userAddress(place + 2 * page))).toBe(sixth! & 0xff);
		});
});

describe.each(erasFrom('5.10'))('remap_file_pages in %s', era => {
	it('makes an area of each piece, says once that it is deprecated, and brings the pages in', () => {
		onMachine(era, function* (m) {
			yield* numbered(m);
			expect(yield* remap(m, 0, 2, 6)).toBe(0);
			expect(m.mm.rss_shmem).toBe(8);
			expect(yield* remap(m, 1, 2, 0)).toBe(0);
			expect(shape(areas(m.mm))).toEqual([
				[0, 1, 6],
				[1, 3, 0],
				[3, 8, 3],
			]);
			expect(yield* seen(m)).toEqual([6, 0, 1, 3, 4, 5, 6, 7]);
			expect(dmesg(m.k).filter(line => line.includes('uses deprecated remap_file_pages() syscall'))).toHaveLength(1);
			expect(yield* remap(m, 7, 2, 0)).toBe(-EINVAL);
			expect(yield* remap(m, 0, 1, 0, 0, 1)).toBe(-EINVAL);
		});
	});
});

it('with PAE an entry has room for a page of 32 bits, without for 29', () => {
	for (const pae of [false, true])
		onMachine(
			'3.2',
			function* (m) {
				yield* numbered(m);
				const at = pte_offset(m.k, m.mm, place);
				fc.assert(
					fc.property(fc.integer({min: 0, max: 2 ** (pae ? 32 : 29) - 1}), pgoff => {
						set_pte_file(m.k, at, pgoff);
						expect([pte_file(pte_val(m.k, at)), pte_to_pgoff(m.k, at)]).toEqual([true, pgoff]);
					}),
				);
				set_pte_file(m.k, at, 0);
			},
			pae,
		);
});
