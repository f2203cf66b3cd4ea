import {DMA_TO_DEVICE} from '../../kernel/dma/direction.ts';
import {dma_map_single, dma_unmap_single, virt_to_bus} from '../../kernel/dma/mapping.ts';
import {GFP_KERNEL} from '../../kernel/mm/gfp.ts';
import {PAGE_OFFSET} from '../../kernel/mm/page.ts';
import {kfree, kmalloc} from '../../kernel/mm/slab.ts';
import type {Experiment} from '../experiment.ts';
import {physicalOf, translate} from '../views.ts';
import {labDevice} from './labDevice.ts';
import {got, hex} from './steps.ts';

export const virtToBus: Experiment = {
	name: 'virt-to-bus',
	title: 'virt_to_bus() fails behind an IOMMU',
	claim:
		'With an IOMMU the bus address of a buffer is another than virt_to_bus() computes; on a plain PC both are one.',
	source: 'mission rows 3 and 33; LDD3 page 443',
	rows: [3, 33],
	parameters: [{name: 'bytes', about: 'size of the buffer', least: 32, most: 65_536, usual: 512, unit: 'bytes'}],
	declares: ['buffer mapped'],
	preset: 'iommu',
	control: {preset: 'lab', fails: 'virt_to_bus()'},
	comm: 'virtbus',
	*run(x) {
		const {k} = x;
		const dev = labDevice(k);
		const bytes = x.value('bytes');
		const buffer = got(yield* kmalloc(k, bytes, GFP_KERNEL), 'no memory');
		const bus = dma_map_single(k, dev, buffer, bytes, DMA_TO_DEVICE);
		x.say(`dma_map_single(${hex(buffer)}) = ${hex(bus)}, virt_to_bus() = ${hex(virt_to_bus(buffer))}`);
		yield* x.show('buffer mapped');
		x.observe('virt_to_bus() gives another address than the mapping', virt_to_bus(buffer) !== bus);
		x.expect(
			'the bus address of the mapping leads to the buffer',
			translate(`bus:${dev.bus_id}:${hex(bus)}`),
			physicalOf,
			{equals: buffer - PAGE_OFFSET},
		);
		dma_unmap_single(k, dev, bus, bytes, DMA_TO_DEVICE);
		kfree(k, buffer);
		return `the device sees ${hex(buffer)} at ${hex(bus)}`;
	},
};
