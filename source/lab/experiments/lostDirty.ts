import {prefixedHex} from '../../formats/text.ts';
import {PAGE_SIZE} from '../../hardware/address.ts';
import {DMA_FROM_DEVICE} from '../../kernel/dma/direction.ts';
import {fget, fput, O_RDWR} from '../../kernel/fs/file.ts';
import {MAP_SHARED, PROT_READ, PROT_WRITE} from '../../kernel/mm/mman.ts';
import {set_page_dirty_lock} from '../../kernel/mm/page-writeback.ts';
import {invalidate_mapping_pages} from '../../kernel/mm/truncate.ts';
import type {Experiment} from '../experiment.ts';
import {pageLessons} from '../lessons/io.ts';
import {User} from '../userland.ts';
import {page} from '../views.ts';
import {letDeviceWrite, mapPage, own} from './labDevice.ts';
import {anonymous, choice, got, must, pinned} from './steps.ts';

const notesPath = '/home/student/notes.txt';

export const lostDirty: Experiment = {
	name: 'lost-dirty',
	title: 'DMA into a page that nobody marks dirty',
	claim:
		'Releasing a pinned page without set_page_dirty() after a device wrote to it loses the data once the ' +
		'page is reclaimed.',
	source: 'LDD3 page 437; mm/vmscan.c',
	rows: [26, 27],
	parameters: [choice('dirty', '1 calls set_page_dirty_lock() before the release, as a driver must', 0)],
	declares: ['page pinned', 'page clean', 'device wrote', 'page dropped'],
	control: {set: {dirty: 1}, fails: 'the file reads'},
	comm: 'lostdirty',
	lesson: {
		chapter: 'io',
		background: pageLessons.lostDirty,
		setup:
			'A page of a file is pinned for DMA. fsync() writes it back and so cleans it. Then a device writes ' +
			'0x99 into it, and the driver releases it without set_page_dirty() (with dirty=1: after it). Later ' +
			'the kernel reclaims the page.',
		question: {
			ask: 'What does the file read after that?',
			answers: [
				{text: '0x99, which the device wrote.', when: {'the file reads as before': '153'}},
				{text: '0x11, which it read before the DMA.', when: {'the file reads as before': '17'}},
				{text: 'Zeros: the page was dropped.', when: {'the file reads as before': '0'}},
			],
		},
		looks: [
			{pane: 'page', says: 'f on the frame: PG_dirty goes at fsync() while pins is 1'},
			{pane: 'frames', says: 'P while the page is pinned; then it is free'},
		],
	},
	*run(x) {
		const {k} = x;
		const u = new User(k);
		yield* own(k, x.board.edu);
		const fd = must(yield* u.open(notesPath, O_RDWR), notesPath);
		const file = got(fget(k, fd), notesPath);
		x.later(() => fput(k, file));
		const at = must(yield* u.mmap(0, PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd), 'mmap');
		const scratch = yield* anonymous(u, 1);
		const original = yield* u.peek8(at);
		yield* u.poke8(at, 0x11);
		const {frame, putPage} = yield* pinned(x, at);
		yield* u.munmap(at, PAGE_SIZE);
		x.say(`pfn ${prefixedHex(frame)} of ${notesPath} holds 0x11; it is pinned, and mapped by nobody`);
		yield* x.show('page pinned');
		must(yield* u.fsync(fd), 'fsync');
		x.expect('fsync() cleaned the page though it is pinned', page(frame), ({flags}) => flags.join(' '), {
			lacks: 'PG_dirty',
		});
		yield* x.show('page clean');
		const {bus, unmap} = yield* mapPage(x, frame, 0, PAGE_SIZE, DMA_FROM_DEVICE);
		letDeviceWrite(x, bus, new Uint8Array(PAGE_SIZE).fill(0x99));
		unmap();
		yield* x.show('device wrote');
		must(yield* u.pread(fd, scratch, 1, 0), 'read');
		x.observe('from the page cache the new data is read', yield* u.peek8(scratch), {equals: 0x99});
		if (x.value('dirty') === 1) yield* set_page_dirty_lock(k, frame);
		putPage();
		if (x.value('dirty') === 1) must(yield* u.fsync(fd), 'fsync');
		const dropped = invalidate_mapping_pages(k, file.inode.i_mapping, 0, 0);
		x.observe('the page could be reclaimed', dropped, {equals: 1});
		yield* x.show('page dropped');
		must(yield* u.pread(fd, scratch, 1, 0), 'read');
		const seen = yield* u.peek8(scratch);
		x.observe('the file reads as before the DMA: the data is lost', seen, {equals: 0x11});
		yield* u.poke8(scratch, original);
		must(yield* u.pwrite(fd, scratch, 1, 0), 'write');
		yield* u.close(fd);
		return `the file reads ${prefixedHex(seen)}; the device had written 0x99`;
	},
};
