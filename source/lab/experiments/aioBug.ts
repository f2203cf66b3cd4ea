/** The driver scullp with one mistake in how it ends a request, and what comes of it. */

import {countOf} from '../../formats/words.ts';
import {PAGE_SIZE} from '../../hardware/address.ts';
import type {ScullBug, ScullDevice} from '../../kernel/drivers/scull.ts';
import {IO_EVENT_BYTES, IOCB_BYTES} from '../../kernel/fs/aio_abi.ts';
import {O_RDWR} from '../../kernel/fs/file.ts';
import {IOCB_CMD_PREAD} from '../../kernel/fs/kiocb.ts';
import type {Kernel} from '../../kernel/kernel.ts';
import type {Sleeps} from '../../kernel/time.ts';
import {type Bench, CouldNotRun, type Experiment} from '../experiment.ts';
import {User} from '../userland.ts';
import {aio, kmsg, linesWith} from '../views.ts';
import {giveScullpBack, ownScullp} from './labDevice.ts';
import {anonymous, choice, must, nowUs, waitFor} from './steps.ts';

const firstBytes = 64;
const secondBytes = 128;
const minor = 2;

type AioMistake = Pick<Experiment, 'name' | 'title' | 'claim' | 'comm' | 'source' | 'lesson'> & {
	readonly bug: ScullBug;
	/** What the kernel says when nobody else has the request's memory. */
	readonly says: (k: Kernel) => string;
	/** What the second request's event says when it has the memory of the first. */
	readonly wrongResult: number;
};

/** A program reads twice; the driver comes back to the first read after its completion. */
export const aioBug = ({bug, says, wrongResult, ...mistake}: AioMistake): Experiment => ({
	...mistake,
	rows: [29, 31],
	parameters: [
		choice('fixed', '1 has the driver do it right', 0),
		choice('late', '1 has the driver come back when the second read has the memory of the first', 0),
	],
	declares: ['first read complete', 'driver came back', 'second read complete'],
	disposable: true,
	control: {set: {fixed: 1}, fails: 'the kernel says'},
	*run(x) {
		const {k} = x;
		const u = new User(k);
		const {pid} = k.cpu.current;
		const late = x.value('late') === 1;
		const fixed = x.value('fixed') === 1;
		const dev = yield* ownScullp(x, minor);
		const memory = yield* anonymous(u, 2);
		const fd = must(yield* u.open(`/dev/${dev.name}`, O_RDWR), 'open');
		must(yield* u.pwrite(fd, memory, PAGE_SIZE, 0), 'write');
		const events = memory + PAGE_SIZE;
		must(yield* u.ioSetup(4, events), 'io_setup');
		const ctx = yield* u.peek32(events);
		function* read(data: number, bytes: number) {
			const wish = {aio_data: BigInt(data), aio_lio_opcode: IOCB_CMD_PREAD, aio_fildes: fd};
			const where = {aio_buf: BigInt(memory), aio_nbytes: BigInt(bytes)};
			must(yield* u.ioSubmit(ctx, 1, yield* u.prepareIocbs(events + 512, [{...wish, ...where}])), 'io_submit');
		}
		function* nextEvent() {
			must(yield* u.ioGetevents(ctx, 1, 1, events), 'io_getevents');
			return (yield* u.readEvents(events, 1))[0]!;
		}
		const since = nowUs(k);
		x.later(() => {
			dev.bug = undefined;
		});
		dev.bugDelayNs = late ? Math.floor(dev.delayNs / 2) : 0;
		dev.cameBackTo = undefined;
		if (!fixed) dev.bug = bug;
		yield* read(1, firstBytes);
		dev.bug = undefined;
		const first = yield* nextEvent();
		x.observe('the result of the first read', first.res, {equals: firstBytes});
		x.expect('no request is pending', aio, ({kiocbs}) => kiocbs.filter(each => each.pid === pid).length, {equals: 0});
		yield* x.show('first read complete');
		if (!late) yield* u.sleep(1);
		yield* x.show('driver came back');
		if (!fixed && !late) yield* cameBack(x, dev, null, 'another request had the memory when the driver came back');
		const complaints = linesWith(says(k), since);
		// The thread that dies of the second completion serves no more requests.
		if (late || bug !== 'completes twice') {
			yield* read(2, secondBytes);
			const {res} = yield* nextEvent();
			yield* x.show('second read complete');
			if (!fixed && late) yield* cameBack(x, dev, pid, 'the second read did not get the memory of the first');
			const expected = late ? wrongResult : secondBytes;
			x.observe(`the result of the second read, of ${countOf(secondBytes, 'byte')}`, res, {equals: expected});
		}
		if (!fixed && !late && bug !== 'completes twice' && complaints(x.read(kmsg)) === 0)
			yield* takeAllMemory(u, fd, memory);
		if (late) x.expect('so far the kernel has said nothing', kmsg, complaints, {equals: 0});
		else x.expect(`the kernel says “${says(k)}”`, kmsg, complaints, {atLeast: 1});
		yield* u.sleep(20);
		must(yield* u.ioDestroy(ctx), 'io_destroy');
		yield* u.close(fd);
		yield* giveScullpBack(x, minor);
		return fixed ? 'the driver made no mistake' : `the driver ${bug}`;
	},
});

/** The driver has come back, to free memory or to a request of this process. @param otherwise says what else it met */
function* cameBack({k}: Bench, dev: ScullDevice, to: number | null, otherwise: string): Sleeps<void> {
	yield* waitFor(k, () => dev.cameBackTo !== undefined, 'the driver did not come back');
	if (dev.cameBackTo !== to) throw new CouldNotRun(otherwise);
}

/**
 * Has requests in all memory that waits for one. Slab debugging looks at free memory when it is used again, the one
 * freed last first: what other programs gave back since lies above.
 */
function* takeAllMemory(u: User, fd: number, memory: number): Sleeps<void> {
	const many = u.k.aio.spare.length;
	const wish = {aio_lio_opcode: IOCB_CMD_PREAD, aio_fildes: fd, aio_buf: BigInt(memory), aio_nbytes: 1n};
	const notePages = Math.ceil((many * (IOCB_BYTES + 4)) / PAGE_SIZE);
	const notes = yield* anonymous(u, notePages + Math.ceil((many * IO_EVENT_BYTES) / PAGE_SIZE) + 1);
	const events = notes + notePages * PAGE_SIZE;
	must(yield* u.ioSetup(many, events), 'io_setup');
	const ctx = yield* u.peek32(events);
	const submitted = must(
		yield* u.ioSubmit(ctx, many, yield* u.prepareIocbs(notes, Array(many).fill(wish))),
		'io_submit',
	);
	for (let ended = 0; ended < submitted; ) ended += must(yield* u.ioGetevents(ctx, 1, many, events), 'io_getevents');
	must(yield* u.ioDestroy(ctx), 'io_destroy');
}
