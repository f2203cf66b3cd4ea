import {expect, test} from 'vitest';
import {PAGE_SIZE, type Pfn, physicalAddress, userAddress} from '../../../source/hardware/address.ts';
import type {EraName} from '../../../source/kernel/era/behaviour.ts';
import {EBUSY, EFAULT, EINVAL} from '../../../source/kernel/errno.ts';
import {fd_install, type file_operations, O_RDWR} from '../../../source/kernel/fs/file.ts';
import {get_empty_filp} from '../../../source/kernel/fs/file_table.ts';
import {new_inode} from '../../../source/kernel/fs/inode.ts';
import type {Kernel} from '../../../source/kernel/kernel.ts';
import {SEGV_MAPERR} from '../../../source/kernel/mm/fault.ts';
import {__GFP_ZERO, GFP_KERNEL} from '../../../source/kernel/mm/gfp.ts';
import {VM_FAULT_SIGBUS, type vm_area_struct} from '../../../source/kernel/mm/mm_types.ts';
import {sys_mmap2} from '../../../source/kernel/mm/mmap.ts';
import {sys_mprotect} from '../../../source/kernel/mm/mprotect.ts';
import {sys_mremap} from '../../../source/kernel/mm/mremap.ts';
import {sys_munmap} from '../../../source/kernel/mm/munmap.ts';
import {
	ClearPageReserved,
	get_page,
	page_count,
	page_mapcount,
	SetPageReserved,
} from '../../../source/kernel/mm/page.ts';
import {alloc_pages} from '../../../source/kernel/mm/page_alloc.ts';
import {remap_pfn_range, vm_insert_page} from '../../../source/kernel/mm/remap.ts';
import {user_read8, user_touch, user_write8} from '../../../source/kernel/mm/uaccess.ts';
import type {Sleeps} from '../../../source/kernel/time.ts';
import {bootTestKernel, runProcess} from '../support.ts';

const base = 0x2000_0000;
const at = (page: number) => userAddress(base + page * PAGE_SIZE);
const [sharedMapping, privateMapping] = [0x11, 0x12];

const onKernel = <T>(era: EraName, body: (k: Kernel) => Sleeps<T>): T =>
	runProcess(bootTestKernel({memMiB: 64, era}), body);

/** Opens a device whose mmap method is given. */
function device(k: Kernel, mmap: (vma: vm_area_struct) => number): number {
	const i_fop: file_operations = {
		name: 'test_fops',
		*mmap(_k, _file, vma) {
			return mmap(vma);
		},
	};
	const inode = new_inode(k, {kind: 'chrdev', s_dev: {major: 0, minor: 5}, i_fop});
	return fd_install(k.cpu.current.files, get_empty_filp(k, '/dev/test', inode, O_RDWR));
}

function* framesWith(k: Kernel, count: number): Sleeps<Pfn[]> {
	const frames: Pfn[] = [];
	for (let i = 0; i < count; i++) {
		const frame = (yield* alloc_pages(k, GFP_KERNEL | __GFP_ZERO, 0))!;
		k.hw.ram.write8(physicalAddress(frame * PAGE_SIZE), 0xa0 + i);
		frames.push(frame);
	}
	return frames;
}

test('remapping ordinary RAM: 2.6.11 leaves the page table empty and zeros are read; later kernels map it', () => {
	function* readThrough(k: Kernel): Sleeps<number> {
		const [frame] = yield* framesWith(k, 1);
		const fd = device(k, vma => remap_pfn_range(k, vma, vma.vm_start, frame!, PAGE_SIZE, vma.vm_page_prot));
		yield* sys_mmap2(k, at(0), PAGE_SIZE, 3, sharedMapping, fd, 0);
		return yield* user_read8(k, at(0));
	}
	expect(onKernel('ldd3', readThrough)).toBe(0);
	expect(onKernel('3.2', readThrough)).toBe(0xa0);
});

