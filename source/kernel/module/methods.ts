/**
 * file_operations that C hands to the kernel, as the kernel calls them.
 *
 * Not modelled: readdir and iterate, lock, readv and writev, sendfile, splice, get_unmapped_area, check_flags,
 * compat_ioctl; the big kernel lock around ioctl.
 */
import {kernelAddress, type UserAddress} from '../../hardware/address.ts';
import {ENXIO} from '../errno.ts';
import type {file, file_operations, inode} from '../fs/file.ts';
import type {poll_table} from '../fs/poll.ts';
import type {Kernel} from '../kernel.ts';
import {kread, kread32} from '../mm/access.ts';
import type {vm_area_struct} from '../mm/mm_types.ts';
import type {Sleeps} from '../time.ts';
import {aioMethods} from './aioMethods.ts';
import {callC, callCWide, onStack} from './callC.ts';
import {type FieldName, offsetOf, sizeOf} from './layouts.ts';
import {addressName} from './oops.ts';
import {module_put, try_module_get} from './refcount.ts';
import {modulesOf} from './state.ts';
import {dentryOf, dentryWindow, fileWindow, inodeWindow, vmaWindow} from './structureWindows.ts';

type MethodName = FieldName<'file_operations'>;

/** Without the offset: what a table of methods is called in its source. */
export const tableName = (k: Kernel, address: number) => addressName(k, address).replace(/\+.*/, '');

const fileAt = (k: Kernel, file: file) => modulesOf(k).windows.addressOf(fileWindow, file);
const inodeAt = (k: Kernel, inode: inode) => modulesOf(k).windows.addressOf(inodeWindow, inode);
const vmaAt = (k: Kernel, vma: vm_area_struct) => modulesOf(k).windows.addressOf(vmaWindow, vma);

/** A loff_t that C may move, for the length of a call. */
export function* withPosition(
	k: Kernel,
	pos: number,
	call: (at: number) => Sleeps<number>,
): Sleeps<{result: number; pos: number}> {
	const bytes = new Uint8Array(Int32Array.of(pos | 0, Math.floor(pos / 2 ** 32)).buffer);
	return yield* onStack(k, bytes, function* (at) {
		const result = yield* call(at);
		const words = new DataView(kread(k, kernelAddress(at), 8).buffer);
		return {result, pos: words.getInt32(4, true) * 2 ** 32 + words.getUint32(0, true)};
	});
}

/** The file_operations of C at an address. */
export function fileOperationsOf(k: Kernel, table: number): file_operations {
	const {file_operations: known, addresses} = modulesOf(k);
	const found = known.get(table);
	if (found) return found;
	const field = (name: MethodName) => kread32(k, kernelAddress(table + offsetOf('file_operations', name)));
	const made = makeFileOperations(k, tableName(k, table), field);
	known.set(table, made);
	addresses.set(made, table);
	return made;
}

/** Which methods of a file of /proc stand for which of any file's. */
const PROC_OPS: Readonly<Partial<Record<MethodName, FieldName<'proc_ops'>>>> = {
	llseek: 'proc_lseek',
	read: 'proc_read',
	write: 'proc_write',
	open: 'proc_open',
	release: 'proc_release',
	poll: 'proc_poll',
	unlocked_ioctl: 'proc_ioctl',
	mmap: 'proc_mmap',
};

/** The proc_ops of C (5.6 on) at an address, as file_operations without an owner. */
export function procOperationsOf(k: Kernel, table: number): file_operations {
	const {file_operations: known} = modulesOf(k);
	const found = known.get(table);
	if (found) return found;
	const field = (name: MethodName) => {
		const inProc = PROC_OPS[name];
		return inProc ? kread32(k, kernelAddress(table + offsetOf('proc_ops', inProc))) : 0;
	};
	const made = makeFileOperations(k, tableName(k, table), field);
	known.set(table, made);
	return made;
}

type Mutable<T> = {-readonly [Key in keyof T]: T[Key]};
type Method = (name: MethodName) => number;

