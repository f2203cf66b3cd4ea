/**
 * Models fs/select.c (2.6.11 and later): waiting for several files at once.
 *
 * Not modelled: ppoll and pselect, epoll; the busy polling and the slack of later kernels.
 */
import {userAddress} from '../../hardware/address.ts';
import {EBADF, EFAULT, EINTR, EINVAL, ERESTARTNOHAND} from '../errno.ts';
import type {Kernel} from '../kernel.ts';
import {copy_from_user, copy_to_user, copy_words_from_user, copy_words_to_user} from '../mm/uaccess.ts';
import {rlimit} from '../resource.ts';
import {schedule} from '../sched.ts';
import {signal_pending} from '../signal_state.ts';
import type {Sleeps} from '../time.ts';
import {schedule_timeout} from '../timer.ts';
import type {file} from './file.ts';
import {fget, fput} from './file.ts';
import {
	DEFAULT_POLLMASK,
	POLLERR,
	POLLHUP,
	POLLIN,
	POLLNVAL,
	POLLOUT,
	POLLPRI,
	POLLRDBAND,
	POLLRDNORM,
	POLLWRBAND,
	POLLWRNORM,
	type poll_table,
} from './poll.ts';

type Wanted = {readonly fd: number; readonly events: number};

function* pollOne(k: Kernel, file: file | undefined, table: poll_table | undefined): Sleeps<number> {
	if (!file) return POLLNVAL;
	return file.f_op.poll ? yield* file.f_op.poll(k, file, table) : DEFAULT_POLLMASK;
}

type Polled = {readonly masks: readonly number[]; readonly count: number; readonly leftNs: number};

/**
 * Asks files until one is ready, a signal comes or the time is over. Sleeps.
 * @param unasked what counts without being asked for
 * @param timeoutNs nanoseconds; infinite: for ever
 * @returns for each file what holds of what was wanted, and how many have something
 */
function* pollAll(k: Kernel, wanted: readonly Wanted[], unasked: number, timeoutNs: number): Sleeps<Polled> {
	const task = k.cpu.current;
	const files = wanted.map(({fd}) => fget(k, fd));
	const tables = wanted.map(({events}): poll_table => ({key: events, leave: [], isQueued: false}));
	let leftNs = timeoutNs;
	try {
		for (;;) {
			task.state = 'TASK_INTERRUPTIBLE';
			task.waitingFor = 'poll';
			const masks: number[] = [];
			for (const [at, {events}] of wanted.entries()) {
				// Who has found something does not have to be woken.
				const waits = leftNs > 0 && !masks.some(mask => mask !== 0);
				const mask = yield* pollOne(k, files[at], waits ? tables[at] : undefined);
				tables[at]!.isQueued ||= waits;
				masks.push(mask & (events | unasked));
			}
			const count = masks.filter(mask => mask !== 0).length;
			if (count > 0 || leftNs <= 0 || signal_pending(k)) return {masks, count, leftNs};
			if (leftNs === Number.POSITIVE_INFINITY) yield* schedule(k);
			else leftNs = yield* schedule_timeout(k, leftNs);
		}
	} finally {
		task.state = 'TASK_RUNNING';
		task.waitingFor = '';
		for (const {leave} of tables) for (const go of leave) go();
		for (const file of files) if (file) yield* fput(k, file);
	}
}

const POLLFD_BYTES = 8;

/**
 * @param timeoutMs milliseconds; negative: for ever
 * @returns how many files have something, 0 when the time is over, -EINVAL, -EFAULT, -EINTR
 */
