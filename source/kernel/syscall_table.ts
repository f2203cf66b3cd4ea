/**
 * Models arch/i386/kernel/entry.S sys_call_table (2.6.11 and later): which number calls what. A row a call; what each
 * does is in the file that Linux has it in.
 *
 * Not modelled: whatever is not here, which answers -ENOSYS.
 */
import {userAddress} from '../hardware/address.ts';
import {type CallFrame, ProgramExit, type SystemCall, withPath} from './call_frame.ts';
import {EFAULT, EINVAL, ESRCH} from './errno.ts';
import {sys_execve} from './execve.ts';
import {sys_wait4} from './exit.ts';
import {do_fork} from './fork.ts';
import {sys_io_destroy, sys_io_getevents, sys_io_setup} from './fs/aio.ts';
import {sys_io_cancel, sys_io_submit} from './fs/aio_submit.ts';
import {sys_dup, sys_dup2, sys_fcntl, sys_ioctl} from './fs/fcntl.ts';
import {O_CREAT, O_TRUNC, O_WRONLY, sys_close} from './fs/file.ts';
import {sys_fsync, sys_ftruncate, sys_lseek, sys_pread64, sys_pwrite64, sys_read, sys_write} from './fs/read_write.ts';
import {sys_fstat64, sys_stat64} from './fs/stat.ts';
import {sys_open} from './fs/vfs.ts';
import type {Kernel} from './kernel.ts';
import {sys_brk} from './mm/brk.ts';
import {sys_madvise} from './mm/madvise.ts';
import {sys_mlock, sys_munlock} from './mm/mlock.ts';
import {old_mmap, sys_mmap2} from './mm/mmap.ts';
import {sys_mprotect} from './mm/mprotect.ts';
import {sys_mremap} from './mm/mremap.ts';
import {sys_msync} from './mm/msync.ts';
import {sys_munmap} from './mm/munmap.ts';
import {sys_sync} from './mm/pdflush.ts';
import {copy_words_from_user, copy_words_to_user, put_user32} from './mm/uaccess.ts';
import {copy_thread, TLS_ENTRIES, type thread_struct, tlsIndex} from './processor.ts';
import {schedule} from './sched.ts';
import {sys_kill} from './signal.ts';
import {sys_newuname} from './sys.ts';
import type {Sleeps} from './time.ts';
import {sys_clock_gettime, sys_gettimeofday, sys_nanosleep, sys_time} from './timekeeping.ts';

/** Of calls that come at once. */
function* plain(value: number): Sleeps<number> {
	return value;
}

const CLONE_VM = 0x100;
const CLONE_FILES = 0x400;
const CLONE_THREAD = 0x1_0000;
const CLONE_SETTLS = 0x8_0000;

/** fork, vfork and clone: a child that goes on with the same registers, but for eax. @see do_fork(), copy_thread() */
function* fork({k, thread, goOn}: CallFrame, flags: number, stack: number, tls: number): Sleeps<number> {
	const child = copy_thread(thread);
	child.regs.general[0] = 0;
	if (stack !== 0) child.regs.general[4] = stack;
	if ((flags & CLONE_SETTLS) !== 0) {
		const error = yield* set_thread_area(k, child, tls);
		if (error < 0) return error;
	}
	return yield* do_fork(k, {
		cloneVm: (flags & CLONE_VM) !== 0,
		cloneFiles: (flags & CLONE_FILES) !== 0,
		cloneThread: (flags & CLONE_THREAD) !== 0,
		body(kernel) {
			kernel.cpu.current.thread = child;
			return goOn(kernel);
		},
	});
}

/** Sets one of the thread's own segments. @param at struct user_desc: entry_number, base_addr, … */
function* set_thread_area(k: Kernel, thread: thread_struct, at: number): Sleeps<number> {
	const words = new Uint32Array(2);
	if (!(yield* copy_words_from_user(k, words, userAddress(at)))) return -EFAULT;
	const [wanted, base] = words as unknown as [number, number];
	const any = wanted === 0xffff_ffff;
	const index = any ? thread.tls_array.slice(0, TLS_ENTRIES).indexOf(undefined) : tlsIndex(wanted);
	if (index === undefined) return -EINVAL;
	if (index < 0) return -ESRCH;
	thread.tls_array[index] = base;
	return !any || (yield* put_user32(k, userAddress(at), 6 + index)) ? 0 : -EFAULT;
}

