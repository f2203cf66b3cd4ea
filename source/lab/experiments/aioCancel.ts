import {prefixedHex} from '../../formats/text.ts';
import {PAGE_SIZE, userAddress} from '../../hardware/address.ts';
import {erasBefore, erasFrom} from '../../kernel/era/behaviour.ts';
import {errnoName} from '../../kernel/errno.ts';
import {sys_io_cancel} from '../../kernel/fs/aio_submit.ts';
import {O_RDWR} from '../../kernel/fs/file.ts';
import {IOCB_CMD_PREAD} from '../../kernel/fs/kiocb.ts';
import type {Experiment} from '../experiment.ts';
import {aioLessons} from '../lessons/aio.ts';
import {User} from '../userland.ts';
import {aio} from '../views.ts';
import {giveScullpBack, ownScullp} from './labDevice.ts';
import {anonymous, claimed, must} from './steps.ts';

export const aioCancel: Experiment = {
	name: 'aio-cancel',
	title: 'A request that cannot be cancelled',
	claim: 'io_cancel() is refused for a driver without a cancel method, and io_destroy() then waits for the request.',
	source: 'docs/sources.md §5; fs/aio.c sys_io_cancel()',
	rows: [31],
	parameters: [{name: 'wait', about: 'before io_destroy()', least: 0, most: 1_000, usual: 0, unit: 'ms'}],
	declares: ['request pending', 'context destroyed'],
	control: {set: {wait: 50}, fails: 'io_destroy() waits'},
	comm: 'aiocancel',
	lesson: {
		chapter: 'io',
		background: aioLessons.aioCancel,
		setup:
			'A read of /dev/scullp2 is pending; its driver has no cancel method. The program calls io_cancel() ' +
			'and then, after some ms (parameter wait), io_destroy().',
		question: {
			ask: 'What do the two calls do?',
			answers: [
				{
					text: 'io_cancel() is refused; io_destroy() waits until the device is done.',
					when: {'io_cancel() is refused': true, 'io_destroy() waits': true},
				},
				{
					text: 'io_cancel() ends the request; io_destroy() has nothing to wait for.',
					when: {'io_cancel() is refused': false},
				},
				{
					text: 'io_cancel() is refused; io_destroy() returns at once.',
					when: {'io_cancel() is refused': true, 'io_destroy() waits': false},
				},
			],
		},
		looks: [
			{pane: 'iocbs', says: 'the pending PREAD, which io_cancel() leaves there'},
			{pane: 'trace', says: 'sys_io_destroy, and when it returns'},
			{pane: 'log', says: 'the line of 2.6.11: iocb has no cancel operation'},
		],
		differences: [
			{eras: erasBefore('2.6.32'), says: 'The answer is EAGAIN, and the log says why. It became EINVAL in 2.6.14.'},
			{eras: erasFrom('2.6.32'), says: 'The answer is EINVAL.'},
		],
	},
	*run(x) {
		const {k} = x;
		const u = new User(k);
		const {pid} = k.cpu.current;
		yield* ownScullp(x, 2);
		const fd = must(yield* u.open('/dev/scullp2', O_RDWR), '/dev/scullp2');
		const memory = yield* anonymous(u, 2);
		const [notes, events] = [memory + 256, memory + PAGE_SIZE];
		must(yield* u.pwrite(fd, memory, 64, 0), 'write');
		must(yield* u.ioSetup(4, events), 'io_setup');
		const ctx = yield* u.peek32(events);
		const pointers = yield* u.prepareIocbs(notes, [
			{aio_lio_opcode: IOCB_CMD_PREAD, aio_fildes: fd, aio_buf: BigInt(memory), aio_nbytes: 64n},
		]);
		must(yield* u.ioSubmit(ctx, 1, pointers), 'io_submit');
		x.expect('the request is pending', aio, ({kiocbs}) => kiocbs.filter(each => each.pid === pid).length, {equals: 1});
		yield* x.show('request pending');
		const answer = yield* sys_io_cancel(k, ctx, userAddress(notes), userAddress(events));
		x.say(`io_cancel(${prefixedHex(notes)}) = -${errnoName(answer)}`);
		const refusal = k.era.name === 'ldd3' ? 'EAGAIN' : 'EINVAL';
		x.observe(`io_cancel() is refused with ${refusal}`, errnoName(answer), {equals: refusal});
		yield* u.sleep(Math.max(1, x.value('wait')));
		const start = k.hw.timeline.nowNs;
		claimed(x, yield* u.ioDestroy(ctx), 'io_destroy() destroys the context');
		const waited = k.hw.timeline.nowNs - start;
		x.observe('io_destroy() waits for the device', waited, {atLeast: 1_000_000});
		x.expect(
			'nothing of it is left',
			aio,
			({kiocbs, contexts}) => [...kiocbs, ...contexts].filter(each => each.pid === pid).length,
			{equals: 0},
		);
		yield* x.show('context destroyed');
		yield* u.close(fd);
		yield* giveScullpBack(x, 2);
		return `io_destroy() took ${waited} ns`;
	},
};
