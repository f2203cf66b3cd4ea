import {countOf} from '../../formats/words.ts';
import {dad_close, dad_isa_transfer, dad_isa_wait, dad_open} from '../../kernel/drivers/dad_isa.ts';
import {kread8} from '../../kernel/mm/access.ts';
import {__GFP_DMA, GFP_KERNEL} from '../../kernel/mm/gfp.ts';
import type {Experiment} from '../experiment.ts';
import {isaLessons} from '../lessons/isa.ts';
import {dmaChannels, ownerOf, page} from '../views.ts';
import {own} from './labDevice.ts';
import {choice, kernelBuffer, logicalFrame, must, offset} from './steps.ts';

export const isaTransfer: Experiment = {
	name: 'isa-transfer',
	title: 'The book’s ISA driver at work',
	claim:
		'A channel of the 8237 moves a card’s samples into a GFP_DMA buffer below 16 MiB; the driver knows ' +
		'when nothing is left.',
	source: 'LDD3 page 458',
	rows: [43],
	parameters: [
		{name: 'bytes', about: 'length of the transfer', least: 16, most: 4_096, usual: 4_096, unit: 'bytes'},
		choice('early', '1 looks before the interrupt', 0),
	],
	declares: ['channel programmed', 'transfer done'],
	control: {set: {early: 1}, fails: 'the last sample'},
	comm: 'isadad',
	lesson: {
		chapter: 'dma',
		background: isaLessons.isaTransfer,
		setup:
			'An ISA card sends samples of 0x5a through a channel of the 8237 into a GFP_DMA buffer of zeros. ' +
			'The buffer is looked at when the driver says that nothing is left (with early=1: before the ' +
			'interrupt).',
		question: {
			ask: 'What is its last byte then?',
			answers: [
				{text: '0x5a: every sample has arrived.', when: {'the last sample': true}},
				{text: '0: the transfer is still under way.', when: {'the last sample': false}},
			],
		},
		looks: [
			{
				pane: 'trace',
				says: 'the kmalloc with GFP_DMA, and a pfn below 0x1000; then the driver sleeps until the interrupt',
			},
			{pane: 'frames', says: 'the buffer’s frame in zone DMA'},
		],
	},
	*run(x) {
		const {k} = x;
		const {isaDad} = x.board.drivers;
		const card = yield* own(k, x.board.isaCard);
		const bytes = x.value('bytes');
		must(dad_open(k, isaDad), 'dad_open');
		x.later(() => dad_close(k, isaDad));
		const buffer = yield* kernelBuffer(x, bytes, 0, GFP_KERNEL | __GFP_DMA);
		// No buffer goes while the controller has it.
		x.later(() => dad_isa_wait(k, isaDad));
		card.memory.fill(0x5a, 0, bytes);
		x.expect('the buffer lies in zone DMA', page(logicalFrame(buffer)), ({zone}) => zone, {
			equals: 'DMA',
		});
		yield* dad_isa_transfer(k, isaDad, false, buffer, bytes);
		x.expect('/proc/dma names the driver', dmaChannels, ownerOf(isaDad.dma), {equals: 'dad'});
		yield* x.show('channel programmed');
		const early = kread8(k, offset(buffer, bytes - 1));
		yield* dad_isa_wait(k, isaDad);
		const seen = x.value('early') === 1 ? early : kread8(k, offset(buffer, bytes - 1));
		x.observe('the last sample is in memory', seen, {equals: 0x5a});
		yield* x.show('transfer done');
		return `${countOf(bytes, 'sample')} came through channel ${isaDad.dma}`;
	},
};
