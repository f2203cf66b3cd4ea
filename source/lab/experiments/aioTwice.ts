import type {Experiment} from '../experiment.ts';
import {aioLessons} from '../lessons/aio.ts';
import {aioBug} from './aioBug.ts';

export const aioTwice: Experiment = aioBug({
	name: 'aio-twice',
	title: 'A driver that completes a request twice',
	claim:
		'After aio_complete() the control block is free memory: a second call trips over the poison of ' +
		'CONFIG_DEBUG_SLAB, or ends another’s request.',
	source: 'LDD3 page 438; fs/aio.c aio_complete(), __aio_put_req(), iocb_put()',
	comm: 'aiotwice',
	bug: 'completes twice',
	says: ({era}) => era.oopsLines(era.freedKiocbFault.address, era.freedKiocbFault.write ? 2 : 0)[0]!,
	wrongResult: 64,
	lesson: {
		chapter: 'bugs',
		background: aioLessons.aioTwice,
		setup:
			'A driver completes an asynchronous read with aio_complete() and soon after calls it again for the ' +
			'same request. (With late=1 it comes back when a second read has the memory of the first; with ' +
			'fixed=1 it makes no mistake.)',
		question: {
			ask: 'What comes of the second call?',
			answers: [
				{text: 'Nothing: the request is over.', when: {'the kernel says': false}},
				{text: 'An oops: the request is free memory.', when: {'the kernel says': true}},
				{
					text: 'The second read ends, with the result of the first.',
					when: {'so far the kernel': true, 'the result of the second read': '64'},
				},
			],
		},
		looks: [
			{pane: 'log', says: 'the oops, at an address made of the bytes that slab debugging puts into free memory'},
			{pane: 'iocbs', says: 'the reads, and that none is pending'},
		],
	},
});
