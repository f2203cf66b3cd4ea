import {prefixedHex} from '../../formats/text.ts';
import {PAGE_SIZE} from '../../hardware/address.ts';
import {pci_resource_start} from '../../kernel/drivers/device.ts';
import {erasFrom} from '../../kernel/era/behaviour.ts';
import {O_DSYNC, O_RDWR} from '../../kernel/fs/file.ts';
import {MAP_SHARED, PROT_READ} from '../../kernel/mm/mman.ts';
import type {Experiment} from '../experiment.ts';
import {areaLessons} from '../lessons/areas.ts';
import {User} from '../userland.ts';
import {translate, vma, vmaAt} from '../views.ts';
import {dadDriver} from './labDevice.ts';
import {choice, must} from './steps.ts';

export const uncachedRegisters: Experiment = {
	name: 'uncached-registers',
	title: 'vm_page_prot of device memory',
	claim:
		'The entries of a mapping get the bits of the protection that its driver hands on: /dev/mem, opened ' +
		'with O_SYNC, hands on pgprot_noncached().',
	source: 'LDD3 page 425; drivers/char/mem.c mmap_mem()',
	rows: [51, 52],
	parameters: [choice('simple', '1 maps with the driver simple, which hands vm_page_prot on as it is', 0)],
	declares: ['registers mapped'],
	control: {set: {simple: 1}, fails: 'the page-table entry is uncached'},
	comm: 'uncached',
	lesson: {
		chapter: 'mmap',
		background: areaLessons.uncachedRegisters,
		setup:
			'A program opens /dev/mem with O_SYNC and maps the registers of a device through it (with simple=1: ' +
			'through /dev/simple0). Both drivers call remap_pfn_range(), each with a protection of its choice.',
		question: {
			ask: 'Does the page-table entry let the CPU cache what it reads there?',
			answers: [
				{text: 'Yes: it is an entry like any other.', when: {'the page-table entry': false}},
				{text: 'No: it is marked uncached.', when: {'the page-table entry': true}},
			],
		},
		looks: [
			{pane: 'trace', says: 'the story says what the entry is'},
			{pane: 'maps', says: 'the row of the device, whose offset is the physical address'},
		],
		differences: [
			{
				eras: erasFrom('2.6.32'),
				says:
					'The same here. Where these kernels use PAT, which the lab leaves out, remap_pfn_range() ' +
					'makes the entries of registers uncached whatever the driver hands on.',
			},
		],
	},
	*run(x) {
		const u = new User(x.k);
		const {pid} = x.k.cpu.current;
		const registers = pci_resource_start((yield* dadDriver(x)).pdev, 0);
		const device = x.value('simple') === 1 ? '/dev/simple0' : '/dev/mem';
		const fd = must(yield* u.open(device, O_RDWR | O_DSYNC), device);
		const at = must(yield* u.mmap(0, PAGE_SIZE, PROT_READ, MAP_SHARED, fd, registers / PAGE_SIZE), `mmap of ${device}`);
		x.say(`physical ${prefixedHex(registers)} is mapped through ${device} at ${prefixedHex(at)}`);
		yield* x.show('registers mapped');
		const file = translate(`user:${pid}:${prefixedHex(at)}`);
		const entry = x.read(file).walk.at(-1)?.meaning ?? 'none';
		x.say(`the pte is ${entry}`);
		x.expect('the page-table entry is uncached', file, ({walk}) => walk.at(-1)?.meaning, {contains: 'uncached'});
		x.expect('the area is VM_IO', vma(pid), all => vmaAt(at)(all)?.flags.join(' '), {contains: 'VM_IO'});
		yield* u.munmap(at, PAGE_SIZE);
		yield* u.close(fd);
		return `the pte was ${entry}`;
	},
};
