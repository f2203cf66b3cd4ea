import {prefixedHex} from '../../formats/text.ts';
import {DMA_TO_DEVICE} from '../../kernel/dma/direction.ts';
import {bus_to_virt, virt_to_bus} from '../../kernel/dma/mapping.ts';
import {PAGE_OFFSET} from '../../kernel/mm/page.ts';
import type {Experiment} from '../experiment.ts';
import {dmaLessons} from '../lessons/dma.ts';
import {dmaDump} from '../views.ts';
import {labDevice, letDeviceRead, mapSingle, own} from './labDevice.ts';
import {kernelBuffer} from './steps.ts';

export const virtToBus: Experiment = {
	name: 'virt-to-bus',
	title: 'virt_to_bus() fails behind an IOMMU and where buffers bounce',
	claim:
		'With an IOMMU, or with bounce buffers, the bus address of a buffer is another than virt_to_bus() computes; on a ' +
		'plain PC both are one.',
	source: 'LDD3 page 443',
	rows: [3, 33],
	parameters: [{name: 'bytes', about: 'size of the buffer', least: 32, most: 65_536, usual: 512, unit: 'bytes'}],
	declares: ['buffer mapped'],
	preset: 'iommu',
	control: {preset: 'lab', fails: 'virt_to_bus()'},
	comm: 'virtbus',
	lesson: {
		chapter: 'dma',
		background: dmaLessons.virtToBus,
		setup:
			'A driver maps a buffer of low memory for a device with dma_map_single(). On --machine iommu the device sits ' +
			'behind an IOMMU, on --machine bounce every mapping bounces; on the usual machine there is neither.',
		question: {
			ask: 'Is the bus address the one that virt_to_bus() computes?',
			answers: [
				{text: 'No: a device that was given virt_to_bus() would miss the buffer.', when: {'virt_to_bus() gives': true}},
				{text: 'Yes: both are the physical address.', when: {'virt_to_bus() gives': false}},
			],
		},
		looks: [
			{pane: 'dma', says: 'the mapping, with its bus address'},
			{pane: 'trace', says: 'dma_map_single: dma_addr beside phys_addr'},
		],
	},
	*run(x) {
		const {k} = x;
		const dev = yield* labDevice(k);
		const bytes = x.value('bytes');
		yield* own(k, x.board.edu);
		const buffer = yield* kernelBuffer(x, bytes, 0x5a);
		const {bus} = yield* mapSingle(x, buffer, bytes, DMA_TO_DEVICE);
		x.say(
			`dma_map_single(${prefixedHex(buffer)}) = ${prefixedHex(bus)}, virt_to_bus() = ${prefixedHex(virt_to_bus(buffer))}`,
		);
		x.observe('virt_to_bus() gives another address than the mapping', virt_to_bus(buffer), {not: bus});
		x.observe('bus_to_virt() of the mapping gives another address than the buffer', bus_to_virt(bus), {not: buffer});
		x.expect(
			'the mapping is known by its bus address, and leads to the buffer',
			dmaDump,
			({mappings}) => mappings.find(each => each.device === dev.bus_id && each.busAddress === bus)?.physicalAddress,
			{equals: buffer - PAGE_OFFSET},
		);
		x.observe('the device finds the driver’s bytes there', letDeviceRead(x, bus, 1)[0] ?? -1, {equals: 0x5a});
		yield* x.show('buffer mapped');
		return `the device sees ${prefixedHex(buffer)} at ${prefixedHex(bus)}`;
	},
};
