import {kmap, kunmap, PKMAP_NR, page_address} from '../../kernel/mm/highmem.ts';
import {kmap_atomic, kunmap_atomic} from '../../kernel/mm/kmap_atomic.ts';
import {put_page} from '../../kernel/mm/page_alloc.ts';
import type {Experiment} from '../experiment.ts';
import {page, pkmap} from '../views.ts';
import {choice, forgottenHighPage, hex, needsHighmem} from './steps.ts';

export const kmapCaching: Experiment = {
	name: 'kmap-caching',
	title: 'kmap remembers',
	claim: 'kunmap() leaves the mapping in the table, unused, and a kmap() of the same page soon after finds it there.',
	source: 'mission rows 9 and 10; LDD3 page 417; mm/highmem.c',
	rows: [9, 10],
	parameters: [choice('atomic', '1 maps with kmap_atomic() instead, which remembers nothing', 0)],
	declares: ['page mapped', 'page unmapped', 'page mapped again'],
	unfit: needsHighmem,
	control: {set: {atomic: 1}, fails: 'after kunmap()'},
	comm: 'kmapcache',
	*run(x) {
		const {k} = x;
		const frame = forgottenHighPage(k);
		const count = () => x.read(pkmap).entries.find(each => each.pfn === frame)?.pkmapCount;
		x.observe('page_address() of a high page is NULL before kmap()', page_address(k, frame) === undefined);
		if (x.value('atomic') === 1) {
			kunmap_atomic(k, kmap_atomic(k, frame));
			x.expect('after kunmap() the page keeps its entry, with pkmap_count 1', pkmap, count, {equals: 1});
			put_page(k, frame);
			return 'kmap_atomic() has no table to remember in';
		}
		const first = yield* kmap(k, frame);
		x.say(`kmap(pfn ${hex(frame)}) = ${hex(first)}, entry ${PKMAP_NR(k, first)} of the table`);
		yield* x.show('page mapped');
		x.expect('mapped once, its pkmap_count is 2', pkmap, count, {equals: 2});
		kunmap(k, frame);
		yield* x.show('page unmapped');
		x.expect('after kunmap() the page keeps its entry, with pkmap_count 1', pkmap, count, {equals: 1});
		x.expect('page_address() knows the address still', page(frame), ({kmap}) => 'address' in kmap && kmap.address, {
			equals: first,
		});
		const second = yield* kmap(k, frame);
		yield* x.show('page mapped again');
		x.expect(
			'mapped again, the same entry is used',
			pkmap,
			({entries}) => entries.find(each => each.pfn === frame)?.address,
			{equals: first},
		);
		kunmap(k, frame);
		put_page(k, frame);
		return first === second ? 'both kmaps gave one address' : 'the second kmap gave another address';
	},
};
