import {
	dma_pool_create,
	dma_pool_destroy,
	dma_pool_free,
	type PoolBlock,
	poolInfo,
	try_dma_pool_alloc,
} from '../../kernel/dma/dmapool.ts';
import {GFP_ATOMIC} from '../../kernel/mm/gfp.ts';
import {msleep} from '../../kernel/sched.ts';
import {type Experiment, ExperimentFailed} from '../experiment.ts';
import {labDevice} from './labDevice.ts';

export const poolWork: Experiment = {
	name: 'pool-work',
	title: 'DMA pool at work',
	key: 'o',
	claim:
		'A DMA pool serves many small coherent blocks from one page, which dma_alloc_coherent() would take a page each for.',
	source: 'mission row 37; LDD3 page 447; mm/dmapool.c',
	rows: [37],
	parameters: [
		{name: 'blocks', about: 'blocks to take', least: 1, most: 500, usual: 24, unit: 'blocks'},
		{name: 'size', about: 'size of a block', least: 4, most: 4_096, usual: 64, unit: 'bytes'},
		{name: 'hold', about: 'how long they stay busy', least: 1, most: 60_000, usual: 300, unit: 'ms'},
	],
	declares: ['pool created', 'block busy', 'blocks freed'],
	comm: 'poolctl',
	*run(x) {
		const {k} = x;
		const dev = labDevice(k);
		const size = x.value('size');
		const pool = dma_pool_create(k, 'lab_pool', dev, size, 0, 0);
		if (!pool) throw new ExperimentFailed(`dma_pool_create refused blocks of ${size} bytes`);
		yield* x.show('pool created');
		const taken: PoolBlock[] = [];
		while (taken.length < x.value('blocks')) {
			const block = try_dma_pool_alloc(k, pool, GFP_ATOMIC);
			if (!block) break;
			taken.push(block);
		}
		const busy = poolInfo(pool);
		x.say(`${taken.length} × dma_pool_alloc() of ${size} bytes: ${busy.pages} pages for ${busy.blocks} blocks`);
		yield* x.show('block busy');
		x.observe('every block that was taken counts as in use', busy.blocksInUse === taken.length);
		x.observe('no two blocks overlap', new Set(taken.map(block => block.dma)).size === taken.length);
		yield* msleep(k, x.value('hold'));
		for (const block of taken) dma_pool_free(k, pool, block.vaddr, block.dma);
		yield* x.show('blocks freed');
		const idle = poolInfo(pool);
		x.observe('freed blocks leave the pages with the pool', idle.blocksInUse === 0 && idle.pages === busy.pages);
		dma_pool_destroy(k, pool);
		return `${taken.length} blocks of ${size} bytes came from ${busy.pages} ${busy.pages === 1 ? 'page' : 'pages'}`;
	},
};
