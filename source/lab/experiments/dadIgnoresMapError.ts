import {erasFrom} from '../../kernel/era/behaviour.ts';
import type {Experiment} from '../experiment.ts';
import {bugLessons} from '../lessons/bugs.ts';
import {dadBug, withoutDmaDebug} from './dadBug.ts';

export const dadIgnoresMapError: Experiment = dadBug({
	name: 'dad-ignores-map-error',
	title: 'A driver that trusts its mapping',
	claim: 'Unmapping an address that was never tested with dma_mapping_error() is caught by dma-debug, since 3.8.',
	comm: 'dadtrust',
	bug: 'ignores map error',
	says: 'failed to check map error',
	eras: erasFrom('5.10'),
	lesson: {
		chapter: 'bugs',
		background: bugLessons.dadIgnoresMapError,
		setup:
			'The book’s driver dad has its device write 2048 bytes into a buffer. It uses the address of ' +
			'dma_map_single() without asking dma_mapping_error() first (with fixed=1 it asks). The mapping was ' +
			'good.',
		question: {
			ask: 'Does anybody complain?',
			answers: [
				{text: 'No: nothing went wrong.', when: {'dma-debug says': false}},
				{text: 'dma-debug does, when the buffer is unmapped.', when: {'dma-debug says': true}},
			],
		},
		looks: [{pane: 'log', says: '“failed to check map error”, although there was none'}],
		differences: [
			withoutDmaDebug,
			{eras: erasFrom('2.6.32', '5.10'), says: 'There is no complaint: dma-debug looks for it since 3.8.'},
		],
	},
});
