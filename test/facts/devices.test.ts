/**
 * Section 3 of the fact sheet: device mappings and faults. remap_pfn_range of RAM, mremap of it, vm_insert_page and the
 * calls of open and close are in `test/kernel/mm/remap.test.ts`, scullp and simple in `test/kernel/fs/drivers.test.ts`.
 */

import {expect, test} from 'vitest';
import {PAGE_SIZE, type Pfn, pfn, userAddress} from '../../source/hardware/address.ts';
import type {EraName} from '../../source/kernel/era/behaviour.ts';
import {EBUSY, EINVAL} from '../../source/kernel/errno.ts';
import {fd_install, type file_operations, O_RDWR} from '../../source/kernel/fs/file.ts';
import {get_empty_filp} from '../../source/kernel/fs/file_table.ts';
import {new_inode} from '../../source/kernel/fs/inode.ts';
import type {Kernel} from '../../source/kernel/kernel.ts';
import {BUS_ADRERR, faultErrorCode, SEGV_ACCERR, SEGV_MAPERR} from '../../source/kernel/mm/fault.ts';
import {GFP_KERNEL} from '../../source/kernel/mm/gfp.ts';
import * as mm_types from '../../source/kernel/mm/mm_types.ts';
import {sys_mmap2} from '../../source/kernel/mm/mmap.ts';
import {get_page, page_count} from '../../source/kernel/mm/page.ts';
import {try_alloc_pages} from '../../source/kernel/mm/page_alloc.ts';
import {pte_offset, pte_pfn} from '../../source/kernel/mm/pgtable.ts';
import {remap_pfn_range, vm_insert_page, vm_insert_pfn} from '../../source/kernel/mm/remap.ts';
import {user_read8, user_touch, user_write8} from '../../source/kernel/mm/uaccess.ts';
import type {Sleeps} from '../../source/kernel/time.ts';
import {bootTestKernel, runProcess} from '../kernel/support.ts';

const {VM_IO, VM_PFNMAP, VM_PFN_AT_MMAP, VM_RESERVED, VM_INSERTPAGE} = mm_types;
const base = 0x2000_0000;
const readWrite = 3;
const [sharedMapping, privateMapping] = [0x11, 0x12];
const at = (page: number) => userAddress(base + page * PAGE_SIZE);
/** A frame of device memory, above all RAM. */
const deviceFrame = pfn(0xf_d000);

const inProcess = <T>(era: EraName, body: (k: Kernel) => Sleeps<T>): T =>
	runProcess(bootTestKernel({memMiB: 64, era}), body);

/** Opens a device whose mmap method is given. */
function device(k: Kernel, mmap: (vma: mm_types.vm_area_struct) => number): number {
	const i_fop: file_operations = {
		name: 'test_fops',
		*mmap(_k, _file, vma) {
			return mmap(vma);
		},
	};
	const inode = new_inode(k, {kind: 'chrdev', s_dev: {major: 0, minor: 5}, i_fop});
	return fd_install(k.cpu.current.files, get_empty_filp(k, '/dev/test', inode, O_RDWR));
}

const vmaAt = (k: Kernel, page: number) => k.cpu.current.mm!.mmap.find(at(page))!;

test('results and flags of a fault have Linux’s numbers', () => {
	const {VM_FAULT_OOM, VM_FAULT_SIGBUS, VM_FAULT_MAJOR, VM_FAULT_WRITE, VM_FAULT_HWPOISON} = mm_types;
	expect([VM_FAULT_OOM, VM_FAULT_SIGBUS, VM_FAULT_MAJOR, VM_FAULT_WRITE, VM_FAULT_HWPOISON]).toEqual([
		1, 2, 4, 8, 0x10,
	]);
	const {VM_FAULT_NOPAGE, VM_FAULT_LOCKED, VM_FAULT_RETRY} = mm_types;
	expect([VM_FAULT_NOPAGE, VM_FAULT_LOCKED, VM_FAULT_RETRY]).toEqual([0x100, 0x200, 0x400]);
	const {FAULT_FLAG_WRITE, FAULT_FLAG_NONLINEAR, FAULT_FLAG_MKWRITE} = mm_types;
	expect([FAULT_FLAG_WRITE, FAULT_FLAG_NONLINEAR, FAULT_FLAG_MKWRITE]).toEqual([1, 2, 4]);
	// Signal and code: SIGSEGV 11 with MAPERR 1 or ACCERR 2, SIGBUS 7 with ADRERR 2.
	expect([SEGV_MAPERR, SEGV_ACCERR, BUS_ADRERR]).toEqual([(11 << 8) | 1, (11 << 8) | 2, (7 << 8) | 2]);
});

