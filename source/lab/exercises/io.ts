/** Exercises about a program's own pages, and about requests that end later. */
import type {Aio} from '../../formats/debugfs/aio.ts';
import {PAGE_SIZE} from '../../hardware/address.ts';
import {IOCB_CMD_PREAD} from '../../kernel/fs/kiocb.ts';
import {MAP_ANONYMOUS, MAP_PRIVATE, PROT_READ} from '../../kernel/mm/mman.ts';
import type {Exercise} from '../exercise.ts';
import {anonymous, frameOf, got, must, nowUs, told} from '../experiments/steps.ts';
import {aio, page, translate} from '../views.ts';
import {asWanted, opened, works} from './steps.ts';

const filled = new Uint8Array(32).fill(0x77);

export const pin: Exercise = {
	name: 'pin',
	title: 'A program’s page in the driver’s hands',
	source: 'LDD3 page 435',
	task:
		'Write the part of a driver that takes a program’s page with get_user_pages(), writes to it, marks it dirty, and ' +
		'lets it go.',
	declares: ['page filled'],
	hints: {
		'write() of 32 bytes':
			'get_user_pages() has to give one page: pass the address of the page (address & PAGE_MASK), ask for writing, and ' +
			'hold the lock of the address space. Then write() answers count.',
		'the program finds': 'kmap() gives the start of the page; the bytes belong at address & (PAGE_SIZE - 1) in it.',
		'bytes around': 'Only count bytes may change: memset(at + offset, 0x77, count).',
		'the page is dirty':
			'Nothing says to the kernel that the page has changed: the driver wrote through an address of its own. ' +
			'set_page_dirty_lock(page), before the reference is put.',
		'no pin': 'Each page that get_user_pages() gave needs its put_page().',
		'memory that the program may only read':
			'Ask get_user_pages() for writing (write = 1, or FOLL_WRITE): it then looks whether the program may write there.',
	},
	*steps(x, subject) {
		const {u, fd, pid, close} = yield* opened(x, subject);
		const at = yield* anonymous(u, 1);
		yield* u.poke8(at, 1);
		const address = `user:${pid}:0x${at.toString(16)}`;
		const frame = got(frameOf(x.read(translate(address))), 'the page of the program is not there');
		const written = works(x, yield* u.write(fd, at + 16, filled.length), 'write() of 32 bytes succeeds');
		x.observe('it answers how many', written, {equals: filled.length});
		yield* x.show('page filled');
		x.observe('the program finds so many bytes of 0x77', yield* asWanted(u, at + 16, filled), {equals: filled.length});
		const around = [yield* u.peek8(at), yield* u.peek8(at + 15), yield* u.peek8(at + 16 + filled.length)].join(' ');
		x.observe('bytes around them are as they were', around, {equals: '1 0 0'});
		x.expect('the page is dirty', page(frame), ({flags}) => flags.join(' '), {contains: 'PG_dirty'});
		x.expect('no pin is left on it', page(frame), ({pins}) => pins, {equals: 0});
		const fixed = must(yield* u.mmap(0, PAGE_SIZE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1), 'mmap');
		const refused = yield* u.write(fd, fixed, filled.length);
		x.observe('memory that the program may only read is refused', told(refused), {equals: '-EFAULT'});
		yield* u.munmap(fixed, PAGE_SIZE);
		yield* close();
		return 'a page was to be filled, then one that may only be read';
	},
};

const text = new Uint8Array([...'later\n'].map(letter => letter.charCodeAt(0)));
/** The driver waits for 20 ms, which the tick of an old kernel may shorten to this. */
const leastWaitMs = 10;

export const later: Exercise = {
	name: 'later',
	title: 'A request that ends later',
	source: 'LDD3 page 438',
	task:
		'Write the part of a driver that answers an asynchronous read with -EIOCBQUEUED, and completes it later, in ' +
		'delayed work. A synchronous read is answered at once.',
	declares: ['request under way'],
	hints: {
		'read() gives': 'A synchronous request (is_sync_kiocb) is not completed later: return the result.',
		'the request is still':
			'The method returned the result, so the request was over before io_submit() returned. Schedule the work, and ' +
			'return -EIOCBQUEUED.',
		'its end came': 'Schedule the work for HZ / 50 jiffies, with schedule_delayed_work().',
		'it ended with': 'NAME_end() has to get what the read method would have returned: how many bytes came.',
		'the program has': 'The bytes have to be copied before the method returns: later it runs in another process.',
	},
	*steps(x, subject) {
		const {k} = x;
		const {u, fd, pid, close} = yield* opened(x, subject);
		const memory = yield* anonymous(u, 2);
		const count = works(x, yield* u.read(fd, memory, text.length), 'read() succeeds');
		x.observe('read() gives all bytes', count, {equals: text.length});
		const events = memory + PAGE_SIZE;
		must(yield* u.ioSetup(1, events), 'io_setup');
		const ctx = yield* u.peek32(events);
		const wish = {aio_lio_opcode: IOCB_CMD_PREAD, aio_fildes: fd, aio_buf: BigInt(memory + 64)};
		const length = {aio_nbytes: BigInt(text.length), aio_offset: 0n};
		const pointers = yield* u.prepareIocbs(events + 256, [{...wish, ...length}]);
		const sinceUs = nowUs(k);
		works(x, yield* u.ioSubmit(ctx, 1, pointers), 'io_submit() succeeds');
		const own = ({kiocbs}: Aio) => kiocbs.some(each => each.pid === pid && each.kind === 'async');
		x.expect('the request is still under way when io_submit() returns', aio, own, {equals: true});
		yield* x.show('request under way');
		must(yield* u.ioGetevents(ctx, 1, 1, events), 'io_getevents');
		const [event] = yield* u.readEvents(events, 1);
		x.observe('its end came milliseconds later', Math.floor((nowUs(k) - sinceUs) / 1000), {atLeast: leastWaitMs});
		x.observe('it ended with as many bytes', Number(event!.res), {equals: text.length});
		x.observe('the program has them', yield* asWanted(u, memory + 64, text), {equals: text.length});
		must(yield* u.ioDestroy(ctx), 'io_destroy');
		yield* u.munmap(memory, 2 * PAGE_SIZE);
		yield* close();
		return 'one read was waited for, and one was submitted';
	},
};
