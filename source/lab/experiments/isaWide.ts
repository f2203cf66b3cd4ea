import {prefixedHex} from '../../formats/text.ts';
import {busAddress} from '../../hardware/address.ts';
import {
	claim_dma_lock,
	clear_dma_ff,
	disable_dma,
	free_dma,
	release_dma_lock,
	request_dma,
	set_dma_addr,
	set_dma_count,
} from '../../kernel/dma/isa.ts';
import type {Experiment} from '../experiment.ts';
import {isaLessons} from '../lessons/isa.ts';
import {dmaChannels, ownerOf} from '../views.ts';
import {own} from './labDevice.ts';
import {must} from './steps.ts';

const address = busAddress(0x12_3456);
const bytes = 4_096;

export const isaWide: Experiment = {
	name: 'isa-wide',
	title: '16-bit channels count words',
	claim: 'Channels 5 to 7 take the address and the count in words: half of what an 8-bit channel is given.',
	source: 'LDD3 page 456; asm/dma.h set_dma_addr()',
	rows: [43],
	parameters: [{name: 'channel', about: 'to program: 0 to 3, 5 to 7', least: 0, most: 7, usual: 5, unit: ''}],
	declares: ['channel programmed'],
	control: {set: {channel: 3}, fails: 'the address register'},
	comm: 'isawide',
	lesson: {
		chapter: 'dma',
		background: isaLessons.isaWide,
		setup:
			'A driver calls set_dma_addr(0x123456) and set_dma_count(4096) for channel 5 (parameter channel) of ' +
			'the 8237.',
		question: {
			ask: 'What does the address register hold then?',
			answers: [
				{text: '0x3456: the lower half.', when: {'the address register': '13398'}},
				{text: '0x1234: the upper half.', when: {'the address register': '4660'}},
				{text: '0x68ac: twice 0x3456, for a word has two bytes.', when: {'the address register': '26796'}},
				{text: '0x1a2b: half of 0x3456, for it counts words.', when: {'the address register': '6699'}},
			],
		},
		looks: [{pane: 'trace', says: 'the three registers, in the story'}],
	},
	*run(x) {
		const {k} = x;
		yield* own(k, x.board.isaCard);
		const channel = x.value('channel');
		must(request_dma(k, channel, 'lab'), `request_dma(${channel})`);
		x.later(() => free_dma(k, channel));
		const flags = yield* claim_dma_lock(k);
		disable_dma(k, channel);
		clear_dma_ff(k, channel);
		set_dma_addr(k, channel, address);
		set_dma_count(k, channel, bytes);
		release_dma_lock(k, flags);
		const registers = x.board.dmaController.channels[channel]!;
		x.say(`set_dma_addr(${prefixedHex(address)}), set_dma_count(${bytes}): page ${prefixedHex(registers.page)}`);
		x.observe('the page register holds 0x12', registers.page, {equals: 0x12});
		x.observe('the address register holds 0x1a2b, half of 0x3456', registers.address, {equals: 0x1a2b});
		x.observe('the count register holds 0x7ff: 2048 words less one', registers.count, {equals: 0x7ff});
		x.expect('/proc/dma names the owner', dmaChannels, ownerOf(channel), {equals: 'lab'});
		yield* x.show('channel programmed');
		return `channel ${channel}: address ${prefixedHex(registers.address)}, count ${prefixedHex(registers.count)}`;
	},
};
