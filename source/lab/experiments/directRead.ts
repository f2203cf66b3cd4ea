import type {Aio} from '../../formats/debugfs/aio.ts';
import {prefixedHex} from '../../formats/text.ts';
import {countOf} from '../../formats/words.ts';
import {PAGE_SIZE} from '../../hardware/address.ts';
import {O_DIRECT, O_RDONLY} from '../../kernel/fs/file.ts';
import {IOCB_CMD_PREAD} from '../../kernel/fs/kiocb.ts';
import type {Experiment} from '../experiment.ts';
import {database} from '../files.ts';
import {pageLessons} from '../lessons/io.ts';
import {User} from '../userland.ts';
import {aio, page, translate, vma, vmaAt} from '../views.ts';
import {anonymous, choice, frameOf, must} from './steps.ts';

export const directRead: Experiment = {
	name: 'direct-read',
	title: 'Direct-I/O read',
	key: 'd',
	claim:
		'A direct read pins the pages of the user buffer for as long as it lasts and lets the disk write into ' +
		'them, as no buffered read does.',
	source: 'LDD3 page 435; fs/direct-io.c',
	rows: [24, 26, 41],
	parameters: [
		{name: 'pages', about: 'length of the read', least: 1, most: 1_024, usual: 16, unit: 'pages'},
		{name: 'offset', about: 'where in the file', least: 0, most: 4_000, usual: 128, unit: 'pages'},
		choice('buffered', '1 opens the file without O_DIRECT', 0),
	],
	declares: ['buffer mapped', 'kiocb queued', 'read complete'],
	control: {set: {buffered: 1}, fails: 'the request has pinned'},
	comm: 'directrd',
	lesson: {
		chapter: 'io',
		background: pageLessons.directRead,
		setup:
			'A program opens /data/table.db with O_DIRECT (with buffered=1 without) and submits a read of 16 ' +
			'pages into memory that it has mapped and never touched.',
		question: {
			ask: 'What holds the pages of the buffer while the disk works?',
			answers: [
				{text: 'The request: it has pinned all of them.', when: {'the request has pinned': true}},
				{text: 'Nothing: the data goes elsewhere first and is copied later.', when: {'the request has pinned': false}},
			],
		},
		looks: [
			{pane: 'iocbs', says: 'the PREAD: queued, then with the device, and its pins'},
			{pane: 'frames', says: 'P: the pages of the buffer while the disk writes into them'},
		],
	},
	*run(x) {
		const u = new User(x.k);
		const {pid} = x.k.cpu.current;
		const pages = x.value('pages');
		const bytes = pages * PAGE_SIZE;
		const direct = x.value('buffered') === 1 ? 0 : O_DIRECT;
		const fd = must(yield* u.open(database.path, O_RDONLY | direct), `${database.path} cannot be opened`);
		const memory = yield* anonymous(u, pages + 1);
		const notes = memory + bytes;
		x.say(`the buffer is ${countOf(pages, 'page')} of user memory at ${prefixedHex(memory)}, none of them there yet`);
		yield* x.show('buffer mapped');
		must(yield* u.ioSetup(4, notes), 'io_setup');
		const ctx = yield* u.peek32(notes);
		const pointers = yield* u.prepareIocbs(notes + 64, [
			{
				aio_lio_opcode: IOCB_CMD_PREAD,
				aio_fildes: fd,
				aio_buf: BigInt(memory),
				aio_nbytes: BigInt(bytes),
				aio_offset: BigInt(x.value('offset') * PAGE_SIZE),
			},
		]);
		must(yield* u.ioSubmit(ctx, 1, pointers), 'io_submit');
		x.say('io_submit() returned at once');
		const mine = ({kiocbs}: Aio) => kiocbs.find(each => each.pid === pid);
		x.expect('the request has pinned every page of the buffer', aio, all => mine(all)?.pagesPinned, {equals: pages});
		yield* x.show('kiocb queued');
		must(yield* u.ioGetevents(ctx, 1, 1, notes + 512), 'io_getevents');
		const [event] = yield* u.readEvents(notes + 512, 1);
		x.say(`the disk's interrupt completed it: res=${event!.res}`);
		x.observe(`the event says ${countOf(bytes, 'byte')}`, event!.res, {equals: bytes});
		x.expect('every page of the buffer is there now', vma(pid), all => vmaAt(memory)(all)?.pagesPresent, {
			atLeast: pages,
		});
		const frame = x.read(translate(`user:${pid}:${prefixedHex(memory)}`));
		x.expect('the first has no pin any more', page(frameOf(frame) ?? 0), ({pins}) => pins, {equals: 0});
		yield* x.show('read complete');
		yield* u.ioDestroy(ctx);
		yield* u.close(fd);
		return `${countOf(event!.res, 'byte')} went from the disk into user pages`;
	},
};
