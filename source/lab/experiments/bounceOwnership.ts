import type {Swiotlb} from '../../formats/debugfs/swiotlb.ts';
import {prefixedHex} from '../../formats/text.ts';
import {DMA_FROM_DEVICE} from '../../kernel/dma/direction.ts';
import {dma_sync_single_for_cpu} from '../../kernel/dma/mapping.ts';
import {kread8} from '../../kernel/mm/access.ts';
import {PAGE_OFFSET} from '../../kernel/mm/page.ts';
import type {Experiment} from '../experiment.ts';
import {dmaLessons} from '../lessons/dma.ts';
import {swiotlb} from '../views.ts';
import {labDevice, letDeviceWrite, mapSingle, own} from './labDevice.ts';
import {kernelBuffer} from './steps.ts';

const bytes = 1_024;

export const bounceOwnership: Experiment = {
	name: 'bounce-ownership',
	title: 'A bounced buffer is stale until it is synced',
	claim:
		'What a device writes lands in the bounce buffer: the driver’s own reads as before until ' +
		'dma_sync_single_for_cpu().',
	source: 'LDD3 page 449; lib/swiotlb.c',
	rows: [35, 38, 39],
	parameters: [],
	declares: ['buffer mapped', 'device wrote', 'buffer synced'],
	preset: 'bounce',
	control: {preset: 'lab', fails: 'before the sync'},
	comm: 'bouncer',
	lesson: {
		chapter: 'dma',
		background: dmaLessons.bounceOwnership,
		setup:
			'On --machine bounce every streaming mapping goes through a bounce buffer; on the usual machine ' +
			'none does. A driver fills a buffer with 0x11 and maps it for the device to write. The device ' +
			'writes 0x99.',
		question: {
			ask: 'What does the CPU read in its buffer, before any sync?',
			answers: [
				{text: '0x11, as before.', when: {'before the sync': true}},
				{text: '0x99, which the device wrote.', when: {'before the sync': false}},
			],
		},
		corrections: ['The bus address is a dma_addr_t; there is no type dma_handle_t.'],
		looks: [
			{pane: 'dma', says: 'bounce: the slots in use, while the buffer is mapped'},
			{pane: 'trace', says: 'dma_map_single: dma_addr is not phys_addr'},
		],
	},
	*run(x) {
		const {k} = x;
		yield* own(k, x.board.edu);
		const buffer = yield* kernelBuffer(x, bytes, 0x11);
		const {bus, unmap} = yield* mapSingle(x, buffer, bytes, DMA_FROM_DEVICE);
		const slot = ({mappings}: Swiotlb) => mappings.find(each => each.origAddress === buffer - PAGE_OFFSET);
		x.expect('the mapping has a slot, which the device owns', swiotlb, all => slot(all)?.owner, {equals: 'device'});
		yield* x.show('buffer mapped');
		letDeviceWrite(x, bus, new Uint8Array(bytes).fill(0x99));
		const stale = kread8(k, buffer);
		x.observe('before the sync the CPU reads what was there before', stale, {equals: 0x11});
		yield* x.show('device wrote');
		dma_sync_single_for_cpu(k, yield* labDevice(k), bus, bytes, DMA_FROM_DEVICE);
		const fresh = kread8(k, buffer);
		x.observe('after it the CPU reads what the device wrote', fresh, {equals: 0x99});
		x.expect('the slot belongs to the CPU now', swiotlb, all => slot(all)?.owner, {equals: 'cpu'});
		yield* x.show('buffer synced');
		unmap();
		x.expect('unmapping frees the slot', swiotlb, all => slot(all)?.index, {equals: undefined});
		return `the CPU read ${prefixedHex(stale)}, then ${prefixedHex(fresh)}`;
	},
};