function makeFileOperations(k: Kernel, name: string, method: Method): file_operations {
	const made: Mutable<file_operations> = {name};
	const transfer = (entry: number) =>
		function* (k: Kernel, file: file, buffer: UserAddress, count: number, pos: number): Sleeps<number> {
			const moved = yield* withPosition(k, pos, at => callC(k, entry, [fileAt(k, file), buffer, count, at]));
			file.posAfter = moved.pos;
			return moved.result;
		};
	if (method('read')) made.read = transfer(method('read'));
	if (method('write')) made.write = transfer(method('write'));
	Object.assign(made, aioMethods(k, method));
	made.open = (k, inode, file) => open(k, method('owner'), method('open'), inode, file);
	made.release = (k, inode, file) => release(k, method('owner'), method('release'), inode, file);
	addSeeking(k, made, method('llseek'));
	addRequests(k, made, method);
	addSyncing(made, method);
	const mmap = method('mmap');
	if (mmap) made.mmap = (k, file, vma) => callC(k, mmap, [fileAt(k, file), vmaAt(k, vma)]);
	const poll = method('poll');
	if (poll) made.poll = (k, file, table) => callPoll(k, poll, file, table);
	const fasync = method('fasync');
	if (fasync) made.fasync = (k, fd, file, on) => callC(k, fasync, [fd, fileAt(k, file), on ? 1 : 0]);
	return made;
}

function addSeeking(k: Kernel, made: Mutable<file_operations>, llseek: number): void {
	if (llseek) {
		made.llseek = function* (k, file, offset, whence) {
			const args = [fileAt(k, file), offset | 0, Math.floor(offset / 2 ** 32), whence];
			const [low, high] = yield* callCWide(k, llseek, args);
			return high * 2 ** 32 + (low >>> 0);
		};
	} else if (!k.era.seeksWithoutMethod) made.noSeek = true;
}

function addRequests(k: Kernel, made: Mutable<file_operations>, method: Method): void {
	const ioctl = method('unlocked_ioctl');
	const oldIoctl = k.era.driverIoctlTakesInode ? method('ioctl') : 0;
	if (ioctl) made.ioctl = (k, file, command, argument) => callC(k, ioctl, [fileAt(k, file), command, argument]);
	else if (oldIoctl) {
		made.ioctl = (k, file, command, argument) =>
			callC(k, oldIoctl, [inodeAt(k, file.inode), fileAt(k, file), command, argument]);
	}
}

function addSyncing(made: Mutable<file_operations>, method: Method): void {
	const [flush, fsync] = [method('flush'), method('fsync')];
	// The second argument says whose descriptor it is: its table of files (2.6.18 on).
	if (flush) made.flush = (k, file) => callC(k, flush, [fileAt(k, file), 0]);
	if (!fsync) return;
	made.fsync = (k, file, datasync) => {
		const only = datasync ? 1 : 0;
		if (k.era.fsyncTakesRange) return callC(k, fsync, [fileAt(k, file), 0, 0, 0xffff_ffff, 0x7fff_ffff, only]);
		return callC(k, fsync, [fileAt(k, file), modulesOf(k).windows.addressOf(dentryWindow, dentryOf(file.inode)), only]);
	};
}

/** Opening holds the module that says that it owns the methods: -ENXIO while it is unloaded. @see chrdev_open() */
function* open(k: Kernel, owner: number, entry: number, inode: inode, file: file): Sleeps<number> {
	if (!try_module_get(k, owner)) return -ENXIO;
	const result = entry === 0 ? 0 : yield* callC(k, entry, [inodeAt(k, inode), fileAt(k, file)]);
	if (result === 0) return 0;
	module_put(k, owner);
	modulesOf(k).windows.forget(file);
	return result;
}

function* release(k: Kernel, owner: number, entry: number, inode: inode, file: file): Sleeps<number> {
	const result = entry === 0 ? 0 : yield* callC(k, entry, [inodeAt(k, inode), fileAt(k, file)]);
	module_put(k, owner);
	modulesOf(k).windows.forget(file);
	return result;
}

/** A struct poll_table_struct on the stack, for one call. */
function* callPoll(k: Kernel, entry: number, file: file, table: poll_table | undefined): Sleeps<number> {
	const {polling, symbols} = modulesOf(k);
	const bytes = new Uint8Array(sizeOf('poll_table_struct'));
	const view = new DataView(bytes.buffer);
	const queues = table !== undefined && !table.isQueued;
	view.setUint32(offsetOf('poll_table_struct', '_qproc'), queues ? symbols.get('__pollwait')! : 0, true);
	view.setUint32(offsetOf('poll_table_struct', '_key'), table?.key ?? 0xffff_ffff, true);
	return yield* onStack(k, bytes, function* (at) {
		if (queues) polling.set(at, table);
		try {
			return (yield* callC(k, entry, [fileAt(k, file), at])) >>> 0;
		} finally {
			polling.delete(at);
		}
	});
}
