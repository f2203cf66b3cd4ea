import {prefixedHex} from '../../formats/text.ts';
import {get_order} from '../../hardware/address.ts';
import {dma_alloc_coherent, dma_free_coherent} from '../../kernel/dma/coherent.ts';
import {dma_set_coherent_mask} from '../../kernel/dma/masks.ts';
import {DMA_BIT_MASK} from '../../kernel/drivers/device.ts';
import {kread8} from '../../kernel/mm/access.ts';
import {__GFP_DMA, GFP_KERNEL} from '../../kernel/mm/gfp.ts';
import type {Experiment} from '../experiment.ts';
import {coherentLessons} from '../lessons/coherent.ts';
import {dmaDump, page} from '../views.ts';
import {ownDevice} from './labDevice.ts';
import {freeBlock} from './room.ts';
import {got, logicalFrame, must} from './steps.ts';

const bytes = 5_000;

export const coherentReach: Experiment = {
	name: 'coherent-reach',
	title: 'Coherent memory for a device of 24 address lines',
	claim: 'dma_alloc_coherent() for a device with a 24-bit mask gives zeroed memory of zone DMA, below 16 MiB.',
	source: 'docs/sources.md §6; arch/i386/kernel/pci-dma.c',
	rows: [32, 34, 36],
	parameters: [{name: 'bits', about: 'of the coherent mask', least: 24, most: 32, usual: 24, unit: 'bits'}],
	declares: ['buffer allocated'],
	control: {set: {bits: 32}, fails: 'the buffer lies below'},
	comm: 'reach24',
	lesson: {
		chapter: 'dma',
		background: coherentLessons.coherentReach,
		setup:
			'A device has 24 address lines, and its driver sets the coherent mask to say so (parameter bits). ' +
			'It then asks dma_alloc_coherent() for 5000 bytes.',
		question: {
			ask: 'In which zone does the buffer lie?',
			answers: [
				{text: 'DMA.', when: {'its zone is DMA': 'DMA'}},
				{text: 'Normal.', when: {'its zone is DMA': 'Normal'}},
				{text: 'HighMem.', when: {'its zone is DMA': 'HighMem'}},
			],
		},
		looks: [
			{pane: 'trace', says: 'mm_page_alloc with GFP_DMA, and dma_alloc with the bus address'},
			{pane: 'dma', says: 'the coherent mapping: its bus address has six digits at most'},
		],
	},
	*run(x) {
		const {k} = x;
		const dev = ownDevice(x);
		must(dma_set_coherent_mask(k, dev, DMA_BIT_MASK(x.value('bits'))), 'dma_set_coherent_mask');
		const order = get_order(bytes);
		yield* freeBlock(x, x.value('bits') < 32 ? GFP_KERNEL | __GFP_DMA : GFP_KERNEL, order);
		const {cpu_addr, dma_handle} = got(
			yield* dma_alloc_coherent(k, dev, bytes, GFP_KERNEL),
			'no memory that it reaches',
		);
		x.later(() => dma_free_coherent(k, dev, bytes, cpu_addr, dma_handle));
		x.say(`dma_alloc_coherent(${bytes}) = ${prefixedHex(cpu_addr)}, bus ${prefixedHex(dma_handle)}`);
		x.expect(
			'the buffer lies below 16 MiB',
			dmaDump,
			({mappings}) => mappings.find(each => each.device === dev.bus_id)?.busAddress,
			{atMost: 2 ** 24 - bytes},
		);
		x.expect('its zone is DMA', page(logicalFrame(cpu_addr)), ({zone}) => zone, {equals: 'DMA'});
		x.observe('its first byte is zero', kread8(k, cpu_addr), {equals: 0});
		yield* x.show('buffer allocated');
		return `${x.value('bits')} bits reach ${prefixedHex(dma_handle)}`;
	},
};
