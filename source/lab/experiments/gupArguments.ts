import {prefixedHex} from '../../formats/text.ts';
import {PAGE_SIZE, type Pfn, userAddress} from '../../hardware/address.ts';
import {get_user_pages, page_cache_release} from '../../kernel/mm/gup.ts';
import type {vm_area_struct} from '../../kernel/mm/mm_types.ts';
import {MAP_ANONYMOUS, MAP_PRIVATE, PROT_READ} from '../../kernel/mm/mman.ts';
import {mmap_read_lock, mmap_read_unlock} from '../../kernel/mm/mmap_lock.ts';
import type {Sleeps} from '../../kernel/time.ts';
import type {Experiment} from '../experiment.ts';
import {pageLessons} from '../lessons/io.ts';
import {User} from '../userland.ts';
import {areaAt, maps, page, translate} from '../views.ts';
import {choice, frameOf, must, told} from './steps.ts';

export const gupArguments: Experiment = {
	name: 'gup-arguments',
	title: 'write, force, pages and vmas of get_user_pages()',
	claim:
		'get_user_pages() with write set refuses memory that its program may only read, unless force is set; pages and ' +
		'vmas may be NULL.',
	source: 'LDD3 page 436; mm/memory.c get_user_pages()',
	rows: [24],
	parameters: [choice('force', '1 asks for the write by force', 0)],
	declares: ['page read', 'write asked for'],
	control: {set: {force: 1}, fails: 'with write set'},
	comm: 'gupargs',
	lesson: {
		chapter: 'io',
		background: pageLessons.gupArguments,
		setup:
			'A program maps a page of memory that it may only read. A driver asks get_user_pages() for it: first with ' +
			'write 0, with and without arrays for pages and vmas, then with write 1 (with force=1: by force).',
		question: {
			ask: 'What does get_user_pages() return when write is 1?',
			answers: [
				{text: '0: it takes no page, which is not an error.', when: {'with write set': '0'}},
				{text: '1: drivers may write where programs may not.', when: {'with write set': '1'}},
				{text: '-EFAULT: the program could not write there either.', when: {'with write set': '-EFAULT'}},
				{text: '-EACCES: there is an area, but not the right.', when: {'with write set': '-EACCES'}},
			],
		},
		corrections: ['“start: the page-aligned address”: it need not be aligned; the page that it lies in counts.'],
		looks: [
			{pane: 'maps', says: 'the page of this program: r--p'},
			{pane: 'trace', says: 'with force=1: mm_page_alloc, for the write gets a copy of its own'},
		],
	},
	*run(x) {
		const {k} = x;
		const u = new User(k);
		const {current} = k.cpu;
		const mm = current.mm!;
		const at = must(yield* u.mmap(0, PAGE_SIZE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1), 'mmap');
		const held: Pfn[] = [];
		x.later(() => {
			for (const frame of held) page_cache_release(k, frame);
		});
		function* take(write: boolean, force: boolean, pages: Pfn[] | null, vmas: vm_area_struct[] | null): Sleeps<number> {
			yield* mmap_read_lock(k, mm);
			const taken = yield* get_user_pages(k, current, mm, userAddress(at), 1, write, force, pages, vmas);
			yield* mmap_read_unlock(k, mm);
			held.push(...(pages ?? []));
			return taken;
		}
		yield* u.peek8(at);
		const before = yield* take(false, false, null, null);
		const vmas: vm_area_struct[] = [];
		const pages: Pfn[] = [];
		const read = yield* take(false, false, pages, vmas);
		const frame = pages[0] ?? 0;
		x.say(`get_user_pages(${prefixedHex(at)}, write 0) = ${told(read)}: pfn ${prefixedHex(frame)}`);
		x.observe('without pages and vmas it counts and holds nothing', told(before), {equals: '1'});
		x.observe('with write 0 the page is taken', told(read), {equals: '1'});
		x.expect(
			'pages has the frame that the program reads',
			translate(`user:${current.pid}:${prefixedHex(at)}`),
			frameOf,
			{
				equals: frame,
			},
		);
		x.expect('vmas has the area of maps', maps(current.pid), all => areaAt(at)(all)?.start, {
			equals: vmas[0]?.vm_start ?? 0,
		});
		yield* x.show('page read');
		const forced = x.value('force') === 1;
		const written: Pfn[] = [];
		const write = yield* take(true, forced, written, null);
		x.say(`get_user_pages(${prefixedHex(at)}, write 1, force ${forced ? 1 : 0}) = ${told(write)}`);
		x.observe('with write set it refuses what the program may only read', told(write), {equals: '-EFAULT'});
		yield* x.show('write asked for');
		const [copy] = written;
		if (copy !== undefined) {
			x.observe('what is lent for the write is a copy', copy, {not: frame});
			x.expect('and it has one pin', page(copy), ({pins}) => pins, {equals: 1});
		}
		yield* u.munmap(at, PAGE_SIZE);
		return `write ${forced ? 'by force ' : ''}gave ${told(write)}`;
	},
};
