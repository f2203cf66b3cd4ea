/** linux/scatterlist.h and the calls of linux/dma-mapping.h that take lists: entries are in C's memory. */
import {busAddress, kernelAddress, logicalAddress, PAGE_SIZE, physicalAddress} from '../../../hardware/address.ts';
import type {dma_data_direction} from '../../dma/direction.ts';
import {
	dma_map_sg,
	dma_sync_sg_for_cpu,
	dma_sync_sg_for_device,
	dma_unmap_sg,
	type scatterlist,
	sg_phys,
} from '../../dma/scatterlist.ts';
import {ENOMEM} from '../../errno.ts';
import type {Kernel} from '../../kernel.ts';
import {kread, kread32, kwrite32, oops} from '../../mm/access.ts';
import type {gfp_t} from '../../mm/gfp.ts';
import {__GFP_ZERO} from '../../mm/gfp.ts';
import {kfree, kmalloc} from '../../mm/slab.ts';
import type {Sleeps} from '../../time.ts';
import {frameOf} from '../areaMethods.ts';
import {deviceOrNoneAt} from '../deviceWindows.ts';
import {offsetOf, sizeOf} from '../layouts.ts';
import type {Gate, GateCall} from '../state.ts';
import {writeKernel} from '../text.ts';
import {callersOf} from './dma.ts';

type Field = Parameters<typeof offsetOf<'scatterlist'>>[1];

/** Low bits of page_link, since 2.6.24. */
const SG_END = 2;

const fieldAt = (entry: number, field: Field) => kernelAddress(entry + offsetOf('scatterlist', field));

function entryAt(k: Kernel, at: number): scatterlist {
	const word = (field: Field) => kread32(k, fieldAt(at, field));
	const page = word('page_link') & ~3;
	return {
		page: frameOf(k, page >>> 0) ?? oops(k, page >>> 0, false, false),
		offset: word('offset'),
		length: word('length'),
		dma_address: busAddress(word('dma_address')),
		dma_length: word('dma_length'),
	};
}

/** So many entries, or as many as there are before the end that the list says itself. */
function listAt(k: Kernel, first: number, count: number): readonly scatterlist[] {
	const list: scatterlist[] = [];
	for (let at = first; list.length < count; at += sizeOf('scatterlist')) {
		list.push(entryAt(k, at));
		if (k.era.scatterlistHasEnd && (kread32(k, fieldAt(at, 'page_link')) & SG_END) !== 0) break;
	}
	return list;
}

function mapList(call: GateCall): number {
	const {k, arg} = call;
	const [first, count] = [arg(1), arg(2)];
	const list = listAt(k, first, count);
	const direction = arg(3) as dma_data_direction;
	const mapped = dma_map_sg(k, deviceOrNoneAt(k, arg(0)), list, count, direction, 0, callersOf(call));
	for (const [i, {dma_address, dma_length}] of list.entries()) {
		const at = first + i * sizeOf('scatterlist');
		kwrite32(k, fieldAt(at, 'dma_address'), dma_address);
		kwrite32(k, fieldAt(at, 'dma_length'), dma_length);
	}
	return mapped;
}

type ListCall = typeof dma_sync_sg_for_cpu | typeof dma_unmap_sg;
const listGate = (name: string, act: ListCall): Gate => ({
	name,
	run: ({k, arg}) => act(k, deviceOrNoneAt(k, arg(0)), listAt(k, arg(1), arg(2)), arg(2), arg(3) as dma_data_direction),
});

type TableField = Parameters<typeof offsetOf<'sg_table'>>[1];
const tableField = (table: number, field: TableField) => kernelAddress(table + offsetOf('sg_table', field));

function* allocTable({k, arg}: GateCall): Sleeps<number> {
	const [table, count] = [arg(0), arg(1)];
	const list = yield* kmalloc(k, count * sizeOf('scatterlist'), ((arg(2) | 0) as gfp_t) | __GFP_ZERO);
	if (list === undefined) return -ENOMEM;
	const last = list + (count - 1) * sizeOf('scatterlist');
	if (k.era.scatterlistHasEnd) kwrite32(k, fieldAt(last, 'page_link'), SG_END);
	kwrite32(k, tableField(table, 'sgl'), list);
	kwrite32(k, tableField(table, 'nents'), count);
	kwrite32(k, tableField(table, 'orig_nents'), count);
	return 0;
}

/** Copies between a list and a buffer of the kernel. @returns bytes copied */
function copy({k, arg}: GateCall, toBuffer: boolean): number {
	const [buffer, most] = [arg(2), arg(3)];
	let done = 0;
	for (const sg of listAt(k, arg(0), arg(1))) {
		for (let at = 0; at < sg.length && done < most; ) {
			const physical = sg_phys(sg) + at;
			const length = Math.min(sg.length - at, most - done, PAGE_SIZE - (physical % PAGE_SIZE));
			const place = kernelAddress(buffer + done);
			if (toBuffer) writeKernel(k, place, k.hw.ram.read(physicalAddress(physical), length));
			else k.hw.ram.write(physicalAddress(physical), kread(k, place, length));
			at += length;
			done += length;
		}
	}
	return done;
}

export const scatterlistExports: readonly Gate[] = [
	{name: 'dma_map_sg', run: mapList},
	listGate('dma_unmap_sg', dma_unmap_sg),
	listGate('dma_sync_sg_for_cpu', dma_sync_sg_for_cpu),
	listGate('dma_sync_sg_for_device', dma_sync_sg_for_device),
	{name: 'sg_alloc_table', run: allocTable},
	{
		name: 'sg_free_table',
		run({k, arg}) {
			const list = kread32(k, tableField(arg(0), 'sgl'));
			if (list !== 0) kfree(k, logicalAddress(list));
			kwrite32(k, tableField(arg(0), 'sgl'), 0);
		},
	},
	{name: 'sg_copy_to_buffer', run: call => copy(call, true)},
	{name: 'sg_copy_from_buffer', run: call => copy(call, false)},
];
