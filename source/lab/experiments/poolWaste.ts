import {countOf} from '../../formats/words.ts';
import {erasBefore, erasFrom} from '../../kernel/era/behaviour.ts';
import type {Experiment} from '../experiment.ts';
import {coherentLessons} from '../lessons/coherent.ts';
import {poolNamed, pools} from '../views.ts';
import {labDevice, ownPool} from './labDevice.ts';

export const poolWaste: Experiment = {
	name: 'pool-waste',
	title: 'Blocks that fill a page badly',
	claim: 'Since 2.6.25 a pool of 2048-byte blocks serves one block a page, though its pools line claims two.',
	source: 'docs/sources.md §6; mm/dmapool.c pool_initialise_page()',
	rows: [37],
	parameters: [
		{
			name: 'size',
			about: 'of a block, and its alignment: a power of two',
			least: 32,
			most: 2_048,
			usual: 2_048,
			unit: 'bytes',
		},
	],
	declares: ['blocks busy'],
	eras: erasFrom('2.6.32', '6.18'),
	control: {era: 'ldd3', fails: 'three blocks take'},
	comm: 'poolwaste',
	lesson: {
		chapter: 'dma',
		background: coherentLessons.poolWaste,
		setup:
			'A pool is made for blocks of 2048 bytes (parameter size): two of them fit into a page. The driver ' +
			'takes three.',
		question: {
			ask: 'How many pages does the pool take?',
			answers: [
				{text: 'One.', when: {'three blocks take': '1'}},
				{text: 'Two.', when: {'three blocks take': '2'}},
				{text: 'Three.', when: {'three blocks take': '3'}},
			],
		},
		looks: [
			{pane: 'dma', says: 'the row of waste_…: busy, all and pages'},
			{pane: 'trace', says: 'dma_alloc: a page for each block'},
		],
		differences: [
			{eras: erasBefore('2.6.32'), says: 'Two: 2.6.11 keeps a bitmap for each page, and no block is lost.'},
			{
				eras: erasFrom('6.18'),
				says: 'Two: since 6.4 all blocks of a pool are in one list, and a block may end at the end of a page.',
			},
		],
	},
	*run(x) {
		const {k} = x;
		const dev = yield* labDevice(k);
		const size = x.value('size');
		const name = `waste_${k.cpu.current.pid}`;
		const pool = yield* ownPool(x, name, size, size);
		for (let i = 0; i < 3; i++) yield* pool.alloc();
		const file = pools(dev.bus_id);
		x.expect('three blocks take three pages', file, all => poolNamed(name)(all)?.pages, {equals: 3});
		x.expect('three are in use', file, all => poolNamed(name)(all)?.blocksInUse, {equals: 3});
		x.expect('the file claims room for twice as many', file, all => poolNamed(name)(all)?.blocks, {equals: 6});
		yield* x.show('blocks busy');
		return `blocks of ${countOf(size, 'byte')}`;
	},
};
