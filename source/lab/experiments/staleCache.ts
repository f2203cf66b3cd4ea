import {prefixedHex} from '../../formats/text.ts';
import {DMA_FROM_DEVICE} from '../../kernel/dma/direction.ts';
import {dma_sync_single_for_cpu} from '../../kernel/dma/mapping.ts';
import {kread8} from '../../kernel/mm/access.ts';
import type {Experiment} from '../experiment.ts';
import {dmaLessons} from '../lessons/dma.ts';
import {dmaDump} from '../views.ts';
import {labDevice, letDeviceWrite, mapSingle, own} from './labDevice.ts';
import {kernelBuffer} from './steps.ts';

const bytes = 1_024;

export const staleCache: Experiment = {
	name: 'stale-cache',
	title: 'A cache that devices do not see',
	claim:
		'Where caches are not coherent, a CPU that looked at a mapped buffer goes on reading its cache line ' +
		'until the sync.',
	source: 'LDD3 page 449',
	rows: [39, 56],
	parameters: [],
	declares: ['buffer mapped', 'device wrote', 'buffer synced'],
	preset: 'noncoherent',
	control: {preset: 'lab', fails: 'before the sync'},
	comm: 'stalecache',
	lesson: {
		chapter: 'dma',
		background: dmaLessons.staleCache,
		setup:
			'On --machine noncoherent a device does not see the CPU’s cache; on the usual machine it does. A ' +
			'buffer of 0x11 is mapped for the device to write, and the CPU looks at it, as it must not. Then ' +
			'the device writes 0x99.',
		question: {
			ask: 'What does the CPU read next, before any sync?',
			answers: [
				{text: '0x99, which is in memory.', when: {'before the sync': false}},
				{text: '0x11, which is in its cache.', when: {'before the sync': true}},
			],
		},
		looks: [
			{pane: 'dma', says: 'the mapping: while it is there, the buffer is the device’s'},
			{pane: 'trace', says: 'dma_map_single: dma_addr is phys_addr, nothing bounces'},
		],
	},
	*run(x) {
		const {k} = x;
		yield* own(k, x.board.edu);
		const buffer = yield* kernelBuffer(x, bytes, 0x11);
		const {bus} = yield* mapSingle(x, buffer, bytes, DMA_FROM_DEVICE);
		x.expect(
			'the device has the buffer',
			dmaDump,
			({mappings}) => mappings.find(each => each.busAddress === bus)?.direction,
			{equals: 'DMA_FROM_DEVICE'},
		);
		yield* x.show('buffer mapped');
		kread8(k, buffer);
		letDeviceWrite(x, bus, new Uint8Array(bytes).fill(0x99));
		const stale = kread8(k, buffer);
		x.observe('before the sync the CPU reads what was there before', stale, {equals: 0x11});
		yield* x.show('device wrote');
		dma_sync_single_for_cpu(k, yield* labDevice(k), bus, bytes, DMA_FROM_DEVICE);
		const fresh = kread8(k, buffer);
		x.observe('after it the CPU reads what the device wrote', fresh, {equals: 0x99});
		yield* x.show('buffer synced');
		return `the CPU read ${prefixedHex(stale)}, then ${prefixedHex(fresh)}`;
	},
};
