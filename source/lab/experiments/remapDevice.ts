import {prefixedHex} from '../../formats/text.ts';
import {PAGE_SIZE} from '../../hardware/address.ts';
import {DAD_LENGTH} from '../../hardware/edu.ts';
import {pci_resource_start} from '../../kernel/drivers/device.ts';
import {writel} from '../../kernel/mm/ioremap.ts';
import {MAP_SHARED, PROT_READ} from '../../kernel/mm/mman.ts';
import type {Experiment} from '../experiment.ts';
import {areaLessons} from '../lessons/areas.ts';
import {User} from '../userland.ts';
import {physicalOf, translate, vma, vmaAt} from '../views.ts';
import {ownDad} from './labDevice.ts';
import {choice, claimed, offset, openDevice} from './steps.ts';

export const remapDevice: Experiment = {
	name: 'remap-device',
	title: 'Device registers in a program',
	claim:
		'remap_pfn_range() maps physical addresses above RAM too: a program then reads the registers of a device itself.',
	source: 'LDD3 page 425',
	rows: [16, 51],
	parameters: [choice('next', '1 maps the page behind the registers, where no device answers', 0)],
	declares: ['registers mapped', 'register read'],
	control: {set: {next: 1}, fails: 'the program reads'},
	comm: 'remapdev',
	lesson: {
		chapter: 'mmap',
		background: areaLessons.remapDevice,
		setup:
			'A program maps the page of a device’s registers, at a physical address above RAM, through ' +
			'/dev/simple0 (with next=1: the page after it, where no device answers). The driver then writes ' +
			'0x34 into the LENGTH register.',
		question: {
			ask: 'What does the program read where that register would be?',
			answers: [
				{text: '0x34: it reads the register itself.', when: {'the program reads': '52'}},
				{text: '0: it reads memory of its own.', when: {'the program reads': '0'}},
				{text: '0xff: no device answers there.', when: {'the program reads': '255'}},
			],
		},
		looks: [
			{pane: 'maps', says: 'the row of /dev/simple0, whose offset is the physical address'},
			{pane: 'trace', says: 'sys_mmap2 with pgoff: the page number of the registers'},
		],
	},
	*run(x) {
		const {k} = x;
		const u = new User(k);
		const dad = yield* ownDad(x);
		const registers = pci_resource_start(dad.pdev, 0);
		const fd = yield* openDevice(u, '/dev/simple0');
		const mapped = yield* u.mmap(0, PAGE_SIZE, PROT_READ, MAP_SHARED, fd, registers / PAGE_SIZE + x.value('next'));
		const at = claimed(x, mapped, 'remap_pfn_range() maps physical addresses above RAM');
		x.say(`physical ${prefixedHex(registers + x.value('next') * PAGE_SIZE)} is mapped at ${prefixedHex(at)}`);
		yield* x.show('registers mapped');
		writel(k, 0x34, offset(dad.registers, DAD_LENGTH));
		const seen = yield* u.peek8(at + DAD_LENGTH);
		x.observe('the program reads the length that the driver wrote', seen, {equals: 0x34});
		x.expect(
			'the user address leads where no RAM is',
			translate(`user:${k.cpu.current.pid}:${prefixedHex(at)}`),
			all => k.hw.ram.holds(physicalOf(all) ?? 0, PAGE_SIZE),
			{equals: false},
		);
		x.expect('the area is VM_IO', vma(k.cpu.current.pid), all => vmaAt(at)(all)?.flags.join(' '), {contains: 'VM_IO'});
		yield* x.show('register read');
		yield* u.munmap(at, PAGE_SIZE);
		yield* u.close(fd);
		return `the program read ${prefixedHex(seen)}`;
	},
};
