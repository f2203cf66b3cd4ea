import type {DmaApiDump} from '../../formats/debugfs/dmaApiDump.ts';
import {countOf} from '../../formats/words.ts';
import {dad_transfer, dad_wait} from '../../kernel/drivers/dad.ts';
import {kmemset, kread8} from '../../kernel/mm/access.ts';
import type {Experiment} from '../experiment.ts';
import {dmaLessons} from '../lessons/dma.ts';
import {dmaDump} from '../views.ts';
import {ownDad} from './labDevice.ts';
import {choice, claimed, kernelBuffer, must, offset} from './steps.ts';

export const dmaTransfer: Experiment = {
	name: 'dma-transfer',
	title: 'The book’s PCI driver at work',
	claim:
		'The driver maps a buffer, starts the device and unmaps in the interrupt: only then are the device’s bytes there.',
	source: 'LDD3 page 452',
	rows: [38, 42],
	parameters: [
		{name: 'bytes', about: 'length of the transfer', least: 64, most: 32_768, usual: 8_192, unit: 'bytes'},
		choice('early', '1 looks before the interrupt', 0),
	],
	declares: ['device reads memory', 'device writes memory', 'transfer done'],
	control: {set: {early: 1}, fails: 'the last byte'},
	comm: 'dadxfer',
	lesson: {
		chapter: 'dma',
		background: dmaLessons.dmaTransfer,
		setup:
			'The book’s driver sends a buffer of 0x5a to its device, clears the buffer and has the device write ' +
			'everything back. It unmaps in the interrupt handler. The buffer is looked at after that (with ' +
			'early=1: before the interrupt).',
		question: {
			ask: 'What is its last byte then?',
			answers: [
				{text: '0x5a: the device has written it.', when: {'the last byte': true}},
				{text: 'Not 0x5a: the device is not that far.', when: {'the last byte': false}},
			],
		},
		looks: [
			{pane: 'dma', says: 'the mapping of dad: to the device, then from it; gone with the interrupt'},
			{pane: 'trace', says: 'dma_map_single by the task, dma_unmap_single in the interrupt'},
		],
	},
	*run(x) {
		const {k} = x;
		const bytes = x.value('bytes');
		const dad = yield* ownDad(x);
		const {bus_id} = dad.pdev.dev;
		const buffer = yield* kernelBuffer(x, bytes, 0x5a);
		// No buffer goes while the device has it.
		x.later(() => dad_wait(k, dad));
		must(dad_transfer(k, dad, true, buffer, bytes), 'dad_transfer');
		const mine = ({mappings}: DmaApiDump) =>
			mappings.find(each => each.device === bus_id && each.lengthBytes === bytes);
		// A short transfer is over while the state is shown.
		x.expect('the buffer is mapped for the device to read', dmaDump, all => mine(all)?.direction, {
			equals: 'DMA_TO_DEVICE',
		});
		yield* x.show('device reads memory');
		claimed(x, yield* dad_wait(k, dad), 'the device reads the buffer without an error');
		kmemset(k, buffer, 0, bytes);
		must(dad_transfer(k, dad, false, buffer, bytes), 'dad_transfer');
		const early = kread8(k, offset(buffer, bytes - 1));
		yield* x.show('device writes memory');
		claimed(x, yield* dad_wait(k, dad), 'the device writes the buffer without an error');
		const seen = x.value('early') === 1 ? early : kread8(k, offset(buffer, bytes - 1));
		x.observe('the last byte is what the device had been sent', seen, {equals: 0x5a});
		x.expect('the interrupt unmapped the buffer', dmaDump, all => mine(all)?.direction, {equals: undefined});
		yield* x.show('transfer done');
		return `${countOf(bytes, 'byte')} went to the device and back`;
	},
};
