/** Models the rows of the system-call table that lead to files (arch/i386/kernel/entry.S, 2.6.11 and later). */
import {userAddress as u, userAddress} from '../hardware/address.ts';
import {withPath} from './call_frame.ts';
import {EFAULT, EINVAL, EOVERFLOW} from './errno.ts';
import {sys_io_destroy, sys_io_getevents, sys_io_pgetevents, sys_io_setup} from './fs/aio.ts';
import {sys_io_cancel, sys_io_submit} from './fs/aio_submit.ts';
import {sys_eventfd2} from './fs/eventfd.ts';
import {sys_fadvise64, sys_readahead, sys_sync_file_range} from './fs/fadvise.ts';
import {sys_fallocate} from './fs/fallocate.ts';
import {sys_dup, sys_dup2, sys_fcntl, sys_ioctl} from './fs/fcntl.ts';
import {O_CREAT, O_TRUNC, O_WRONLY, sys_close} from './fs/file.ts';
import {sys_memfd_create} from './fs/memfd.ts';
import {sys_access, sys_mkdir, sys_rename, sys_rmdir, sys_unlink} from './fs/namei.ts';
import {sys_pipe2} from './fs/pipe.ts';
import {
	sys_fdatasync,
	sys_fsync,
	sys_ftruncate,
	sys_lseek,
	sys_pread64,
	sys_pwrite64,
	sys_read,
	sys_truncate,
	sys_write,
} from './fs/read_write.ts';
import {sys_getdents} from './fs/readdir.ts';
import {sys_preadv_pwritev, sys_preadv2_pwritev2, sys_readv_writev} from './fs/readv_writev.ts';
import {sys_poll, sys_select} from './fs/select.ts';
import {sys_fstat64, sys_newfstat, sys_newstat, sys_stat64} from './fs/stat.ts';
import {sys_mknod, sys_open} from './fs/vfs.ts';
import type {Kernel} from './kernel.ts';
import {sys_sync} from './mm/pdflush.ts';
import {copy_words_from_user, copy_words_to_user} from './mm/uaccess.ts';
import {atRow, pathRow, plain, position, row, type SystemCallRow} from './syscall_row.ts';
import type {Sleeps} from './time.ts';

/** A position that needs more than 31 bits is taken, but cannot be returned. @returns also -EOVERFLOW */
function* lseek(k: Kernel, fd: number, offset: number, whence: number): Sleeps<number> {
	const place = yield* sys_lseek(k, fd, offset, whence);
	return place > 0x7fff_ffff ? -EOVERFLOW : place;
}

/** A 64-bit position, stored at `result`. */
function* llseek(k: Kernel, fd: number, high: number, low: number, result: number, whence: number): Sleeps<number> {
	const place = yield* sys_lseek(k, fd, position(low, high), whence);
	if (place < 0) return place;
	const words = Uint32Array.of(place, Math.floor(place / 2 ** 32));
	return (yield* copy_words_to_user(k, userAddress(result), words)) ? 0 : -EFAULT;
}

/** The call's older form has its arguments in memory. */
function* old_select(k: Kernel, at: number): Sleeps<number> {
	const words = new Uint32Array(5);
	if (!(yield* copy_words_from_user(k, words, userAddress(at)))) return -EFAULT;
	const [n, inp, outp, exp, tvp] = words as unknown as readonly [number, number, number, number, number];
	return yield* sys_select(k, n | 0, [inp, outp, exp], tvp);
}

const AT_REMOVEDIR = 0x200;

function* removeAt(k: Kernel, path: string, flags: number): Sleeps<number> {
	if ((flags & ~AT_REMOVEDIR) !== 0) return -EINVAL;
	return yield* flags === 0 ? sys_unlink(k, path) : sys_rmdir(k, path);
}

