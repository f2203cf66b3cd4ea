import {prefixedHex} from '../../formats/text.ts';
import {dma_pool_alloc, dma_pool_create, dma_pool_destroy, dma_pool_free} from '../../kernel/dma/dmapool.ts';
import {GFP_KERNEL} from '../../kernel/mm/gfp.ts';
import type {Experiment} from '../experiment.ts';
import {coherentLessons} from '../lessons/coherent.ts';
import {kmsg, linesWith, page} from '../views.ts';
import {labDevice} from './labDevice.ts';
import {choice, got, logicalFrame, nowUs} from './steps.ts';

export const poolLeak: Experiment = {
	name: 'pool-leak',
	title: 'Destroying a pool that is in use',
	claim: 'dma_pool_destroy() with a block still out says that the page is busy, and that page is never freed.',
	source: 'LDD3 page 447; mm/dmapool.c dma_pool_destroy()',
	rows: [37],
	parameters: [choice('free', '1 frees the block first', 0)],
	declares: ['pool destroyed'],
	disposable: true,
	control: {set: {free: 1}, fails: 'the kernel says'},
	comm: 'poolleak',
	lesson: {
		chapter: 'dma',
		background: coherentLessons.poolLeak,
		setup: 'A driver destroys its pool while one block is out (with free=1 it frees the block first).',
		question: {
			ask: 'What becomes of the page that the block is in?',
			answers: [
				{text: 'It is freed with the pool.', when: {'the page is still': false}},
				{
					text: 'It stays allocated for ever, without a word.',
					when: {'the page is still': true, 'the kernel says': false},
				},
				{
					text: 'It stays allocated for ever, and the log says so.',
					when: {'the page is still': true, 'the kernel says': true},
				},
			],
		},
		looks: [
			{pane: 'log', says: 'dma_pool_destroy, the name of the pool, and busy'},
			{pane: 'dma', says: 'the pool is gone; a coherent mapping stays'},
		],
	},
	*run(x) {
		const {k} = x;
		const dev = yield* labDevice(k);
		const since = nowUs(k);
		const pool = got(dma_pool_create(k, 'leaky', dev, 64, 64, 0) ?? undefined, 'no pool');
		const block = got(yield* dma_pool_alloc(k, pool, GFP_KERNEL), 'no block');
		const frame = logicalFrame(block.vaddr);
		if (x.value('free') === 1) dma_pool_free(k, pool, block.vaddr, block.dma);
		dma_pool_destroy(k, pool);
		x.say(`dma_pool_destroy() with ${x.value('free') === 1 ? 'no block' : 'one block'} out`);
		x.expect('the kernel says that the page is busy', kmsg, linesWith('dma_pool_destroy leaky', since), {equals: 1});
		x.expect('the page is still allocated', page(frame), ({_count}) => _count > 0, {equals: true});
		yield* x.show('pool destroyed');
		return `the page is pfn ${prefixedHex(frame)}`;
	},
};