test('bits of a fault’s error code: 1 protection, 2 write, 4 user', () => {
	inProcess('3.2', function* (k) {
		yield* sys_mmap2(k, at(0), PAGE_SIZE, 1, 0x32, -1, 0);
		yield* user_read8(k, at(0));
		const code = (page: number, write: boolean) => faultErrorCode(k, k.cpu.current.mm!, at(page), write);
		expect([code(1, false), code(1, true), code(0, true)]).toEqual([4, 6, 7]);
	});
});

test.each([
	['ldd3', VM_IO | VM_RESERVED, 5],
	['2.6.32', VM_IO | VM_RESERVED | VM_PFNMAP | VM_PFN_AT_MMAP, deviceFrame],
	['3.2', VM_IO | VM_RESERVED | VM_PFNMAP | VM_PFN_AT_MMAP, deviceFrame],
] as const)('remap_pfn_range of %s over a whole VMA sets flags %i and leaves pgoff at %i', (era, wanted, pgoff) => {
	inProcess(era, function* (k) {
		const fd = device(k, vma => remap_pfn_range(k, vma, vma.vm_start, deviceFrame, 2 * PAGE_SIZE, vma.vm_page_prot));
		yield* sys_mmap2(k, at(0), 2 * PAGE_SIZE, readWrite, sharedMapping, fd, 5);
		const vma = vmaAt(k, 0);
		expect(vma.vm_flags & (VM_IO | VM_RESERVED | VM_PFNMAP | VM_PFN_AT_MMAP)).toBe(wanted);
		expect(vma.vm_pgoff).toBe(pgoff);
		expect(pte_pfn(k, pte_offset(k, k.cpu.current.mm!, at(1)))).toBe(deviceFrame + 1);
	});
});

test('remap_pfn_range rounds its size up, and is a bug where an entry is in use', () => {
	expect(() =>
		inProcess('2.6.32', function* (k) {
			const map = (vma: mm_types.vm_area_struct, size: number) =>
				remap_pfn_range(k, vma, vma.vm_start, deviceFrame, size, vma.vm_page_prot);
			const fd = device(k, vma => {
				expect(map(vma, PAGE_SIZE + 1)).toBe(0);
				expect(pte_pfn(k, pte_offset(k, vma.vm_mm, at(1)))).toBe(deviceFrame + 1);
				return map(vma, PAGE_SIZE);
			});
			yield* sys_mmap2(k, at(0), 2 * PAGE_SIZE, readWrite, sharedMapping, fd, 0);
		}),
	).toThrow(/was killed/);
});

test('vm_insert_page refuses a free page, and marks the VMA', () => {
	inProcess('2.6.32', function* (k) {
		const frame = try_alloc_pages(k, GFP_KERNEL, 0)!;
		const answers: number[] = [];
		const fd = device(k, vma => {
			k.mem_map._count[frame] = 0;
			answers.push(vm_insert_page(k, vma, vma.vm_start, frame));
			k.mem_map._count[frame] = 1;
			answers.push(vm_insert_page(k, vma, vma.vm_start, frame));
			return 0;
		});
		yield* sys_mmap2(k, at(0), PAGE_SIZE, readWrite, sharedMapping, fd, 0);
		expect(answers).toEqual([-EINVAL, 0]);
		expect(vmaAt(k, 0).vm_flags & VM_INSERTPAGE).toBe(VM_INSERTPAGE);
	});
});