function* wait4(k: Kernel, pid: number, status: number, options: number): Sleeps<number> {
	const waited = yield* sys_wait4(k, pid | 0, options);
	if (typeof waited === 'number') return waited;
	if (status !== 0 && !(yield* put_user32(k, userAddress(status), waited.code))) return -EFAULT;
	return waited.pid;
}

/** readv and writev: a call for each buffer, as long as these are filled. */
function* vectors(
	k: Kernel,
	fd: number,
	at: number,
	count: number,
	move: (k: Kernel, fd: number, buffer: ReturnType<typeof userAddress>, length: number) => Sleeps<number>,
): Sleeps<number> {
	if (count > 1_024) return -EINVAL;
	const words = new Uint32Array(2 * count);
	if (count > 0 && !(yield* copy_words_from_user(k, words, userAddress(at)))) return -EFAULT;
	let done = 0;
	for (let i = 0; i < count; i++) {
		const length = words[2 * i + 1]!;
		if (length === 0) continue;
		const moved = yield* move(k, fd, userAddress(words[2 * i]!), length);
		if (moved < 0) return done > 0 ? done : moved;
		done += moved;
		if (moved < length) break;
	}
	return done;
}

/** A 64-bit position, stored at `result`. */
function* llseek(k: Kernel, fd: number, high: number, low: number, result: number, whence: number): Sleeps<number> {
	const position = yield* sys_lseek(k, fd, (high | 0) * 2 ** 32 + low, whence);
	if (position < 0) return position;
	const words = Uint32Array.of(position, Math.floor(position / 2 ** 32));
	return (yield* copy_words_to_user(k, userAddress(result), words)) ? 0 : -EFAULT;
}

/** mmap with its six arguments in memory. */
function* mmapFromMemory(k: Kernel, at: number): Sleeps<number> {
	const a = new Uint32Array(6);
	if (!(yield* copy_words_from_user(k, a, userAddress(at)))) return -EFAULT;
	return yield* old_mmap(k, a[0]!, a[1]!, a[2]!, a[3]!, a[4]!, a[5]!);
}

/** Gives the CPU to whoever waits for it. */
function* sched_yield(k: Kernel): Sleeps<number> {
	yield* schedule(k);
	return 0;
}

/** Also for ioperm: a program may use all ports or none. */
function* allowPorts(thread: thread_struct, allowed: boolean): Sleeps<number> {
	thread.mayUsePorts = allowed;
	return 0;
}

function* exit(status: number): Sleeps<number> {
	throw new ProgramExit(status);
}

const position = (low: number, high: number) => high * 2 ** 32 + low;

type Run = (k: Kernel, args: readonly number[], frame: CallFrame) => Sleeps<number>;

/** Names of arguments are separated by blanks; a path has a star behind its name. */
const row = (number: number, name: string, args: string, run: Run): readonly [number, SystemCall] => [
	number,
	{name, args: args.split(' ').filter(Boolean), run: frame => run(frame.k, frame.args, frame)},
];

/** As row, of a call that takes a path first. */
const pathRow = (
	number: number,
	name: string,
	args: string,
	run: (k: Kernel, path: string, args: readonly number[], frame: CallFrame) => Sleeps<number>,
): readonly [number, SystemCall] =>
	row(number, name, args, (k, a, frame) => withPath(frame, a[0]!, path => run(k, path, a, frame)));

const u = userAddress;

