import {prefixedHex} from '../../formats/text.ts';
import {PAGE_SIZE} from '../../hardware/address.ts';
import type {Experiment} from '../experiment.ts';
import {addressLessons} from '../lessons/addresses.ts';
import {User} from '../userland.ts';
import {physicalOf, translate} from '../views.ts';
import {anonymous, choice} from './steps.ts';

export const userWalk: Experiment = {
	name: 'user-walk',
	title: 'The page-table walk of a user address',
	claim: 'A mapped user address leads to a frame only after it was touched: mmap() writes no page-table entry.',
	source: 'LDD3 page 413; mm/memory.c',
	rows: [1],
	parameters: [choice('touch', '0 leaves the page alone', 1)],
	declares: ['area mapped', 'page touched'],
	control: {set: {touch: 0}, fails: 'after the touch'},
	comm: 'walker',
	lesson: {
		chapter: 'addresses',
		background: addressLessons.userWalk,
		setup:
			'A program asks mmap() for one page of anonymous memory and then writes a byte to it (with touch=0 ' +
			'it leaves the page alone).',
		question: {
			ask: 'When does a frame of memory stand behind the address?',
			answers: [
				{text: 'As soon as mmap() has returned.', when: {'before the touch no frame': false}},
				{
					text: 'Never: at the end there is none.',
					when: {'before the touch no frame': true, 'after the touch the walk ends': false},
				},
				{
					text: 'Once the program has touched the page.',
					when: {'before the touch no frame': true, 'after the touch the walk ends': true},
				},
			],
		},
		looks: [
			{pane: 'maps', says: 'the new area without a name: its rss is 0 until the page is touched'},
			{pane: 'trace', says: 'the page fault of the touch, and the mm_page_alloc that it causes'},
		],
	},
	*run(x) {
		const u = new User(x.k);
		const address = yield* anonymous(u, 1);
		const file = translate(`user:${x.k.cpu.current.pid}:${prefixedHex(address)}`);
		x.say(`mmap() = ${prefixedHex(address)}`);
		x.expect('before the touch no frame is behind the address', file, physicalOf, {equals: undefined});
		yield* x.show('area mapped');
		if (x.value('touch') === 1) yield* u.poke8(address, 1);
		x.expect('after the touch the walk ends at a frame', file, physicalOf, {not: undefined});
		x.expect('after the touch the walk reads a pte', file, ({walk}) => walk.at(-1)?.level, {equals: 'pte'});
		yield* x.show('page touched');
		yield* u.munmap(address, PAGE_SIZE);
		return x.value('touch') === 1 ? 'the first touch filled the page table' : 'nobody touched the page';
	},
};