test('vm_insert_pfn wants VM_PFNMAP, answers EBUSY for an entry in use, and is a bug without', () => {
	const insertTwice = (flags: number) => {
		const answers: number[] = [];
		inProcess('2.6.32', function* (k) {
			const fd = device(k, vma => {
				vma.vm_flags |= flags;
				for (let i = 0; i < 2; i++) answers.push(vm_insert_pfn(k, vma, vma.vm_start, deviceFrame));
				return 0;
			});
			yield* sys_mmap2(k, at(0), PAGE_SIZE, readWrite, sharedMapping, fd, 0);
		});
		return answers;
	};
	expect(insertTwice(VM_PFNMAP)).toEqual([0, -EBUSY]);
	expect(() => insertTwice(0)).toThrow(/was killed/);
});

test.each([
	['ldd3', 0],
	['2.6.32', BUS_ADRERR],
	['3.2', 0],
] as const)('methods without fault and nothing mapped: a read in %s earns %i', (era, verdict) => {
	inProcess(era, function* (k) {
		const fd = device(k, vma => {
			vma.vm_ops = {name: 'own_vm_ops', open() {}};
			return 0;
		});
		yield* sys_mmap2(k, at(0), PAGE_SIZE, readWrite, privateMapping, fd, 0);
		expect(yield* user_touch(k, at(0), false)).toBe(verdict);
		if (verdict === 0) expect(yield* user_read8(k, at(0))).toBe(0);
	});
});

test('a fault asks for page (address − start) / 4096 + vm_pgoff', () => {
	inProcess('2.6.32', function* (k) {
		const asked: number[] = [];
		const frame = try_alloc_pages(k, GFP_KERNEL, 0) as Pfn;
		const fd = device(k, vma => {
			vma.vm_ops = {
				name: 'noting',
				*fault(k, _vma, vmf) {
					asked.push(vmf.pgoff);
					get_page(k, frame);
					vmf.page = frame;
					return 0;
				},
			};
			return 0;
		});
		yield* sys_mmap2(k, at(0), 4 * PAGE_SIZE, readWrite, sharedMapping, fd, 7);
		yield* user_read8(k, userAddress(at(2) + 100));
		yield* user_read8(k, at(0));
		expect(asked).toEqual([9, 7]);
		expect([page_count(k, frame), k.cpu.current.mm!.rss_file]).toEqual([3, 2]);
	});
});

test('a private write to remapped memory copies it: the device keeps its byte', () => {
	inProcess('2.6.32', function* (k) {
		const frame = try_alloc_pages(k, GFP_KERNEL, 0)!;
		k.hw.ram.pageForWrite(frame).fill(0x5a);
		const fd = device(k, vma => remap_pfn_range(k, vma, vma.vm_start, frame, PAGE_SIZE, vma.vm_page_prot));
		yield* sys_mmap2(k, at(0), PAGE_SIZE, readWrite, privateMapping, fd, 0);
		yield* user_write8(k, at(0), 1);
		expect(k.hw.ram.page(frame)[0]).toBe(0x5a);
		expect([yield* user_read8(k, at(0)), yield* user_read8(k, userAddress(at(0) + 1))]).toEqual([1, 0x5a]);
		expect(k.cpu.current.mm!.rss_anon).toBe(1);
	});
});

// Experiment 30: VmSize is total_vm - reserved_vm.
test.each([
	'ldd3',
	'2.6.32',
	'3.2',
] as const)('mapping 1 MiB of a device adds as much to reserved_vm as to total_vm (%s)', era => {
	inProcess(era, function* (k) {
		const mm = k.cpu.current.mm!;
		const before = [mm.total_vm, mm.reserved_vm];
		const fd = device(k, vma => remap_pfn_range(k, vma, vma.vm_start, deviceFrame, 256 * PAGE_SIZE, vma.vm_page_prot));
		yield* sys_mmap2(k, at(0), 256 * PAGE_SIZE, readWrite, sharedMapping, fd, 0);
		expect([mm.total_vm, mm.reserved_vm]).toEqual([before[0]! + 256, before[1]! + 256]);
	});
});
