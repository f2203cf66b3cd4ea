import type {Aio} from '../../formats/debugfs/aio.ts';
import {PAGE_SIZE} from '../../hardware/address.ts';
import {erasFrom} from '../../kernel/era/behaviour.ts';
import {O_DIRECT, O_RDONLY} from '../../kernel/fs/file.ts';
import {IOCB_CMD_PREAD} from '../../kernel/fs/kiocb.ts';
import type {Experiment} from '../experiment.ts';
import {bigLog} from '../files.ts';
import {aioLessons} from '../lessons/aio.ts';
import {User} from '../userland.ts';
import {aio} from '../views.ts';
import {anonymous, choice, must, reap, startChild} from './steps.ts';

/** How often the parent looks for the child's request, and how long between two looks. */
const looks = 2_000;
const lookNs = 20_000;

export const syncIocb: Experiment = {
	name: 'sync-iocb',
	title: 'An ordinary read is an asynchronous one that is waited for',
	claim: 'A read() on a file whose method is asynchronous goes through a kiocb of kind sync, in no context.',
	source: 'LDD3 page 438; fs/read_write.c do_sync_read()',
	rows: [30],
	parameters: [choice('async', '1 reads with io_submit() instead', 0)],
	declares: ['request seen'],
	control: {set: {async: 1}, fails: 'its kind'},
	comm: 'synciocb',
	lesson: {
		chapter: 'io',
		background: aioLessons.syncIocb,
		setup:
			'A program calls read() on a file whose driver has an asynchronous read method (with async=1 it ' +
			'calls io_submit()). While it waits, /sys/kernel/debug/aio is read.',
		question: {
			ask: 'Does a request stand there for it?',
			answers: [
				{text: 'No: read() needs no kiocb.', when: {'the read has a kiocb': false}},
				{
					text: 'Yes, one of kind async, in a context.',
					when: {'its kind is sync': false, 'it belongs to no context': false},
				},
				{
					text: 'Yes, one of kind sync, in no context.',
					when: {'its kind is sync': true, 'it belongs to no context': true},
				},
			],
		},
		looks: [{pane: 'iocbs', says: 'the row of syncread: its kind, and no context below it'}],
		differences: [
			{
				eras: erasFrom('5.10'),
				says:
					'The request looks the same, but a method may not leave it queued: since 4.1 that is a BUG, and aio_complete() ' +
					'of it calls a null pointer.',
			},
		],
	},
	*run(x) {
		const {k} = x;
		const u = new User(k);
		const fd = must(yield* u.open(bigLog.path, O_RDONLY | O_DIRECT), 'open');
		const memory = yield* anonymous(u, 2);
		const place = k.hw.chance.integer(0, bigLog.pages - 1) * PAGE_SIZE;
		function* byRead() {
			return must(yield* u.pread(fd, memory, PAGE_SIZE, place), 'read') === PAGE_SIZE ? 0 : 1;
		}
		function* bySubmit() {
			const events = memory + PAGE_SIZE;
			must(yield* u.ioSetup(1, events), 'io_setup');
			const ctx = yield* u.peek32(events);
			const wish = {aio_lio_opcode: IOCB_CMD_PREAD, aio_fildes: fd, aio_buf: BigInt(memory)};
			const nbytes = {aio_nbytes: BigInt(PAGE_SIZE), aio_offset: BigInt(place)};
			const pointers = yield* u.prepareIocbs(events + 256, [{...wish, ...nbytes}]);
			must(yield* u.ioSubmit(ctx, 1, pointers), 'io_submit');
			must(yield* u.ioGetevents(ctx, 1, 1, events), 'io_getevents');
			return must(yield* u.ioDestroy(ctx), 'io_destroy');
		}
		const pid = yield* startChild(u, {comm: 'syncread', body: x.value('async') === 1 ? bySubmit : byRead});
		const own = ({kiocbs}: Aio) => kiocbs.find(each => each.pid === pid);
		for (let look = 0; look < looks && !own(x.read(aio)); look++) yield* u.compute(lookNs);
		x.expect('the read has a kiocb', aio, all => own(all)?.opcode, {equals: 'PREAD'});
		x.expect('its kind is sync', aio, all => own(all)?.kind, {equals: 'sync'});
		x.expect('it belongs to no context', aio, all => own(all)?.ctx, {equals: null});
		yield* x.show('request seen');
		const code = yield* reap(u, pid);
		x.observe('the read got its 4096 bytes: exit code', code, {equals: 0});
		yield* u.munmap(memory, 2 * PAGE_SIZE);
		yield* u.close(fd);
		return `the read was ${x.value('async') === 1 ? 'submitted' : 'waited for'}`;
	},
};
