import {prefixedHex} from '../../formats/text.ts';
import {get_order, kernelAddress} from '../../hardware/address.ts';
import {GFP_KERNEL} from '../../kernel/mm/gfp.ts';
import {PAGE_OFFSET} from '../../kernel/mm/page.ts';
import {kfree, kmalloc} from '../../kernel/mm/slab.ts';
import {vfree, vmalloc} from '../../kernel/mm/vmalloc.ts';
import type {Experiment} from '../experiment.ts';
import {physicalOf, translate} from '../views.ts';
import {freeBlock} from './room.ts';
import {got} from './steps.ts';

export const logicalAddressExperiment: Experiment = {
	name: 'logical-address',
	title: 'Logical addresses lie a constant away from physical ones',
	claim: 'What kmalloc() returns is its physical address plus PAGE_OFFSET, so that __pa() is a subtraction.',
	source: 'LDD3 page 413; asm/page.h',
	rows: [2, 4, 6, 7],
	parameters: [
		{name: 'vmalloc', about: '1 asks vmalloc() instead of kmalloc()', least: 0, most: 1, usual: 0, unit: ''},
		{name: 'bytes', about: 'how much', least: 32, most: 65_536, usual: 2_000, unit: 'bytes'},
	],
	declares: ['memory allocated'],
	control: {set: {vmalloc: 1}, fails: '__pa() of the address'},
	comm: 'kmallocd',
	lesson: {
		chapter: 'addresses',
		setup:
			'The kernel asks kmalloc() for memory (with vmalloc=1: vmalloc()) and lets the MMU walk the page ' +
			'tables for the address that it was given.',
		question: {
			ask: 'Does __pa(), which only subtracts PAGE_OFFSET, find the physical address of this memory?',
			answers: [
				{text: 'Yes: the walk ends at the same address.', when: {'__pa() of the address': true}},
				{text: 'No: the walk ends somewhere else.', when: {'__pa() of the address': false}},
			],
		},
		looks: [
			{
				pane: 'trace',
				says:
					'the address that the call returned: 0xc… lies among the logical addresses, vmalloc space ' +
					'begins above them',
			},
			{pane: 'page', says: 'f on any frame of low memory: its logical address is the physical one plus 0xc0000000'},
		],
	},
	*run(x) {
		const {k} = x;
		const bytes = x.value('bytes');
		const mapped = x.value('vmalloc') === 1;
		const caller = mapped ? 'vmalloc' : 'kmalloc';
		if (!mapped) yield* freeBlock(x, GFP_KERNEL, get_order(bytes));
		const taken = mapped ? yield* vmalloc(k, bytes, 'logical_address+0x10/0x40') : yield* kmalloc(k, bytes, GFP_KERNEL);
		const address = kernelAddress(got(taken, `${caller}(${bytes}) had no memory`));
		x.later(() => (mapped ? vfree(k, address) : kfree(k, address as never)));
		x.say(`${caller}(${bytes}) = ${prefixedHex(address)}`);
		yield* x.show('memory allocated');
		x.expect(
			'__pa() of the address is where the page tables lead',
			translate(`virt:${prefixedHex(address)}`),
			physicalOf,
			{
				equals: address - PAGE_OFFSET,
			},
		);
		return `${caller}() gave ${prefixedHex(address)}`;
	},
};
