import {prefixedHex} from '../../formats/text.ts';
import {PAGE_SIZE} from '../../hardware/address.ts';
import {DAD_LENGTH} from '../../hardware/edu.ts';
import {pci_resource_start} from '../../kernel/drivers/device.ts';
import {erasBefore, erasFrom} from '../../kernel/era/behaviour.ts';
import {writel} from '../../kernel/mm/ioremap.ts';
import {MAP_SHARED, PROT_READ} from '../../kernel/mm/mman.ts';
import type {Experiment} from '../experiment.ts';
import {faultLessons} from '../lessons/faults.ts';
import {User} from '../userland.ts';
import {physicalOf, translate, vma, vmaAt} from '../views.ts';
import {ownDad} from './labDevice.ts';
import {choice, inChild, must, offset, openDevice} from './steps.ts';

const written = 0x34;

export const faultNopage: Experiment = {
	name: 'fault-nopage',
	title: 'A fault method for memory without struct page',
	claim:
		'A fault method can enter registers of a device with vmf_insert_pfn() and answer VM_FAULT_NOPAGE; one ' +
		'that has to give a struct page answers SIGBUS.',
	source: 'LDD3 page 427; mm/memory.c vm_insert_pfn(), __do_fault()',
	rows: [18, 51, 53],
	parameters: [choice('page', '1 maps with a driver whose fault method gives a struct page', 0)],
	declares: ['registers mapped', 'register read'],
	eras: erasFrom('2.6.32'),
	unfit: ({era}) =>
		era.faultMayEnterAddresses ? undefined : 'VM_FAULT_NOPAGE came with 2.6.23: take --era 2.6.32 or later',
	control: {set: {page: 1}, fails: 'a child that reads'},
	comm: 'nopage',
	lesson: {
		chapter: 'mmap',
		background: faultLessons.faultNopage,
		setup:
			'A program maps the registers of a device, which lie above RAM and have no struct page. The ' +
			'driver’s fault method enters the address itself, with vmf_insert_pfn() (with page=1 it must return ' +
			'a struct page). A child reads a register.',
		question: {
			ask: 'What does the child get?',
			answers: [
				{text: 'Zero: the zero page is mapped.', when: {'a child that reads': '0'}},
				{text: 'SIGBUS: it is killed.', when: {'a child that reads': '7'}},
				{text: 'SIGSEGV: it is killed.', when: {'a child that reads': '11'}},
				{text: '0x34, which the driver wrote into the register.', when: {'a child that reads': '52'}},
			],
		},
		looks: [
			{pane: 'maps', says: 'the row of the device: nothing is there before the first read'},
			{pane: 'trace', says: 'the page fault, and no mm_page_alloc for it'},
		],
		differences: [
			{
				eras: erasBefore('2.6.32'),
				says:
					'It cannot run: 2.6.11 has the method nopage, which must give a struct page. vm_insert_pfn() came with ' +
					'2.6.21 (for a method nopfn, which answered NOPFN_REFAULT), the fault method and VM_FAULT_NOPAGE with 2.6.23.',
			},
			{eras: erasFrom('2.6.32', '5.10'), says: 'The same, with vm_insert_pfn(): vmf_insert_pfn() came with 4.17.'},
		],
	},
	*run(x) {
		const {k} = x;
		const u = new User(k);
		const {pid} = k.cpu.current;
		const dad = yield* ownDad(x);
		const registers = pci_resource_start(dad.pdev, 0);
		const device = x.value('page') === 1 ? '/dev/simple1' : '/dev/simple4';
		const fd = yield* openDevice(u, device);
		const at = must(yield* u.mmap(0, PAGE_SIZE, PROT_READ, MAP_SHARED, fd, registers / PAGE_SIZE), `mmap of ${device}`);
		x.say(`physical ${prefixedHex(registers)} is mapped through ${device} at ${prefixedHex(at)}`);
		const here = vmaAt(at);
		x.expect('mmap() entered no page', vma(pid), all => here(all)?.pagesPresent, {equals: 0});
		yield* x.show('registers mapped');
		writel(k, written, offset(dad.registers, DAD_LENGTH));
		const code = yield* inChild(u, 'registerrd', () => u.peek8(at + DAD_LENGTH));
		x.observe('a child that reads the register ends with what the driver wrote', code, {equals: written});
		if (code === written) yield* u.peek8(at + DAD_LENGTH);
		x.expect('the first read entered the page', vma(pid), all => here(all)?.pagesPresent, {equals: 1});
		x.expect('which lies above RAM', translate(`user:${pid}:${prefixedHex(at)}`), all => physicalOf(all), {
			equals: registers,
		});
		x.expect('the area is VM_PFNMAP', vma(pid), all => here(all)?.flags.join(' '), {contains: 'VM_PFNMAP'});
		yield* x.show('register read');
		yield* u.munmap(at, PAGE_SIZE);
		yield* u.close(fd);
		return code === written ? `the register read ${prefixedHex(code)}` : `the child died of signal ${code}`;
	},
};
