import {prefixedHex} from '../../formats/text.ts';
import {PAGE_SIZE} from '../../hardware/address.ts';
import {erasBefore, erasFrom} from '../../kernel/era/behaviour.ts';
import {MAP_PRIVATE, PROT_READ, PROT_WRITE} from '../../kernel/mm/mman.ts';
import type {Experiment} from '../experiment.ts';
import {faultLessons} from '../lessons/faults.ts';
import {User} from '../userland.ts';
import {status, translate, vma, vmaAt} from '../views.ts';
import {frameOf, inChild, must, openDevice} from './steps.ts';

export const faultlessOps: Experiment = {
	name: 'faultless-ops',
	title: 'vm_ops without a fault method',
	claim:
		'A driver that fills no page table and has no fault method gives zeros, copied on write, in 2.6.11 ' +
		'and 3.2; the other kernels answer SIGBUS.',
	source: 'LDD3 page 427; mm/memory.c handle_pte_fault()',
	rows: [18, 19],
	parameters: [],
	declares: ['area mapped', 'page read', 'page written'],
	eras: [...erasBefore('2.6.32'), ...erasFrom('3.2', '5.10')],
	control: {era: '2.6.32', fails: 'a child that reads'},
	comm: 'faultless',
	lesson: {
		chapter: 'mmap',
		background: faultLessons.faultlessOps,
		setup:
			'A driver gives its mapping vm_ops without a fault method and fills no page table. A program maps a ' +
			'page of it, private, and a child reads it first.',
		question: {
			ask: 'What does the child get?',
			answers: [
				{text: 'The bytes of the device.', when: {'a child that reads': '0', 'the page reads as zeros': false}},
				{text: 'Zeros.', when: {'a child that reads': '0', 'the page reads as zeros': true}},
				{text: 'SIGBUS: it is killed.', when: {'a child that reads': '7'}},
				{text: 'SIGSEGV: it is killed.', when: {'a child that reads': '11'}},
			],
		},
		looks: [
			{pane: 'maps', says: 'the row of /dev/simple2: its rss stays 0 after the read and is one page after the write'},
			{pane: 'trace', says: 'two page faults at one address: the read, then the write'},
		],
		differences: [
			{
				eras: [...erasFrom('2.6.32', '3.2'), ...erasFrom('5.10')],
				says: 'SIGBUS: vm_ops without a fault method are an error.',
			},
			{eras: erasFrom('3.2', '5.10'), says: 'Zeros, as in 2.6.11.'},
		],
	},
	*run(x) {
		const {k} = x;
		const u = new User(k);
		const {pid} = k.cpu.current;
		const fd = yield* openDevice(u, '/dev/simple2');
		const at = must(yield* u.mmap(0, PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd), 'mmap');
		x.expect('the area has vm_ops', vma(pid), all => vmaAt(at)(all)?.vmOps, {equals: 'simple_faultless_vm_ops'});
		yield* x.show('area mapped');
		const code = yield* inChild(u, 'reader', function* () {
			yield* u.peek8(at);
			return 0;
		});
		x.observe('a child that reads the page lives', code, {equals: 0});
		if (code !== 0) {
			yield* u.munmap(at, PAGE_SIZE);
			yield* u.close(fd);
			return `the reader died of signal ${code}`;
		}
		const zero = yield* u.peek8(at);
		x.observe('the page reads as zeros', zero, {equals: 0});
		const file = translate(`user:${pid}:${prefixedHex(at)}`);
		const frame = k.layout.empty_zero_page;
		x.expect('the frame behind it is the zero page', file, frameOf, {equals: frame});
		yield* x.show('page read');
		const before = x.read(status(pid)).VmRSS ?? 0;
		yield* u.poke8(at, 1);
		x.expect('after a write it is a frame of its own', file, frameOf, {not: frame});
		x.expect('which counts as resident', status(pid), ({VmRSS}) => (VmRSS ?? 0) - before, {equals: 4});
		yield* x.show('page written');
		yield* u.munmap(at, PAGE_SIZE);
		yield* u.close(fd);
		return 'zeros, then a page of the program’s own';
	},
};
