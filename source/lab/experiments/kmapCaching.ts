import type {PageInfo} from '../../formats/debugfs/page.ts';
import type {Pkmap} from '../../formats/debugfs/pkmap.ts';
import {prefixedHex} from '../../formats/text.ts';
import {kmap, kunmap, PKMAP_NR} from '../../kernel/mm/highmem.ts';
import {kmap_atomic, kunmap_atomic} from '../../kernel/mm/kmap_atomic.ts';
import type {Experiment} from '../experiment.ts';
import {addressLessons} from '../lessons/addresses.ts';
import {page, pkmap} from '../views.ts';
import {choice, forgottenHighPage, needsHighmem} from './steps.ts';

export const kmapCaching: Experiment = {
	name: 'kmap-caching',
	title: 'kmap remembers',
	claim: 'kunmap() leaves the mapping in the table, unused, and a kmap() of the same page soon after finds it there.',
	source: 'LDD3 page 417; mm/highmem.c',
	rows: [9, 10],
	parameters: [choice('atomic', '1 maps with kmap_atomic() instead, which remembers nothing', 0)],
	declares: ['page mapped', 'page unmapped', 'page mapped again'],
	unfit: needsHighmem,
	control: {set: {atomic: 1}, fails: 'after kunmap()'},
	comm: 'kmapcache',
	lesson: {
		chapter: 'addresses',
		background: addressLessons.kmapCaching,
		setup:
			'kmap() maps a page of high memory, kunmap() gives the mapping up, and soon after the same page is ' +
			'mapped again. (With atomic=1 kmap_atomic() maps it instead.)',
		question: {
			ask: 'What does kmap’s table say of the page after kunmap()?',
			answers: [
				{text: 'Nothing: its entry is free.', when: {'after kunmap() the page': 'nothing'}},
				{
					text: 'Its entry is kept for it, but nothing is mapped: pkmap_count is 0.',
					when: {'after kunmap() the page': '0'},
				},
				{text: 'It is mapped still, but nobody uses it: pkmap_count is 1.', when: {'after kunmap() the page': '1'}},
				{text: 'It is in use: pkmap_count is 2.', when: {'after kunmap() the page': '2'}},
			],
		},
		looks: [
			{pane: 'kmap', says: 'the line of pkmap: held and stale entries; a stale one is mapped and unused'},
			{pane: 'page', says: 'f on the frame: its kmap address stays after kunmap()'},
		],
	},
	*run(x) {
		const {k} = x;
		const frame = yield* forgottenHighPage(x);
		const entry = ({entries}: Pkmap) => entries.find(each => each.pfn === frame);
		const address = ({kmap}: PageInfo) => ('address' in kmap ? kmap.address : undefined);
		x.expect('page_address() of a high page is NULL before kmap()', page(frame), address, {equals: undefined});
		if (x.value('atomic') === 1) {
			kunmap_atomic(k, kmap_atomic(k, frame));
			x.expect('after kunmap() the page keeps its entry, with pkmap_count 1', pkmap, all => entry(all)?.pkmapCount, {
				equals: 1,
			});
			return 'kmap_atomic() has no table to remember in';
		}
		const first = yield* kmap(k, frame);
		const unmap = x.later(() => kunmap(k, frame));
		x.say(`kmap(pfn ${prefixedHex(frame)}) = ${prefixedHex(first)}, entry ${PKMAP_NR(k, first)} of the table`);
		x.expect('mapped once, its pkmap_count is 2', pkmap, all => entry(all)?.pkmapCount, {equals: 2});
		yield* x.show('page mapped');
		unmap();
		x.expect('after kunmap() the page keeps its entry, with pkmap_count 1', pkmap, all => entry(all)?.pkmapCount, {
			equals: 1,
		});
		x.expect('page_address() knows the address still', page(frame), address, {equals: first});
		yield* x.show('page unmapped');
		const second = yield* kmap(k, frame);
		x.later(() => kunmap(k, frame));
		x.expect('mapped again, the same entry is used', pkmap, all => entry(all)?.address, {equals: first});
		yield* x.show('page mapped again');
		return first === second ? 'both kmaps gave one address' : 'the second kmap gave another address';
	},
};
