import {describe, expect, it} from 'vitest';
import {PAGE_SIZE, type UserAddress, userAddress} from '../../../source/hardware/address.ts';
import {chr_dev_init} from '../../../source/kernel/drivers/mem.ts';
import {ERA_NAMES} from '../../../source/kernel/era/behaviour.ts';
import {ENODEV} from '../../../source/kernel/errno.ts';
import {sys_wait4} from '../../../source/kernel/exit.ts';
import {copy_process} from '../../../source/kernel/fork.ts';
import {O_RDWR} from '../../../source/kernel/fs/file.ts';
import {sys_open} from '../../../source/kernel/fs/vfs.ts';
import type {Kernel} from '../../../source/kernel/kernel.ts';
import {BUS_ADRERR} from '../../../source/kernel/mm/fault.ts';
import {MAP_ANONYMOUS, MAP_PRIVATE, MAP_SHARED, MREMAP_MAYMOVE} from '../../../source/kernel/mm/mman.ts';
import {sys_mmap2} from '../../../source/kernel/mm/mmap.ts';
import {sys_mremap} from '../../../source/kernel/mm/mremap.ts';
import {sys_munmap} from '../../../source/kernel/mm/munmap.ts';
import {NO_PTE, pte_offset, pte_pfn, pte_val} from '../../../source/kernel/mm/pgtable.ts';
import {user_read, user_read8, user_touch, user_write8} from '../../../source/kernel/mm/uaccess.ts';
import type {Sleeps} from '../../../source/kernel/time.ts';
import {bootTestKernel, runProcess} from '../support.ts';
import {checkInvariants} from './invariants.ts';

const readWrite = 3;

type Kind = {readonly name: string; readonly path: string | undefined; readonly flags: number};

const kinds: readonly Kind[] = [
	{name: 'MAP_PRIVATE of /dev/zero', path: '/dev/zero', flags: MAP_PRIVATE},
	{name: 'MAP_SHARED of /dev/zero', path: '/dev/zero', flags: MAP_SHARED},
	{name: 'MAP_PRIVATE | MAP_ANONYMOUS', path: undefined, flags: MAP_PRIVATE | MAP_ANONYMOUS},
	{name: 'MAP_SHARED | MAP_ANONYMOUS', path: undefined, flags: MAP_SHARED | MAP_ANONYMOUS},
];

function* map(k: Kernel, {path, flags}: Kind, pages: number): Sleeps<number> {
	const fd = path === undefined ? -1 : yield* sys_open(k, path, O_RDWR);
	return yield* sys_mmap2(k, 0, pages * PAGE_SIZE, readWrite, flags, fd, 0);
}

const page = (start: number, index: number): UserAddress => userAddress(start + index * PAGE_SIZE);

/** The frame behind an address, or undefined where nothing is entered. */
function frameAt(k: Kernel, address: number): number | undefined {
	const at = pte_offset(k, k.cpu.current.mm!, address);
	return at === NO_PTE || pte_val(k, at) === 0 ? undefined : pte_pfn(k, at);
}

function* inChild(k: Kernel, body: (k: Kernel) => Sleeps<void>): Sleeps<void> {
	const child = yield* copy_process(k, {body});
	if (typeof child === 'number') throw new Error(`fork: ${child}`);
	yield* sys_wait4(k, child.pid);
}

