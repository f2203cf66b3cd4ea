/** linux/mm.h: pages, and areas of processes. */
import {kernelAddress, pfn, type UserAddress} from '../../../hardware/address.ts';
import {EINVAL} from '../../errno.ts';
import {kmap_atomic, kunmap_atomic} from '../../mm/kmap_atomic.ts';
import {mmap_read_lock, mmap_read_unlock} from '../../mm/mmap_lock.ts';
import {get_page} from '../../mm/page.ts';
import {put_page} from '../../mm/page_alloc.ts';
import {remap_pfn_range} from '../../mm/remap.ts';
import {frameOf} from '../methods.ts';
import {type Gate, modulesOf} from '../state.ts';
import {vmaWindow} from '../structureWindows.ts';

export const mmExports: readonly Gate[] = [
	{
		name: 'kmap_atomic',
		run({k, arg}) {
			const frame = frameOf(k, arg(0));
			return frame === undefined ? 0 : kmap_atomic(k, frame);
		},
	},
	...['__kunmap_atomic', 'kunmap_atomic'].map(
		(name): Gate => ({name, run: ({k, arg}) => kunmap_atomic(k, kernelAddress(arg(0)))}),
	),
	{
		name: 'remap_pfn_range',
		run({k, arg}) {
			const vma = modulesOf(k).windows.objectAt(vmaWindow, arg(0));
			if (!vma) return -EINVAL;
			return remap_pfn_range(k, vma, arg(1) as UserAddress, pfn(arg(2)), arg(3), arg(4) as typeof vma.vm_page_prot);
		},
	},
	{
		name: 'get_page',
		run({k, arg}) {
			const frame = frameOf(k, arg(0));
			if (frame !== undefined) get_page(k, frame);
		},
	},
	{
		name: 'put_page',
		run({k, arg}) {
			const frame = frameOf(k, arg(0));
			if (frame !== undefined) put_page(k, frame);
		},
	},
	{
		name: 'mmap_read_lock',
		*run({k}) {
			yield* mmap_read_lock(k, k.cpu.current.mm!);
		},
	},
	{
		name: 'mmap_read_unlock',
		*run({k}) {
			yield* mmap_read_unlock(k, k.cpu.current.mm!);
		},
	},
];
