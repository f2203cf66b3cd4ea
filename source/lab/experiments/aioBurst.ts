import type {Aio} from '../../formats/debugfs/aio.ts';
import {countOf, wereOf} from '../../formats/words.ts';
import {PAGE_SIZE} from '../../hardware/address.ts';
import {errnoName} from '../../kernel/errno.ts';
import {O_DIRECT, O_RDONLY} from '../../kernel/fs/file.ts';
import {IOCB_CMD_PREAD} from '../../kernel/fs/kiocb.ts';
import {MAP_ANONYMOUS, MAP_PRIVATE, PROT_READ, PROT_WRITE} from '../../kernel/mm/mman.ts';
import {CouldNotRun, type Experiment} from '../experiment.ts';
import {database} from '../files.ts';
import {aioLessons} from '../lessons/aio.ts';
import {User} from '../userland.ts';
import {aio} from '../views.ts';

export const aioBurst: Experiment = {
	name: 'aio-burst',
	title: 'Burst of asynchronous reads',
	key: 'a',
	claim:
		'Many asynchronous requests are outstanding at once and complete in the order of the disk, not of ' +
		'their submission.',
	source: 'LDD3 page 437; fs/aio.c',
	rows: [29, 31],
	parameters: [{name: 'requests', about: 'reads to submit', least: 1, most: 64, usual: 12, unit: 'requests'}],
	declares: ['kiocb queued', 'first events', 'all complete'],
	control: {set: {requests: 1}, fails: 'several requests'},
	comm: 'aioburst',
	lesson: {
		chapter: 'io',
		background: aioLessons.aioBurst,
		setup:
			'A program submits twelve direct reads (parameter requests) at places scattered over a file with ' +
			'one io_submit(), and collects the events.',
		question: {
			ask: 'In which order do they complete?',
			answers: [
				{text: 'In the order in which they were submitted.', when: {'they complete in another order': false}},
				{text: 'In another order.', when: {'they complete in another order': true}},
			],
		},
		looks: [
			{pane: 'iocbs', says: 'twelve PREADs at once, and the ring of the context that fills'},
			{pane: 'trace', says: 'block_rq_issue and block_rq_complete: the disk has an order of its own'},
		],
	},
	*run(x) {
		const u = new User(x.k);
		const {pid} = x.k.cpu.current;
		const requests = x.value('requests');
		const fd = yield* u.open(database.path, O_RDONLY | O_DIRECT);
		if (fd < 0) throw new CouldNotRun(`${database.path} cannot be opened: ${errnoName(fd)}`);
		const memory = yield* u.mmap(
			0,
			(requests + 3) * PAGE_SIZE,
			PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS,
			-1,
		);
		if (memory < 0) throw new CouldNotRun(`no memory for ${countOf(requests, 'buffer')}: ${errnoName(memory)}`);
		const notes = memory + requests * PAGE_SIZE;
		const events = notes + 2 * PAGE_SIZE;
		const made = yield* u.ioSetup(requests, events);
		if (made < 0) throw new CouldNotRun(`io_setup: ${errnoName(made)}`);
		const ctx = yield* u.peek32(events);
		const places = Array.from({length: requests}, () => x.k.hw.chance.integer(0, database.pages - 1));
		const pointers = yield* u.prepareIocbs(
			notes,
			places.map((place, i) => ({
				aio_data: BigInt(i),
				aio_lio_opcode: IOCB_CMD_PREAD,
				aio_fildes: fd,
				aio_buf: BigInt(memory + i * PAGE_SIZE),
				aio_nbytes: BigInt(PAGE_SIZE),
				aio_offset: BigInt(place * PAGE_SIZE),
			})),
		);
		const submitted = yield* u.ioSubmit(ctx, requests, pointers);
		if (submitted < 0) throw new CouldNotRun(`io_submit: ${errnoName(submitted)}`);
		x.say(`io_submit() accepted ${countOf(submitted, 'read')} at ${countOf(submitted, 'place')} of ${database.path}`);
		const mine = ({contexts}: Aio) => contexts.find(each => each.pid === pid);
		x.expect('several requests are in flight at once', aio, all => mine(all)?.inFlight, {atLeast: 2});
		yield* x.show('kiocb queued');
		const order: number[] = [];
		let bytes = 0;
		while (order.length < submitted) {
			const got = yield* u.ioGetevents(ctx, 1, submitted, events);
			if (got < 1) throw new CouldNotRun(`io_getevents: ${errnoName(got)}`);
			for (const event of yield* u.readEvents(events, got)) {
				order.push(Number(event.data));
				bytes += event.res;
			}
			if (order.length === got) yield* x.show('first events');
		}
		yield* x.show('all complete');
		x.say(`completed in the order ${order.join(' ')}`);
		const inTurn = [...order].sort((a, b) => a - b).join(' ');
		x.observe('they complete in another order than they were submitted in', order.join(' '), {not: inTurn});
		x.observe('each request gave one event', new Set(order).size, {equals: submitted});
		x.observe('each read its 4096 bytes', bytes, {equals: submitted * PAGE_SIZE});
		x.expect('none is in flight any more', aio, all => mine(all)?.inFlight, {equals: 0});
		yield* u.ioDestroy(ctx);
		yield* u.close(fd);
		return `${wereOf(submitted, 'read')} in flight together`;
	},
};
