import type {Maps} from '../../formats/proc/maps.ts';
import {prefixedHex} from '../../formats/text.ts';
import {PAGE_SIZE} from '../../hardware/address.ts';
import {MAP_SHARED, PROT_READ} from '../../kernel/mm/mman.ts';
import type {Experiment} from '../experiment.ts';
import {areaLessons} from '../lessons/areas.ts';
import {User} from '../userland.ts';
import {areaAt, kmsg, linesWith, maps, vma, vmaAt} from '../views.ts';
import {must, nowUs, openDevice} from './steps.ts';

/** The system BIOS: reserved memory that every kernel lets a driver remap. */
const biosPage = 0xf0;

export const vmaOpenClose: Experiment = {
	name: 'vma-open-close',
	title: 'open and close of an area',
	claim:
		'Punching a hole into a mapping leaves two areas of it, and the driver’s open is called twice: for the piece that ' +
		'stays, and for the piece that goes.',
	source: 'LDD3 page 421; mm/mmap.c split_vma()',
	rows: [15, 16, 17],
	parameters: [
		{name: 'hole', about: 'page that is unmapped: 0, the middle 1, or 2', least: 0, most: 2, usual: 1, unit: ''},
	],
	declares: ['three pages mapped', 'hole punched', 'all unmapped'],
	control: {set: {hole: 2}, fails: 'two areas are left'},
	comm: 'holepunch',
	lesson: {
		chapter: 'mmap',
		background: areaLessons.vmaOpenClose,
		setup:
			'A program maps three pages of /dev/simple0 and unmaps one of them: the middle one (parameter hole: ' +
			'0, 1 or 2). The driver has open and close methods.',
		question: {
			ask: 'How many areas are left, and how often did munmap() call the driver’s open?',
			answers: [
				{
					text: 'One, and once: for the piece that goes.',
					when: {'two areas are left': '1', 'munmap() called open': '1'},
				},
				{
					text: 'Two, and never: mmap() was not called.',
					when: {'two areas are left': '2', 'munmap() called open': '0'},
				},
				{text: 'Two, and once: for one of them.', when: {'two areas are left': '2', 'munmap() called open': '1'}},
				{
					text: 'Two, and twice: for one of them, and for the piece that goes.',
					when: {'two areas are left': '2', 'munmap() called open': '2'},
				},
			],
		},
		looks: [
			{pane: 'maps', says: 'the row of /dev/simple0 splits: ÷'},
			{pane: 'log', says: '“VMA opened” and “VMA closed”, as the book’s driver prints them'},
		],
	},
	*run(x) {
		const {k} = x;
		const u = new User(k);
		const {pid} = k.cpu.current;
		const fd = yield* openDevice(u, '/dev/simple0');
		const at = must(yield* u.mmap(0, 3 * PAGE_SIZE, PROT_READ, MAP_SHARED, fd, biosPage), 'mmap');
		x.say(`mmap(/dev/simple0, 3 pages) = ${prefixedHex(at)}`);
		x.expect('the area has vm_ops of the driver', vma(pid), all => vmaAt(at)(all)?.vmOps, {
			equals: 'simple_remap_vm_ops',
		});
		yield* x.show('three pages mapped');
		const hole = at + x.value('hole') * PAGE_SIZE;
		const since = nowUs(k);
		yield* u.munmap(hole, PAGE_SIZE);
		x.expect('the page in the hole is in no area', maps(pid), all => areaAt(hole)(all)?.start, {equals: undefined});
		const left = ({areas}: Maps) => areas.filter(({start}) => start >= at && start < at + 3 * PAGE_SIZE).length;
		x.expect('two areas are left of the three pages', maps(pid), left, {equals: 2});
		// Each piece that is cut off begins at the hole when its open is called.
		const opened = linesWith(`simple: VMA opened, virtual ${prefixedHex(hole)}`, since);
		x.expect('munmap() called open twice', kmsg, opened, {equals: 2});
		// The line does not say which area: another program may close one at the same time.
		x.expect('and close, for the piece that goes', kmsg, linesWith('simple: VMA closed', since), {atLeast: 1});
		yield* x.show('hole punched');
		yield* u.munmap(at, 3 * PAGE_SIZE);
		yield* x.show('all unmapped');
		yield* u.close(fd);
		return `page ${x.value('hole')} of 3 was unmapped`;
	},
};
