/** linux/dma-mapping.h, dmapool.h: memory for devices. */
import {
	busAddress,
	kernelAddress,
	logicalAddress,
	PAGE_SHIFT,
	PAGE_SIZE,
	pfn,
	type UserAddress,
} from '../../../hardware/address.ts';
import {dma_alloc_coherent, dma_free_coherent} from '../../dma/coherent.ts';
import type {dma_data_direction} from '../../dma/direction.ts';
import {type dma_pool, dma_pool_alloc, dma_pool_create, dma_pool_destroy, dma_pool_free} from '../../dma/dmapool.ts';
import {
	dma_map_page,
	dma_map_single,
	dma_mapping_error,
	dma_sync_single_for_cpu,
	dma_sync_single_for_device,
	dma_sync_single_range_for_cpu,
	dma_sync_single_range_for_device,
	dma_unmap_page,
	dma_unmap_single,
} from '../../dma/mapping.ts';
import {
	dma_get_required_mask,
	dma_set_coherent_mask,
	dma_set_mask,
	dma_set_mask_and_coherent,
} from '../../dma/masks.ts';
import {isFailedAddress} from '../../dma/reach.ts';
import type {device} from '../../drivers/device.ts';
import {EINVAL, ENXIO} from '../../errno.ts';
import type {Kernel} from '../../kernel.ts';
import {kwrite32, oops} from '../../mm/access.ts';
import {GFP_ATOMIC, type gfp_t} from '../../mm/gfp.ts';
import {PAGE_OFFSET} from '../../mm/page.ts';
import {pgprot_noncached, remap_pfn_range} from '../../mm/remap.ts';
import {kfree, try_kzalloc} from '../../mm/slab.ts';
import type {Sleeps} from '../../time.ts';
import {frameOf} from '../areaMethods.ts';
import {deviceAt, deviceOrNoneAt, writeMasksBack} from '../deviceWindows.ts';
import {addressName} from '../oops.ts';
import {type Gate, type GateCall, modulesOf} from '../state.ts';
import {vmaWindow} from '../structureWindows.ts';
import {textAtAddress} from '../text.ts';

/** The function of C that calls, for what dma-debug says of a mapping. */
export const callersOf = ({k, caller}: GateCall): readonly string[] => [addressName(k, caller).replace(/\+.*/, '')];

const directionOf = (word: number) => word as dma_data_direction;
const wide = ({arg}: GateCall, first: number) => BigInt(arg(first)) | (BigInt(arg(first + 1)) << 32n);

type MaskCall = (k: Kernel, dev: device, mask: bigint) => number;

/** A mask is two words; what a device of C's own has is written back to it. */
const maskGate = (name: string, set: MaskCall): Gate => ({
	name,
	run(call) {
		const dev = deviceAt(call.k, call.arg(0));
		const result = set(call.k, dev, wide(call, 1));
		writeMasksBack(call.k, call.arg(0), dev);
		return result;
	},
});

/** The device of an allocation, or NULL where the era knows such. */
const allocatorOf = (k: Kernel, address: number): device | null =>
	address === 0 && k.era.dmaTakesNoDevice ? null : deviceAt(k, address);

function* allocCoherent(call: GateCall): Sleeps<number> {
	const {k, arg} = call;
	const flags = (arg(3) | 0) as gfp_t;
	const memory = yield* dma_alloc_coherent(k, allocatorOf(k, arg(0)), arg(1), flags, callersOf(call));
	if (!memory) return 0;
	kwrite32(k, kernelAddress(arg(2)), memory.dma_handle);
	return memory.cpu_addr;
}

/** Coherent memory as an area of a process. @see dma_common_mmap() */
function mmapCoherent({k, arg}: GateCall): number {
	const vma = modulesOf(k).windows.objectAt(vmaWindow, arg(1));
	if (!vma) return -EINVAL;
	const [address, size] = [arg(2), arg(4)];
	const pages = Math.ceil(size / PAGE_SIZE);
	const wanted = (vma.vm_end - vma.vm_start) / PAGE_SIZE;
	if (vma.vm_pgoff >= pages || wanted > pages - vma.vm_pgoff) return -ENXIO;
	const frame = pfn(((address - PAGE_OFFSET) >>> PAGE_SHIFT) + vma.vm_pgoff);
	const prot = k.hw.bus.cache !== undefined ? pgprot_noncached(vma.vm_page_prot) : vma.vm_page_prot;
	return remap_pfn_range(k, vma, vma.vm_start as UserAddress, frame, vma.vm_end - vma.vm_start, prot);
}

function mapPage(call: GateCall): number {
	const {k, arg} = call;
	const frame = frameOf(k, arg(1)) ?? oops(k, arg(1), false, false);
	const [dev, direction] = [deviceOrNoneAt(k, arg(0)), directionOf(arg(4))];
	return dma_map_page(k, dev, frame, arg(2), arg(3), direction, 0, callersOf(call));
}

type SyncCall = typeof dma_sync_single_for_cpu;
const syncGate = (name: string, sync: SyncCall): Gate => ({
	name,
	run: ({k, arg}) => sync(k, deviceOrNoneAt(k, arg(0)), busAddress(arg(1)), arg(2), directionOf(arg(3))),
});

