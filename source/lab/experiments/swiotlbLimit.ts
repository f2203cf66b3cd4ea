import {countOf} from '../../formats/words.ts';
import {DMA_TO_DEVICE} from '../../kernel/dma/direction.ts';
import {dma_map_sg, dma_unmap_sg, sg_alloc_table, sg_set_page} from '../../kernel/dma/scatterlist.ts';
import {IO_TLB_SEGSIZE} from '../../kernel/dma/swiotlb.ts';
import type {Kernel} from '../../kernel/kernel.ts';
import {GFP_KERNEL} from '../../kernel/mm/gfp.ts';
import {PAGE_OFFSET, virt_to_page} from '../../kernel/mm/page.ts';
import {__get_free_pages, free_pages} from '../../kernel/mm/page_alloc.ts';
import type {Experiment} from '../experiment.ts';
import {dmaLessons} from '../lessons/dma.ts';
import {kmsg, linesWith, swiotlb} from '../views.ts';
import {labDevice} from './labDevice.ts';
import {freeBlock} from './room.ts';
import {got, nowUs, waitFor} from './steps.ts';

const order = 7;
const segment = 256 * 1024;

/** Whether others have left a whole segment of bounce slots. Where nothing bounces there is no need of one. */
const hasFreeSegment = ({dma: {swiotlb: pool}}: Kernel) => !pool || pool.list.includes(IO_TLB_SEGSIZE);

export const swiotlbLimit: Experiment = {
	name: 'swiotlb-limit',
	title: 'How much can bounce at once',
	claim: 'One bounced mapping takes at most 128 slots of 2 KiB: a byte more than 256 KiB and dma_map_sg() returns 0.',
	source: 'docs/sources.md §6; lib/swiotlb.c IO_TLB_SEGSIZE',
	rows: [35],
	parameters: [{name: 'bytes', about: 'of the second mapping', least: 1, most: 524_288, usual: 262_145, unit: 'bytes'}],
	declares: ['256 KiB mapped', 'more refused'],
	preset: 'bounce',
	control: {set: {bytes: 262_144}, fails: 'the longer mapping'},
	comm: 'bouncemax',
	lesson: {
		chapter: 'dma',
		background: dmaLessons.swiotlbLimit,
		setup:
			'Bounce buffers are made of slots of 2 KiB, 128 in a segment. A driver maps 256 KiB in one piece ' +
			'with dma_map_sg(), unmaps them, and maps 256 KiB and one byte (parameter bytes).',
		question: {
			ask: 'What does dma_map_sg() answer the second time?',
			answers: [
				{
					text: '0, and the log says that there is no room.',
					when: {'the longer mapping': true, 'the kernel says': true},
				},
				{text: '1: it is mapped.', when: {'the longer mapping': false}},
				{text: '0, without a word.', when: {'the longer mapping': true, 'the kernel says': false}},
			],
		},
		looks: [
			{pane: 'dma', says: 'bounce: 128 slots in use at the first mapping'},
			{pane: 'log', says: 'what swiotlb says to the second'},
		],
	},
	*run(x) {
		const {k} = x;
		const dev = yield* labDevice(k);
		yield* freeBlock(x, GFP_KERNEL, order);
		const address = got(yield* __get_free_pages(k, GFP_KERNEL, order), 'no 512 KiB in one piece were free');
		x.later(() => free_pages(k, address, order));
		const sg = sg_alloc_table(1);
		sg_set_page(sg[0]!, virt_to_page(address), segment, 0);
		yield* waitFor(k, () => hasFreeSegment(k), 'the 128 slots of one segment were not free');
		const fits = dma_map_sg(k, dev, sg, 1, DMA_TO_DEVICE);
		const unmap = x.later(() => (fits > 0 ? dma_unmap_sg(k, dev, sg, 1, DMA_TO_DEVICE) : undefined));
		x.observe('256 KiB are mapped: dma_map_sg() returns 1', fits, {equals: 1});
		x.expect(
			'they take 128 slots',
			swiotlb,
			({mappings}) => mappings.find(each => each.origAddress === address - PAGE_OFFSET)?.nslots,
			{equals: 128},
		);
		yield* x.show('256 KiB mapped');
		unmap();
		const since = nowUs(k);
		sg_set_page(sg[0]!, virt_to_page(address), x.value('bytes'), 0);
		const more = dma_map_sg(k, dev, sg, 1, DMA_TO_DEVICE);
		x.later(() => (more > 0 ? dma_unmap_sg(k, dev, sg, 1, DMA_TO_DEVICE) : undefined));
		x.observe('the longer mapping is refused: dma_map_sg() returns 0', more, {equals: 0});
		x.expect(
			'the kernel says that there is no room',
			kmsg,
			linesWith(
				k.era.swiotlbFullLine('', 0, 0, 0).includes('Out of SW-IOMMU')
					? 'Out of SW-IOMMU space'
					: 'swiotlb buffer is full',
				since,
			),
			{atLeast: 1},
		);
		yield* x.show('more refused');
		return `dma_map_sg(${countOf(x.value('bytes'), 'byte')}) = ${more}`;
	},
};
