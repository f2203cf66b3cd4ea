import type {Experiment} from '../experiment.ts';
import {dadBug, WITH_DMA_DEBUG} from './dadBug.ts';

export const dadUnmapsTwice: Experiment = dadBug({
	name: 'dad-unmaps-twice',
	title: 'A driver that unmaps twice',
	claim: 'Unmapping a buffer a second time is freeing what was not allocated, and dma-debug says so.',
	comm: 'dadtwice',
	bug: 'unmaps twice',
	says: 'it has not allocated',
	eras: WITH_DMA_DEBUG,
});
