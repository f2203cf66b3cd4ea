import type {Experiment} from '../experiment.ts';
import {bugLessons} from '../lessons/bugs.ts';
import {dadBug, withDmaDebug, withoutDmaDebug} from './dadBug.ts';

export const dadWrongSize: Experiment = dadBug({
	name: 'dad-wrong-size',
	title: 'A driver that unmaps another size',
	claim: 'Unmapping another number of bytes than was mapped is caught by dma-debug.',
	comm: 'dadsize',
	bug: 'wrong size',
	says: 'frees DMA memory with different size',
	eras: withDmaDebug,
	lesson: {
		chapter: 'bugs',
		background: bugLessons.dadWrongSize,
		setup:
			'The book’s driver dad has its device write 2048 bytes into a buffer. Its interrupt handler unmaps ' +
			'another number of bytes than was mapped (with fixed=1 the same).',
		question: {
			ask: 'Who notices?',
			answers: [
				{text: 'dma-debug, which prints both sizes.', when: {'dma-debug says': true}},
				{text: 'Nobody: the address is what counts.', when: {'dma-debug says': false}},
			],
		},
		looks: [
			{pane: 'log', says: 'the warning of dma-debug: map size and unmap size'},
			{pane: 'trace', says: 'size= of dma_map_single and of dma_unmap_single'},
		],
		differences: [withoutDmaDebug],
	},
});
