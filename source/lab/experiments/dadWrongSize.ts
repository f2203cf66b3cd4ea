import type {Experiment} from '../experiment.ts';
import {dadBug, WITH_DMA_DEBUG} from './dadBug.ts';

export const dadWrongSize: Experiment = dadBug({
	name: 'dad-wrong-size',
	title: 'A driver that unmaps another size',
	claim: 'Unmapping another number of bytes than was mapped is caught by dma-debug.',
	comm: 'dadsize',
	bug: 'wrong size',
	says: 'frees DMA memory with different size',
	eras: WITH_DMA_DEBUG,
});
