import {prefixedHex} from '../../formats/text.ts';
import {countOf} from '../../formats/words.ts';
import {logicalAddress} from '../../hardware/address.ts';
import {dad_close, dad_isa_transfer, dad_isa_wait, dad_open} from '../../kernel/drivers/dad_isa.ts';
import {kmemset, kread8} from '../../kernel/mm/access.ts';
import {__GFP_DMA, GFP_KERNEL} from '../../kernel/mm/gfp.ts';
import {__get_free_pages, free_pages} from '../../kernel/mm/page_alloc.ts';
import type {Experiment} from '../experiment.ts';
import {isaLessons} from '../lessons/isa.ts';
import {dmaChannels, ownerOf} from '../views.ts';
import {own} from './labDevice.ts';
import {freeBlock} from './room.ts';
import {got, must, offset} from './steps.ts';

/** 128 KiB, which lie on a boundary of 128 KiB. */
const order = 5;
const pageOf8237 = 0x1_0000;
const bytes = 8_192;

export const isaWrap: Experiment = {
	name: 'isa-wrap',
	title: 'A transfer across 64 KiB',
	claim:
		'The page register does not count: an ISA transfer that crosses a 64 KiB boundary goes on at the ' +
		'start of the same 64 KiB.',
	source: 'LDD3 page 455; Intel 8237A',
	rows: [43],
	parameters: [
		{
			name: 'before',
			about: 'bytes between the buffer’s start and the boundary',
			least: 1,
			most: 8_192,
			usual: 4_096,
			unit: 'bytes',
		},
	],
	declares: ['transfer done'],
	control: {set: {before: 8_192}, fails: 'what should lie'},
	comm: 'isawrap',
	lesson: {
		chapter: 'dma',
		background: isaLessons.isaWrap,
		setup:
			'A buffer of 8192 bytes lies across a boundary of 64 KiB, 4096 bytes before it (parameter before) ' +
			'and the rest behind. An ISA card fills the buffer with 0x5a through the 8237.',
		question: {
			ask: 'Where do the bytes go that belong behind the boundary?',
			answers: [
				{text: 'To the start of the same 64 KiB.', when: {'what should lie': true, 'behind the boundary': true}},
				{text: 'Behind the boundary.', when: {'what should lie': false, 'behind the boundary': false}},
				{
					text: 'Nowhere: there is none, or the controller stops.',
					when: {'what should lie': false, 'behind the boundary': true},
				},
			],
		},
		looks: [{pane: 'trace', says: 'the address of the buffer and how far away the boundary is'}],
	},
	*run(x) {
		const {k} = x;
		const {isaDad} = x.board.drivers;
		const card = yield* own(k, x.board.isaCard);
		must(dad_open(k, isaDad), 'dad_open');
		x.later(() => dad_close(k, isaDad));
		yield* freeBlock(x, GFP_KERNEL | __GFP_DMA, order);
		const base = got(yield* __get_free_pages(k, GFP_KERNEL | __GFP_DMA, order), 'no 128 KiB below 16 MiB');
		x.later(() => free_pages(k, base, order));
		// No buffer goes while the controller has it.
		x.later(() => dad_isa_wait(k, isaDad));
		kmemset(k, base, 0, 2 * pageOf8237);
		const before = x.value('before');
		card.memory.fill(0x5a, 0, bytes);
		const buffer = logicalAddress(base + pageOf8237 - before);
		x.say(`${countOf(bytes, 'byte')} to ${prefixedHex(buffer)}, the boundary is ${countOf(before, 'byte')} on`);
		x.expect('the driver has channel 1', dmaChannels, ownerOf(1), {equals: 'dad'});
		yield* dad_isa_transfer(k, isaDad, false, buffer, bytes);
		yield* dad_isa_wait(k, isaDad);
		const beyond = kread8(k, offset(base, pageOf8237));
		const wrapped = kread8(k, base);
		x.observe('what should lie behind the boundary lies at the start of the 64 KiB', wrapped, {equals: 0x5a});
		x.observe('behind the boundary nothing came', beyond, {equals: 0});
		yield* x.show('transfer done');
		return `${prefixedHex(base)} reads ${prefixedHex(wrapped)}, the byte behind the boundary ${prefixedHex(beyond)}`;
	},
};
