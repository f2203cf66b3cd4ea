import {prefixedHex} from '../../formats/text.ts';
import {get_order, type KernelVirtualAddress, PAGE_SIZE} from '../../hardware/address.ts';
import {pci_resource_start} from '../../kernel/drivers/device.ts';
import {GFP_KERNEL} from '../../kernel/mm/gfp.ts';
import {ioremap, iounmap} from '../../kernel/mm/ioremap.ts';
import {PAGE_OFFSET} from '../../kernel/mm/page.ts';
import {__get_free_pages, free_pages} from '../../kernel/mm/page_alloc.ts';
import {kfree, kmalloc} from '../../kernel/mm/slab.ts';
import {vfree, vmalloc} from '../../kernel/mm/vmalloc.ts';
import type {Sleeps} from '../../kernel/time.ts';
import type {Bench, Experiment} from '../experiment.ts';
import {addressLessons} from '../lessons/addresses.ts';
import {physicalOf, translate} from '../views.ts';
import {dadDriver} from './labDevice.ts';
import {freeBlock} from './room.ts';
import {got} from './steps.ts';

export const logicalAddressExperiment: Experiment = {
	name: 'logical-address',
	title: 'Logical addresses lie a constant away from physical ones',
	claim:
		'What kmalloc() and __get_free_pages() return is a physical address plus PAGE_OFFSET, so that __pa() is a ' +
		'subtraction; of an address of vmalloc() or ioremap() it is nonsense.',
	source: 'LDD3 page 413; asm/page.h',
	rows: [2, 4, 6, 7],
	parameters: [
		{
			name: 'from',
			about: '0 asks kmalloc(), 1 __get_free_pages(), 2 vmalloc(), 3 ioremap()',
			least: 0,
			most: 3,
			usual: 0,
			unit: '',
		},
		{name: 'bytes', about: 'how much', least: 32, most: 65_536, usual: 2_000, unit: 'bytes'},
	],
	declares: ['memory allocated'],
	control: {set: {from: 2}, fails: '__pa() of the address'},
	comm: 'kmallocd',
	lesson: {
		chapter: 'addresses',
		background: addressLessons.logicalAddress,
		setup:
			'The kernel asks kmalloc() for memory (parameter from: __get_free_pages() or vmalloc(); or ioremap() for the ' +
			'registers of a device) and lets the MMU walk the page tables for the address that it was given.',
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
		const bytes = x.value('bytes');
		const caller = callers[x.value('from')]!;
		const address = yield* ask(x, caller, bytes);
		x.say(`${caller}() = ${prefixedHex(address)}`);
		x.expect(
			'__pa() of the address is where the page tables lead',
			translate(`virt:${prefixedHex(address)}`),
			physicalOf,
			{
				equals: address - PAGE_OFFSET,
			},
		);
		yield* x.show('memory allocated');
		return `${caller}() gave ${prefixedHex(address)}`;
	},
};

const callers = ['kmalloc', '__get_free_pages', 'vmalloc', 'ioremap'] as const;

/** Asks for memory, or for registers. @returns the address, which is given back in the end */
function* ask(x: Bench, caller: (typeof callers)[number], bytes: number): Sleeps<KernelVirtualAddress> {
	const {k, later} = x;
	const order = get_order(bytes);
	if (caller === 'kmalloc' || caller === '__get_free_pages') yield* freeBlock(x, GFP_KERNEL, order);
	const none = `${caller}(${bytes}) had no memory`;
	switch (caller) {
		case 'kmalloc': {
			const address = got(yield* kmalloc(k, bytes, GFP_KERNEL), none);
			later(() => kfree(k, address));
			return address;
		}
		case '__get_free_pages': {
			const address = got(yield* __get_free_pages(k, GFP_KERNEL, order), none);
			later(() => free_pages(k, address, order));
			return address;
		}
		case 'vmalloc': {
			const address = got(yield* vmalloc(k, bytes, 'logical_address+0x10/0x40'), none);
			later(() => vfree(k, address));
			return address;
		}
		case 'ioremap': {
			const registers = pci_resource_start((yield* dadDriver(x)).pdev, 0);
			const address = got(ioremap(k, registers, PAGE_SIZE, 'logical_address+0x24/0x40'), none);
			later(() => iounmap(k, address));
			return address;
		}
	}
}