test('a reserved page can be remapped even in 2.6.11; it is not counted and not resident', () => {
	onKernel('ldd3', function* (k) {
		const [frame] = (yield* framesWith(k, 1)) as [Pfn];
		SetPageReserved(k, frame);
		const fd = device(k, vma => remap_pfn_range(k, vma, vma.vm_start, frame, PAGE_SIZE, vma.vm_page_prot));
		yield* sys_mmap2(k, at(0), PAGE_SIZE, 3, sharedMapping, fd, 0);
		expect(yield* user_read8(k, at(0))).toBe(0xa0);
		yield* user_write8(k, at(0), 0x55);
		expect(k.hw.ram.page(frame)[0]).toBe(0x55);
		expect([page_count(k, frame), page_mapcount(k, frame), k.cpu.current.mm!.rss_file]).toEqual([1, 0, 0]);
		yield* sys_munmap(k, at(0), PAGE_SIZE);
		expect(page_count(k, frame)).toBe(1);
		ClearPageReserved(k, frame);
	});
});

test('a remapped area grows with zeros in 2.6.11, and not at all later', () => {
	function* grow(k: Kernel): Sleeps<[number, number]> {
		const [frame] = (yield* framesWith(k, 1)) as [Pfn];
		SetPageReserved(k, frame);
		const fd = device(k, vma => remap_pfn_range(k, vma, vma.vm_start, frame, PAGE_SIZE, vma.vm_page_prot));
		yield* sys_mmap2(k, at(0), PAGE_SIZE, 3, sharedMapping, fd, 0);
		const grown = yield* sys_mremap(k, at(0), PAGE_SIZE, 2 * PAGE_SIZE, 0, 0);
		return [grown, grown < 0 ? -1 : yield* user_read8(k, at(1))];
	}
	expect(onKernel('ldd3', grow)).toEqual([at(0), 0]);
	expect(onKernel('2.6.32', grow)).toEqual([-EFAULT, -1]);
});

test('part of a private area cannot be remapped from 2.6.15 on', () => {
	function* half(k: Kernel): Sleeps<number> {
		const [frame] = (yield* framesWith(k, 1)) as [Pfn];
		const fd = device(k, vma => remap_pfn_range(k, vma, vma.vm_start, frame, PAGE_SIZE, vma.vm_page_prot));
		return yield* sys_mmap2(k, at(0), 2 * PAGE_SIZE, 3, privateMapping, fd, 0);
	}
	expect(onKernel('3.2', half)).toBe(-EINVAL);
	expect(onKernel('ldd3', half)).toBe(at(0));
});

test('vm_insert_page takes a reference and is resident; a used entry is EBUSY, an address outside EFAULT', () => {
	onKernel('3.2', function* (k) {
		const [frame] = (yield* framesWith(k, 1)) as [Pfn];
		const answers: number[] = [];
		const fd = device(k, vma => {
			answers.push(vm_insert_page(k, vma, vma.vm_start, frame), vm_insert_page(k, vma, vma.vm_start, frame));
			answers.push(vm_insert_page(k, vma, userAddress(vma.vm_end), frame));
			return 0;
		});
		yield* sys_mmap2(k, at(0), PAGE_SIZE, 3, sharedMapping, fd, 0);
		expect(answers).toEqual([0, -EBUSY, -EFAULT]);
		expect([page_count(k, frame), page_mapcount(k, frame), k.cpu.current.mm!.rss_file]).toEqual([2, 1, 1]);
		expect(yield* user_read8(k, at(0))).toBe(0xa0);
		yield* sys_munmap(k, at(0), PAGE_SIZE);
		expect([page_count(k, frame), page_mapcount(k, frame)]).toEqual([1, 0]);
	});
});

