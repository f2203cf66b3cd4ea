import type {Experiment} from '../experiment.ts';
import {aioBug} from './aioBug.ts';

export const aioTwice: Experiment = aioBug({
	name: 'aio-twice',
	title: 'A driver that completes a request twice',
	claim:
		'After aio_complete() the control block is free memory: a second call trips over the poison of CONFIG_DEBUG_SLAB, or ends another’s request.',
	source: 'mission row 31; LDD3 page 438; fs/aio.c aio_complete(), __aio_put_req(), iocb_put()',
	comm: 'aiotwice',
	bug: 'completes twice',
	says: ({era}) => era.oopsLines(era.freedKiocbFault.address, era.freedKiocbFault.write ? 2 : 0)[0]!,
	wrongResult: 64,
});
