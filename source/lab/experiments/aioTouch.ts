import type {Experiment} from '../experiment.ts';
import {aioBug} from './aioBug.ts';

export const aioTouch: Experiment = aioBug({
	name: 'aio-touch',
	title: 'A driver that touches a request after its completion',
	claim:
		'What a driver stores in a control block after aio_complete() spoils free memory, which CONFIG_DEBUG_SLAB tells, or another’s request.',
	source: 'mission row 31; LDD3 page 439; fs/aio.c; mm/slab.c check_poison_obj()',
	comm: 'aiotouch',
	bug: 'touches after completion',
	// The address and the length follow; they are the slab's.
	says: ({era}) => era.poisonOverwrittenLines(era.kiocbCacheName, 0, 0, 0, 0)[0]!.replace(/start=.*/, ''),
	wrongResult: 0,
});
