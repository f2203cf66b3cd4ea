/**
 * Models arch/i386/kernel/entry.S sys_call_table (2.6.11 and later): which number calls what. A row a call; what each
 * does is in the file that Linux has it in. Files and memory have tables of their own.
 *
 * Not modelled: whatever is not here, which answers -ENOSYS.
 */
import {userAddress} from '../hardware/address.ts';
import {ESP} from '../hardware/cpu/core.ts';
import {type CallFrame, ProgramExit, type SystemCall} from './call_frame.ts';
import {EFAULT, EINVAL, ESRCH} from './errno.ts';
import {sys_execve} from './execve.ts';
import {childStatus, do_group_exit, sys_wait4, sys_waitid} from './exit.ts';
import {do_fork} from './fork.ts';
import type {Kernel} from './kernel.ts';
import {sys_getrlimit, sys_prlimit64, sys_setrlimit} from './limits.ts';
import {copy_words_from_user, copy_words_to_user, put_user32} from './mm/uaccess.ts';
import {copy_thread, TLS_ENTRIES, type thread_struct, tlsIndex} from './processor.ts';
import {schedule} from './sched.ts';
import {sys_kill, sys_tgkill} from './signal.ts';
import {
	sys_alarm,
	sys_pause,
	sys_rt_sigaction,
	sys_rt_sigprocmask,
	sys_rt_sigsuspend,
	sys_sigaction,
	sys_sigaltstack,
	sys_signal,
	sys_sigpending,
	sys_sigprocmask,
	sys_sigsuspend,
} from './signal_calls.ts';
import {sys_sigreturn} from './signal_frame.ts';
import {SIGCHLD} from './signal_state.ts';
import {sys_getrusage, sys_newuname, sys_sysinfo, usageWords} from './sys.ts';
import {pathRow, plain, row} from './syscall_row.ts';
import {FILE_CALLS} from './syscall_table_fs.ts';
import {MEMORY_CALLS} from './syscall_table_mm.ts';
import {USER_CALLS} from './syscall_table_users.ts';
import {do_syslog} from './syslog.ts';
import type {Sleeps} from './time.ts';
import {sys_clock_getres, sys_clock_gettime, sys_gettimeofday, sys_nanosleep, sys_time} from './timekeeping.ts';

const CSIGNAL = 0xff;
const CLONE_VM = 0x100;
const CLONE_FILES = 0x400;
const CLONE_SIGHAND = 0x800;
const CLONE_VFORK = 0x4000;
const CLONE_PARENT = 0x8000;
const CLONE_THREAD = 0x1_0000;
const CLONE_SETTLS = 0x8_0000;
const CLONE_PARENT_SETTID = 0x10_0000;
const CLONE_CHILD_CLEARTID = 0x20_0000;
const CLONE_CHILD_SETTID = 0x100_0000;

type CloneArguments = {
	readonly flags: number;
	readonly stack?: number;
	readonly tls?: number;
	/** Where the child's number goes, in the parent's memory and in the child's. */
	readonly parent_tidptr?: number;
	readonly child_tidptr?: number;
};

/**
 * fork, vfork and clone: a child that goes on with the same registers, but for eax. What CLONE_FS and CLONE_SYSVSEM
 * share does not exist here.
 * @returns its pid, -EINVAL for flags that contradict each other or are not modelled, -EFAULT, -ENOMEM
 * @see do_fork(), copy_process(), copy_thread()
 */
