import type {Vma} from '../../formats/debugfs/vma.ts';
import {prefixedHex} from '../../formats/text.ts';
import {PAGE_SIZE, type Pfn, userAddress} from '../../hardware/address.ts';
import {get_user_pages, page_cache_release} from '../../kernel/mm/gup.ts';
import {mmap_read_lock, mmap_read_unlock} from '../../kernel/mm/mmap_lock.ts';
import type {Experiment} from '../experiment.ts';
import {pageLessons} from '../lessons/io.ts';
import {User} from '../userland.ts';
import {page, vma} from '../views.ts';
import {anonymous, told} from './steps.ts';

export const gupPartial: Experiment = {
	name: 'gup-partial',
	title: 'get_user_pages up to the hole',
	claim:
		'get_user_pages() stops at the first page that is not mapped and says how many it took; EFAULT only ' +
		'if it took none.',
	source: 'LDD3 page 435; mm/memory.c get_user_pages()',
	rows: [24, 25],
	parameters: [
		{
			name: 'hole',
			about: 'page of the buffer that is unmapped; 4 lies behind it',
			least: 0,
			most: 4,
			usual: 2,
			unit: '',
		},
	],
	declares: ['hole punched', 'pages pinned', 'pages released'],
	control: {set: {hole: 4}, fails: 'fewer pages than asked'},
	comm: 'gupper',
	lesson: {
		chapter: 'io',
		background: pageLessons.gupPartial,
		setup:
			'A driver asks get_user_pages() for a user buffer of four pages. One page of it is not mapped: the ' +
			'third (parameter hole, from 0; 4 lies behind the buffer).',
		question: {
			ask: 'What does get_user_pages() return?',
			answers: [
				{
					text: 'The number of pages before the hole, which it pins.',
					when: {'fewer pages than asked': true, 'as many as lie before': true, 'page 0 has one pin': true},
				},
				{text: '4: all that was asked for.', when: {'fewer pages than asked': false}},
				{text: '-EFAULT, and nothing is pinned.', when: {'as many as lie before': '-EFAULT'}},
			],
		},
		looks: [
			{pane: 'frames', says: 'P: the frames that are pinned'},
			{pane: 'maps', says: 'the last line: mmap_sem is held for reading, by the caller, until it gives it back'},
		],
	},
	*run(x) {
		const {k} = x;
		const u = new User(k);
		const {current} = k.cpu;
		const mm = current.mm!;
		const hole = x.value('hole');
		const at = yield* anonymous(u, 5);
		yield* u.munmap(at + hole * PAGE_SIZE, PAGE_SIZE);
		yield* x.show('hole punched');
		const pages: Pfn[] = [];
		const lock = [vma(current.pid), ({mmapSem}: Vma) => mmapSem] as const;
		yield* mmap_read_lock(k, mm);
		x.expect(`${k.era.mmapLockName} is held for reading`, ...lock, {equals: 'read'});
		const taken = yield* get_user_pages(k, current, mm, userAddress(at), 4, true, false, pages, null);
		x.expect('it is still held when get_user_pages() has returned', ...lock, {equals: 'read'});
		yield* mmap_read_unlock(k, mm);
		x.expect('it is free when the caller has given it back', ...lock, {equals: 'free'});
		const putPages = x.later(() => {
			for (const frame of pages) page_cache_release(k, frame);
		});
		x.say(`get_user_pages(${prefixedHex(at)}, 4 pages) = ${told(taken)}`);
		x.observe('fewer pages than asked for were taken', taken, {atMost: 3});
		x.observe('as many as lie before the hole', told(taken), {equals: hole === 0 ? '-EFAULT' : told(hole)});
		yield* x.show('pages pinned');
		for (const [i, frame] of pages.entries())
			x.expect(`page ${i} has one pin`, page(frame), ({pins}) => pins, {equals: 1});
		putPages();
		yield* x.show('pages released');
		for (const [i, frame] of pages.entries())
			x.expect(`page ${i} has none any more`, page(frame), ({pins}) => pins, {equals: 0});
		yield* u.munmap(at, 5 * PAGE_SIZE);
		return `${Math.max(0, taken)} of 4 pages were taken`;
	},
};
