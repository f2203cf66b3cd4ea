import type {DmaApiDump} from '../../formats/debugfs/dmaApiDump.ts';
import {prefixedHex} from '../../formats/text.ts';
import {PAGE_SIZE} from '../../hardware/address.ts';
import {DMA_FROM_DEVICE} from '../../kernel/dma/direction.ts';
import {kmemset, kread8, kwrite8} from '../../kernel/mm/access.ts';
import {GFP_KERNEL} from '../../kernel/mm/gfp.ts';
import {virt_to_page} from '../../kernel/mm/page.ts';
import {__get_free_pages, free_pages} from '../../kernel/mm/page_alloc.ts';
import type {Experiment} from '../experiment.ts';
import {dmaLessons} from '../lessons/dma.ts';
import {dmaDump} from '../views.ts';
import {letDeviceWrite, mapPage, own} from './labDevice.ts';
import {got, offset} from './steps.ts';

const bytes = 256;

export const cacheLine: Experiment = {
	name: 'cache-line',
	title: 'Why not to map part of a page',
	claim:
		'Where caches are not coherent, a part that does not begin at a cache line shares it with its neighbour: what the ' +
		'CPU writes there meanwhile is lost.',
	source: 'LDD3 page 450',
	rows: [39, 40],
	parameters: [{name: 'offset', about: 'where the part begins', least: 1, most: 3_840, usual: 520, unit: 'bytes'}],
	declares: ['part mapped', 'part unmapped'],
	preset: 'noncoherent',
	control: {set: {offset: 512}, fails: 'what the CPU wrote'},
	comm: 'cacheline',
	lesson: {
		chapter: 'dma',
		background: dmaLessons.cacheLine,
		setup:
			'On --machine noncoherent a driver maps 256 bytes of a page of 0x11 for a device to write, from byte 520 on ' +
			'(parameter offset). While the device has them, the CPU writes 0x22 to the byte before them. Cache lines have ' +
			'32 bytes.',
		question: {
			ask: 'What is in the byte before the part, after dma_unmap_page()?',
			answers: [
				{text: '0x22.', when: {'what the CPU wrote': '34'}},
				{text: '0x11: the write is lost.', when: {'what the CPU wrote': '17'}},
				{text: '0x99: the device has written over it.', when: {'what the CPU wrote': '153'}},
			],
		},
		looks: [
			{pane: 'dma', says: 'the mapping: its bus address is not a multiple of 32'},
			{pane: 'trace', says: 'dma_unmap_page: here the lines of the part are thrown away'},
		],
	},
	*run(x) {
		const {k} = x;
		yield* own(k, x.board.edu);
		const address = got(yield* __get_free_pages(k, GFP_KERNEL, 0), 'no page was free');
		x.later(() => free_pages(k, address, 0));
		kmemset(k, address, 0x11, PAGE_SIZE);
		const at = x.value('offset');
		const {bus, unmap} = yield* mapPage(x, virt_to_page(address), at, bytes, DMA_FROM_DEVICE);
		const mine = ({mappings}: DmaApiDump) => mappings.find(each => each.busAddress === bus);
		x.expect('the mapping is the part alone', dmaDump, all => mine(all)?.lengthBytes, {equals: bytes});
		yield* x.show('part mapped');
		kwrite8(k, offset(address, at - 1), 0x22);
		letDeviceWrite(x, bus, new Uint8Array(bytes).fill(0x99));
		unmap();
		const neighbour = kread8(k, offset(address, at - 1));
		x.observe('what the CPU wrote beside the part is lost', neighbour, {equals: 0x11});
		x.observe('the part has what the device wrote', kread8(k, offset(address, at)), {equals: 0x99});
		yield* x.show('part unmapped');
		return `beside the part is ${prefixedHex(neighbour)}`;
	},
};
