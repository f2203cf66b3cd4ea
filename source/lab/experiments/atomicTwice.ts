import {prefixedHex} from '../../formats/text.ts';
import {erasBefore, erasFrom} from '../../kernel/era/behaviour.ts';
import {kread8, kwrite8} from '../../kernel/mm/access.ts';
import {KM_USER0, kmap_atomic, kunmap_atomic} from '../../kernel/mm/kmap_atomic.ts';
import {spend} from '../../kernel/time.ts';
import type {Experiment} from '../experiment.ts';
import {addressLessons} from '../lessons/addresses.ts';
import {kmapAtomic} from '../views.ts';
import {highPage, needsHighmem} from './steps.ts';

export const atomicTwice: Experiment = {
	name: 'atomic-twice',
	title: 'One atomic slot, taken twice',
	claim:
		'In 2.6.11 a second kmap_atomic() with the same type silently takes the slot away: the first address ' +
		'now shows the second page.',
	source: 'docs/sources.md §1; arch/i386/mm/highmem.c',
	rows: [11],
	parameters: [],
	declares: ['slot taken twice'],
	eras: erasBefore('2.6.32'),
	unfit: k =>
		needsHighmem(k) ??
		(k.era.kmapAtomicSlot === 'named by type' && k.era.kmapAtomicChecksSlot === 'always'
			? 'this kernel stops with a BUG at the second kmap_atomic()'
			: undefined),
	control: {era: '3.2', fails: 'both calls gave one address'},
	comm: 'kmtwice',
	lesson: {
		chapter: 'addresses',
		background: addressLessons.atomicTwice,
		setup:
			'A task maps a page of high memory with kmap_atomic(page, KM_USER0) and writes 1 to it. Without ' +
			'unmapping it, it maps another page with the same type and writes 2 to that.',
		question: {
			ask: 'What does the first address read now?',
			answers: [
				{text: '1: each page has its own address.', when: {'the first address shows': false}},
				{text: '2: both addresses are one.', when: {'both calls gave': true, 'the first address shows': true}},
			],
		},
		looks: [{pane: 'kmap', says: 'one slot is ■, and the first page is in none'}],
		differences: [
			{
				eras: erasFrom('2.6.32', '3.2'),
				says: 'The second kmap_atomic() is a BUG: the slot must be empty. The experiment refuses to run there.',
			},
			{
				eras: erasFrom('3.2'),
				says:
					'The type is ignored. Slots are a stack for each CPU: the second call takes the next slot, ' +
					'and both pages can be seen.',
			},
		],
	},
	*run(x) {
		const {k} = x;
		const [one, two] = [yield* highPage(x), yield* highPage(x)];
		const first = kmap_atomic(k, one, KM_USER0);
		x.later(() => kunmap_atomic(k, first, KM_USER0));
		kwrite8(k, first, 1);
		const second = kmap_atomic(k, two, KM_USER0);
		x.later(() => kunmap_atomic(k, second, KM_USER0));
		kwrite8(k, second, 2);
		const seen = kread8(k, first);
		yield* spend(200);
		const call = (frame: number, address: number) => `kmap_atomic(pfn ${prefixedHex(frame)}) = ${prefixedHex(address)}`;
		x.say(`${call(one, first)}; ${call(two, second)}`);
		x.observe('both calls gave one address', first, {equals: second});
		x.observe('the first address shows the second page', seen, {equals: 2});
		x.expect(
			'of the two pages a slot shows the second alone',
			kmapAtomic,
			({cpus}) => {
				const shown = cpus.flatMap(({slots}) => slots.map(({pfn}) => pfn));
				return shown
					.filter(pfn => pfn === one || pfn === two)
					.map(pfn => (pfn === one ? 'first' : 'second'))
					.join();
			},
			{equals: 'second'},
		);
		yield* x.show('slot taken twice');
		return `what was written to ${prefixedHex(first)} reads as ${seen}`;
	},
};
