import {prefixedHex} from '../../formats/text.ts';
import {PAGE_SIZE} from '../../hardware/address.ts';
import {erasBefore, erasFrom} from '../../kernel/era/behaviour.ts';
import {O_CREAT, O_RDWR} from '../../kernel/fs/file.ts';
import {IOCB_CMD_FDSYNC, IOCB_CMD_FSYNC} from '../../kernel/fs/kiocb.ts';
import {sys_unlink} from '../../kernel/fs/namei.ts';
import {MAP_SHARED, PROT_READ} from '../../kernel/mm/mman.ts';
import type {Experiment} from '../experiment.ts';
import {aioLessons} from '../lessons/aio.ts';
import {User} from '../userland.ts';
import {page, translate} from '../views.ts';
import {anonymous, choice, frameOf, must, told} from './steps.ts';

export const aioFsync: Experiment = {
	name: 'aio-fsync',
	title: 'An fsync that no one does asynchronously',
	claim: 'IOCB_CMD_FSYNC asks the aio_fsync method of the file; no file has one, and io_submit() answers EINVAL.',
	source: 'LDD3 page 438; fs/aio.c',
	rows: [29],
	parameters: [choice('data', '1 asks for IOCB_CMD_FDSYNC', 0)],
	declares: ['page dirty', 'fsync submitted'],
	eras: erasBefore('5.10'),
	control: {era: '5.10', fails: 'io_submit() answers'},
	comm: 'aiofsync',
	lesson: {
		chapter: 'io',
		background: aioLessons.aioFsync,
		setup:
			'A program writes to a file, so that a page of the cache is dirty, and submits IOCB_CMD_FSYNC for it (with ' +
			'data=1: IOCB_CMD_FDSYNC). The filesystem has an fsync method, and no aio_fsync.',
		question: {
			ask: 'What does io_submit() answer?',
			answers: [
				{text: '-EINVAL.', when: {'io_submit() answers': '-EINVAL'}},
				{text: '1: the page is written meanwhile.', when: {'io_submit() answers': '1'}},
				{text: '0: there is nothing to wait for.', when: {'io_submit() answers': '0'}},
				{text: '-EAGAIN: try it again later.', when: {'io_submit() answers': '-EAGAIN'}},
			],
		},
		corrections: [
			'The method is in the book, but no driver and no filesystem of 2.6 has it, and later kernels have no such method.',
		],
		looks: [
			{pane: 'trace', says: 'sys_io_submit and what it returns'},
			{pane: 'frames', says: 'the dirty page of the file'},
		],
		differences: [
			{
				eras: erasFrom('5.10'),
				says: 'It answers 1. A work queue calls the fsync method, and the event has its result (since 4.18).',
			},
		],
	},
	*run(x) {
		const {k} = x;
		const u = new User(k);
		const path = `/home/student/fsync.${k.cpu.current.pid}`;
		const fd = must(yield* u.open(path, O_RDWR | O_CREAT), path);
		x.later(() => sys_unlink(k, path));
		const at = must(yield* u.mmap(0, PAGE_SIZE, PROT_READ, MAP_SHARED, fd), 'mmap');
		const memory = yield* anonymous(u, 2);
		const [events, notes] = [memory + 64, memory + PAGE_SIZE];
		must(yield* u.pwrite(fd, memory, 1, 0), 'write');
		yield* u.peek8(at);
		const frame = frameOf(x.read(translate(`user:${k.cpu.current.pid}:${prefixedHex(at)}`))) ?? 0;
		x.expect('the page of the file is dirty', page(frame), ({flags}) => flags.includes('PG_dirty'), {equals: true});
		yield* x.show('page dirty');
		must(yield* u.ioSetup(1, events), 'io_setup');
		const ctx = yield* u.peek32(events);
		const opcode = x.value('data') === 1 ? IOCB_CMD_FDSYNC : IOCB_CMD_FSYNC;
		const pointers = yield* u.prepareIocbs(notes, [{aio_lio_opcode: opcode, aio_fildes: fd}]);
		const submitted = yield* u.ioSubmit(ctx, 1, pointers);
		x.say(`io_submit(${x.value('data') === 1 ? 'FDSYNC' : 'FSYNC'}) = ${told(submitted)}`);
		if (submitted > 0) must(yield* u.ioGetevents(ctx, 1, 1, events), 'io_getevents');
		x.observe('io_submit() answers EINVAL', told(submitted), {equals: '-EINVAL'});
		x.expect('the page is dirty still', page(frame), ({flags}) => flags.includes('PG_dirty'), {equals: true});
		yield* x.show('fsync submitted');
		must(yield* u.ioDestroy(ctx), 'io_destroy');
		yield* u.munmap(at, PAGE_SIZE);
		yield* u.close(fd);
		return `io_submit() answered ${told(submitted)}`;
	},
};
