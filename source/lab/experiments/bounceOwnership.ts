import {DMA_FROM_DEVICE} from '../../kernel/dma/direction.ts';
import {dma_map_single, dma_sync_single_for_cpu, dma_unmap_single} from '../../kernel/dma/mapping.ts';
import {kmemset, kread8} from '../../kernel/mm/access.ts';
import {GFP_KERNEL} from '../../kernel/mm/gfp.ts';
import {PAGE_OFFSET} from '../../kernel/mm/page.ts';
import {kfree, kmalloc} from '../../kernel/mm/slab.ts';
import type {Experiment} from '../experiment.ts';
import {swiotlb} from '../views.ts';
import {deviceWrites, labDevice, own, release} from './labDevice.ts';
import {got, hex} from './steps.ts';

const BYTES = 1_024;

export const bounceOwnership: Experiment = {
	name: 'bounce-ownership',
	title: 'A bounced buffer is stale until it is synced',
	claim:
		'What a device writes lands in the bounce buffer: the driver’s own reads as before until dma_sync_single_for_cpu().',
	source: 'mission rows 35 and 39; LDD3 page 449; lib/swiotlb.c',
	rows: [35, 38, 39],
	parameters: [],
	declares: ['buffer mapped', 'device wrote', 'buffer synced'],
	preset: 'bounce',
	control: {preset: 'lab', fails: 'before the sync'},
	comm: 'bouncer',
	*run(x) {
		const {k} = x;
		const dev = labDevice(k);
		yield* own(k, x.board.edu);
		const buffer = got(yield* kmalloc(k, BYTES, GFP_KERNEL), 'no memory');
		kmemset(k, buffer, 0x11, BYTES);
		const bus = dma_map_single(k, dev, buffer, BYTES, DMA_FROM_DEVICE);
		const slot = () => x.read(swiotlb).mappings.find(each => each.origAddress === buffer - PAGE_OFFSET);
		yield* x.show('buffer mapped');
		x.expect('the mapping has a slot, which the device owns', swiotlb, () => slot()?.owner, {equals: 'device'});
		deviceWrites(x, bus, new Uint8Array(BYTES).fill(0x99));
		const stale = kread8(k, buffer);
		yield* x.show('device wrote');
		x.observe('before the sync the CPU reads what was there before', stale === 0x11);
		dma_sync_single_for_cpu(k, dev, bus, BYTES, DMA_FROM_DEVICE);
		const fresh = kread8(k, buffer);
		yield* x.show('buffer synced');
		x.observe('after it the CPU reads what the device wrote', fresh === 0x99);
		x.expect('the slot belongs to the CPU now', swiotlb, () => slot()?.owner, {equals: 'cpu'});
		dma_unmap_single(k, dev, bus, BYTES, DMA_FROM_DEVICE);
		x.expect('unmapping frees the slot', swiotlb, () => slot()?.index, {equals: undefined});
		kfree(k, buffer);
		release(x.board.edu);
		return `the CPU read ${hex(stale)}, then ${hex(fresh)}`;
	},
};
