import {free_dma, request_dma} from '../../kernel/dma/isa.ts';
import {errnoName} from '../../kernel/errno.ts';
import type {Experiment} from '../experiment.ts';
import {dmaChannels} from '../views.ts';
import {own, release} from './labDevice.ts';

export const isaChannels: Experiment = {
	name: 'isa-channels',
	title: 'The registry of ISA channels',
	claim: 'request_dma() gives a channel to one driver: EBUSY for one that is taken and for 4, EINVAL for 8.',
	source: 'mission row 43; LDD3 page 456; kernel/dma.c',
	rows: [43],
	parameters: [
		{
			name: 'second',
			about: 'channel of the second request; the first asks for 1',
			least: 0,
			most: 3,
			usual: 1,
			unit: '',
		},
	],
	declares: ['channel taken', 'channel free'],
	control: {set: {second: 3}, fails: 'the second request'},
	comm: 'isachan',
	*run(x) {
		const {k} = x;
		yield* own(k, x.board.isaCard);
		const channel = 1;
		const first = request_dma(k, channel, 'lab');
		const second = request_dma(k, x.value('second'), 'lab');
		x.say(
			`request_dma(1) = ${first}, request_dma(${x.value('second')}) = ${second < 0 ? `-${errnoName(second)}` : second}`,
		);
		yield* x.show('channel taken');
		x.observe('the first request is granted', first === 0);
		x.observe('the second request is answered EBUSY', second !== 0 && errnoName(second) === 'EBUSY');
		x.observe('channel 4 is EBUSY always', errnoName(request_dma(k, 4, 'lab')) === 'EBUSY');
		x.observe('channel 8 is EINVAL', errnoName(request_dma(k, 8, 'lab')) === 'EINVAL');
		const owner = (number: number) => x.read(dmaChannels).channels.find(each => each.channel === number)?.device;
		x.expect('/proc/dma names the owner of 1', dmaChannels, () => owner(1), {equals: 'lab'});
		x.expect('/proc/dma says cascade for 4', dmaChannels, () => owner(4), {equals: 'cascade'});
		if (second === 0) free_dma(k, x.value('second'));
		free_dma(k, channel);
		yield* x.show('channel free');
		x.expect('after free_dma() nobody owns 1', dmaChannels, () => owner(1), {equals: undefined});
		release(x.board.isaCard);
		return 'channel 1 was taken and given back';
	},
};
