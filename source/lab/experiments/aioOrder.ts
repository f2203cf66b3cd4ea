import {PAGE_SIZE} from '../../hardware/address.ts';
import {O_RDWR} from '../../kernel/fs/file.ts';
import {IOCB_CMD_PREAD} from '../../kernel/fs/kiocb.ts';
import type {Experiment} from '../experiment.ts';
import {aioLessons} from '../lessons/aio.ts';
import {User} from '../userland.ts';
import {aio} from '../views.ts';
import {giveScullpBack, ownScullp} from './labDevice.ts';
import {anonymous, choice, must} from './steps.ts';

export const aioOrder: Experiment = {
	name: 'aio-order',
	title: 'Events come in the order of completion',
	claim:
		'Of two requests the one whose device is faster ends first, whichever was submitted first; data tells them apart.',
	source: 'LDD3 page 438; fs/aio.c aio_complete()',
	rows: [29, 31],
	parameters: [choice('equal', '1 gives both devices one speed', 0)],
	declares: ['both in flight', 'both complete'],
	control: {set: {equal: 1}, fails: 'the first event'},
	comm: 'aioorder',
	lesson: {
		chapter: 'io',
		background: aioLessons.aioOrder,
		setup:
			'A program submits two reads with one io_submit(), to two devices. The second device is four times ' +
			'as fast (with equal=1 they are alike).',
		question: {
			ask: 'Whose event comes first?',
			answers: [
				{text: 'That of the second request.', when: {'the first event': true}},
				{text: 'That of the first request.', when: {'the first event': false}},
			],
		},
		looks: [{pane: 'iocbs', says: 'two PREADs of one process: the younger one goes first'}],
	},
	*run(x) {
		const {k} = x;
		const u = new User(k);
		const {pid} = k.cpu.current;
		yield* ownScullp(x, 0);
		const fast = yield* ownScullp(x, 1);
		const usual = fast.delayNs;
		x.later(() => {
			fast.delayNs = usual;
		});
		if (x.value('equal') === 0) fast.delayNs = Math.floor(usual / 4);
		const memory = yield* anonymous(u, 2);
		const fds: number[] = [];
		for (const minor of [0, 1]) {
			const fd = must(yield* u.open(`/dev/scullp${minor}`, O_RDWR), `/dev/scullp${minor}`);
			must(yield* u.pwrite(fd, memory, 64, 0), 'write');
			fds.push(fd);
		}
		const events = memory + PAGE_SIZE;
		must(yield* u.ioSetup(4, events), 'io_setup');
		const ctx = yield* u.peek32(events);
		const pointers = yield* u.prepareIocbs(
			memory + 256,
			fds.map((fd, i) => ({
				aio_data: BigInt(i),
				aio_lio_opcode: IOCB_CMD_PREAD,
				aio_fildes: fd,
				aio_buf: BigInt(memory),
				aio_nbytes: 64n,
			})),
		);
		must(yield* u.ioSubmit(ctx, 2, pointers), 'io_submit');
		x.expect(
			'two requests of this process are pending',
			aio,
			({kiocbs}) => kiocbs.filter(each => each.pid === pid).length,
			{equals: 2},
		);
		yield* x.show('both in flight');
		must(yield* u.ioGetevents(ctx, 2, 2, events), 'io_getevents');
		const [first, second] = yield* u.readEvents(events, 2);
		x.observe('the first event is that of the second request', Number(first!.data), {equals: 1});
		yield* x.show('both complete');
		for (const [which, {res, res2}] of [
			['first', first!],
			['second', second!],
		] as const) {
			x.observe(`the ${which} says 64 bytes`, res, {equals: 64});
			x.observe(`the ${which} says no error`, res2, {equals: 0});
		}
		must(yield* u.ioDestroy(ctx), 'io_destroy');
		for (const fd of fds) yield* u.close(fd);
		yield* giveScullpBack(x, 1);
		yield* giveScullpBack(x, 0);
		return `request ${Number(first!.data)} ended first`;
	},
};
