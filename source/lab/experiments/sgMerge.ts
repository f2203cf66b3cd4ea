import {prefixedHex} from '../../formats/text.ts';
import {countOf} from '../../formats/words.ts';
import {PAGE_SIZE, type Pfn} from '../../hardware/address.ts';
import {DMA_TO_DEVICE} from '../../kernel/dma/direction.ts';
import {
	dma_map_sg,
	dma_unmap_sg,
	sg_alloc_table,
	sg_dma_address,
	sg_dma_len,
	sg_set_page,
} from '../../kernel/dma/scatterlist.ts';
import {kmemset} from '../../kernel/mm/access.ts';
import {GFP_KERNEL} from '../../kernel/mm/gfp.ts';
import {lowmem_page_address} from '../../kernel/mm/page.ts';
import {alloc_pages, put_page} from '../../kernel/mm/page_alloc.ts';
import type {Experiment} from '../experiment.ts';
import {dmaLessons} from '../lessons/dma.ts';
import {dmaDump} from '../views.ts';
import {labDevice, letDeviceRead, own} from './labDevice.ts';
import {got} from './steps.ts';

export const sgMerge: Experiment = {
	name: 'sg-merge',
	title: 'Scattered pages, one bus range',
	claim:
		'An IOMMU lays scattered pages side by side: dma_map_sg() of them returns 1; without one it returns ' +
		'as many as it got.',
	source: 'LDD3 page 450; docs/sources.md §6',
	rows: [41],
	parameters: [{name: 'pages', about: 'entries of the list', least: 2, most: 16, usual: 3, unit: 'pages'}],
	declares: ['list mapped'],
	preset: 'iommu',
	control: {preset: 'lab', fails: 'dma_map_sg() returns 1'},
	comm: 'sgmerge',
	lesson: {
		chapter: 'dma',
		background: dmaLessons.sgMerge,
		setup:
			'Three pages that do not lie side by side (parameter pages) are put into a scatterlist. ' +
			'dma_map_sg() maps it for a device: on --machine iommu behind an IOMMU, on the usual machine ' +
			'without one.',
		question: {
			ask: 'What does dma_map_sg() return?',
			answers: [
				{
					text: 'As many as there are pages: the device gets an address for each.',
					when: {'dma_map_sg() returns 1': false, 'dma-debug knows': true},
				},
				{text: '1: the device sees them in one piece.', when: {'dma_map_sg() returns 1': true}},
				{text: '0: pages that are not neighbours cannot be mapped together.', when: {'dma_map_sg() returns 1': '0'}},
			],
		},
		looks: [
			{pane: 'dma', says: 'the sg mapping: one row, or one for each page'},
			{pane: 'trace', says: 'dma_map_sg: the bus addresses beside the physical ones'},
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
		// Highest first, so that no two are neighbours in the order of the list.
		frames.sort((a, b) => b - a);
		const list = sg_alloc_table(count);
		for (const [i, frame] of frames.entries()) {
			kmemset(k, lowmem_page_address(frame), i + 1, PAGE_SIZE);
			sg_set_page(list[i]!, frame, PAGE_SIZE, 0);
		}
		const mapped = dma_map_sg(k, dev, list, count, DMA_TO_DEVICE);
		x.later(() => dma_unmap_sg(k, dev, list, count, DMA_TO_DEVICE));
		const first = sg_dma_address(list[0]!);
		const firstLength = countOf(sg_dma_len(list[0]!), 'byte');
		x.say(`dma_map_sg(${countOf(count, 'page')}) = ${mapped}, the first at ${prefixedHex(first)} for ${firstLength}`);
		x.observe('dma_map_sg() returns 1', mapped, {equals: 1});
		x.observe('the one range is as long as all pages', sg_dma_len(list[0]!), {equals: count * PAGE_SIZE});
		x.expect(
			'dma-debug knows the list',
			dmaDump,
			({mappings}) => mappings.some(each => /^scat[ht]er-gather$/.test(each.type) && each.busAddress === first),
			{equals: true},
		);
		const bytes = mapped === 1 ? letDeviceRead(x, first, count * PAGE_SIZE) : new Uint8Array();
		const inOrder = frames.filter((_, i) => bytes[i * PAGE_SIZE] === i + 1).length;
		x.observe('the device reads the pages in the order of the list: so many are right', inOrder, {equals: count});
		yield* x.show('list mapped');
		return `${countOf(count, 'page')} became ${countOf(mapped, 'bus range')}`;
	},
};
