import {PAGE_SIZE, type Pfn, userAddress} from '../../hardware/address.ts';
import {DMA_FROM_DEVICE} from '../../kernel/dma/direction.ts';
import {dma_map_page, dma_unmap_page} from '../../kernel/dma/mapping.ts';
import {get_user_pages, page_cache_release} from '../../kernel/mm/gup.ts';
import {mmap_read_lock, mmap_read_unlock} from '../../kernel/mm/mmap_lock.ts';
import {set_page_dirty_lock} from '../../kernel/mm/page-writeback.ts';
import type {Experiment} from '../experiment.ts';
import {User} from '../userland.ts';
import {physicalOf, translate} from '../views.ts';
import {deviceWrites, labDevice, own, release} from './labDevice.ts';
import {anonymous, choice, got, hex, must, PAGE, reap, waitUntil} from './steps.ts';

export const forkPin: Experiment = {
	name: 'fork-pin',
	title: 'fork() while a page is pinned',
	claim:
		'After fork() the process that pinned a page and writes to it first gets a copy: the DMA goes to the child’s page.',
	source: 'mission row 24; fact sheet §4; mm/memory.c do_wp_page()',
	rows: [24],
	parameters: [choice('fork', '0 does not fork', 1)],
	declares: ['page pinned', 'parent wrote', 'device wrote'],
	control: {set: {fork: 0}, fails: 'the parent misses'},
	comm: 'forkpin',
	*run(x) {
		const {k} = x;
		const u = new User(k);
		const {current} = k.cpu;
		const mm = current.mm!;
		yield* own(k, x.board.edu);
		const at = yield* anonymous(u, 1);
		yield* u.poke8(at, 1);
		const pages: Pfn[] = [];
		yield* mmap_read_lock(k, mm);
		must(yield* get_user_pages(k, current, mm, userAddress(at), 1, true, false, pages, null), 'get_user_pages');
		yield* mmap_read_unlock(k, mm);
		const frame = got(pages[0], 'no page');
		yield* x.show('page pinned');
		let delivered = false;
		let childSaw = -1;
		function* child() {
			yield* waitUntil(k, () => delivered);
			childSaw = yield* u.peek8(at);
			return 0;
		}
		const pid = x.value('fork') === 1 ? must(yield* u.fork({comm: 'forkchild', body: child}), 'fork') : undefined;
		yield* u.poke8(at + 1, 2);
		yield* x.show('parent wrote');
		const file = translate(`user:${current.pid}:${hex(at)}`);
		x.expect('the parent’s write gave it another frame', file, all => Math.floor((physicalOf(all) ?? 0) / PAGE), {
			not: frame,
		});
		const dev = labDevice(k);
		const bus = dma_map_page(k, dev, frame, 0, PAGE_SIZE, DMA_FROM_DEVICE);
		deviceWrites(x, bus, new Uint8Array(16).fill(0x99));
		dma_unmap_page(k, dev, bus, PAGE_SIZE, DMA_FROM_DEVICE);
		yield* set_page_dirty_lock(k, frame);
		delivered = true;
		yield* x.show('device wrote');
		const parentSaw = yield* u.peek8(at);
		x.observe('the parent misses the data', parentSaw !== 0x99);
		if (pid !== undefined) {
			yield* reap(u, pid);
			x.observe('the child has it', childSaw === 0x99);
		}
		page_cache_release(k, frame);
		yield* u.munmap(at, PAGE);
		release(x.board.edu);
		return `the device wrote 0x99, the parent reads ${hex(parentSaw)}`;
	},
};
