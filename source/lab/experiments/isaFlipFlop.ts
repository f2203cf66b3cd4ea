import {prefixedHex} from '../../formats/text.ts';
import {busAddress, port} from '../../hardware/address.ts';
import {
	claim_dma_lock,
	clear_dma_ff,
	disable_dma,
	free_dma,
	release_dma_lock,
	request_dma,
	set_dma_addr,
} from '../../kernel/dma/isa.ts';
import type {Experiment} from '../experiment.ts';
import {isaLessons} from '../lessons/isa.ts';
import {dmaChannels, ownerOf} from '../views.ts';
import {own} from './labDevice.ts';
import {choice, must} from './steps.ts';

const channel = 1;
/** Count register of channel 1; reading one byte turns the flip-flop over. */
const countPort = port(3);

export const isaFlipFlop: Experiment = {
	name: 'isa-flip-flop',
	title: 'Forgetting clear_dma_ff()',
	claim:
		'Whoever does not clear the flip-flop first may load an address with its bytes swapped: 0x1234 becomes 0x3412.',
	source: 'LDD3 page 459; asm/dma.h clear_dma_ff()',
	rows: [43],
	parameters: [choice('clear', '1 calls clear_dma_ff(), as a driver must', 0)],
	declares: ['address loaded'],
	control: {set: {clear: 1}, fails: 'the address register'},
	comm: 'isaff',
	lesson: {
		chapter: 'dma',
		background: isaLessons.isaFlipFlop,
		setup:
			'A register of the 8237 is 16 bits wide and is written a byte at a time; a flip-flop says which ' +
			'byte is next. Somebody has read a single byte. A driver calls set_dma_addr(0x1234) (with clear=1 ' +
			'after clear_dma_ff()).',
		question: {
			ask: 'What does the address register hold then?',
			answers: [
				{text: '0x1234.', when: {'the address register': '4660'}},
				{text: '0x3412.', when: {'the address register': '13330'}},
				{text: '0x0034: only the low byte arrived.', when: {'the address register': '52'}},
				{text: '0x1200: only the high byte arrived.', when: {'the address register': '4608'}},
			],
		},
		looks: [{pane: 'trace', says: 'what was loaded and what the register holds, in the story'}],
	},
	*run(x) {
		const {k} = x;
		yield* own(k, x.board.isaCard);
		must(request_dma(k, channel, 'lab'), 'request_dma(1)');
		x.later(() => free_dma(k, channel));
		const flags = yield* claim_dma_lock(k);
		disable_dma(k, channel);
		clear_dma_ff(k, channel);
		k.hw.bus.in(countPort, 1);
		if (x.value('clear') === 1) clear_dma_ff(k, channel);
		set_dma_addr(k, channel, busAddress(0x1234));
		const {address} = x.board.dmaController.channels[channel]!;
		clear_dma_ff(k, channel);
		release_dma_lock(k, flags);
		x.say(`set_dma_addr(0x1234) after somebody read one byte: the register holds ${prefixedHex(address)}`);
		x.observe('the address register holds 0x3412', address, {equals: 0x3412});
		x.expect('/proc/dma names the owner', dmaChannels, ownerOf(channel), {equals: 'lab'});
		yield* x.show('address loaded');
		return `0x1234 was loaded as ${prefixedHex(address)}`;
	},
};
