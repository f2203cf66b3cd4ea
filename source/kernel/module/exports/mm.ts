/** linux/mm.h: areas of processes. */
import {kernelAddress, PAGE_SIZE, type Pfn, pfn, type UserAddress} from '../../../hardware/address.ts';
import {EBUSY, EINVAL, ENOMEM, ENXIO} from '../../errno.ts';
import type {Kernel} from '../../kernel.ts';
import {kread32, oops} from '../../mm/access.ts';
import {
	type mm_struct,
	VM_FAULT_NOPAGE,
	VM_FAULT_OOM,
	VM_FAULT_SIGBUS,
	VM_PFNMAP,
	type vm_area_struct,
} from '../../mm/mm_types.ts';
import {mmap_read_lock, mmap_read_unlock, mmap_write_lock, mmap_write_unlock} from '../../mm/mmap_lock.ts';
import {vm_get_page_prot} from '../../mm/protection.ts';
import {remap_pfn_range, vm_insert_page, vm_insert_pfn, vmf_insert_pfn} from '../../mm/remap.ts';
import {zap_page_range} from '../../mm/zap.ts';
import type {Sleeps} from '../../time.ts';
import {type Gate, type GateCall, modulesOf} from '../state.ts';
import {mmWindow, vmaWindow} from '../structureWindows.ts';
import {pageAt} from './pages.ts';

/** The area that C names. @throws TaskKilled for what is none: an oops */
export const vmaAt = (k: Kernel, address: number): vm_area_struct =>
	modulesOf(k).windows.objectAt(vmaWindow, address) ?? oops(k, address, false, false);

const mmAt = (k: Kernel, address: number): mm_struct =>
	modulesOf(k).windows.objectAt(mmWindow, address) ?? oops(k, address, false, false);

const user = (address: number) => address as UserAddress;

/** What a fault handler answers, for what vm_insert_page() says. @see vmf_insert_page() */
function insertResult(error: number): number {
	if (error === 0 || error === -EBUSY) return VM_FAULT_NOPAGE;
	return error === -ENOMEM ? VM_FAULT_OOM : VM_FAULT_SIGBUS;
}

/** Pages from an array, from the area's offset on, one after the other. @see __vm_map_pages() */
function mapPages({k, arg}: GateCall): number {
	const vma = vmaAt(k, arg(0));
	const [pages, count] = [arg(1), arg(2)];
	const wanted = (vma.vm_end - vma.vm_start) / PAGE_SIZE;
	if (vma.vm_pgoff >= count || wanted > count - vma.vm_pgoff) return -ENXIO;
	for (let i = 0; i < wanted; i++) {
		const page = kread32(k, kernelAddress(pages + 4 * (vma.vm_pgoff + i)));
		const error = vm_insert_page(k, vma, user(vma.vm_start + i * PAGE_SIZE), pageAt(k, page));
		if (error < 0) return error;
	}
	return 0;
}

/** Device memory, from the area's offset on, as far as there is any. @see vm_iomap_memory() */
function iomapMemory({k, arg}: GateCall): number {
	const vma = vmaAt(k, arg(0));
	const [start, length] = [arg(1), arg(2)];
	if (start + length >= 2 ** 32) return -EINVAL;
	const pages = Math.ceil(((start % PAGE_SIZE) + length) / PAGE_SIZE);
	const size = vma.vm_end - vma.vm_start;
	if (vma.vm_pgoff > pages || size / PAGE_SIZE > pages - vma.vm_pgoff) return -EINVAL;
	const frame = pfn(Math.floor(start / PAGE_SIZE) + vma.vm_pgoff);
	return remap_pfn_range(k, vma, user(vma.vm_start), frame, size, vma.vm_page_prot);
}

/** Takes a driver's entries out again, of an area that has them. */
function zap({k, arg}: GateCall): number {
	const vma = vmaAt(k, arg(0));
	const [start, end] = [arg(1), arg(1) + arg(2)];
	if (start < vma.vm_start || end > vma.vm_end || (vma.vm_flags & VM_PFNMAP) === 0) return -1;
	zap_page_range(k, vma, start, end);
	return 0;
}

const lockGate = (name: string, act: (k: Kernel, mm: mm_struct) => Sleeps<void>): Gate => ({
	name,
	run: ({k, arg}) => act(k, mmAt(k, arg(0))),
});

export const mmExports: readonly Gate[] = [
	{
		name: 'remap_pfn_range',
		run({k, arg}) {
			const vma = vmaAt(k, arg(0));
			return remap_pfn_range(k, vma, user(arg(1)), arg(2) as Pfn, arg(3), arg(4) as typeof vma.vm_page_prot);
		},
	},
	{name: 'vm_insert_page', run: ({k, arg}) => vm_insert_page(k, vmaAt(k, arg(0)), user(arg(1)), pageAt(k, arg(2)))},
	{name: 'vm_insert_pfn', run: ({k, arg}) => vm_insert_pfn(k, vmaAt(k, arg(0)), user(arg(1)), arg(2) as Pfn)},
	{name: 'vmf_insert_pfn', run: ({k, arg}) => vmf_insert_pfn(k, vmaAt(k, arg(0)), user(arg(1)), arg(2) as Pfn)},
	{
		name: 'vmf_insert_page',
		run: ({k, arg}) => insertResult(vm_insert_page(k, vmaAt(k, arg(0)), user(arg(1)), pageAt(k, arg(2)))),
	},
	{name: 'vm_map_pages', run: mapPages},
	{name: 'vm_iomap_memory', run: iomapMemory},
	{name: 'zap_vma_ptes', run: zap},
	{
		name: 'find_vma',
		run({k, arg}) {
			const vma = mmAt(k, arg(0)).mmap.find(arg(1));
			return vma ? modulesOf(k).windows.addressOf(vmaWindow, vma) : 0;
		},
	},
	{name: '_mmtop_page_prot', run: ({arg}) => vm_get_page_prot(arg(0))},
	lockGate('mmap_read_lock', mmap_read_lock),
	lockGate('mmap_read_unlock', mmap_read_unlock),
	lockGate('mmap_write_lock', mmap_write_lock),
	lockGate('mmap_write_unlock', mmap_write_unlock),
];
