import type {KmapAtomic} from '../../formats/debugfs/kmapAtomic.ts';
import {prefixedHex} from '../../formats/text.ts';
import {wereOf} from '../../formats/words.ts';
import type {KernelVirtualAddress, Pfn} from '../../hardware/address.ts';
import {COST} from '../../hardware/costs.ts';
import {kread8, kwrite8} from '../../kernel/mm/access.ts';
import {kmap, kunmap} from '../../kernel/mm/highmem.ts';
import {KM_USER0, KM_USER1, kmap_atomic, kunmap_atomic} from '../../kernel/mm/kmap_atomic.ts';
import {type Sleeps, spend} from '../../kernel/time.ts';
import type {Bench, Experiment} from '../experiment.ts';
import {addressLessons} from '../lessons/addresses.ts';
import {kmapAtomic, page} from '../views.ts';
import {choice, forgottenHighPage, highPage, needsHighmem} from './steps.ts';

type Mapped = {readonly address: KernelVirtualAddress; readonly unmap: () => void};

export const atomicKmaps: Experiment = {
	name: 'atomic-kmaps',
	title: 'Atomic kmaps of high memory',
	key: 't',
	claim: 'kmap_atomic() gives a high page a kernel address in a slot of this CPU, only until kunmap_atomic().',
	source: 'LDD3 page 418; arch/i386/mm/highmem.c',
	rows: [11],
	parameters: [
		{name: 'rounds', about: 'copies from page to page', least: 1, most: 64, usual: 2, unit: 'copies'},
		choice('kmap', '1 maps with kmap() instead, which takes no slot', 0),
	],
	declares: ['slot held', 'two slots held', 'slots free'],
	unfit: needsHighmem,
	control: {set: {kmap: 1}, fails: 'a slot of this CPU'},
	comm: 'kmapper',
	lesson: {
		chapter: 'addresses',
		background: addressLessons.atomicKmaps,
		setup:
			'Two pages of high memory have no kernel address. A task maps both with kmap_atomic() (with kmap=1: ' +
			'kmap()), copies a byte from one to the other and unmaps them.',
		question: {
			ask: 'Through what does the CPU see the first page meanwhile?',
			answers: [
				{
					text: 'Through a slot of its own, of which page_address() knows nothing.',
					when: {'a slot of this CPU': true, 'page_address() of the page': true},
				},
				{
					text: 'Through a slot of its own, whose address is the page_address() too.',
					when: {'a slot of this CPU': true, 'page_address() of the page': false},
				},
				{text: 'Through the table that all CPUs share.', when: {'a slot of this CPU': false}},
			],
		},
		corrections: ['kmap_atomic(page) without a type came with 2.6.37; the kernel of the book takes a type as well.'],
		looks: [{pane: 'kmap', says: 'two slots of one CPU become ■, first one, then both; later □'}],
	},
	*run(x) {
		const {k} = x;
		const source = yield* forgottenHighPage(x);
		const target = yield* highPage(x);
		for (let round = 1; round <= x.value('rounds'); round++) {
			const from = yield* map(x, source, KM_USER0);
			kwrite8(k, from.address, round);
			if (round === 1) x.say(`pfn ${prefixedHex(source)} has the kernel address ${prefixedHex(from.address)}`);
			yield* x.show('slot held');
			const slot = ({cpus}: KmapAtomic) =>
				cpus.find(({cpu}) => cpu === k.cpu.id)?.slots.find(({pfn}) => pfn === source)?.vaddr;
			if (round === 1) x.expect('a slot of this CPU shows the page', kmapAtomic, slot, {equals: from.address});
			const to = yield* map(x, target, KM_USER1);
			if (round === 1) x.say(`pfn ${prefixedHex(target)} has the kernel address ${prefixedHex(to.address)}`);
			yield* spend(COST.copyPageNs);
			kwrite8(k, to.address, kread8(k, from.address));
			const copied = kread8(k, to.address);
			yield* x.show('two slots held');
			if (round === 1) x.observe('the copy was read through the second address', copied, {equals: round});
			// Newest first, as the stack of later kernels demands; the typed slots of 2.6 do not mind.
			to.unmap();
			from.unmap();
			yield* x.show('slots free');
			if (round === 1) x.expect('then no slot does', kmapAtomic, slot, {equals: undefined});
		}
		x.expect('page_address() of the page is NULL', page(source), ({kmap}) => 'address' in kmap, {equals: false});
		return `${wereOf(x.value('rounds'), 'page')} copied through two addresses`;
	},
};

function* map({k, later, value}: Bench, frame: Pfn, type: number): Sleeps<Mapped> {
	if (value('kmap') === 1) return {address: yield* kmap(k, frame), unmap: later(() => kunmap(k, frame))};
	const address = kmap_atomic(k, frame, type);
	return {address, unmap: later(() => kunmap_atomic(k, address, type))};
}
