import {errnoName} from '../../kernel/errno.ts';
import {O_DIRECT, O_RDONLY} from '../../kernel/fs/file.ts';
import {IOCB_CMD_PREAD} from '../../kernel/fs/kiocb.ts';
import {type Experiment, ExperimentFailed} from '../experiment.ts';
import {DATABASE} from '../files.ts';
import {MAP_ANONYMOUS, MAP_PRIVATE, PROT_READ, PROT_WRITE, User} from '../userland.ts';

const PAGE = 4096;

export const directRead: Experiment = {
	name: 'direct-read',
	title: 'Direct-I/O read',
	key: 'd',
	claim:
		'A direct read pins the pages of the user buffer and lets the disk write into them; the page cache is not used.',
	source: 'mission rows 24 to 28; LDD3 page 435; fs/direct-io.c',
	rows: [24, 26, 41],
	parameters: [
		{name: 'pages', about: 'length of the read', least: 1, most: 1_024, usual: 16, unit: 'pages'},
		{name: 'offset', about: 'where in the file', least: 0, most: 4_000, usual: 128, unit: 'pages'},
	],
	declares: ['buffer mapped', 'kiocb queued', 'read complete'],
	comm: 'directrd',
	*run(x) {
		const u = new User(x.k);
		const pages = x.value('pages');
		const fd = yield* u.open(DATABASE.path, O_RDONLY | O_DIRECT);
		if (fd < 0) throw new ExperimentFailed(`${DATABASE.path} cannot be opened: ${errnoName(fd)}`);
		const memory = yield* u.mmap(0, (pages + 1) * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
		if (memory < 0) throw new ExperimentFailed(`no memory for ${pages} pages: ${errnoName(memory)}`);
		const notes = memory + pages * PAGE;
		x.say(`the buffer is ${pages} pages of user memory at 0x${memory.toString(16)}, none of them there yet`);
		yield* x.show('buffer mapped');
		const made = yield* u.ioSetup(4, notes);
		if (made < 0) throw new ExperimentFailed(`io_setup: ${errnoName(made)}`);
		const ctx = yield* u.peek32(notes);
		const pointers = yield* u.prepareIocbs(notes + 64, [
			{
				aio_lio_opcode: IOCB_CMD_PREAD,
				aio_fildes: fd,
				aio_buf: BigInt(memory),
				aio_nbytes: BigInt(pages * PAGE),
				aio_offset: BigInt(x.value('offset') * PAGE),
			},
		]);
		const pinnedBefore = x.k.mm.pins.size;
		const submitted = yield* u.ioSubmit(ctx, 1, pointers);
		if (submitted !== 1) throw new ExperimentFailed(`io_submit: ${errnoName(submitted)}`);
		x.say(`io_submit() returned at once; get_user_pages() has pinned ${x.k.mm.pins.size - pinnedBefore} more pages`);
		yield* x.show('kiocb queued');
		yield* u.ioGetevents(ctx, 1, 1, notes + 512);
		const [event] = yield* u.readEvents(notes + 512, 1);
		x.say(`the disk's interrupt completed it: res=${event!.res}`);
		yield* x.show('read complete');
		x.observe(`the event says ${pages * PAGE} bytes`, event!.res === pages * PAGE);
		x.observe('every page of the buffer is resident now', x.k.cpu.current.mm!.rss_anon >= pages);
		yield* u.ioDestroy(ctx);
		yield* u.close(fd);
		return `${event!.res} bytes went from the disk into user pages`;
	},
};