export function* sys_poll(k: Kernel, ufds: number, nfds: number, timeoutMs: number): Sleeps<number> {
	if (nfds > rlimit(k, 'nofile')) return -EINVAL;
	const bytes = new Uint8Array(nfds * POLLFD_BYTES);
	if ((yield* copy_from_user(k, bytes, userAddress(ufds))) > 0) return -EFAULT;
	const view = new DataView(bytes.buffer);
	const all = Array.from({length: nfds}, (_, n) => ({
		fd: view.getInt32(n * POLLFD_BYTES, true),
		events: view.getUint16(n * POLLFD_BYTES + 4, true),
		at: n * POLLFD_BYTES + 6,
	}));
	const asked = all.filter(({fd}) => fd >= 0);
	const timeoutNs = timeoutMs < 0 ? Number.POSITIVE_INFINITY : timeoutMs * 1_000_000;
	const {masks, count} = yield* pollAll(k, asked, POLLERR | POLLHUP | POLLNVAL, timeoutNs);
	for (const {at} of all) view.setUint16(at, 0, true);
	for (const [n, {at}] of asked.entries()) view.setUint16(at, masks[n]!, true);
	if ((yield* copy_to_user(k, userAddress(ufds), bytes)) > 0) return -EFAULT;
	return count === 0 && signal_pending(k) ? -EINTR : count;
}

/** What of a poll mask each of select's three sets means. */
const SETS = [
	POLLRDNORM | POLLRDBAND | POLLIN | POLLHUP | POLLERR,
	POLLWRBAND | POLLWRNORM | POLLOUT | POLLERR,
	POLLPRI,
] as const;

const NS_PER_SECOND = 1_000_000_000;

/**
 * @param n one more than the highest descriptor
 * @param sets where the bits of those to read, to write and with something urgent are, or 0
 * @param tvp where seconds and microseconds are, which become what is left; or 0: for ever
 * @returns how many bits are set, -EBADF, -EINVAL, -EFAULT, -ERESTARTNOHAND
 */
export function* sys_select(k: Kernel, n: number, sets: readonly number[], tvp: number): Sleeps<number> {
	let timeoutNs = Number.POSITIVE_INFINITY;
	if (tvp !== 0) {
		const time = new Uint32Array(2);
		if (!(yield* copy_words_from_user(k, time, userAddress(tvp)))) return -EFAULT;
		const [seconds, microseconds] = [time[0]! | 0, time[1]! | 0];
		if (seconds < 0 || microseconds < 0) return -EINVAL;
		timeoutNs = seconds * NS_PER_SECOND + microseconds * 1000;
	}
	if (n < 0) return -EINVAL;
	const fds = Math.min(n, rlimit(k, 'nofile'));
	const bits: (Uint32Array | undefined)[] = [];
	for (const at of sets) {
		const words = at === 0 ? undefined : new Uint32Array(Math.ceil(fds / 32));
		if (words && !(yield* copy_words_from_user(k, words, userAddress(at)))) return -EFAULT;
		bits.push(words);
	}
	const isSet = (set: number, fd: number) => (((bits[set]?.[fd >> 5] ?? 0) >>> (fd & 31)) & 1) !== 0;
	const wanted: Wanted[] = [];
	for (let fd = 0; fd < fds; fd++) {
		const events = SETS.reduce<number>((mask, each, set) => (isSet(set, fd) ? mask | each : mask), 0);
		if (events === 0) continue;
		if (!k.cpu.current.files.fds.has(fd)) return -EBADF;
		wanted.push({fd, events});
	}
	const {masks, leftNs} = yield* pollAll(k, wanted, 0, timeoutNs);
	const results = bits.map(words => words && new Uint32Array(words.length));
	let count = 0;
	for (const [at, {fd}] of wanted.entries()) {
		for (const [set, mask] of SETS.entries()) {
			if (!isSet(set, fd) || (masks[at]! & mask) === 0) continue;
			results[set]![fd >> 5]! |= 1 << (fd & 31);
			count++;
		}
	}
	if (tvp !== 0) {
		const rest = Uint32Array.of(Math.floor(leftNs / NS_PER_SECOND), Math.floor((leftNs % NS_PER_SECOND) / 1000));
		yield* copy_words_to_user(k, userAddress(tvp), rest);
	}
	if (count === 0 && signal_pending(k)) return -ERESTARTNOHAND;
	for (const [set, words] of results.entries())
		if (words && !(yield* copy_words_to_user(k, userAddress(sets[set]!), words))) return -EFAULT;
	return count;
}
