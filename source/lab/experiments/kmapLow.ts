import {prefixedHex} from '../../formats/text.ts';
import {PAGE_SIZE, type Pfn} from '../../hardware/address.ts';
import {GFP_KERNEL} from '../../kernel/mm/gfp.ts';
import {kmap, kunmap} from '../../kernel/mm/highmem.ts';
import {PAGE_OFFSET} from '../../kernel/mm/page.ts';
import {alloc_pages, put_page} from '../../kernel/mm/page_alloc.ts';
import type {Sleeps} from '../../kernel/time.ts';
import type {Bench, Experiment} from '../experiment.ts';
import {addressLessons} from '../lessons/addresses.ts';
import {page} from '../views.ts';
import {choice, forgottenHighPage, got, needsHighmem} from './steps.ts';

export const kmapLow: Experiment = {
	name: 'kmap-low',
	title: 'kmap() of a low page is a subtraction',
	claim: 'kmap() of a page of low memory returns its logical address and takes no entry of the table.',
	source: 'LDD3 page 417; mm/highmem.c kmap()',
	rows: [9, 10],
	parameters: [choice('high', '1 takes a page of high memory', 0)],
	declares: ['page mapped'],
	unfit: needsHighmem,
	control: {set: {high: 1}, fails: 'kmap() returns'},
	comm: 'kmaplow',
	lesson: {
		chapter: 'addresses',
		background: addressLessons.kmapLow,
		setup: 'kmap() maps a page of low memory (with high=1: one of high memory).',
		question: {
			ask: 'Where does the address lie that it returns?',
			answers: [
				{text: 'Among the logical addresses.', when: {'kmap() returns': true, 'the table has no': true}},
				{text: 'In kmap’s own part of the address space.', when: {'kmap() returns': false, 'the table has no': false}},
			],
		},
		corrections: [
			'“page_address() returns the virtual address, not the logical one”: of a page of low memory they are the same.',
		],
		looks: [{pane: 'kmap', says: 'the line of pkmap: no entry more than before'}],
	},
	*run(x) {
		const {k} = x;
		const frame = x.value('high') === 1 ? yield* forgottenHighPage(x) : yield* lowPage(x);
		const address = yield* kmap(k, frame);
		x.later(() => kunmap(k, frame));
		x.say(`kmap(pfn ${prefixedHex(frame)}) = ${prefixedHex(address)}`);
		x.observe('kmap() returns the physical address plus PAGE_OFFSET', address, {
			equals: frame * PAGE_SIZE + PAGE_OFFSET,
		});
		x.expect('the table has no address of its own for the page', page(frame), ({kmap}) => 'address' in kmap, {
			equals: false,
		});
		yield* x.show('page mapped');
		return `kmap() gave ${prefixedHex(address)}`;
	},
};

function* lowPage({k, later}: Bench): Sleeps<Pfn> {
	const frame = got(yield* alloc_pages(k, GFP_KERNEL, 0), 'no page was free');
	later(() => put_page(k, frame));
	return frame;
}