type RangeCall = typeof dma_sync_single_range_for_cpu;
const rangeGate = (name: string, sync: RangeCall): Gate => ({
	name,
	run: ({k, arg}) => sync(k, deviceOrNoneAt(k, arg(0)), busAddress(arg(1)), arg(2), arg(3), directionOf(arg(4))),
});

/** Bytes of a struct dma_pool, which C does not look into. */
const POOL_BYTES = 64;

function poolCreate({k, arg}: GateCall): number {
	const pool = dma_pool_create(k, textAtAddress(k, arg(0)), allocatorOf(k, arg(1)), arg(2), arg(3), arg(4));
	const at = pool && try_kzalloc(k, POOL_BYTES, GFP_ATOMIC);
	if (!at) return 0;
	modulesOf(k).beside.set(at, pool);
	return at;
}

const poolAt = (k: Kernel, address: number): dma_pool =>
	(modulesOf(k).beside.get(address) as dma_pool | undefined) ?? oops(k, address, false, false);

export const dmaExports: readonly Gate[] = [
	{
		name: 'dma_supported',
		run: call => (wide(call, 1) >= call.k.era.dmaMaskNumericMinimum ? 1 : 0),
	},
	maskGate('dma_set_mask', dma_set_mask),
	maskGate('dma_set_coherent_mask', dma_set_coherent_mask),
	maskGate('dma_set_mask_and_coherent', dma_set_mask_and_coherent),
	{
		name: 'dma_get_required_mask',
		run({k}) {
			const mask = dma_get_required_mask(k);
			return [Number(mask & 0xffff_ffffn), Number(mask >> 32n)];
		},
	},
	{name: 'dma_alloc_coherent', run: allocCoherent},
	{
		name: 'dma_free_coherent',
		run({k, arg}) {
			const address = arg(2) === 0 ? null : kernelAddress(arg(2));
			dma_free_coherent(k, allocatorOf(k, arg(0)), arg(1), address, busAddress(arg(3)));
		},
	},
	{name: 'dma_mmap_coherent', run: mmapCoherent},
	{
		name: 'dma_map_single',
		run(call) {
			const {k, arg} = call;
			const [dev, direction] = [deviceOrNoneAt(k, arg(0)), directionOf(arg(3))];
			return dma_map_single(k, dev, kernelAddress(arg(1)), arg(2), direction, 0, callersOf(call));
		},
	},
	{
		name: 'dma_unmap_single',
		run: ({k, arg}) => dma_unmap_single(k, deviceOrNoneAt(k, arg(0)), busAddress(arg(1)), arg(2), directionOf(arg(3))),
	},
	{name: 'dma_map_page', run: mapPage},
	{
		name: 'dma_unmap_page',
		run: ({k, arg}) => dma_unmap_page(k, deviceOrNoneAt(k, arg(0)), busAddress(arg(1)), arg(2), directionOf(arg(3))),
	},
	{name: 'dma_mapping_error', run: ({k, arg}) => dma_mapping_error(k, deviceOrNoneAt(k, arg(0)), busAddress(arg(1)))},
	// Of 2.6.11, which asks without a device.
	{name: '_mmtop_dma_mapping_error', run: ({k, arg}) => (isFailedAddress(k, busAddress(arg(0))) ? 1 : 0)},
	syncGate('dma_sync_single_for_cpu', dma_sync_single_for_cpu),
	syncGate('dma_sync_single_for_device', dma_sync_single_for_device),
	rangeGate('dma_sync_single_range_for_cpu', dma_sync_single_range_for_cpu),
	rangeGate('dma_sync_single_range_for_device', dma_sync_single_range_for_device),
	{name: 'dma_get_max_seg_size', run: ({k, arg}) => deviceAt(k, arg(0)).dma_parms.max_segment_size},
	{
		name: 'dma_set_max_seg_size',
		run({k, arg}) {
			deviceAt(k, arg(0)).dma_parms.max_segment_size = arg(1);
			return 0;
		},
	},
	{
		name: 'dma_set_seg_boundary',
		run({k, arg}) {
			deviceAt(k, arg(0)).dma_parms.segment_boundary_mask = arg(1);
			return 0;
		},
	},
	{name: 'dma_get_cache_alignment', run: ({k}) => k.era.dmaCacheAlignment},
	{name: 'dma_pool_create', run: poolCreate},
	{
		name: 'dma_pool_destroy',
		run({k, arg}) {
			if (arg(0) === 0) return;
			dma_pool_destroy(k, poolAt(k, arg(0)));
			modulesOf(k).beside.delete(arg(0));
			kfree(k, logicalAddress(arg(0)));
		},
	},
	{
		name: 'dma_pool_alloc',
		*run({k, arg}) {
			const block = yield* dma_pool_alloc(k, poolAt(k, arg(0)), (arg(1) | 0) as gfp_t);
			if (!block) return 0;
			kwrite32(k, kernelAddress(arg(2)), block.dma);
			return block.vaddr;
		},
	},
	{
		name: 'dma_pool_free',
		run: ({k, arg}) => dma_pool_free(k, poolAt(k, arg(0)), kernelAddress(arg(1)), busAddress(arg(2))),
	},
];
