import type {DmaApiDump} from '../../formats/debugfs/dmaApiDump.ts';
import {prefixedHex} from '../../formats/text.ts';
import {countOf, wereOf} from '../../formats/words.ts';
import {get_order, PAGE_SIZE} from '../../hardware/address.ts';
import {dma_free_coherent, try_dma_alloc_coherent} from '../../kernel/dma/coherent.ts';
import {kread8} from '../../kernel/mm/access.ts';
import {GFP_KERNEL} from '../../kernel/mm/gfp.ts';
import {PAGE_OFFSET} from '../../kernel/mm/page.ts';
import type {Bench, Experiment} from '../experiment.ts';
import {coherentLessons} from '../lessons/coherent.ts';
import {dmaDump, page, physicalOf, translate} from '../views.ts';
import {labDevice} from './labDevice.ts';
import {freeBlock} from './room.ts';
import {choice, got, kernelBuffer, logicalFrame, offset, sleep} from './steps.ts';

export const coherentAllocation: Experiment = {
	name: 'coherent-allocation',
	title: 'Coherent DMA allocation',
	key: 'c',
	claim:
		'dma_alloc_coherent() gives whole, zeroed, physically contiguous pages of low memory, however little is asked for.',
	source: 'LDD3 page 446; arch/i386/kernel/pci-dma.c',
	rows: [32, 36],
	parameters: [
		{name: 'bytes', about: 'size of the buffer', least: 1, most: 262_144, usual: 5_000, unit: 'bytes'},
		{name: 'hold', about: 'how long the driver keeps it', least: 1, most: 60_000, usual: 400, unit: 'ms'},
		choice('kmalloc', '1 asks kmalloc() for the buffer, of 131072 bytes at most', 0),
	],
	declares: ['buffer allocated', 'buffer freed'],
	control: {set: {kmalloc: 1}, fails: 'the device has it'},
	comm: 'dadctl',
	lesson: {
		chapter: 'dma',
		background: coherentLessons.coherentAllocation,
		setup: 'A driver asks dma_alloc_coherent() for a buffer of 5000 bytes (with kmalloc=1 it asks kmalloc()).',
		question: {
			ask: 'What does it get?',
			answers: [
				{text: 'Memory that still has to be mapped for the device.', when: {'the device has it': false}},
				{
					text: 'Pages of its own, full of zeros, which the device has already.',
					when: {'the device has it': true, 'its first byte is zero': true},
				},
				{
					text: 'Pages of its own, with whatever was in them.',
					when: {'the device has it': true, 'its first byte is zero': false},
				},
			],
		},
		looks: [
			{pane: 'dma', says: 'the coherent mapping, for 400 ms'},
			{pane: 'trace', says: 'mm_page_alloc: the order says how many pages; dma_alloc: the bus address'},
		],
	},
	*run(x) {
		const {k} = x;
		const dev = yield* labDevice(k);
		const bytes = x.value('bytes');
		const {address, free} =
			x.value('kmalloc') === 1
				? {address: yield* kernelBuffer(x, bytes, 0), free: undefined}
				: yield* coherentBuffer(x, bytes);
		const physical = address - PAGE_OFFSET;
		const mine = ({mappings}: DmaApiDump) =>
			mappings.find(each => each.device === dev.bus_id && each.physicalAddress === physical);
		const last = offset(address, bytes - 1);
		x.expect('the device has it as coherent memory', dmaDump, all => mine(all)?.type, {equals: 'coherent'});
		x.observe('it begins on a page boundary: bytes behind one', address % PAGE_SIZE, {equals: 0});
		x.expect('its last byte lies as far on in physical memory', translate(`virt:${prefixedHex(last)}`), physicalOf, {
			equals: physical + bytes - 1,
		});
		x.expect('it lies in low memory', page(logicalFrame(address)), ({zone}) => zone, {not: 'HighMem'});
		x.observe('its first byte is zero', kread8(k, address), {equals: 0});
		x.observe('its last byte is zero', kread8(k, last), {equals: 0});
		yield* x.show('buffer allocated');
		yield* sleep(k, x.value('hold'));
		free?.();
		x.expect('afterwards the device has it no more', dmaDump, all => mine(all)?.type, {equals: undefined});
		yield* x.show('buffer freed');
		return (
			`${countOf(bytes, 'byte')} lie in ${countOf(Math.ceil(bytes / PAGE_SIZE), 'page')} from pfn ` +
			`${prefixedHex(logicalFrame(address))} on`
		);
	},
};

function* coherentBuffer(x: Bench, bytes: number) {
	const {k, later, say} = x;
	yield* freeBlock(x, GFP_KERNEL, get_order(bytes));
	const dev = yield* labDevice(k);
	const memory = try_dma_alloc_coherent(k, dev, bytes, GFP_KERNEL);
	const {cpu_addr, dma_handle} = got(memory, `no ${wereOf(bytes, 'contiguous byte')} free: memory is in pieces`);
	const free = later(() => dma_free_coherent(k, dev, bytes, cpu_addr, dma_handle));
	say(`dma_alloc_coherent(${dev.bus_id}, ${bytes}) = ${prefixedHex(cpu_addr)}, bus address ${prefixedHex(dma_handle)}`);
	return {address: cpu_addr, free};
}
