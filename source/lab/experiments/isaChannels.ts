import {free_dma, request_dma} from '../../kernel/dma/isa.ts';
import type {Experiment} from '../experiment.ts';
import {isaLessons} from '../lessons/isa.ts';
import {dmaChannels, ownerOf} from '../views.ts';
import {own} from './labDevice.ts';
import {told} from './steps.ts';

export const isaChannels: Experiment = {
	name: 'isa-channels',
	title: 'The registry of ISA channels',
	claim: 'request_dma() gives a channel to one driver: EBUSY for one that is taken and for 4, EINVAL for 8.',
	source: 'LDD3 page 456; kernel/dma.c',
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
	lesson: {
		chapter: 'dma',
		background: isaLessons.isaChannels,
		setup:
			'A driver asks request_dma() for ISA channel 1 and gets it. Another driver asks for the same one ' +
			'(parameter second).',
		question: {
			ask: 'What does the second one get?',
			answers: [
				{text: '0: a channel can be shared.', when: {'the second request': '0'}},
				{text: '1: the number of the channel.', when: {'the second request': '1'}},
				{text: '-EBUSY.', when: {'the second request': '-EBUSY'}},
				{text: '-EINVAL: two requests for one channel make no sense.', when: {'the second request': '-EINVAL'}},
			],
		},
		looks: [{pane: 'trace', says: 'the answers, in the story; /proc/dma lists the owners while the state is held'}],
	},
	*run(x) {
		const {k} = x;
		yield* own(k, x.board.isaCard);
		const channel = 1;
		const first = request_dma(k, channel, 'lab');
		const free = x.later(() => free_dma(k, channel));
		const second = request_dma(k, x.value('second'), 'lab');
		if (second === 0) x.later(() => free_dma(k, x.value('second')));
		x.say(`request_dma(1) = ${first}, request_dma(${x.value('second')}) = ${told(second)}`);
		x.observe('the first request is granted', first, {equals: 0});
		x.observe('the second request is answered EBUSY', told(second), {equals: '-EBUSY'});
		x.observe('channel 4 is EBUSY always', told(request_dma(k, 4, 'lab')), {equals: '-EBUSY'});
		x.observe('channel 8 is EINVAL', told(request_dma(k, 8, 'lab')), {equals: '-EINVAL'});
		x.expect('/proc/dma names the owner of 1', dmaChannels, ownerOf(1), {equals: 'lab'});
		x.expect('/proc/dma says cascade for 4', dmaChannels, ownerOf(4), {equals: 'cascade'});
		yield* x.show('channel taken');
		free();
		x.expect('after free_dma() nobody owns 1', dmaChannels, ownerOf(1), {equals: undefined});
		yield* x.show('channel free');
		return 'channel 1 was taken and given back';
	},
};
