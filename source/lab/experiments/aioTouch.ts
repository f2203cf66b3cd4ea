import type {Experiment} from '../experiment.ts';
import {aioLessons} from '../lessons/aio.ts';
import {aioBug} from './aioBug.ts';

export const aioTouch: Experiment = aioBug({
	name: 'aio-touch',
	title: 'A driver that touches a request after its completion',
	claim:
		'What a driver stores in a control block after aio_complete() spoils free memory, which ' +
		'CONFIG_DEBUG_SLAB tells, or another’s request.',
	source: 'LDD3 page 439; fs/aio.c; mm/slab.c check_poison_obj()',
	comm: 'aiotouch',
	bug: 'touches after completion',
	// The address and the length follow; they are the slab's.
	says: ({era}) => era.poisonOverwrittenLines(era.kiocbCacheName, 0, 0, 0, 0)[0]!.replace(/:? start=.*/, ''),
	wrongResult: 0,
	lesson: {
		chapter: 'bugs',
		background: aioLessons.aioTouch,
		setup:
			'A driver completes an asynchronous read with aio_complete() and soon after stores something into ' +
			'the request. (With late=1 it comes back when a second read has the memory of the first; with ' +
			'fixed=1 it makes no mistake.)',
		question: {
			ask: 'What comes of that store?',
			answers: [
				{text: 'Slab debugging finds it when the memory is used again.', when: {'the kernel says': true}},
				{text: 'Nothing.', when: {'the kernel says': false}},
				{
					text: 'The second read ends with 0 bytes.',
					when: {'so far the kernel': true, 'the result of the second read': '0'},
				},
			],
		},
		looks: [
			{pane: 'log', says: 'what slab debugging says of the free memory'},
			{pane: 'iocbs', says: 'the reads, and that none is pending'},
		],
	},
});
