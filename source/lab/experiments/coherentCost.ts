import {wereOf} from '../../formats/words.ts';
import {get_order} from '../../hardware/address.ts';
import {dma_free_coherent, try_dma_alloc_coherent} from '../../kernel/dma/coherent.ts';
import {DMA_TO_DEVICE} from '../../kernel/dma/direction.ts';
import {GFP_KERNEL} from '../../kernel/mm/gfp.ts';
import {spend} from '../../kernel/time.ts';
import type {Experiment} from '../experiment.ts';
import {coherentLessons} from '../lessons/coherent.ts';
import {dmaDump} from '../views.ts';
import {labDevice, mapSingle} from './labDevice.ts';
import {freeBlock} from './room.ts';
import {got, kernelBuffer} from './steps.ts';

export const coherentCost: Experiment = {
	name: 'coherent-cost',
	title: 'What a coherent mapping costs',
	claim:
		'A coherent mapping is dear to set up and a streaming one cheap, as long as no copy is made: drivers ' +
		'keep the one and make the other for each transfer.',
	source: 'LDD3 page 446',
	rows: [36, 38, 55],
	parameters: [
		{name: 'bytes', about: 'size of both buffers', least: 4_096, most: 131_072, usual: 16_384, unit: 'bytes'},
		{name: 'rounds', about: 'times that both are set up', least: 1, most: 100, usual: 5, unit: ''},
	],
	declares: ['both set up'],
	control: {preset: 'bounce', fails: 'the streaming mapping takes'},
	comm: 'dmacost',
	lesson: {
		chapter: 'dma',
		background: coherentLessons.coherentCost,
		setup:
			'A driver sets up a coherent mapping of 16 KiB with dma_alloc_coherent(), and lends a buffer as ' +
			'large with dma_map_single(). It times both, several rounds of them. On the usual machine nothing ' +
			'bounces; on --machine bounce a lent buffer is copied.',
		question: {
			ask: 'How long does the streaming mapping take, beside the coherent one?',
			answers: [
				{text: 'Less than a fifth.', when: {'the streaming mapping takes': true}},
				{text: 'A fifth at least.', when: {'the streaming mapping takes': false}},
			],
		},
		looks: [
			{pane: 'dma', says: 'the two mappings: coherent for both directions, single for one'},
			{pane: 'trace', says: 'mm_page_alloc and dma_alloc for the one, dma_map_single alone for the other'},
		],
	},
	*run(x) {
		const {k} = x;
		const dev = yield* labDevice(k);
		const bytes = x.value('bytes');
		const buffer = yield* kernelBuffer(x, bytes, 0);
		yield* freeBlock(x, GFP_KERNEL, get_order(bytes));
		// Interrupts fall into some rounds: the shortest has none, or as few as can be.
		let coherentNs = Number.POSITIVE_INFINITY;
		let streamingNs = Number.POSITIVE_INFINITY;
		for (let round = 0; round < x.value('rounds'); round++) {
			yield* spend(0);
			const start = k.hw.timeline.nowNs;
			const memory = got(
				try_dma_alloc_coherent(k, dev, bytes, GFP_KERNEL),
				`no ${wereOf(bytes, 'contiguous byte')} free`,
			);
			const free = x.later(() => dma_free_coherent(k, dev, bytes, memory.cpu_addr, memory.dma_handle));
			yield* spend(0);
			const between = k.hw.timeline.nowNs;
			const {bus, unmap} = yield* mapSingle(x, buffer, bytes, DMA_TO_DEVICE);
			yield* spend(0);
			coherentNs = Math.min(coherentNs, between - start);
			streamingNs = Math.min(streamingNs, k.hw.timeline.nowNs - between);
			if (round === 0) {
				yield* x.show('both set up');
				for (const [what, address, direction] of [
					['coherent memory for both directions', memory.dma_handle, 'DMA_BIDIRECTIONAL'],
					['the lent buffer for one', bus, 'DMA_TO_DEVICE'],
				] as const)
					x.expect(
						`the device has ${what}`,
						dmaDump,
						({mappings}) => mappings.find(each => each.busAddress === address)?.direction,
						{equals: direction},
					);
			}
			unmap();
			free();
		}
		x.say(`dma_alloc_coherent(${bytes}) took ${coherentNs} ns, dma_map_single() ${streamingNs} ns`);
		x.observe('the streaming mapping takes less than a fifth of the time', streamingNs, {atMost: coherentNs / 5});
		return `${coherentNs} ns for the coherent one, ${streamingNs} ns for the streaming one`;
	},
};
