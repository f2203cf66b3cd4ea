import type {DmaApiDump} from '../../formats/debugfs/dmaApiDump.ts';
import {prefixedHex} from '../../formats/text.ts';
import {countOf} from '../../formats/words.ts';
import {PAGE_SIZE} from '../../hardware/address.ts';
import {DMA_FROM_DEVICE} from '../../kernel/dma/direction.ts';
import {kmemset, kread8} from '../../kernel/mm/access.ts';
import {GFP_KERNEL} from '../../kernel/mm/gfp.ts';
import {PAGE_OFFSET, virt_to_page} from '../../kernel/mm/page.ts';
import {__get_free_pages, free_pages} from '../../kernel/mm/page_alloc.ts';
import type {Experiment} from '../experiment.ts';
import {dmaLessons} from '../lessons/dma.ts';
import {dmaDump} from '../views.ts';
import {letDeviceWrite, mapPage, own} from './labDevice.ts';
import {got, offset} from './steps.ts';

const bytes = 1_024;

export const mapPagePart: Experiment = {
	name: 'map-page-part',
	title: 'Part of a page for the device',
	claim: 'dma_map_page() lends only the part of the page that is named: the bytes before it keep what the CPU wrote.',
	source: 'LDD3 page 450',
	rows: [40],
	parameters: [{name: 'offset', about: 'where the part begins', least: 0, most: 3_072, usual: 512, unit: 'bytes'}],
	declares: ['part mapped', 'device wrote'],
	control: {set: {offset: 0}, fails: 'the first byte'},
	comm: 'mappart',
	lesson: {
		chapter: 'dma',
		background: dmaLessons.mapPagePart,
		setup:
			'A driver fills a page with 0x11 and maps 1024 bytes of it for a device to write, from byte 512 on ' +
			'(parameter offset). The device writes 0x99 over all that it was lent.',
		question: {
			ask: 'What is the first byte of the page then?',
			answers: [
				{text: '0x99.', when: {'the first byte': false}},
				{text: '0x11.', when: {'the first byte': true}},
			],
		},
		corrections: ['dma_unmap_page() has no offset argument, whatever LDD3 page 450 shows.'],
		looks: [{pane: 'dma', says: 'the mapping: 1024 bytes, and a bus address that is not on a page boundary'}],
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
		x.say(`dma_map_page(offset ${at}, ${countOf(bytes, 'byte')}) = ${prefixedHex(bus)}`);
		x.expect('the mapping is as long as the part', dmaDump, all => mine(all)?.lengthBytes, {equals: bytes});
		x.expect('and begins where the part does', dmaDump, all => mine(all)?.physicalAddress, {
			equals: address - PAGE_OFFSET + at,
		});
		yield* x.show('part mapped');
		letDeviceWrite(x, bus, new Uint8Array(bytes).fill(0x99));
		unmap();
		x.observe('the first byte of the page is untouched', kread8(k, address), {equals: 0x11});
		x.observe('the part holds what the device wrote', kread8(k, offset(address, at)), {equals: 0x99});
		yield* x.show('device wrote');
		return `${countOf(bytes, 'byte')} from ${at} on were the device’s`;
	},
};
