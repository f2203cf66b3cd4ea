import type {Experiment} from '../experiment.ts';
import {dadBug, WITH_DMA_DEBUG} from './dadBug.ts';

export const dadForgetsUnmap: Experiment = dadBug({
	name: 'dad-forgets-unmap',
	title: 'A driver that forgets to unmap',
	claim:
		'A buffer that the interrupt handler does not unmap stays the device’s: it is in the dump of dma-debug for ever.',
	comm: 'dadforget',
	bug: 'forgets unmap',
	eras: WITH_DMA_DEBUG,
});
