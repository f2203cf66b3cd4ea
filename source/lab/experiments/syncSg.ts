import {prefixedHex} from '../../formats/text.ts';
import {countOf} from '../../formats/words.ts';
import {PAGE_SIZE, type Pfn} from '../../hardware/address.ts';
import {DMA_FROM_DEVICE} from '../../kernel/dma/direction.ts';
import {
	dma_map_sg,
	dma_sync_sg_for_cpu,
	dma_sync_sg_for_device,
	dma_unmap_sg,
	sg_alloc_table,
	sg_dma_address,
	sg_set_page,
} from '../../kernel/dma/scatterlist.ts';
import {kmemset, kread8} from '../../kernel/mm/access.ts';
import {GFP_KERNEL} from '../../kernel/mm/gfp.ts';
import {lowmem_page_address} from '../../kernel/mm/page.ts';
import {alloc_pages, put_page} from '../../kernel/mm/page_alloc.ts';
import type {Experiment} from '../experiment.ts';
import {dmaLessons} from '../lessons/dma.ts';
import {swiotlb} from '../views.ts';
import {labDevice, letDeviceWrite, own} from './labDevice.ts';
import {got} from './steps.ts';

export const syncSg: Experiment = {
	name: 'sync-sg',
	title: 'A scatterlist, looked at without unmapping it',
	claim:
		'Where mappings bounce, what a device wrote to the entries of a scatterlist is seen after dma_sync_sg_for_cpu(), ' +
		'in all of them; dma_sync_sg_for_device() gives them back.',
	source: 'LDD3 page 452; lib/swiotlb.c swiotlb_sync_sg()',
	rows: [39, 41],
	parameters: [{name: 'pages', about: 'entries of the list', least: 1, most: 16, usual: 3, unit: 'pages'}],
	declares: ['list mapped', 'device wrote', 'list synced', 'device wrote again'],
	preset: 'bounce',
	control: {preset: 'lab', fails: 'before the sync'},
	comm: 'syncsg',
	lesson: {
		chapter: 'dma',
		background: dmaLessons.syncSg,
		setup:
			'On --machine bounce a driver maps three pages of 0x11 (parameter pages) with dma_map_sg() for a device to ' +
			'write. The device writes 0x99 to each, and the driver looks before it calls dma_sync_sg_for_cpu().',
		question: {
			ask: 'What does it read?',
			answers: [
				{text: '0x11 in every page.', when: {'before the sync': true}},
				{text: '0x99: the device has written it.', when: {'before the sync': false}},
			],
		},
		looks: [
			{pane: 'dma', says: 'bounce: the slots of the list; the owner changes with each sync'},
			{pane: 'trace', says: 'dma_map_sg, and no second mapping for the second transfer'},
		],
	},
	*run(x) {
		const {k} = x;
		const dev = yield* labDevice(k);
		yield* own(k, x.board.edu);
		const count = x.value('pages');
		const frames: Pfn[] = [];
		x.later(() => {
			for (const frame of frames) put_page(k, frame);
		});
		for (let i = 0; i < count; i++) frames.push(got(yield* alloc_pages(k, GFP_KERNEL, 0), 'no page was free'));
		const list = sg_alloc_table(count);
		for (const [i, frame] of frames.entries()) {
			kmemset(k, lowmem_page_address(frame), 0x11, PAGE_SIZE);
			sg_set_page(list[i]!, frame, PAGE_SIZE, 0);
		}
		const mapped = dma_map_sg(k, dev, list, count, DMA_FROM_DEVICE);
		const unmap = x.later(() => (mapped > 0 ? dma_unmap_sg(k, dev, list, count, DMA_FROM_DEVICE) : undefined));
		x.observe('dma_map_sg() maps all of it', mapped, {equals: count});
		yield* x.show('list mapped');
		const write = (value: number) => {
			for (const entry of list) letDeviceWrite(x, sg_dma_address(entry), new Uint8Array(PAGE_SIZE).fill(value));
		};
		/** The byte that every page has; undefined where they differ. */
		const seen = () => {
			const bytes = frames.map(frame => kread8(k, lowmem_page_address(frame)));
			return bytes.every(byte => byte === bytes[0]) ? bytes[0] : undefined;
		};
		write(0x99);
		const stale = seen();
		x.observe('before the sync every page reads as before', stale, {equals: 0x11});
		yield* x.show('device wrote');
		dma_sync_sg_for_cpu(k, dev, list, count, DMA_FROM_DEVICE);
		const fresh = seen();
		x.observe('after dma_sync_sg_for_cpu() every page has what the device wrote', fresh, {equals: 0x99});
		x.expect(
			'no slot of the list is the device’s',
			swiotlb,
			({mappings}) =>
				mappings.filter(each => frames.includes(asFrame(each.origAddress)) && each.owner === 'device').length,
			{equals: 0},
		);
		yield* x.show('list synced');
		dma_sync_sg_for_device(k, dev, list, count, DMA_FROM_DEVICE);
		write(0x77);
		unmap();
		const last = seen();
		x.observe('given back, the device can write once more', last, {equals: 0x77});
		yield* x.show('device wrote again');
		return `the program saw ${prefixedHex(stale ?? 0)}, then ${prefixedHex(fresh ?? 0)} in ${countOf(count, 'page')}`;
	},
};

const asFrame = (physical: number) => Math.floor(physical / PAGE_SIZE) as Pfn;