export const FILE_CALLS: readonly SystemCallRow[] = [
	row(3, 'read', 'fd buf count', (k, [fd, buf, count]) => sys_read(k, fd!, u(buf!), count!)),
	row(4, 'write', 'fd buf count', (k, [fd, buf, count]) => sys_write(k, fd!, u(buf!), count!)),
	pathRow(5, 'open', 'filename* flags mode', (k, path, [, flags]) => sys_open(k, path, flags!)),
	row(6, 'close', 'fd', (k, [fd]) => sys_close(k, fd!)),
	pathRow(8, 'creat', 'pathname* mode', (k, path) => sys_open(k, path, O_CREAT | O_WRONLY | O_TRUNC)),
	pathRow(14, 'mknod', 'filename* mode dev', (k, path, [, mode, dev]) => sys_mknod(k, path, mode!, dev!)),
	pathRow(10, 'unlink', 'pathname*', (k, path) => sys_unlink(k, path)),
	row(19, 'lseek', 'fd offset whence', (k, [fd, offset, whence]) => lseek(k, fd!, offset! | 0, whence!)),
	pathRow(33, 'access', 'filename* mode', (k, path, [, mode]) => sys_access(k, path, mode!)),
	row(36, 'sync', '', k => sys_sync(k)),
	pathRow(38, 'rename', 'oldname* newname', (k, from, [, to], frame) =>
		withPath({...frame, read: {}}, to!, path => sys_rename(k, from, path)),
	),
	pathRow(39, 'mkdir', 'pathname* mode', (k, path) => sys_mkdir(k, path)),
	pathRow(40, 'rmdir', 'pathname*', (k, path) => sys_rmdir(k, path)),
	row(41, 'dup', 'fildes', (k, [fd]) => plain(sys_dup(k, fd!))),
	row(42, 'pipe', 'fildes', (k, [fildes]) => sys_pipe2(k, fildes!, 0)),
	row(54, 'ioctl', 'fd cmd arg', (k, [fd, command, argument]) => sys_ioctl(k, fd!, command!, argument!)),
	row(55, 'fcntl', 'fd cmd arg', (k, [fd, command, argument]) => sys_fcntl(k, fd!, command!, argument!)),
	row(63, 'dup2', 'oldfd newfd', (k, [fd, wanted]) => sys_dup2(k, fd!, wanted!)),
	row(82, 'select', 'arg', (k, [arg]) => old_select(k, arg!)),
	pathRow(92, 'truncate', 'path* length', (k, path, [, length]) => sys_truncate(k, path, length! | 0)),
	row(93, 'ftruncate', 'fd length', (k, [fd, length]) => sys_ftruncate(k, fd!, length! | 0)),
	pathRow(106, 'newstat', 'filename* statbuf', (k, path, [, to]) => sys_newstat(k, path, to!)),
	pathRow(107, 'newlstat', 'filename* statbuf', (k, path, [, to]) => sys_newstat(k, path, to!)),
	row(108, 'newfstat', 'fd statbuf', (k, [fd, to]) => sys_newfstat(k, fd!, to!)),
	row(118, 'fsync', 'fd', (k, [fd]) => sys_fsync(k, fd!)),
	row(140, 'llseek', 'fd offset_high offset_low result whence', (k, [fd, high, low, result, whence]) =>
		llseek(k, fd!, high!, low!, result!, whence!),
	),
	row(141, 'getdents', 'fd dirent count', (k, [fd, to, count]) => sys_getdents(k, fd!, to!, count!, false)),
	row(142, 'newselect', 'n inp outp exp tvp', (k, [n, inp, outp, exp, tvp]) =>
		sys_select(k, n! | 0, [inp!, outp!, exp!], tvp!),
	),
	row(145, 'readv', 'fd vec vlen', (k, [fd, at, count]) => sys_readv_writev(k, 'READ', fd!, at!, count!)),
	row(146, 'writev', 'fd vec vlen', (k, [fd, at, count]) => sys_readv_writev(k, 'WRITE', fd!, at!, count!)),
	row(148, 'fdatasync', 'fd', (k, [fd]) => sys_fdatasync(k, fd!)),
	row(168, 'poll', 'ufds nfds timeout', (k, [ufds, nfds, timeout]) => sys_poll(k, ufds!, nfds!, timeout! | 0)),
	row(180, 'pread64', 'fd buf count pos_low pos_high', (k, [fd, buf, count, low, high]) =>
		sys_pread64(k, fd!, u(buf!), count!, position(low!, high!)),
	),
	row(181, 'pwrite64', 'fd buf count pos_low pos_high', (k, [fd, buf, count, low, high]) =>
		sys_pwrite64(k, fd!, u(buf!), count!, position(low!, high!)),
	),
	pathRow(193, 'truncate64', 'path* length_low length_high', (k, path, [, low, high]) =>
		sys_truncate(k, path, position(low!, high!)),
	),
	row(194, 'ftruncate64', 'fd length_low length_high', (k, [fd, low, high]) =>
		sys_ftruncate(k, fd!, position(low!, high!)),
	),
	pathRow(195, 'stat64', 'filename* statbuf', (k, path, [, to]) => sys_stat64(k, path, to!)),
	pathRow(196, 'lstat64', 'filename* statbuf', (k, path, [, to]) => sys_stat64(k, path, to!)),
	row(197, 'fstat64', 'fd statbuf', (k, [fd, to]) => sys_fstat64(k, fd!, to!)),
	row(220, 'getdents64', 'fd dirent count', (k, [fd, to, count]) => sys_getdents(k, fd!, to!, count!, true)),
	row(221, 'fcntl64', 'fd cmd arg', (k, [fd, command, argument]) => sys_fcntl(k, fd!, command!, argument!)),
	row(225, 'readahead', 'fd offset_low offset_high count', (k, [fd, low, high, count]) =>
		sys_readahead(k, fd!, position(low!, high!), count!),
	),
	row(245, 'io_setup', 'nr_events ctxp', (k, [events, ctxp]) => sys_io_setup(k, events!, u(ctxp!))),
	row(246, 'io_destroy', 'ctx', (k, [ctx]) => sys_io_destroy(k, ctx!)),
	row(247, 'io_getevents', 'ctx_id min_nr nr events timeout', (k, [ctx, least, most, events, timeout]) =>
		sys_io_getevents(k, ctx!, least! | 0, most! | 0, u(events!), timeout === 0 ? 0 : u(timeout!)),
	),
	row(248, 'io_submit', 'ctx_id nr iocbpp', (k, [ctx, count, at]) => sys_io_submit(k, ctx!, count! | 0, u(at!))),
	row(249, 'io_cancel', 'ctx_id iocb result', (k, [ctx, iocb, result]) => sys_io_cancel(k, ctx!, u(iocb!), u(result!))),
	row(250, 'fadvise64', 'fd offset_low offset_high len advice', (k, [fd, low, high, length, advice]) =>
		sys_fadvise64(k, fd!, position(low!, high!), length!, advice! | 0),
	),
	row(272, 'fadvise64_64', 'fd offset_low offset_high len_low len_high advice', (k, [fd, ...a]) =>
		sys_fadvise64(k, fd!, position(a[0]!, a[1]!), position(a[2]!, a[3]!), a[4]! | 0),
	),
	atRow(295, 'openat', 'dfd filename* flags mode', (k, path, [, , flags]) => sys_open(k, path, flags!)),
	atRow(296, 'mkdirat', 'dfd pathname* mode', (k, path) => sys_mkdir(k, path)),
	atRow(297, 'mknodat', 'dfd filename* mode dev', (k, path, [, , mode, dev]) => sys_mknod(k, path, mode!, dev!)),
	atRow(300, 'fstatat64', 'dfd filename* statbuf flag', (k, path, [, , to]) => sys_stat64(k, path, to!)),
	atRow(301, 'unlinkat', 'dfd pathname* flag', (k, path, [, , flags]) => removeAt(k, path, flags!)),
	atRow(307, 'faccessat', 'dfd filename* mode', (k, path, [, , mode]) => sys_access(k, path, mode!)),
	row(314, 'sync_file_range', 'fd offset_low offset_high nbytes_low nbytes_high flags', (k, [fd, ...a]) =>
		sys_sync_file_range(k, fd!, position(a[0]!, a[1]!), position(a[2]!, a[3]!), a[4]!),
	),
	row(323, 'eventfd', 'count', (k, [count]) => sys_eventfd2(k, count!, 0)),
	row(324, 'fallocate', 'fd mode offset_low offset_high len_low len_high', (k, [fd, mode, ...a]) =>
		sys_fallocate(k, fd!, mode!, position(a[0]!, a[1]!), position(a[2]!, a[3]!)),
	),
	row(328, 'eventfd2', 'count flags', (k, [count, flags]) => sys_eventfd2(k, count!, flags!)),
	row(330, 'dup3', 'oldfd newfd flags', (k, [fd, wanted, flags]) => sys_dup2(k, fd!, wanted!, flags!)),
	row(331, 'pipe2', 'fildes flags', (k, [fildes, flags]) => sys_pipe2(k, fildes!, flags!)),
	row(333, 'preadv', 'fd vec vlen pos_low pos_high', (k, [fd, at, count, low, high]) =>
		sys_preadv_pwritev(k, 'READ', fd!, at!, count!, position(low!, high!)),
	),
	row(334, 'pwritev', 'fd vec vlen pos_low pos_high', (k, [fd, at, count, low, high]) =>
		sys_preadv_pwritev(k, 'WRITE', fd!, at!, count!, position(low!, high!)),
	),
	row(356, 'memfd_create', 'uname flags', (k, [name, flags]) => sys_memfd_create(k, name!, flags!)),
	row(378, 'preadv2', 'fd vec vlen pos_low pos_high flags', (k, [fd, at, count, low, high, flags]) =>
		sys_preadv2_pwritev2(k, 'READ', fd!, at!, count!, position(low!, high!), flags!),
	),
	row(379, 'pwritev2', 'fd vec vlen pos_low pos_high flags', (k, [fd, at, count, low, high, flags]) =>
		sys_preadv2_pwritev2(k, 'WRITE', fd!, at!, count!, position(low!, high!), flags!),
	),
	row(385, 'io_pgetevents', 'ctx_id min_nr nr events timeout usig', (k, [ctx, least, most, events, timeout, usig]) =>
		sys_io_pgetevents(
			k,
			ctx!,
			least! | 0,
			most! | 0,
			u(events!),
			timeout === 0 ? 0 : u(timeout!),
			usig === 0 ? 0 : u(usig!),
		),
	),
];
