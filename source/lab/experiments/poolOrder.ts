import {prefixedHex} from '../../formats/text.ts';
import {erasBefore, erasFrom} from '../../kernel/era/behaviour.ts';
import type {Experiment} from '../experiment.ts';
import {coherentLessons} from '../lessons/coherent.ts';
import {poolNamed, pools} from '../views.ts';
import {labDevice, ownPool} from './labDevice.ts';

export const poolOrder: Experiment = {
	name: 'pool-order',
	title: 'Which block of a pool comes next',
	claim: 'Since 2.6.25 a pool gives out the block that was freed last; 2.6.11 gave the lowest free one.',
	source: 'docs/sources.md §6; mm/dmapool.c dma_pool_alloc()',
	rows: [37],
	parameters: [],
	declares: ['blocks busy', 'block given again'],
	eras: erasFrom('2.6.32'),
	control: {era: 'ldd3', fails: 'the block freed last'},
	comm: 'poolorder',
	lesson: {
		chapter: 'dma',
		background: coherentLessons.poolOrder,
		setup: 'A driver takes two blocks of a pool, frees the first and then the second, and takes one again.',
		question: {
			ask: 'Which one does it get?',
			answers: [
				{text: 'The second: the one that was freed last.', when: {'the block freed last': true}},
				{text: 'The first: the lowest one that is free.', when: {'the block freed last': false}},
			],
		},
		looks: [
			{pane: 'dma', says: 'the row of order_…: two blocks busy, then one'},
			{pane: 'trace', says: 'the bus addresses, in the story'},
		],
		differences: [{eras: erasBefore('2.6.32'), says: 'The lowest free one: 2.6.11 looks for it in a bitmap.'}],
	},
	*run(x) {
		const {k} = x;
		const dev = yield* labDevice(k);
		const name = `order_${k.cpu.current.pid}`;
		const pool = yield* ownPool(x, name, 64, 64);
		const first = yield* pool.alloc();
		const second = yield* pool.alloc();
		x.expect('two blocks are in use', pools(dev.bus_id), all => poolNamed(name)(all)?.blocksInUse, {equals: 2});
		yield* x.show('blocks busy');
		pool.free(first);
		pool.free(second);
		const again = yield* pool.alloc();
		x.say(
			`freed ${prefixedHex(first.dma)}, then ${prefixedHex(second.dma)}; the next block is ${prefixedHex(again.dma)}`,
		);
		x.observe('the block freed last is given first', again.dma, {equals: second.dma});
		yield* x.show('block given again');
		return `${prefixedHex(again.dma)} came after ${prefixedHex(first.dma)} and ${prefixedHex(second.dma)} were freed`;
	},
};