function* fork({k, thread, goOn}: CallFrame, wanted: CloneArguments): Sleeps<number> {
	const {flags, stack = 0, tls = 0, parent_tidptr = 0, child_tidptr = 0} = wanted;
	const has = (flag: number) => (flags & flag) !== 0;
	if (has(CLONE_THREAD) && !has(CLONE_SIGHAND)) return -EINVAL;
	if (has(CLONE_SIGHAND) && !has(CLONE_VM)) return -EINVAL;
	if (has(k.era.cloneRefuses)) return -EINVAL;
	const child = copy_thread(thread);
	child.regs.general[0] = 0;
	if (stack !== 0) child.regs.general[4] = stack;
	if ((flags & CLONE_SETTLS) !== 0) {
		const error = yield* set_thread_area(k, child, tls);
		if (error < 0) return error;
	}
	let made = 0;
	return yield* do_fork(k, {
		cloneVm: has(CLONE_VM),
		cloneFiles: has(CLONE_FILES),
		cloneSighand: has(CLONE_SIGHAND),
		cloneThread: has(CLONE_THREAD),
		cloneParent: has(CLONE_PARENT),
		vfork: has(CLONE_VFORK),
		exit_signal: flags & CSIGNAL,
		...(has(CLONE_PARENT_SETTID) && {parent_tidptr}),
		prepare(task) {
			made = task.pid;
			if (has(CLONE_CHILD_CLEARTID)) task.clear_child_tid = child_tidptr;
		},
		*body(kernel) {
			kernel.cpu.current.thread = child;
			// schedule_tail() does this in the child, before it is back in its program.
			if (has(CLONE_CHILD_SETTID)) yield* put_user32(kernel, userAddress(child_tidptr), made);
			return yield* goOn(kernel);
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

/** @param ru where what it has used goes, or 0 */
function* wait4(k: Kernel, pid: number, status: number, options: number, ru = 0): Sleeps<number> {
	const waited = yield* sys_wait4(k, pid | 0, options);
	if (typeof waited === 'number') return waited;
	if (status !== 0 && !(yield* put_user32(k, userAddress(status), waited.code))) return -EFAULT;
	const used = Uint32Array.from(usageWords(k, waited.task));
	if (ru !== 0 && !(yield* copy_words_to_user(k, userAddress(ru), used))) return -EFAULT;
	return waited.pid;
}

/** @param infop where a siginfo goes: zeros when nobody has ended */
function* waitid(k: Kernel, which: number, id: number, infop: number, options: number, ru: number): Sleeps<number> {
	const zombie = yield* sys_waitid(k, which, id | 0, options);
	if (typeof zombie === 'number' && zombie < 0) return zombie;
	const info = new Uint32Array(6);
	if (typeof zombie !== 'number') {
		const {code, status} = childStatus(zombie);
		info.set([SIGCHLD, 0, code, zombie.pid, 0, status]);
		const used = Uint32Array.from(usageWords(k, zombie));
		if (ru !== 0 && !(yield* copy_words_to_user(k, userAddress(ru), used))) return -EFAULT;
	}
	return infop === 0 || (yield* copy_words_to_user(k, userAddress(infop), info)) ? 0 : -EFAULT;
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

function groupOf(k: Kernel, pid: number): number {
	return k.sched.tasks.get(pid)?.tgid ?? -ESRCH;
}

function* exit(status: number): Sleeps<number> {
	throw new ProgramExit(status);
}

function* exit_group(k: Kernel, status: number): Sleeps<number> {
	do_group_exit(k, k.cpu.current, (status & 0xff) << 8);
	throw new ProgramExit(status);
}

/** @returns the number of the calling thread, which is cleared at `tidptr` when it ends */
function* set_tid_address(k: Kernel, tidptr: number): Sleeps<number> {
	k.cpu.current.clear_child_tid = tidptr;
	return k.cpu.current.pid;
}

/** Groups and sessions are not modelled: each process is its own. */
const ownGroup = (k: Kernel) => plain(k.cpu.current.tgid);

const PROCESS_CALLS = [
	row(1, 'exit', 'error_code', (_k, [status]) => exit(status!)),
	row(2, 'fork', '', (_k, _a, frame) => fork(frame, {flags: SIGCHLD})),
	row(7, 'waitpid', 'pid stat_addr options', (k, [pid, status, options]) => wait4(k, pid!, status!, options!)),
	pathRow(11, 'execve', 'filename* argv envp', (k, path, [, argv, envp], {thread}) =>
		sys_execve(k, thread, path, argv!, envp!),
	),
	row(13, 'time', 'tloc', (k, [tloc]) => sys_time(k, tloc!)),
	row(20, 'getpid', '', k => plain(k.cpu.current.tgid)),
	row(27, 'alarm', 'seconds', (k, [seconds]) => sys_alarm(k, seconds!)),
	row(29, 'pause', '', k => sys_pause(k)),
	row(37, 'kill', 'pid sig', (k, [pid, signal]) => plain(sys_kill(k, pid! | 0, signal! | 0))),
	row(48, 'signal', 'sig handler', (k, [signal, handler]) => sys_signal(k, signal!, handler!)),
	row(64, 'getppid', '', k => plain(k.cpu.current.parent?.tgid ?? 0)),
	row(65, 'getpgrp', '', ownGroup),
	row(66, 'setsid', '', ownGroup),
	row(67, 'sigaction', 'sig act oact', (k, [signal, act, oact]) => sys_sigaction(k, signal!, act!, oact!)),
	row(72, 'sigsuspend', 'history0 history1 mask', (k, [, , mask]) => sys_sigsuspend(k, BigInt(mask!))),
	row(73, 'sigpending', 'set', (k, [set]) => sys_sigpending(k, set!, 4)),
	row(75, 'setrlimit', 'resource rlim', (k, [resource, rlim]) => sys_setrlimit(k, resource!, rlim!)),
	row(76, 'old_getrlimit', 'resource rlim', (k, [resource, rlim]) => sys_getrlimit(k, resource!, rlim!, true)),
	row(77, 'getrusage', 'who ru', (k, [who, ru]) => sys_getrusage(k, who! | 0, ru!)),
	row(78, 'gettimeofday', 'tv tz', (k, [tv]) => sys_gettimeofday(k, tv!)),
	row(101, 'ioperm', 'from num turn_on', (_k, [, , on], {thread}) => allowPorts(thread, on !== 0)),
	row(103, 'syslog', 'type buf len', (k, [type, to, length]) => do_syslog(k, type! | 0, to!, length! | 0)),
	row(110, 'iopl', 'level', (_k, [level], {thread}) => (level! > 3 ? plain(-EINVAL) : allowPorts(thread, level === 3))),
	row(114, 'wait4', 'upid stat_addr options ru', (k, [pid, status, options, ru]) =>
		wait4(k, pid!, status!, options!, ru!),
	),
	row(116, 'sysinfo', 'info', (k, [info]) => sys_sysinfo(k, info!)),
	row(119, 'sigreturn', '', (k, _a, {thread}) => sys_sigreturn(k, thread, false)),
	row(
		120,
		'clone',
		'clone_flags newsp parent_tidptr tls child_tidptr',
		(_k, [flags, stack, parent, tls, child], frame) =>
			fork(frame, {flags: flags!, stack: stack!, parent_tidptr: parent!, tls: tls!, child_tidptr: child!}),
	),
	row(122, 'newuname', 'name', (k, [name]) => sys_newuname(k, name!)),
	row(126, 'sigprocmask', 'how set oset', (k, [how, set, oset]) => sys_sigprocmask(k, how!, set!, oset!, 1)),
	row(132, 'getpgid', 'pid', (k, [pid]) => plain(pid === 0 ? k.cpu.current.tgid : groupOf(k, pid!))),
	row(158, 'sched_yield', '', k => sched_yield(k)),
	row(162, 'nanosleep', 'rqtp rmtp', (k, [wanted, left]) => sys_nanosleep(k, wanted!, left!)),
	row(173, 'rt_sigreturn', '', (k, _a, {thread}) => sys_sigreturn(k, thread, true)),
	row(174, 'rt_sigaction', 'sig act oact sigsetsize', (k, [signal, act, oact, size]) =>
		sys_rt_sigaction(k, signal!, act!, oact!, size!),
	),
	row(175, 'rt_sigprocmask', 'how set oset sigsetsize', (k, [how, set, oset, size]) =>
		sys_rt_sigprocmask(k, how!, set!, oset!, size!),
	),
	row(176, 'rt_sigpending', 'set sigsetsize', (k, [set, size]) => sys_sigpending(k, set!, size!)),
	row(179, 'rt_sigsuspend', 'unewset sigsetsize', (k, [set, size]) => sys_rt_sigsuspend(k, set!, size!)),
	row(186, 'sigaltstack', 'uss uoss', (k, [uss, uoss], {thread}) =>
		sys_sigaltstack(k, uss!, uoss!, thread.regs.general[ESP]! >>> 0),
	),
	row(190, 'vfork', '', (_k, _a, frame) => fork(frame, {flags: CLONE_VFORK | CLONE_VM | SIGCHLD})),
	row(191, 'getrlimit', 'resource rlim', (k, [resource, rlim]) => sys_getrlimit(k, resource!, rlim!)),
	row(224, 'gettid', '', k => plain(k.cpu.current.pid)),
	row(238, 'tkill', 'pid sig', (k, [pid, signal]) => plain(sys_tgkill(k, undefined, pid! | 0, signal! | 0))),
	row(243, 'set_thread_area', 'u_info', (k, [at], {thread}) => set_thread_area(k, thread, at!)),
	row(252, 'exit_group', 'error_code', (k, [status]) => exit_group(k, status!)),
	row(258, 'set_tid_address', 'tidptr', (k, [tidptr]) => set_tid_address(k, tidptr!)),
	row(265, 'clock_gettime', 'which_clock tp', (k, [clock, tp]) => sys_clock_gettime(k, clock!, tp!)),
	row(266, 'clock_getres', 'which_clock tp', (k, [clock, tp]) => sys_clock_getres(k, clock!, tp!)),
	row(270, 'tgkill', 'tgid pid sig', (k, [tgid, pid, signal]) =>
		plain(sys_tgkill(k, tgid! | 0, pid! | 0, signal! | 0)),
	),
	row(284, 'waitid', 'which upid infop options ru', (k, [which, id, infop, options, ru]) =>
		waitid(k, which!, id!, infop!, options!, ru!),
	),
	row(340, 'prlimit64', 'pid resource new_rlim old_rlim', (k, [pid, resource, given, former]) =>
		sys_prlimit64(k, pid! | 0, resource!, given!, former!),
	),
];

/** By its number; a kernel has those up to its newest (`k.era.lastSystemCall`). */
export const SYSTEM_CALLS: ReadonlyMap<number, SystemCall> = new Map([
	...PROCESS_CALLS,
	...USER_CALLS,
	...FILE_CALLS,
	...MEMORY_CALLS,
]);
