import type {Experiment} from '../experiment.ts';
import {bugLessons} from '../lessons/bugs.ts';
import {dadBug, withDmaDebug, withoutDmaDebug} from './dadBug.ts';

export const dadForgetsUnmap: Experiment = dadBug({
	name: 'dad-forgets-unmap',
	title: 'A driver that forgets to unmap',
	claim:
		'A buffer that the interrupt handler does not unmap stays the device’s: it is in the dump of dma-debug for ever.',
	comm: 'dadforget',
	bug: 'forgets unmap',
	eras: withDmaDebug,
	lesson: {
		chapter: 'bugs',
		background: bugLessons.dadForgetsUnmap,
		setup:
			'The book’s driver dad has its device write 2048 bytes into a buffer. Its interrupt handler does ' +
			'not unmap the buffer (with fixed=1 it does).',
		question: {
			ask: 'The transfer is over. What does the dump of dma-debug show?',
			answers: [
				{text: 'The mapping, as if the device had the buffer still.', when: {'the mapping is still there': true}},
				{text: 'Nothing of it: the device is done.', when: {'the mapping is still there': false}},
			],
		},
		looks: [
			{pane: 'dma', says: 'the mapping of dad, which stays when the transfer is done'},
			{pane: 'trace', says: 'dma_map_single without a dma_unmap_single in the interrupt'},
		],
		differences: [withoutDmaDebug],
	},
});
