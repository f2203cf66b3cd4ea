import {prefixedHex} from '../../formats/text.ts';
import type {Experiment} from '../experiment.ts';
import {coherentLessons} from '../lessons/coherent.ts';
import {poolNamed, pools} from '../views.ts';
import {labDevice, ownPool} from './labDevice.ts';

const align = 16;

export const poolBoundary: Experiment = {
	name: 'pool-boundary',
	title: 'Where the blocks of a pool may lie',
	claim: 'Blocks of a DMA pool begin at multiples of its alignment, and none crosses its boundary.',
	source: 'LDD3 page 447; mm/dmapool.c',
	rows: [37],
	parameters: [
		{name: 'size', about: 'of a block', least: 24, most: 1_000, usual: 600, unit: 'bytes'},
		{
			name: 'boundary',
			about: 'the power of two that no block may cross is 2 to this; 0: none',
			least: 0,
			most: 12,
			usual: 10,
			unit: '',
		},
	],
	declares: ['blocks busy'],
	control: {set: {boundary: 0}, fails: 'no block crosses'},
	comm: 'poolbound',
	lesson: {
		chapter: 'dma',
		background: coherentLessons.poolBoundary,
		setup:
			'A driver makes a pool of blocks of 600 bytes, aligned to 16, that must not cross 1024 bytes (parameters size ' +
			'and boundary), and takes 16 of them.',
		question: {
			ask: 'Does one of them lie across a multiple of 1024?',
			answers: [
				{text: 'No: it begins behind the boundary instead.', when: {'no block crosses': true}},
				{text: 'Yes: they follow each other closely.', when: {'no block crosses': false}},
			],
		},
		corrections: [
			'In 2.6.11 the last argument is the size of the pieces that the pool is made of; a block cannot cross them either.',
		],
		looks: [{pane: 'dma', says: 'the row of bound_…: pages, for the room before each boundary stays empty'}],
	},
	*run(x) {
		const {k} = x;
		const dev = yield* labDevice(k);
		const size = x.value('size');
		const exponent = x.value('boundary');
		const boundary = exponent === 0 || 2 ** exponent < size ? 0 : 2 ** exponent;
		const name = `bound_${k.cpu.current.pid}`;
		const pool = yield* ownPool(x, name, size, align, boundary);
		const addresses: number[] = [];
		for (let i = 0; i < 16; i++) addresses.push((yield* pool.alloc()).dma);
		const usual = 1_024;
		const wanted = boundary === 0 ? usual : boundary;
		const crossing = addresses.filter(at => Math.floor(at / wanted) !== Math.floor((at + size - 1) / wanted));
		x.say(`16 blocks, the first two at ${prefixedHex(addresses[0]!)} and ${prefixedHex(addresses[1]!)}`);
		x.observe('every block begins at a multiple of 16', addresses.filter(at => at % align !== 0).length, {equals: 0});
		x.observe(`no block crosses a multiple of ${wanted}: so many do`, crossing.length, {equals: 0});
		x.expect('all are in use', pools(dev.bus_id), all => poolNamed(name)(all)?.blocksInUse, {equals: 16});
		yield* x.show('blocks busy');
		return `${crossing.length} of 16 blocks cross ${wanted}`;
	},
};