test('a failing mmap method leaves nothing behind', () => {
	onKernel('3.2', function* (k) {
		const [frame] = (yield* framesWith(k, 1)) as [Pfn];
		const fd = device(k, vma => {
			vm_insert_page(k, vma, vma.vm_start, frame);
			return -EBUSY;
		});
		expect(yield* sys_mmap2(k, at(0), PAGE_SIZE, 3, sharedMapping, fd, 0)).toBe(-EBUSY);
		const mm = k.cpu.current.mm!;
		expect([page_count(k, frame), mm.map_count, mm.total_vm, mm.rss_file]).toEqual([1, 0, 0, 0]);
		expect(yield* user_touch(k, at(0), false)).toBe(SEGV_MAPERR);
	});
});

test('open and close: not at mmap, once for each piece that a munmap makes and takes, once at exit', () => {
	const k = bootTestKernel({memMiB: 64});
	const calls: string[] = [];
	runProcess(k, function* (k) {
		const note = (what: string) => (_k: Kernel, vma: vm_area_struct) => {
			calls.push(`${what} ${(vma.vm_start - base) / PAGE_SIZE}+${(vma.vm_end - vma.vm_start) / PAGE_SIZE}`);
		};
		const fd = device(k, vma => {
			vma.vm_ops = {name: 'noted', open: note('open'), close: note('close'), fault: sigbus};
			return 0;
		});
		yield* sys_mmap2(k, at(0), 3 * PAGE_SIZE, 3, sharedMapping, fd, 0);
		expect(calls).toEqual([]);
		yield* sys_munmap(k, at(1), PAGE_SIZE);
		expect(calls.splice(0)).toEqual(['open 1+2', 'open 1+1', 'close 1+1']);
	});
	expect(calls).toEqual(['close 0+1', 'close 2+1']);
});

function* sigbus(): Sleeps<number> {
	return VM_FAULT_SIGBUS;
}

test('a fault method hands over a page with a reference, which the unmapping gives back', () => {
	onKernel('ldd3', function* (k) {
		const [frame] = (yield* framesWith(k, 1)) as [Pfn];
		const fd = device(k, vma => {
			vma.vm_ops = {
				name: 'scullp_vm_ops',
				*fault(k, _vma, vmf) {
					if (vmf.pgoff > 0) return VM_FAULT_SIGBUS;
					get_page(k, frame);
					vmf.page = frame;
					return 0;
				},
			};
			return 0;
		});
		yield* sys_mmap2(k, at(0), 2 * PAGE_SIZE, 3, privateMapping, fd, 0);
		expect(yield* user_read8(k, at(0))).toBe(0xa0);
		expect([page_count(k, frame), page_mapcount(k, frame)]).toEqual([2, 1]);
		yield* user_write8(k, at(0), 1);
		expect([page_count(k, frame), page_mapcount(k, frame), k.hw.ram.page(frame)[0]]).toEqual([1, 0, 0xa0]);
	});
});

test.each([
	['6.1', false],
	['6.18', true],
] as const)('areas of a driver that has close, in %s: they join where none of them goes: %s', (era, joins) => {
	const pages = (k: Kernel) => [...k.cpu.current.mm!.mmap].filter(each => each.vm_ops?.name === 'closing').length;
	onKernel(era, function* (k) {
		const fd = device(k, vma => {
			vma.vm_ops = {name: 'closing', close: () => {}, fault: sigbus};
			return 0;
		});
		const map = (page: number) => sys_mmap2(k, at(page), PAGE_SIZE, 1, sharedMapping, fd, page);
		yield* map(0);
		yield* map(1);
		// The second is new: the first takes it in, and no area goes.
		expect(pages(k)).toBe(joins ? 1 : 2);
		yield* map(3);
		yield* map(2);
		// The hole is filled from the left; the area on the right would have to go, and stays.
		expect(pages(k)).toBe(joins ? 2 : 4);
		yield* sys_mmap2(k, at(4), PAGE_SIZE, 3, sharedMapping, fd, 4);
		yield* sys_mprotect(k, at(4), PAGE_SIZE, 1);
		// Here the area itself would go.
		expect(pages(k)).toBe(joins ? 3 : 5);
	});
});
