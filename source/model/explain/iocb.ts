/** Asynchronous I/O. @see fs/aio.c, include/linux/aio_abi.h */

import {frameRun} from '../../formats/cells.ts';
import type {AioContext, Kiocb} from '../../formats/debugfs/aio.ts';
import {address} from '../../formats/text.ts';
import {countOf} from '../../formats/words.ts';
import {type Explanation, field, glossary} from './explanation.ts';

const opcodes = glossary({
	PREAD: 'read at a position',
	PWRITE: 'write at a position',
	FSYNC: 'bring the file to the disk',
	FDSYNC: 'bring the data of the file to the disk',
	POLL: 'wait until something can be read',
	NOOP: 'nothing',
	PREADV: 'read into several buffers',
	PWRITEV: 'write from several buffers',
});

const states = glossary({
	queued: 'the kernel has it; the driver’s method was not called yet',
	pinning: 'get_user_pages() takes hold of the pages of the user’s buffer',
	submitted: 'handed to the block layer, where it waits its turn',
	device: 'the device is at work on it',
	completing: 'the device is done; aio_complete() puts the result into the ring',
	done: 'finished',
	retry: 'the method asked to be called again later',
	cancelled: 'io_cancel() or the end of the process stopped it',
});

export function explainKiocb(kiocb: Kiocb): Explanation {
	const {id, ctx, pid, comm, opcode, file, pos, nbytes, kind, state, pagesPinned, pinned, ageUs} = kiocb;
	const frames = pinned.map(frameRun.show);
	return {
		title: `kiocb ${id} of ${comm}-${pid}`,
		fields: [
			field('op', `IOCB_CMD_${opcode}`, opcodes.get(opcode) ?? ''),
			field('state', state, states.get(state) ?? ''),
			field(
				'kind',
				kind,
				kind === 'async'
					? 'io_submit() has returned, or will before it is done'
					: 'a plain read or write: the call returns when it is done (is_sync_kiocb())',
			),
			field('file', file),
			field('pos', `0x${pos.toString(16)}`, `byte ${pos} of the file`),
			field('len', `${nbytes} bytes`),
			field(
				'pins',
				String(pagesPinned),
				pagesPinned === 0
					? 'pages of the user’s buffer that it holds now'
					: 'pages of the user’s buffer, held until the device is done',
				frames.length === 0 ? '' : `page frames ${frames.join(' ')}`,
			),
			field(
				'ctx',
				ctx === null ? 'none' : address(ctx),
				ctx === null ? '' : 'the context of io_setup() that gets the result',
			),
			field('age', `${ageUs} us`, 'since it was submitted'),
		],
	};
}

export function explainContext({
	ctx,
	pid,
	comm,
	nrEvents,
	ringNr,
	ringPages,
	head,
	tail,
	inFlight,
}: AioContext): Explanation {
	const ready = (tail - head + ringNr) % ringNr;
	return {
		title: `AIO context ${address(ctx)} of ${comm}-${pid}`,
		fields: [
			field('ctx', address(ctx), 'what io_setup() gave: the address of the ring in the process'),
			field('nr_events', String(nrEvents), 'what io_setup() was asked for; it counts against fs.aio-max-nr'),
			field(
				'ring',
				`${ringNr} events in ${countOf(ringPages, 'page')}`,
				'one place stays empty, so that full and empty differ',
			),
			field('head', String(head), 'where io_getevents() reads next'),
			field('tail', String(tail), `where aio_complete() writes next: ${ready} results wait to be read`),
			field('in flight', String(inFlight), 'requests that are not done'),
		],
	};
}
