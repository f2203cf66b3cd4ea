import type {Aio} from '../../formats/debugfs/aio.ts';
import {countOf} from '../../formats/words.ts';
import {PAGE_SIZE} from '../../hardware/address.ts';
import {erasBefore, erasFrom} from '../../kernel/era/behaviour.ts';
import {O_RDWR} from '../../kernel/fs/file.ts';
import {IOCB_CMD_PREAD} from '../../kernel/fs/kiocb.ts';
import type {Experiment} from '../experiment.ts';
import {aioLessons} from '../lessons/aio.ts';
import {User} from '../userland.ts';
import {aio, aioNr} from '../views.ts';
import {giveScullpBack, ownScullp} from './labDevice.ts';
import {anonymous, must, told} from './steps.ts';

const asked = 125;

export const aioCapacity: Experiment = {
	name: 'aio-capacity',
	title: 'How much an AIO context takes',
	claim:
		'io_setup(125) gets a ring of 127 events, of which one stays free: io_submit() takes 126 requests and no more.',
	source: 'docs/sources.md §5; fs/aio.c aio_setup_ring()',
	rows: [29, 31],
	parameters: [{name: 'submit', about: 'requests offered at once', least: 1, most: 140, usual: 127, unit: 'requests'}],
	declares: ['ring full', 'all complete'],
	eras: erasBefore('5.10'),
	control: {set: {submit: 126}, fails: 'io_submit() takes fewer'},
	comm: 'aiofull',
	lesson: {
		chapter: 'io',
		background: aioLessons.aioCapacity,
		setup: 'io_setup(125) makes a context. One io_submit() then offers it 127 requests (parameter submit).',
		question: {
			ask: 'How many does io_submit() take?',
			answers: [
				{text: '125, for which io_setup() was asked.', when: {'126 are in flight': '125'}},
				{text: '126.', when: {'io_submit() takes fewer': true, '126 are in flight': true}},
				{text: 'All that it was offered.', when: {'io_submit() takes fewer': false}},
			],
		},
		looks: [{pane: 'iocbs', says: 'the context: size of its ring, and how many are in flight'}],
		differences: [
			{
				eras: erasFrom('5.10'),
				says: 'io_setup() doubles what it is asked for: the ring has 255 places, and all 127 requests are taken.',
			},
		],
	},
	*run(x) {
		const {k} = x;
		const u = new User(k);
		const {pid} = k.cpu.current;
		yield* ownScullp(x, 2);
		const fd = must(yield* u.open('/dev/scullp2', O_RDWR), '/dev/scullp2');
		const offered = x.value('submit');
		const memory = yield* anonymous(u, 8);
		const [notes, events] = [memory + PAGE_SIZE, memory + 6 * PAGE_SIZE];
		must(yield* u.pwrite(fd, memory, 64, 0), 'write');
		must(yield* u.ioSetup(asked, events), 'io_setup');
		const ctx = yield* u.peek32(events);
		const context = ({contexts}: Aio) => contexts.find(each => each.pid === pid);
		x.expect('the ring has 127 places', aio, all => context(all)?.ringNr, {equals: 127});
		// Others make and destroy contexts meanwhile.
		const ofOthers = ({contexts}: Aio) =>
			contexts.reduce((sum, each) => sum + (each.pid === pid ? 0 : each.nrEvents), 0);
		const ours = ({value}: {readonly value: number}) => value - ofOthers(x.read(aio));
		x.expect('aio-nr counts what was asked for', aioNr, ours, {equals: asked});
		const pointers = yield* u.prepareIocbs(
			notes,
			Array.from({length: offered}, () => ({
				aio_lio_opcode: IOCB_CMD_PREAD,
				aio_fildes: fd,
				aio_buf: BigInt(memory),
				aio_nbytes: 64n,
			})),
		);
		const answer = yield* u.ioSubmit(ctx, offered, pointers);
		const submitted = Math.max(0, answer);
		x.say(`io_submit(${countOf(offered, 'request')}) = ${told(answer)}`);
		x.observe('io_submit() takes fewer than it was offered', submitted, {atMost: offered - 1});
		x.expect('126 are in flight', aio, all => context(all)?.inFlight, {equals: 126});
		yield* x.show('ring full');
		let seen = 0;
		while (seen < submitted) seen += must(yield* u.ioGetevents(ctx, 1, 8, events), 'io_getevents');
		x.expect('none is in flight any more', aio, all => context(all)?.inFlight, {equals: 0});
		yield* x.show('all complete');
		must(yield* u.ioDestroy(ctx), 'io_destroy');
		yield* u.close(fd);
		yield* giveScullpBack(x, 2);
		return `io_submit() took ${submitted} of ${countOf(offered, 'request')}`;
	},
};
