import {prefixedHex} from '../../formats/text.ts';
import {countOf} from '../../formats/words.ts';
import {PAGE_SIZE} from '../../hardware/address.ts';
import {MAP_SHARED, PROT_READ} from '../../kernel/mm/mman.ts';
import type {Experiment} from '../experiment.ts';
import {faultLessons} from '../lessons/faults.ts';
import {User} from '../userland.ts';
import {page, translate, vma, vmaAt} from '../views.ts';
import {giveScullpBack, ownScullp} from './labDevice.ts';
import {anonymous, found, frameOf, inChild, must, openDevice, SIGBUS} from './steps.ts';

export const scullpFault: Experiment = {
	name: 'scullp-fault',
	title: 'A fault method that gives pages',
	claim:
		'The fault method of scullp gives the page that is touched, with a reference; past the end of the ' +
		'device it answers SIGBUS.',
	source: 'LDD3 page 432; scullp/mmap.c',
	rows: [15, 18],
	parameters: [
		{name: 'written', about: 'pages written to the device first', least: 1, most: 16, usual: 3, unit: 'pages'},
		{name: 'touch', about: 'page that a child touches', least: 0, most: 16, usual: 3, unit: ''},
	],
	declares: ['device mapped', 'page faulted in', 'child dead'],
	control: {set: {touch: 1}, fails: 'the child that touched'},
	comm: 'scullpmap',
	lesson: {
		chapter: 'mmap',
		background: faultLessons.scullpFault,
		setup:
			'/dev/scullp3 holds three pages (parameter written). A program maps 17 and reads the first one. A ' +
			'child of it then touches page 3, counted from 0 (parameter touch).',
		question: {
			ask: 'What becomes of the child?',
			answers: [
				{text: 'It is killed by SIGBUS.', when: {'the child that touched': '7'}},
				{text: 'It is killed by SIGSEGV.', when: {'the child that touched': '11'}},
				{text: 'It reads a page, as its parent did.', when: {'the child that touched': '0'}},
			],
		},
		looks: [
			{pane: 'maps', says: 'the row of /dev/scullp3: 68k of addresses, and an rss of one page after the first read'},
			{pane: 'page', says: 'f on the row: the frame’s _count is 2, the driver’s reference and that of the mapping'},
		],
	},
	*run(x) {
		const {k} = x;
		const u = new User(k);
		const {pid} = k.cpu.current;
		yield* ownScullp(x, 3);
		const fd = yield* openDevice(u, '/dev/scullp3');
		const pages = x.value('written');
		const source = yield* anonymous(u, 1);
		yield* u.poke8(source, 0x5a);
		for (let i = 0; i < pages; i++) must(yield* u.pwrite(fd, source, PAGE_SIZE, i * PAGE_SIZE), 'write');
		const at = must(yield* u.mmap(0, 17 * PAGE_SIZE, PROT_READ, MAP_SHARED, fd), 'mmap');
		x.say(`/dev/scullp3 holds ${countOf(pages, 'page')}; 17 are mapped at ${prefixedHex(at)}, none of them there yet`);
		x.expect('mmap brought no page', vma(pid), all => vmaAt(at)(all)?.pagesPresent, {equals: 0});
		yield* x.show('device mapped');
		x.observe('the page read through the mapping is what was written', yield* u.peek8(at), {equals: 0x5a});
		x.expect('one page is there', vma(pid), all => vmaAt(at)(all)?.pagesPresent, {equals: 1});
		const frame = found(
			x,
			frameOf(x.read(translate(`user:${pid}:${prefixedHex(at)}`))),
			'a frame is behind the address',
		);
		x.expect('its _count is 2: the driver’s reference and that of the mapping', page(frame), each => each._count, {
			equals: 2,
		});
		yield* x.show('page faulted in');
		const touched = x.value('touch');
		const code = yield* inChild(u, 'toucher', function* () {
			yield* u.peek8(at + touched * PAGE_SIZE);
			return 0;
		});
		x.observe(`the child that touched page ${touched} died of SIGBUS, signal 7`, code, {equals: SIGBUS});
		yield* x.show('child dead');
		yield* u.munmap(at, 17 * PAGE_SIZE);
		yield* u.munmap(source, PAGE_SIZE);
		yield* u.close(fd);
		yield* giveScullpBack(x, 3);
		return `page ${touched} of ${pages}: ${code === 0 ? 'read' : `signal ${code}`}`;
	},
};
