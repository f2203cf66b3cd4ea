import {prefixedHex} from '../../formats/text.ts';
import {PAGE_SIZE, physicalAddress} from '../../hardware/address.ts';
import {DAD_LENGTH} from '../../hardware/edu.ts';
import {pci_resource_start} from '../../kernel/drivers/device.ts';
import {erasFrom} from '../../kernel/era/behaviour.ts';
import {ioremap, iounmap, readl} from '../../kernel/mm/ioremap.ts';
import {PAGE_OFFSET} from '../../kernel/mm/page.ts';
import type {Experiment} from '../experiment.ts';
import {addressLessons} from '../lessons/addresses.ts';
import {physicalOf, translate, vmallocAt, vmallocinfo} from '../views.ts';
import {dadDriver} from './labDevice.ts';
import {choice, offset} from './steps.ts';

export const ioremapRegisters: Experiment = {
	name: 'ioremap-registers',
	title: 'Registers in kernel addresses',
	claim:
		'ioremap() gives the registers of a device an address in vmalloc space; it refuses memory that the ' +
		'kernel uses as RAM.',
	source: 'LDD3 page 249; arch/x86/mm/ioremap.c',
	rows: [5, 23],
	parameters: [choice('ram', '1 asks for a page of RAM instead', 0)],
	declares: ['registers mapped'],
	control: {set: {ram: 1}, fails: 'ioremap() gives an address'},
	comm: 'ioremapper',
	lesson: {
		chapter: 'addresses',
		background: addressLessons.ioremapRegisters,
		setup:
			'The registers of a PCI device have a physical address above RAM. A driver asks ioremap() for a ' +
			'page of them (with ram=1: for a page of ordinary memory).',
		question: {
			ask: 'What does ioremap() return?',
			answers: [
				{text: 'The physical address plus PAGE_OFFSET.', when: {'ioremap() gives': true, 'the area says': false}},
				{text: 'An address in vmalloc space.', when: {'ioremap() gives': true, 'the area says': true}},
				{text: 'NULL.', when: {'ioremap() gives': false}},
			],
		},
		looks: [
			{
				pane: 'trace',
				says: 'the physical address and what became of it; /proc/vmallocinfo has the area, with the word ioremap',
			},
		],
		differences: [
			{
				eras: erasFrom('2.6.32', '3.2'),
				says:
					'Registers get an address as elsewhere, and with ram=1 the page of RAM gets one too: this kernel does not ' +
					'look at the last page of what it is asked for.',
			},
		],
	},
	*run(x) {
		const {k} = x;
		const dad = yield* dadDriver(x);
		const registers = pci_resource_start(dad.pdev, 0);
		const physical = x.value('ram') === 1 ? physicalAddress(0x200_0000) : registers;
		const address = ioremap(k, physical, PAGE_SIZE, 'ioremapper+0x1c/0x60');
		x.say(`ioremap(${prefixedHex(physical)}, 4096) = ${address === undefined ? 'NULL' : prefixedHex(address)}`);
		x.later(() => (address === undefined ? undefined : iounmap(k, address)));
		x.observe('ioremap() gives an address', address, {not: undefined});
		yield* x.show('registers mapped');
		if (address === undefined) return 'RAM has its logical address already: ioremap() refused it';
		x.expect('the area says that it is an ioremap', vmallocinfo, all => vmallocAt(address)(all)?.kinds.join(' '), {
			contains: 'ioremap',
		});
		x.expect('and of which physical address', vmallocinfo, all => vmallocAt(address)(all)?.physicalAddress, {
			equals: physical,
		});
		x.expect(
			'__pa() of it, a subtraction, is not where it leads',
			translate(`virt:${prefixedHex(address)}`),
			all => physicalOf(all) === address - PAGE_OFFSET,
			{equals: false},
		);
		if (physical !== registers) return `the page of RAM has an address in vmalloc space too: ${prefixedHex(address)}`;
		const length = readl(k, offset(address, DAD_LENGTH));
		const same = readl(k, offset(dad.registers, DAD_LENGTH));
		x.observe('both mappings of the device read one register', length, {equals: same});
		return `the LENGTH register reads ${length} through either address`;
	},
};
