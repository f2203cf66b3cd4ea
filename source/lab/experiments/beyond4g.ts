import {prefixedHex} from '../../formats/text.ts';
import {PAGE_SIZE, type Pfn} from '../../hardware/address.ts';
import {DMA_FROM_DEVICE} from '../../kernel/dma/direction.ts';
import {dma_map_page, dma_mapping_error, dma_unmap_page} from '../../kernel/dma/mapping.ts';
import {dma_set_mask} from '../../kernel/dma/masks.ts';
import {DMA_BIT_MASK} from '../../kernel/drivers/device.ts';
import type {Kernel} from '../../kernel/kernel.ts';
import {GFP_HIGHUSER} from '../../kernel/mm/gfp.ts';
import {__free_pages, try_alloc_pages} from '../../kernel/mm/page_alloc.ts';
import {MAX_ORDER} from '../../kernel/mm/zone.ts';
import {type Bench, CouldNotRun, type Experiment} from '../experiment.ts';
import {dmaLessons} from '../lessons/dma.ts';
import {page, physicalOf, swiotlb, translate} from '../views.ts';
import {letDeviceWrite, own, ownDevice} from './labDevice.ts';

const fourGiB = 2 ** 32;

const needsMore = (k: Kernel) =>
	k.layout.max_pfn * PAGE_SIZE <= fourGiB
		? 'this machine has no memory above 4 GiB: take --machine pae'
		: k.dma.swiotlb === undefined
			? 'this machine has no swiotlb: take --machine pae'
			: undefined;

export const beyond4g: Experiment = {
	name: 'beyond-4g',
	title: 'Memory that 32 address bits do not reach',
	claim: 'With PAE there is memory above 4 GiB, and a device of 32 bits reaches it through a bounce buffer.',
	source: 'LDD3 page 415; kernel/dma/swiotlb.c',
	rows: [8, 35],
	parameters: [{name: 'bits', about: 'address bits of the device', least: 32, most: 40, usual: 32, unit: ''}],
	declares: ['page mapped', 'device wrote'],
	preset: 'pae',
	unfit: needsMore,
	control: {set: {bits: 36}, fails: 'the bus address is not'},
	comm: 'beyond4g',
	lesson: {
		chapter: 'dma',
		background: dmaLessons.beyond4g,
		setup:
			'--machine pae has 6 GiB of RAM, and page-table entries of 64 bits. A driver maps a page above 4 GiB for a ' +
			'device that has 32 address bits (parameter bits).',
		question: {
			ask: 'Which bus address does the device get?',
			answers: [
				{text: 'The physical address of the page.', when: {'the bus address is not': false}},
				{text: 'Another one, below 4 GiB.', when: {'the bus address is not': true, 'the device has': true}},
			],
		},
		corrections: ['“32-bit systems with more than 4 GB have high memory”: it begins at 896 MiB, with PAE or without.'],
		looks: [
			{pane: 'zones', says: 'HighMem: all that lies above 896 MiB, 4 GiB or not'},
			{pane: 'dma', says: 'bounce: the slots of the page, while it is mapped'},
		],
	},
	*run(x) {
		const {k} = x;
		yield* own(k, x.board.edu);
		const frame = pageAbove4GiB(x);
		const physical = frame * PAGE_SIZE;
		const bits = x.value('bits');
		const dev = ownDevice(x);
		if (dma_set_mask(k, dev, DMA_BIT_MASK(bits)) !== 0) throw new CouldNotRun(`a mask of ${bits} bits is refused`);
		const bus = dma_map_page(k, dev, frame, 0, PAGE_SIZE, DMA_FROM_DEVICE);
		if (dma_mapping_error(k, dev, bus) !== 0) throw new CouldNotRun('no bounce buffer was free');
		const unmap = x.later(() => dma_unmap_page(k, dev, bus, PAGE_SIZE, DMA_FROM_DEVICE));
		x.say(`pfn ${prefixedHex(frame)}, physical ${prefixedHex(physical)}, is ${prefixedHex(bus)} on the bus`);
		x.expect('the page lies above 4 GiB', page(frame), all => all.physicalAddress, {atLeast: fourGiB});
		x.expect('it has no logical address', page(frame), ({logical}) => 'address' in logical, {equals: false});
		x.observe('the bus address is not the physical address', bus === physical, {equals: false});
		x.observe(`the device has an address of ${bits} bits`, bus + PAGE_SIZE <= 2 ** bits, {equals: true});
		x.expect(
			'a bounce buffer stands in for the page',
			swiotlb,
			({mappings}) => mappings.some(each => each.origAddress === physical),
			{equals: bus !== physical},
		);
		yield* x.show('page mapped');
		letDeviceWrite(x, bus, new Uint8Array(PAGE_SIZE).fill(0x99));
		unmap();
		x.observe('unmapped, the page has what the device wrote', k.hw.ram.page(frame)[0] ?? -1, {equals: 0x99});
		x.expect('its frame number leads there', translate(`pfn:${prefixedHex(frame)}`), physicalOf, {equals: physical});
		yield* x.show('device wrote');
		return `${prefixedHex(physical)} was ${prefixedHex(bus)} for the device`;
	},
};

/** A page of high memory above 4 GiB. Blocks of 4 MiB are taken until one lies there, and given back in the end. */
function pageAbove4GiB({k, later}: Bench): Pfn {
	const order = MAX_ORDER - 1;
	const taken: Pfn[] = [];
	later(() => {
		for (const block of taken) __free_pages(k, block, order);
	});
	for (;;) {
		const block = try_alloc_pages(k, GFP_HIGHUSER, order);
		if (block === undefined) throw new CouldNotRun('no page above 4 GiB was free');
		taken.push(block);
		if (block * PAGE_SIZE >= fourGiB) return block;
	}
}
