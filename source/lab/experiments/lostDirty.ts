import {type Pfn, userAddress} from '../../hardware/address.ts';
import {DMA_FROM_DEVICE} from '../../kernel/dma/direction.ts';
import {dma_map_page, dma_unmap_page} from '../../kernel/dma/mapping.ts';
import {fget, fput, O_RDWR} from '../../kernel/fs/file.ts';
import {get_user_pages, page_cache_release} from '../../kernel/mm/gup.ts';
import {mmap_read_lock, mmap_read_unlock} from '../../kernel/mm/mmap_lock.ts';
import {set_page_dirty_lock} from '../../kernel/mm/page-writeback.ts';
import {invalidate_mapping_pages} from '../../kernel/mm/truncate.ts';
import type {Experiment} from '../experiment.ts';
import {MAP_SHARED, PROT_READ, PROT_WRITE, User} from '../userland.ts';
import {page} from '../views.ts';
import {deviceWrites, labDevice, own, release} from './labDevice.ts';
import {anonymous, choice, got, hex, must, PAGE} from './steps.ts';

const FILE = '/home/student/notes.txt';

export const lostDirty: Experiment = {
	name: 'lost-dirty',
	title: 'DMA into a page that nobody marks dirty',
	claim:
		'Releasing a pinned page without set_page_dirty() after a device wrote to it loses the data once the page is reclaimed.',
	source: 'mission row 27; LDD3 page 437; mm/vmscan.c',
	rows: [26, 27],
	parameters: [choice('dirty', '1 calls set_page_dirty_lock() before the release, as a driver must', 0)],
	declares: ['page pinned', 'page clean', 'device wrote', 'page dropped'],
	control: {set: {dirty: 1}, fails: 'the file reads'},
	comm: 'lostdirty',
	*run(x) {
		const {k} = x;
		const u = new User(k);
		const {current} = k.cpu;
		const mm = current.mm!;
		yield* own(k, x.board.edu);
		const fd = must(yield* u.open(FILE, O_RDWR), FILE);
		const file = got(fget(k, fd), FILE);
		const at = must(yield* u.mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd), 'mmap');
		const scratch = yield* anonymous(u, 1);
		const original = yield* u.peek8(at);
		yield* u.poke8(at, 0x11);
		const pages: Pfn[] = [];
		yield* mmap_read_lock(k, mm);
		must(yield* get_user_pages(k, current, mm, userAddress(at), 1, true, false, pages, null), 'get_user_pages');
		yield* mmap_read_unlock(k, mm);
		const frame = got(pages[0], 'no page');
		yield* u.munmap(at, PAGE);
		x.say(`pfn ${hex(frame)} of ${FILE} holds 0x11; it is pinned, and mapped by nobody`);
		yield* x.show('page pinned');
		must(yield* u.fsync(fd), 'fsync');
		yield* x.show('page clean');
		x.expect('fsync() cleaned the page though it is pinned', page(frame), ({flags}) => flags.includes('PG_dirty'), {
			equals: false,
		});
		const dev = labDevice(k);
		const bus = dma_map_page(k, dev, frame, 0, PAGE, DMA_FROM_DEVICE);
		deviceWrites(x, bus, new Uint8Array(PAGE).fill(0x99));
		dma_unmap_page(k, dev, bus, PAGE, DMA_FROM_DEVICE);
		yield* x.show('device wrote');
		must(yield* u.pread(fd, scratch, 1, 0), 'read');
		x.observe('from the page cache the new data is read', (yield* u.peek8(scratch)) === 0x99);
		if (x.value('dirty') === 1) yield* set_page_dirty_lock(k, frame);
		page_cache_release(k, frame);
		if (x.value('dirty') === 1) must(yield* u.fsync(fd), 'fsync');
		const dropped = invalidate_mapping_pages(k, file.inode.i_mapping, 0, 0);
		yield* x.show('page dropped');
		x.observe('the page could be reclaimed', dropped === 1);
		must(yield* u.pread(fd, scratch, 1, 0), 'read');
		const seen = yield* u.peek8(scratch);
		x.observe('the file reads as before the DMA: the data is lost', seen === 0x11);
		yield* u.poke8(scratch, original);
		must(yield* u.pwrite(fd, scratch, 1, 0), 'write');
		yield* fput(k, file);
		yield* u.close(fd);
		release(x.board.edu);
		return `the file reads ${hex(seen)}; the device had written 0x99`;
	},
};
