import type {Vma} from '../../formats/debugfs/vma.ts';
import {prefixedHex} from '../../formats/text.ts';
import {countOf} from '../../formats/words.ts';
import {PAGE_SIZE} from '../../hardware/address.ts';
import {erasFrom} from '../../kernel/era/behaviour.ts';
import {MAP_SHARED, MREMAP_MAYMOVE, PROT_READ, PROT_WRITE} from '../../kernel/mm/mman.ts';
import type {Experiment} from '../experiment.ts';
import {faultLessons} from '../lessons/faults.ts';
import {User} from '../userland.ts';
import {status, translate, vma, vmaAt} from '../views.ts';
import {choice, claimed, frameOf, must, openDevice, told} from './steps.ts';

/** Where there is room to grow. */
const hint = 0x4000_0000;
/** The system BIOS: reserved memory, which every kernel lets a driver remap. */
const biosPage = 0xf0;

/** The book's driver whose mapping has no fault handler. */
const faultlessDevice = '/dev/simple0';
/** The one that has one. */
const faultingDevice = '/dev/simple1';

export const mremapGrowth: Experiment = {
	name: 'mremap-growth',
	title: 'mremap growth of a device mapping without a fault handler',
	key: 'm',
	claim:
		'A device mapping without a fault handler grows with zero-filled memory in 2.6.11; later kernels ' +
		'refuse to let a remapped area grow.',
	source: 'LDD3 page 429; mm/mremap.c',
	rows: [12, 15, 16, 19, 20],
	parameters: [
		{name: 'pages', about: 'pages mapped at first', least: 1, most: 16, usual: 4, unit: 'pages'},
		{name: 'grow', about: 'pages added', least: 1, most: 1_024, usual: 4, unit: 'pages'},
		choice('handler', '1 maps the driver that has a fault handler', 0),
	],
	declares: ['device mapped', 'area grown', 'zero page mapped', 'page written'],
	control: {set: {handler: 1}, fails: 'the zero page is behind it'},
	comm: 'mapper',
	lesson: {
		chapter: 'mmap',
		background: faultLessons.mremapGrowth,
		setup:
			'A program maps four pages of /dev/simple0. The driver fills the page tables at once and has no ' +
			'fault method (with handler=1: /dev/simple1, which has one). The program then asks mremap() for ' +
			'eight pages and reads in the first new one.',
		question: {
			ask: 'What is behind the first new page?',
			answers: [
				{
					text: 'The zero page: it reads as zeros.',
					when: {'the zero page is behind it': true, 'the first new page reads': true},
				},
				{text: 'A page of the device.', when: {'the zero page is behind it': false}},
				{text: 'Nothing: mremap() is refused.', when: {'mremap() answers EFAULT': true}},
			],
		},
		looks: [
			{pane: 'maps', says: 'the row of the device grows: +'},
			{
				pane: 'trace',
				says: 'two page faults at one address: the read maps the zero page, the write a frame of its own',
			},
		],
		differences: [
			{
				eras: erasFrom('2.6.32'),
				says: 'mremap() answers EFAULT: an area that remap_pfn_range() filled may not grow.',
			},
		],
	},
	*run(x) {
		const {k} = x;
		const u = new User(k);
		const {pid} = k.cpu.current;
		const hasHandler = x.value('handler') === 1;
		const device = hasHandler ? faultingDevice : faultlessDevice;
		const length = x.value('pages') * PAGE_SIZE;
		const longer = length + x.value('grow') * PAGE_SIZE;
		const fd = yield* openDevice(u, device);
		const address = must(
			yield* u.mmap(hint, length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, biosPage),
			`mmap of ${device}`,
		);
		const filled = hasHandler
			? 'the driver fills in each page when it is touched'
			: 'the driver filled the page tables at once';
		x.say(`mmap(${device}, ${length}) = ${prefixedHex(address)}: ${filled}`);
		yield* x.show('device mapped');
		const moved = yield* u.mremap(address, length, longer, MREMAP_MAYMOVE);
		const lengthOf = (at: number) => (all: Vma) => {
			const area = vmaAt(at)(all);
			return area && area.end - area.start;
		};
		if (k.era.mremapGrowRefused !== 0 && moved < 0) {
			const why = hasHandler ? 'the driver has set VM_DONTEXPAND' : 'remapped areas may not grow in this kernel';
			x.say(`mremap() to ${countOf(longer, 'byte')} = ${told(moved)}: ${why}`);
			x.observe('mremap() answers EFAULT', told(moved), {equals: '-EFAULT'});
			x.expect('the area is as long as before', vma(pid), lengthOf(address), {equals: length});
			yield* u.munmap(address, length);
			yield* u.close(fd);
			return `${k.era.release} refuses to let the area grow`;
		}
		claimed(x, moved, 'mremap() lets the area grow');
		x.say(`mremap() to ${countOf(longer, 'byte')} = ${prefixedHex(moved)}: no page was touched yet`);
		x.expect(`the area is ${countOf(longer / PAGE_SIZE, 'page')} long`, vma(pid), lengthOf(moved), {equals: longer});
		yield* x.show('area grown');
		const beyond = moved + length;
		const before = x.read(status(pid)).VmRSS;
		const value = yield* u.peek8(beyond);
		const behind = translate(`user:${pid}:${prefixedHex(beyond)}`);
		const isZeroPage = frameOf(x.read(behind)) === k.layout.empty_zero_page;
		const came = isZeroPage
			? 'no fault handler, so do_anonymous_page() maps the zero page'
			: 'the fault handler gave a page of the device';
		x.say(`read of ${prefixedHex(beyond)} = ${value}: ${came}`);
		x.observe('the first new page reads as zeros', value, {equals: 0});
		x.expect('the zero page is behind it', behind, frameOf, {equals: k.layout.empty_zero_page});
		x.expect('VmRSS is what it was: the zero page is not counted', status(pid), ({VmRSS}) => VmRSS, {equals: before});
		yield* x.show('zero page mapped');
		yield* u.poke8(beyond, 0x55);
		const written = isZeroPage
			? 'a frame of its own replaces the zero page; the device sees nothing of it'
			: 'it goes to the page of the device';
		x.say(`write to ${prefixedHex(beyond)}: ${written}`);
		x.expect('writing gives a frame of its own', behind, frameOf, {not: k.layout.empty_zero_page});
		x.expect('after the write VmRSS is 4 kB larger', status(pid), ({VmRSS}) => VmRSS, {
			equals: (before ?? 0) + PAGE_SIZE / 1024,
		});
		yield* x.show('page written');
		yield* u.munmap(moved, longer);
		yield* u.close(fd);
		return `the area grew by ${countOf(x.value('grow'), 'page')} of ${isZeroPage ? 'zeros' : 'the device'}`;
	},
};
