import type {Experiment} from '../experiment.ts';
import {bugLessons} from '../lessons/bugs.ts';
import {dadBug, withDmaDebug, withoutDmaDebug} from './dadBug.ts';

export const dadWrongDirection: Experiment = dadBug({
	name: 'dad-wrong-direction',
	title: 'A driver that unmaps the other way',
	claim: 'Unmapping with another direction than was mapped is caught by dma-debug.',
	comm: 'daddir',
	bug: 'wrong direction',
	says: 'frees DMA memory with different direction',
	eras: withDmaDebug,
	lesson: {
		chapter: 'bugs',
		background: bugLessons.dadWrongDirection,
		setup:
			'The book’s driver dad has its device write 2048 bytes into a buffer. Its interrupt handler unmaps ' +
			'it with another direction than it was mapped with (with fixed=1 the same).',
		question: {
			ask: 'Who notices?',
			answers: [
				{text: 'Nobody: on a PC both directions do nothing.', when: {'dma-debug says': false}},
				{text: 'dma-debug, which prints both directions.', when: {'dma-debug says': true}},
			],
		},
		looks: [
			{pane: 'log', says: 'the warning of dma-debug: mapped with, and unmapped with'},
			{pane: 'trace', says: 'dir= of dma_map_single and of dma_unmap_single'},
		],
		differences: [withoutDmaDebug],
	},
});
