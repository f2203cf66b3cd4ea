import {prefixedHex} from '../../formats/text.ts';
import {DMA_BIDIRECTIONAL, DMA_FROM_DEVICE, DMA_TO_DEVICE, directionName} from '../../kernel/dma/direction.ts';
import {kread8} from '../../kernel/mm/access.ts';
import type {Experiment} from '../experiment.ts';
import {dmaLessons} from '../lessons/dma.ts';
import {dmaDump} from '../views.ts';
import {letDeviceRead, letDeviceWrite, mapSingle, own} from './labDevice.ts';
import {kernelBuffer} from './steps.ts';

const bytes = 1_024;
const directions = [DMA_BIDIRECTIONAL, DMA_TO_DEVICE, DMA_FROM_DEVICE] as const;

export const dmaBidirectional: Experiment = {
	name: 'dma-bidirectional',
	title: 'A buffer for both ways',
	claim: 'A DMA_BIDIRECTIONAL mapping carries the driver’s bytes to the device and the device’s bytes back.',
	source: 'LDD3 page 448; lib/swiotlb.c',
	rows: [35, 38],
	parameters: [
		{
			name: 'direction',
			about: '0 is DMA_BIDIRECTIONAL, 1 DMA_TO_DEVICE, 2 DMA_FROM_DEVICE',
			least: 0,
			most: 2,
			usual: 0,
			unit: '',
		},
	],
	declares: ['buffer mapped', 'device read and wrote', 'buffer unmapped'],
	preset: 'bounce',
	control: {set: {direction: 1}, fails: 'the driver reads'},
	comm: 'bidi',
	lesson: {
		chapter: 'dma',
		background: dmaLessons.dmaBidirectional,
		setup:
			'On --machine bounce a driver maps a buffer of 0x11 as DMA_BIDIRECTIONAL (parameter direction). The device ' +
			'reads it, writes 0x99 to it, and the driver unmaps it.',
		question: {
			ask: 'What did the device read, and what does the driver read afterwards?',
			answers: [
				{text: '0x11, then 0x99.', when: {'the device reads': true, 'the driver reads': true}},
				{text: '0x11, then 0x11 again.', when: {'the device reads': true, 'the driver reads': false}},
				{text: 'Not 0x11, then 0x99.', when: {'the device reads': false, 'the driver reads': true}},
			],
		},
		looks: [
			{pane: 'dma', says: 'the direction of the mapping'},
			{pane: 'trace', says: 'dma_map_single with dir=DMA_BIDIRECTIONAL'},
		],
	},
	*run(x) {
		const {k} = x;
		yield* own(k, x.board.edu);
		const direction = directions[x.value('direction')]!;
		const buffer = yield* kernelBuffer(x, bytes, 0x11);
		const {bus, unmap} = yield* mapSingle(x, buffer, bytes, direction);
		x.expect(
			'dma-debug knows the direction',
			dmaDump,
			({mappings}) => mappings.find(each => each.busAddress === bus)?.direction,
			{
				equals: directionName(direction),
			},
		);
		yield* x.show('buffer mapped');
		const read = letDeviceRead(x, bus, 1)[0] ?? -1;
		letDeviceWrite(x, bus, new Uint8Array(bytes).fill(0x99));
		yield* x.show('device read and wrote');
		unmap();
		const seen = kread8(k, buffer);
		x.observe('the device reads what the driver wrote', read, {equals: 0x11});
		x.observe('the driver reads what the device wrote', seen, {equals: 0x99});
		yield* x.show('buffer unmapped');
		return `the device read ${prefixedHex(read)}, the driver ${prefixedHex(seen)}`;
	},
};