export const SYSTEM_CALLS: ReadonlyMap<number, SystemCall> = new Map([
	row(1, 'exit', 'error_code', (_k, [status]) => exit(status!)),
	row(2, 'fork', '', (_k, _a, frame) => fork(frame, 0, 0, 0)),
	row(3, 'read', 'fd buf count', (k, [fd, buf, count]) => sys_read(k, fd!, u(buf!), count!)),
	row(4, 'write', 'fd buf count', (k, [fd, buf, count]) => sys_write(k, fd!, u(buf!), count!)),
	pathRow(5, 'open', 'filename* flags mode', (k, path, [, flags]) => sys_open(k, path, flags!)),
	row(6, 'close', 'fd', (k, [fd]) => sys_close(k, fd!)),
	row(7, 'waitpid', 'pid stat_addr options', (k, [pid, status, options]) => wait4(k, pid!, status!, options!)),
	pathRow(8, 'creat', 'pathname* mode', (k, path) => sys_open(k, path, O_CREAT | O_WRONLY | O_TRUNC)),
	pathRow(11, 'execve', 'filename* argv envp', (k, path, [, argv, envp], {thread}) =>
		sys_execve(k, thread, path, argv!, envp!),
	),
	row(13, 'time', 'tloc', (k, [tloc]) => sys_time(k, tloc!)),
	row(19, 'lseek', 'fd offset whence', (k, [fd, offset, whence]) => sys_lseek(k, fd!, offset! | 0, whence!)),
	row(20, 'getpid', '', k => plain(k.cpu.current.tgid)),
	row(24, 'getuid16', '', () => plain(0)),
	row(36, 'sync', '', k => sys_sync(k)),
	row(37, 'kill', 'pid sig', (k, [pid, signal]) => plain(signal === 0 ? 0 : sys_kill(k, pid! | 0, signal!))),
	row(41, 'dup', 'fildes', (k, [fd]) => plain(sys_dup(k, fd!))),
	row(45, 'brk', 'brk', (k, [brk]) => sys_brk(k, brk!)),
	row(47, 'getgid16', '', () => plain(0)),
	row(49, 'geteuid16', '', () => plain(0)),
	row(50, 'getegid16', '', () => plain(0)),
	row(54, 'ioctl', 'fd cmd arg', (k, [fd, command, argument]) => sys_ioctl(k, fd!, command!, argument!)),
	row(63, 'dup2', 'oldfd newfd', (k, [fd, wanted]) => sys_dup2(k, fd!, wanted!)),
	row(64, 'getppid', '', k => plain(k.cpu.current.parent?.tgid ?? 0)),
	row(78, 'gettimeofday', 'tv tz', (k, [tv]) => sys_gettimeofday(k, tv!)),
	row(90, 'old_mmap', 'arg', (k, [at]) => mmapFromMemory(k, at!)),
	row(91, 'munmap', 'addr len', (k, [start, length]) => sys_munmap(k, start!, length!)),
	row(93, 'ftruncate', 'fd length', (k, [fd, length]) => sys_ftruncate(k, fd!, length! | 0)),
	row(101, 'ioperm', 'from num turn_on', (_k, [, , on], {thread}) => allowPorts(thread, on !== 0)),
	row(110, 'iopl', 'level', (_k, [level], {thread}) => (level! > 3 ? plain(-EINVAL) : allowPorts(thread, level === 3))),
	row(114, 'wait4', 'upid stat_addr options ru', (k, [pid, status, options]) => wait4(k, pid!, status!, options!)),
	row(118, 'fsync', 'fd', (k, [fd]) => sys_fsync(k, fd!)),
	row(120, 'clone', 'clone_flags newsp parent_tidptr tls child_tidptr', (_k, [flags, stack, , tls], frame) =>
		fork(frame, flags!, stack!, tls!),
	),
	row(122, 'newuname', 'name', (k, [name]) => sys_newuname(k, name!)),
	row(125, 'mprotect', 'start len prot', (k, [start, length, prot]) => sys_mprotect(k, start!, length!, prot!)),
	row(140, 'llseek', 'fd offset_high offset_low result whence', (k, [fd, high, low, result, whence]) =>
		llseek(k, fd!, high!, low!, result!, whence!),
	),
	row(144, 'msync', 'start len flags', (k, [start, length, flags]) => sys_msync(k, start!, length!, flags!)),
	row(145, 'readv', 'fd vec vlen', (k, [fd, at, count]) => vectors(k, fd!, at!, count!, sys_read)),
	row(146, 'writev', 'fd vec vlen', (k, [fd, at, count]) => vectors(k, fd!, at!, count!, sys_write)),
	row(150, 'mlock', 'start len', (k, [start, length]) => sys_mlock(k, start!, length!)),
	row(151, 'munlock', 'start len', (k, [start, length]) => sys_munlock(k, start!, length!)),
	row(158, 'sched_yield', '', k => sched_yield(k)),
	row(162, 'nanosleep', 'rqtp rmtp', (k, [wanted, left]) => sys_nanosleep(k, wanted!, left!)),
	row(163, 'mremap', 'addr old_len new_len flags new_addr', (k, [at, old, length, flags, to]) =>
		sys_mremap(k, at!, old!, length!, flags!, to!),
	),
	row(180, 'pread64', 'fd buf count pos_low pos_high', (k, [fd, buf, count, low, high]) =>
		sys_pread64(k, fd!, u(buf!), count!, position(low!, high!)),
	),
	row(181, 'pwrite64', 'fd buf count pos_low pos_high', (k, [fd, buf, count, low, high]) =>
		sys_pwrite64(k, fd!, u(buf!), count!, position(low!, high!)),
	),
	row(190, 'vfork', '', (_k, _a, frame) => fork(frame, 0, 0, 0)),
	row(192, 'mmap2', 'addr len prot flags fd pgoff', (k, [at, length, prot, flags, fd, pgoff]) =>
		sys_mmap2(k, at!, length!, prot!, flags!, fd!, pgoff!),
	),
	row(194, 'ftruncate64', 'fd length_low length_high', (k, [fd, low, high]) =>
		sys_ftruncate(k, fd!, position(low!, high! | 0)),
	),
	pathRow(195, 'stat64', 'filename* statbuf', (k, path, [, to]) => sys_stat64(k, path, to!)),
	row(197, 'fstat64', 'fd statbuf', (k, [fd, to]) => sys_fstat64(k, fd!, to!)),
	row(199, 'getuid', '', () => plain(0)),
	row(200, 'getgid', '', () => plain(0)),
	row(201, 'geteuid', '', () => plain(0)),
	row(202, 'getegid', '', () => plain(0)),
	row(219, 'madvise', 'start len_in behavior', (k, [start, length, advice]) =>
		sys_madvise(k, start!, length!, advice!),
	),
	row(221, 'fcntl64', 'fd cmd arg', (k, [fd, command, argument]) => sys_fcntl(k, fd!, command!, argument!)),
	row(224, 'gettid', '', k => plain(k.cpu.current.pid)),
	row(243, 'set_thread_area', 'u_info', (k, [at], {thread}) => set_thread_area(k, thread, at!)),
	row(245, 'io_setup', 'nr_events ctxp', (k, [events, ctxp]) => sys_io_setup(k, events!, u(ctxp!))),
	row(246, 'io_destroy', 'ctx', (k, [ctx]) => sys_io_destroy(k, ctx!)),
	row(247, 'io_getevents', 'ctx_id min_nr nr events timeout', (k, [ctx, least, most, events, timeout]) =>
		sys_io_getevents(k, ctx!, least! | 0, most! | 0, u(events!), timeout === 0 ? 0 : u(timeout!)),
	),
	row(248, 'io_submit', 'ctx_id nr iocbpp', (k, [ctx, count, at]) => sys_io_submit(k, ctx!, count! | 0, u(at!))),
	row(249, 'io_cancel', 'ctx_id iocb result', (k, [ctx, iocb, result]) => sys_io_cancel(k, ctx!, u(iocb!), u(result!))),
	row(252, 'exit_group', 'error_code', (_k, [status]) => exit(status!)),
	row(258, 'set_tid_address', 'tidptr', k => plain(k.cpu.current.pid)),
	row(265, 'clock_gettime', 'which_clock tp', (k, [clock, tp]) => sys_clock_gettime(k, clock!, tp!)),
]);
