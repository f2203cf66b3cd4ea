import {countOf} from '../../formats/words.ts';
import type {PoolBlock} from '../../kernel/dma/dmapool.ts';
import type {Experiment} from '../experiment.ts';
import {coherentLessons} from '../lessons/coherent.ts';
import {poolNamed, pools} from '../views.ts';
import {labDevice, ownPool} from './labDevice.ts';
import {sleep} from './steps.ts';

export const poolWork: Experiment = {
	name: 'pool-work',
	title: 'DMA pool at work',
	key: 'o',
	claim:
		'A DMA pool serves many small coherent blocks from one page, which dma_alloc_coherent() would take a ' +
		'page each for.',
	source: 'LDD3 page 447; mm/dmapool.c',
	rows: [37],
	parameters: [
		{name: 'blocks', about: 'blocks to take', least: 1, most: 500, usual: 24, unit: 'blocks'},
		{name: 'size', about: 'size of a block', least: 4, most: 4_096, usual: 64, unit: 'bytes'},
		{name: 'hold', about: 'how long they stay busy', least: 1, most: 60_000, usual: 300, unit: 'ms'},
	],
	declares: ['pool created', 'block busy', 'blocks freed'],
	control: {set: {size: 4_096}, fails: 'many blocks share a page'},
	comm: 'poolctl',
	lesson: {
		chapter: 'dma',
		background: coherentLessons.poolWork,
		setup:
			'A driver creates a DMA pool of 64-byte blocks (parameter size), takes 24 of them, works, and frees ' +
			'them all.',
		question: {
			ask: 'How many pages does the pool take for the 24 blocks?',
			answers: [
				{text: 'One for each, as dma_alloc_coherent() would.', when: {'many blocks share': false}},
				{text: 'Fewer than there are blocks.', when: {'many blocks share': true}},
			],
		},
		looks: [
			{pane: 'dma', says: 'the row of lab_…: blocks busy, and its pages, which stay when the blocks are free'},
			{pane: 'trace', says: 'dma_alloc: one page for many blocks'},
		],
	},
	*run(x) {
		const {k} = x;
		const dev = yield* labDevice(k);
		const size = x.value('size');
		const name = `lab_${k.cpu.current.pid}`;
		const pool = yield* ownPool(x, name, size, 0);
		const file = pools(dev.bus_id);
		const mine = poolNamed(name);
		yield* x.show('pool created');
		const taken: PoolBlock[] = [];
		while (taken.length < x.value('blocks')) taken.push(yield* pool.alloc());
		const {pages = 0, blocks = 0} = mine(x.read(file)) ?? {};
		x.say(
			`${taken.length} × dma_pool_alloc() of ${size} bytes: ${countOf(pages, 'page')} for ${countOf(blocks, 'block')}`,
		);
		x.expect('every block that was taken counts as in use', file, all => mine(all)?.blocksInUse, {
			equals: taken.length,
		});
		x.expect('many blocks share a page: there are fewer pages than blocks', file, all => mine(all)?.pages, {
			atMost: Math.max(1, taken.length - 1),
		});
		x.observe('no two blocks have one address', new Set(taken.map(block => block.dma)).size, {equals: taken.length});
		yield* x.show('block busy');
		yield* sleep(k, x.value('hold'));
		for (const block of taken) pool.free(block);
		x.expect('afterwards no block is in use', file, all => mine(all)?.blocksInUse, {equals: 0});
		x.expect('and the pages stay with the pool', file, all => mine(all)?.pages, {equals: pages});
		yield* x.show('blocks freed');
		return `${countOf(taken.length, 'block')} of ${size} bytes came from ${countOf(pages, 'page')}`;
	},
};
