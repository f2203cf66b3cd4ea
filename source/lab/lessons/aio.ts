/** Why the experiments on asynchronous I/O come out as they do. LDD3 pages 437 to 440. */
import type {Background} from './background.ts';
import {book, linux} from './book.ts';
import {kernel} from './code.ts';

const completion = [kernel('fs/aio_complete.ts', 'aio_put_req', {from: 'const memory =', lines: 11})];

export const aioLessons = {
	syncIocb: {
		why:
			'A driver may have one read method, the asynchronous one, and serve both kinds of callers with it. For read() ' +
			'the kernel makes a kiocb on its own stack, marks it as synchronous and calls the method. Up to 4.0, if that ' +
			'answers -EIOCBQUEUED, the kernel sleeps until aio_complete(). Such a kiocb belongs to no context, so its ' +
			'completion writes no event; it only wakes the sleeper. Since 4.1 that answer is a BUG: the method waits by ' +
			'itself when is_sync_kiocb() says so, as direct I/O does in all kernels.',
		code: [
			kernel('fs/read_write.ts', 'syncIo', {from: 'for (;;) {', lines: 6}),
			kernel('fs/kiocb.ts', 'wait_on_sync_kiocb'),
		],
		diagram: 'aio',
		read: [
			book('Asynchronous I/O', 438),
			linux('2.6.11', 'fs/read_write.c do_sync_read()'),
			linux('5.10', 'fs/read_write.c new_sync_read()'),
		],
		minutes: 10,
		level: 2,
		next: {
			ask: 'And with io_submit(): of which kind is the request, and where does it belong?',
			run: 'sync-iocb async=1',
		},
	},
	asyncDrivers: {
		why:
			'submit_bio() puts a request into the queue of the disk and returns; hard_start_xmit() hands a frame to the ' +
			'card and returns. Device and CPU work side by side then. An interrupt says that it is over, and the driver ' +
			'calls bi_end_io or frees the frame. A caller that wants to wait does so in the layer above, as read() does. A ' +
			'character driver is called by read() directly, so it needs a method of its own for callers who do not want ' +
			'to wait.',
		code: [kernel('fs/block.ts', 'submit_bio', {from: 'blk_plug_device', lines: 13})],
		diagram: 'aio',
		read: [book('Asynchronous I/O', 437), linux('2.6.11', 'drivers/block/ll_rw_blk.c submit_bio()')],
		minutes: 10,
		level: 2,
		next: {
			ask: 'How does a program get its answer from a driver that is asynchronous?',
			run: 'sync-iocb async=1',
		},
	},
	aioBurst: {
		why:
			'With O_DIRECT io_submit() starts each request and waits for the end of none. The driver hands many of them to ' +
			'the disk at once, and the disk takes them in an order that saves movements of its heads. Each request gets an ' +
			'event when it ends. That is what asynchronous I/O is for: with one request at a time there is nothing to choose ' +
			'from.',
		code: [kernel('fs/aio_submit.ts', 'sys_io_submit', {from: 'for (let i = 0', lines: 6})],
		diagram: 'aio',
		read: [book('Asynchronous I/O', 437), linux('2.6.11', 'fs/aio.c io_submit_one()')],
		minutes: 5,
		level: 1,
		next: {
			ask: 'How many requests may be under way in one context?',
			run: 'aio-capacity',
		},
	},
	aioCapacity: {
		why:
			'Every request needs a place in the ring for its event, or the event would be lost. The ring is made of whole ' +
			'pages: a header of 32 bytes and 32 bytes for each event, so one page has 127 places. One stays free, for a ' +
			'ring whose head and tail are equal is empty, not full. io_submit() takes a request only if a place is left ' +
			'for it. Kernels from 3.12 on make the ring twice as large as asked for, since each CPU sets some places ' +
			'aside.',
		code: [
			kernel('fs/aio_ring.ts', 'ringPages'),
			kernel('fs/aio_ring.ts', 'ringSlots'),
			kernel('fs/aio_ring.ts', 'aio_ring_avail'),
		],
		diagram: 'aio',
		read: [book('Asynchronous I/O', 437), linux('2.6.11', 'fs/aio.c aio_setup_ring()')],
		minutes: 10,
		level: 3,
		next: {
			ask: 'How many of the 127 does 5.10 take?',
			run: 'aio-capacity --era 5.10',
		},
	},
	aioOrder: {
		why:
			'Each driver calls aio_complete() when its own device is done, and that call writes the event at the tail of ' +
			'the ring. Nothing puts the events back into the order of submission. So an event carries a number, data, ' +
			'that the program chose for the request, and obj, the address of its iocb: they say which one ended.',
		code: [
			kernel('fs/aio_complete.ts', 'postEvent'),
			kernel('drivers/scull.ts', 'scull_defer_op', {from: 'after(dev.delayNs, ', lines: 1}),
		],
		diagram: 'aio',
		read: [book('An asynchronous I/O example', 439), linux('2.6.11', 'fs/aio.c aio_complete()')],
		minutes: 5,
		level: 1,
		next: {
			ask: 'What if it is one device, a disk, and many requests?',
			run: 'aio-burst requests=20',
		},
	},
	aioCancel: {
		why:
			'Only a driver knows how to stop its device, so io_cancel() asks the request’s ki_cancel, which the driver ' +
			'sets. If it has set none, the call is refused, and the device goes on. io_destroy() may not free what the ' +
			'device still needs: it cancels what can be cancelled and sleeps until the rest has ended. A program that is ' +
			'killed waits in the same way.',
		code: [
			kernel('fs/aio_submit.ts', 'sys_io_cancel', {from: 'if (!req?.ki_cancel)', lines: 5}),
			kernel('fs/aio.ts', 'kill_ctx', {from: 'for (const iocb', lines: 4}),
		],
		diagram: 'aio',
		read: [book('Asynchronous I/O', 438), linux('2.6.11', 'fs/aio.c sys_io_cancel(), sys_io_destroy()')],
		minutes: 10,
		level: 2,
		next: {
			ask: 'How long does io_destroy() take if the program waits 5 ms before it?',
			run: 'aio-cancel wait=5',
		},
	},
	aioFsync: {
		why:
			'io_submit() looks in the file_operations for a method that fits the command. For IOCB_CMD_FSYNC that was ' +
			'aio_fsync, and no filesystem of 2.6 filled it in; without a method there is only -EINVAL. Since 4.18 the ' +
			'kernel calls the ordinary fsync method from a work queue. The submitter goes on, and the event has the ' +
			'result.',
		code: [kernel('fs/aio_submit.ts', 'fsyncOf')],
		diagram: 'aio',
		read: [
			book('Asynchronous I/O', 438),
			linux('2.6.11', 'fs/aio.c io_submit_one()'),
			linux('5.10', 'fs/aio.c aio_fsync()'),
		],
		minutes: 5,
		level: 2,
		next: {
			ask: 'And in 5.10?',
			run: 'aio-fsync --era 5.10',
		},
	},
	aioTwice: {
		why:
			'A request has two holders: its submitter, until io_submit() returns, and the driver, until aio_complete(). ' +
			'When both have let go, the kiocb goes back to its slab cache. A second aio_complete() works on free memory. ' +
			'With slab debugging that is filled with 0x6b, so a pointer in it is 0x6b6b6b6b, and following it is an oops. ' +
			'Without, or when the memory has a new owner, the other request is ended instead.',
		code: completion,
		diagram: 'aio',
		read: [book('Asynchronous I/O', 438), linux('2.6.11', 'fs/aio.c __aio_put_req(); mm/slab.c')],
		minutes: 10,
		level: 3,
		next: {
			ask: 'The driver comes back later, when the memory belongs to a second read. What does that read return?',
			run: 'aio-twice late=1',
		},
	},
	aioTouch: {
		why:
			'After aio_complete() the request’s memory is free, and a driver that stores into it spoils whatever comes ' +
			'next there. Slab debugging fills free memory with 0x6b and looks at it again when it hands it out: a byte ' +
			'that differs was written by somebody who had no right to. The report comes late, and names who takes the ' +
			'memory, not who spoiled it.',
		code: [kernel('mm/slab_debug.ts', 'verifyPoison')],
		diagram: 'aio',
		read: [book('An asynchronous I/O example', 439), linux('2.6.11', 'mm/slab.c check_poison_obj()')],
		minutes: 10,
		level: 3,
		next: {
			ask: 'The second read has the memory already when the driver stores into it. How many bytes does it report?',
			run: 'aio-touch late=1',
		},
	},
} as const satisfies Readonly<Record<string, Background>>;
