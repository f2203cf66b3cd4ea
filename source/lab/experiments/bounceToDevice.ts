import {prefixedHex} from '../../formats/text.ts';
import {DMA_TO_DEVICE} from '../../kernel/dma/direction.ts';
import {dma_sync_single_for_device} from '../../kernel/dma/mapping.ts';
import {kmemset} from '../../kernel/mm/access.ts';
import {PAGE_OFFSET} from '../../kernel/mm/page.ts';
import type {Experiment} from '../experiment.ts';
import {dmaLessons} from '../lessons/dma.ts';
import {swiotlb} from '../views.ts';
import {labDevice, letDeviceRead, mapSingle, own} from './labDevice.ts';
import {choice, kernelBuffer} from './steps.ts';

const bytes = 1_024;

export const bounceToDevice: Experiment = {
	name: 'bounce-to-device',
	title: 'Writing after mapping',
	claim: 'Where mappings bounce, what the CPU writes after dma_map_single() never reaches the device without a sync.',
	source: 'LDD3 page 449; lib/swiotlb.c',
	rows: [35, 38, 39],
	parameters: [choice('sync', '1 calls dma_sync_single_for_device()', 0)],
	declares: ['buffer mapped', 'device read'],
	preset: 'bounce',
	control: {set: {sync: 1}, fails: 'the device reads'},
	comm: 'bounceout',
	lesson: {
		chapter: 'dma',
		background: dmaLessons.bounceToDevice,
		setup:
			'On --machine bounce a driver fills a buffer with 0x11, maps it for the device to read, and only ' +
			'then writes 0x22 over it. (With sync=1 it calls dma_sync_single_for_device().)',
		question: {
			ask: 'What does the device read?',
			answers: [
				{text: '0x11, which was there when the buffer was mapped.', when: {'the device reads': true}},
				{text: '0x22, which is there now.', when: {'the device reads': false}},
			],
		},
		looks: [
			{pane: 'dma', says: 'bounce: the slot in use, while the buffer is mapped'},
			{pane: 'trace', says: 'dma_map_single: dma_addr leads to the bounce buffer, phys_addr to the driver’s'},
		],
	},
	*run(x) {
		const {k} = x;
		yield* own(k, x.board.edu);
		const buffer = yield* kernelBuffer(x, bytes, 0x11);
		const {bus} = yield* mapSingle(x, buffer, bytes, DMA_TO_DEVICE);
		x.expect(
			'the mapping has a slot',
			swiotlb,
			({mappings}) => mappings.find(each => each.origAddress === buffer - PAGE_OFFSET)?.sizeBytes,
			{equals: bytes},
		);
		yield* x.show('buffer mapped');
		kmemset(k, buffer, 0x22, bytes);
		if (x.value('sync') === 1) dma_sync_single_for_device(k, yield* labDevice(k), bus, bytes, DMA_TO_DEVICE);
		const seen = letDeviceRead(x, bus, 1)[0] ?? -1;
		x.observe('the device reads what was there when the buffer was mapped', seen, {equals: 0x11});
		yield* x.show('device read');
		return `the CPU had written 0x22, the device read ${prefixedHex(seen)}`;
	},
};
