import type {Experiment} from '../experiment.ts';
import {dadBug, WITH_DMA_DEBUG} from './dadBug.ts';

export const dadWrongDirection: Experiment = dadBug({
	name: 'dad-wrong-direction',
	title: 'A driver that unmaps the other way',
	claim: 'Unmapping with another direction than was mapped is caught by dma-debug.',
	comm: 'daddir',
	bug: 'wrong direction',
	says: 'frees DMA memory with different direction',
	eras: WITH_DMA_DEBUG,
});