describe.each(ERA_NAMES)('memory that begins as zeros, in %s', era => {
	describe.each(kinds)('$name', kind => {
		const isShared = (kind.flags & MAP_SHARED) !== 0;
		const onKernel = (body: (k: Kernel) => Sleeps<void>) => {
			const k = bootTestKernel({era, memMiB: 64});
			chr_dev_init(k);
			runProcess(k, body);
			expect(k.mm.nr_anon_pages).toBe(0);
			expect(k.filemap.nr_shmem).toBe(0);
			expect(k.mm.vm_committed).toBe(0);
		};

		it('is read, written and read again', () =>
			onKernel(function* (k) {
				const at = yield* map(k, kind, 3);
				for (const index of [0, 2]) expect(yield* user_touch(k, page(at, index), false)).toBe(0);
				expect((yield* user_read(k, page(at, 0), 3 * PAGE_SIZE)).every(byte => byte === 0)).toBe(true);
				expect(frameAt(k, page(at, 0)) === k.layout.empty_zero_page).toBe(!isShared);
				for (const index of [0, 1]) yield* user_write8(k, userAddress(page(at, index) + 5), 7 + index);
				expect([...(yield* user_read(k, page(at, 0), 8))]).toEqual([0, 0, 0, 0, 0, 7, 0, 0]);
				expect(yield* user_read8(k, userAddress(page(at, 1) + 5))).toBe(8);
				expect(yield* user_read8(k, page(at, 2))).toBe(0);
				const {mm} = k.cpu.current;
				expect([mm!.rss_anon, k.filemap.nr_shmem]).toEqual(isShared ? [0, 3] : [2, 0]);
				expect(k.hw.ram.page(k.layout.empty_zero_page).every(byte => byte === 0)).toBe(true);
				checkInvariants(k);
			}));

		it('is written at once', () =>
			onKernel(function* (k) {
				const at = yield* map(k, kind, 2);
				expect(yield* user_touch(k, page(at, 1), true)).toBe(0);
				yield* user_write8(k, page(at, 1), 3);
				expect(yield* user_read8(k, page(at, 1))).toBe(3);
				expect(yield* user_read8(k, page(at, 0))).toBe(0);
			}));

		it('is inherited by a child, and each writes', () =>
			onKernel(function* (k) {
				const at = yield* map(k, kind, 3);
				yield* user_read8(k, page(at, 0));
				yield* user_write8(k, page(at, 1), 1);
				yield* inChild(k, function* (k) {
					expect([yield* user_read8(k, page(at, 0)), yield* user_read8(k, page(at, 1))]).toEqual([0, 1]);
					for (const index of [0, 1, 2]) yield* user_write8(k, page(at, index), 0x40 + index);
					expect(yield* user_read8(k, page(at, 2))).toBe(0x42);
				});
				const seen = [0, 0, 0];
				for (const index of [0, 1, 2]) seen[index] = yield* user_read8(k, page(at, index));
				expect(seen).toEqual(isShared ? [0x40, 0x41, 0x42] : [0, 1, 0]);
				checkInvariants(k);
			}));

		it('grows and moves with mremap', () =>
			onKernel(function* (k) {
				for (const touched of [false, true]) {
					const at = yield* map(k, kind, 2);
					// Something in the way, so that growth has to move it.
					yield* sys_mmap2(k, at + 2 * PAGE_SIZE, PAGE_SIZE, readWrite, 0x10 | MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
					if (touched) yield* user_write8(k, page(at, 1), 9);
					const to = yield* sys_mremap(k, at, 2 * PAGE_SIZE, 4 * PAGE_SIZE, MREMAP_MAYMOVE, 0);
					expect(to).not.toBe(at);
					expect(yield* user_read8(k, page(to, 1))).toBe(touched ? 9 : 0);
					expect(yield* user_touch(k, page(to, 0), true)).toBe(0);
					// A file of shmem stays as long as it was.
					for (const write of [false, true])
						expect(yield* user_touch(k, page(to, 3), write)).toBe(isShared ? BUS_ADRERR : 0);
					checkInvariants(k);
					yield* sys_munmap(k, to, 4 * PAGE_SIZE);
				}
			}));
	});

	it('/dev/null cannot be mapped', () => {
		const k = bootTestKernel({era, memMiB: 64});
		chr_dev_init(k);
		runProcess(k, function* () {
			for (const flags of [MAP_PRIVATE, MAP_SHARED]) {
				expect(yield* map(k, {name: '', path: '/dev/null', flags}, 1)).toBe(-ENODEV);
			}
		});
	});

	it('a private mapping of /dev/zero has its entries at once in 2.6.11, and keeps the file’s name', () => {
		const k = bootTestKernel({era, memMiB: 64});
		chr_dev_init(k);
		runProcess(k, function* () {
			const at = yield* map(k, kinds[0]!, 2);
			expect(frameAt(k, page(at, 1))).toBe(era === 'ldd3' ? k.layout.empty_zero_page : undefined);
			const vma = k.cpu.current.mm!.mmap.find(at)!;
			expect([vma.vm_file?.path, vma.vm_ops]).toEqual(['/dev/zero', null]);
		});
	});
});
