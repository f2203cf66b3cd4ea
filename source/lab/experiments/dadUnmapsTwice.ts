import type {Experiment} from '../experiment.ts';
import {bugLessons} from '../lessons/bugs.ts';
import {dadBug, withDmaDebug, withoutDmaDebug} from './dadBug.ts';

export const dadUnmapsTwice: Experiment = dadBug({
	name: 'dad-unmaps-twice',
	title: 'A driver that unmaps twice',
	claim: 'Unmapping a buffer a second time is freeing what was not allocated, and dma-debug says so.',
	comm: 'dadtwice',
	bug: 'unmaps twice',
	says: 'it has not allocated',
	eras: withDmaDebug,
	lesson: {
		chapter: 'bugs',
		background: bugLessons.dadUnmapsTwice,
		setup:
			'The book’s driver dad has its device write 2048 bytes into a buffer. Its interrupt handler unmaps ' +
			'the buffer twice (with fixed=1: once).',
		question: {
			ask: 'What does dma-debug say to the second time?',
			answers: [
				{text: 'Nothing: what is unmapped stays unmapped.', when: {'dma-debug says': false}},
				{text: 'That the driver frees memory that it has not allocated.', when: {'dma-debug says': true}},
			],
		},
		looks: [
			{pane: 'log', says: 'the warning of dma-debug, with driver, device and address'},
			{pane: 'trace', says: 'dma_unmap_single twice with one dma_addr'},
		],
		differences: [withoutDmaDebug],
	},
});
