import {prefixedHex} from '../../formats/text.ts';
import {PAGE_SIZE} from '../../hardware/address.ts';
import {DMA_FROM_DEVICE} from '../../kernel/dma/direction.ts';
import {set_page_dirty_lock} from '../../kernel/mm/page-writeback.ts';
import type {Experiment} from '../experiment.ts';
import {pageLessons} from '../lessons/io.ts';
import {User} from '../userland.ts';
import {translate} from '../views.ts';
import {letDeviceWrite, mapPage, own} from './labDevice.ts';
import {anonymous, choice, frameOf, pinned, reap, startChild, waitWhile} from './steps.ts';

export const forkPin: Experiment = {
	name: 'fork-pin',
	title: 'fork() while a page is pinned',
	claim:
		'After fork() the process that pinned a page and writes to it first gets a copy: the DMA goes to the child’s page.',
	source: 'docs/sources.md §4; mm/memory.c do_wp_page()',
	rows: [24],
	parameters: [choice('fork', '0 does not fork', 1)],
	declares: ['page pinned', 'parent wrote', 'device wrote'],
	control: {set: {fork: 0}, fails: 'the parent misses'},
	comm: 'forkpin',
	lesson: {
		chapter: 'io',
		background: pageLessons.forkPin,
		setup:
			'A process pins a page of its memory for DMA and forks (with fork=0 it does not). The parent then ' +
			'writes to that page. Only after that the device writes 0x99 into the frame that was pinned.',
		question: {
			ask: 'Who reads 0x99?',
			answers: [
				{text: 'The parent, whose buffer it was.', when: {'the parent misses': false}},
				{text: 'The child.', when: {'the parent misses': true, 'the child has it': true}},
				{text: 'Neither.', when: {'the parent misses': true, 'the child has it': false}},
			],
		},
		looks: [
			{pane: 'trace', says: 'mm_page_alloc at the parent’s write; dma_map_page names the old frame'},
			{pane: 'frames', says: 'P: the pinned frame, which is the child’s now'},
		],
	},
	*run(x) {
		const {k} = x;
		const u = new User(k);
		const {current} = k.cpu;
		yield* own(k, x.board.edu);
		const at = yield* anonymous(u, 1);
		yield* u.poke8(at, 1);
		const {frame} = yield* pinned(x, at);
		yield* x.show('page pinned');
		let delivered = false;
		let childSaw = -1;
		x.later(() => {
			delivered = true;
		});
		function* child() {
			yield* waitWhile(k, () => !delivered);
			childSaw = yield* u.peek8(at);
			return 0;
		}
		const pid = x.value('fork') === 1 ? yield* startChild(u, {comm: 'forkchild', body: child}) : undefined;
		yield* u.poke8(at + 1, 2);
		const file = translate(`user:${current.pid}:${prefixedHex(at)}`);
		x.expect('the parent’s write gave it another frame', file, frameOf, {not: frame});
		yield* x.show('parent wrote');
		const {bus, unmap} = yield* mapPage(x, frame, 0, PAGE_SIZE, DMA_FROM_DEVICE);
		letDeviceWrite(x, bus, new Uint8Array(16).fill(0x99));
		unmap();
		yield* set_page_dirty_lock(k, frame);
		delivered = true;
		yield* x.show('device wrote');
		const parentSaw = yield* u.peek8(at);
		x.observe('the parent misses the data', parentSaw, {not: 0x99});
		if (pid !== undefined) {
			yield* reap(u, pid);
			x.observe('the child has it', childSaw, {equals: 0x99});
		}
		yield* u.munmap(at, PAGE_SIZE);
		return `the device wrote 0x99, the parent reads ${prefixedHex(parentSaw)}`;
	},
};
