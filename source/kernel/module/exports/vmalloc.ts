/** linux/vmalloc.h: memory that is contiguous by address only. */
import {
	type KernelVirtualAddress,
	kernelAddress,
	PAGE_SIZE,
	type Pfn,
	type UserAddress,
} from '../../../hardware/address.ts';
import {EINVAL} from '../../errno.ts';
import type {Kernel} from '../../kernel.ts';
import {kread32} from '../../mm/access.ts';
import {__GFP_HIGHMEM, __GFP_ZERO, GFP_KERNEL} from '../../mm/gfp.ts';
import {is_vmalloc_addr, pageStructAddress} from '../../mm/layout.ts';
import {VM_DONTEXPAND, VM_RESERVED} from '../../mm/mm_types.ts';
import {vm_insert_page} from '../../mm/remap.ts';
import {vfree, vmalloc, vmalloc_to_page, vmallocAreas, vmap, vunmap} from '../../mm/vmalloc.ts';
import {addressName} from '../oops.ts';
import type {Gate, GateCall} from '../state.ts';
import {vmaAt} from './mm.ts';
import {pageAt} from './pages.ts';

/** Who allocates, as vmallocinfo has it. */
const callerName = ({k, caller}: GateCall) => addressName(k, caller).replace(/ \[.*/, '');

const allocate = (name: string, gfp: number): Gate => ({
	name,
	*run(call) {
		return (yield* vmalloc(call.k, call.arg(0), callerName(call), gfp)) ?? 0;
	},
});

function frameAt(k: Kernel, address: number): Pfn | undefined {
	return vmalloc_to_page(k, kernelAddress(address));
}

/** Enters the pages of an area of vmalloc() into one of a process. @see remap_vmalloc_range() */
function remap({k, arg}: GateCall): number {
	const [vma, address, pgoff] = [vmaAt(k, arg(0)), arg(1), arg(2)];
	const size = vma.vm_end - vma.vm_start;
	const area = vmallocAreas(k).find(({addr, kind}) => addr === address && kind === 'vmalloc');
	if (!area || address % PAGE_SIZE !== 0 || size > area.size - PAGE_SIZE - pgoff * PAGE_SIZE) return -EINVAL;
	for (let at = 0; at < size; at += PAGE_SIZE) {
		const error = vm_insert_page(k, vma, (vma.vm_start + at) as UserAddress, area.pages[pgoff + at / PAGE_SIZE]!);
		if (error < 0) return error;
	}
	vma.vm_flags |= k.era.remapFlags === 'IO PFNMAP DONTEXPAND DONTDUMP' ? VM_DONTEXPAND : VM_RESERVED;
	return 0;
}

export const vmallocExports: readonly Gate[] = [
	allocate('vmalloc', GFP_KERNEL | __GFP_HIGHMEM),
	allocate('vzalloc', GFP_KERNEL | __GFP_HIGHMEM | __GFP_ZERO),
	allocate('vmalloc_user', GFP_KERNEL | __GFP_HIGHMEM | __GFP_ZERO),
	allocate('vmalloc_32', GFP_KERNEL),
	{
		name: 'vfree',
		run({k, arg}) {
			if (arg(0) !== 0) vfree(k, kernelAddress(arg(0)));
		},
	},
	{
		name: 'vmap',
		run(call) {
			const {k, arg} = call;
			const frames = Array.from({length: arg(1)}, (_, i) => pageAt(k, kread32(k, kernelAddress(arg(0) + 4 * i))));
			return vmap(k, frames, callerName(call)) ?? 0;
		},
	},
	{
		name: 'vunmap',
		run({k, arg}) {
			if (arg(0) !== 0) vunmap(k, arg(0) as KernelVirtualAddress);
		},
	},
	{
		name: 'vmalloc_to_page',
		run({k, arg}) {
			const frame = frameAt(k, arg(0));
			return frame === undefined ? 0 : pageStructAddress(k, frame);
		},
	},
	{name: 'vmalloc_to_pfn', run: ({k, arg}) => frameAt(k, arg(0)) ?? 0},
	{name: 'remap_vmalloc_range', run: remap},
	{name: 'is_vmalloc_addr', run: ({k, arg}) => (is_vmalloc_addr(k, arg(0)) ? 1 : 0)},
];
