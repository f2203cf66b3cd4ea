import {dma_pool_alloc, dma_pool_create, dma_pool_destroy, dma_pool_free} from '../../kernel/dma/dmapool.ts';
import {GFP_KERNEL} from '../../kernel/mm/gfp.ts';
import type {Experiment} from '../experiment.ts';
import {poolNamed, pools} from '../views.ts';
import {labDevice} from './labDevice.ts';
import {got, hex} from './steps.ts';

export const poolOrder: Experiment = {
	name: 'pool-order',
	title: 'Which block of a pool comes next',
	claim: 'Since 2.6.25 a pool gives out the block that was freed last; 2.6.11 gave the lowest free one.',
	source: 'mission row 37; fact sheet §6; mm/dmapool.c dma_pool_alloc()',
	rows: [37],
	parameters: [],
	declares: ['blocks busy', 'block given again'],
	eras: ['2.6.32', '3.2', '5.10', '6.1', '6.18'],
	control: {era: 'ldd3', fails: 'the block freed last'},
	comm: 'poolorder',
	*run(x) {
		const {k} = x;
		const dev = labDevice(k);
		const name = `order_${k.cpu.current.pid}`;
		const pool = got(dma_pool_create(k, name, dev, 64, 64, 0) ?? undefined, 'no pool');
		const first = got(yield* dma_pool_alloc(k, pool, GFP_KERNEL), 'no block');
		const second = got(yield* dma_pool_alloc(k, pool, GFP_KERNEL), 'no block');
		yield* x.show('blocks busy');
		x.expect('two blocks are in use', pools(dev.bus_id), all => poolNamed(name)(all)?.blocksInUse, {equals: 2});
		dma_pool_free(k, pool, first.vaddr, first.dma);
		dma_pool_free(k, pool, second.vaddr, second.dma);
		const again = got(yield* dma_pool_alloc(k, pool, GFP_KERNEL), 'no block');
		x.say(`freed ${hex(first.dma)}, then ${hex(second.dma)}; the next block is ${hex(again.dma)}`);
		yield* x.show('block given again');
		x.observe('the block freed last is given first', again.dma === second.dma);
		dma_pool_free(k, pool, again.vaddr, again.dma);
		dma_pool_destroy(k, pool);
		return `${hex(again.dma)} came after ${hex(first.dma)} and ${hex(second.dma)} were freed`;
	},
};
