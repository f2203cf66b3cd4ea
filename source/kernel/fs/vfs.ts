/**
 * Models fs/open.c, fs/char_dev.c and fs/namespace.c as far as a small machine needs them (2.6.11 and
 * later): one tree of paths, filesystems mounted in it, device nodes and the drivers behind them.
 *
 * Not modelled: permissions of users, unmounting.
 */
import {EBUSY, EEXIST, EINVAL, EISDIR, EMFILE, ENOENT, ENOTDIR, ENXIO} from '../errno.ts';
import type {Kernel} from '../kernel.ts';
import {truncate_inode} from '../mm/truncate.ts';
import {rlimit} from '../resource.ts';
import type {Sleeps} from '../time.ts';
import {
	fd_install,
	type file,
	type file_operations,
	type inode,
	O_ACCMODE,
	O_CLOEXEC,
	O_CREAT,
	O_DIRECT,
	O_DIRECTORY,
	O_EXCL,
	O_TRUNC,
} from './file.ts';
import {get_empty_filp} from './file_table.ts';
import {type DeviceNumber, new_inode} from './inode.ts';
import {isDirectory, mountOf, parentOf, path_lookup} from './namei.ts';
import {isMade, type MadeFiles, openMadeFile} from './tree_file.ts';

/** A mounted filesystem. */
export type vfsmount = {
	readonly path: string;
	readonly s_dev: DeviceNumber;
	/** Makes an empty regular file. @returns -errno when it cannot */
	readonly create: (k: Kernel, path: string) => inode | number;
};

type chrdev = {readonly major: number; readonly name: string; readonly fops: file_operations};

export type VfsState = {
	nextInode: number;
	nextFile: number;
	/** Every file, by absolute path. */
	readonly nodes: Map<string, inode>;
	/** Directories that were made or looked at; one in which something is, is there all the same. */
	readonly directories: Map<string, inode>;
	readonly mounts: vfsmount[];
	/** Character and block drivers by major number, as /proc/devices lists them. */
	readonly chrdevs: Map<number, chrdev>;
	readonly blkdevs: Map<number, string>;
	/** /proc and /sys, where somebody makes them. */
	madeFiles?: MadeFiles;
};

/** Device of the filesystem that holds /dev. */
export const DEV_FS: DeviceNumber = {major: 0, minor: 5};

/** Majors that are given out where a driver asks for any, highest first. */
const DYNAMIC_MAJOR = 254;

export function vfs_init(k: Kernel): void {
	k.vfs = {
		nextInode: 1,
		nextFile: 1,
		nodes: new Map(),
		directories: new Map(),
		mounts: [],
		chrdevs: new Map(),
		blkdevs: new Map(),
	};
}

// ── the tree ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** Puts a filesystem into the tree. @returns 0, or -EBUSY when one is mounted there */
export function mount(k: Kernel, mounted: vfsmount): number {
	if (k.vfs.mounts.some(each => each.path === mounted.path)) return -EBUSY;
	k.vfs.mounts.push(mounted);
	return 0;
}

/**
 * Makes an empty regular file in the filesystem that its path lies in. @returns -EEXIST, -EISDIR, or what the
 * filesystem says
 */
export function vfs_create(k: Kernel, path: string): inode | number {
	const found = path_lookup(k, path);
	if (typeof found !== 'number') return found.kind === 'directory' ? -EISDIR : -EEXIST;
	if (found !== -ENOENT) return found;
	const created = mountOf(k, path)?.create(k, path) ?? -ENOENT;
	if (typeof created !== 'number') k.vfs.nodes.set(path, created);
	return created;
}

/** Makes a device node. @returns -EEXIST when the path is taken */
export function mknod(k: Kernel, path: string, kind: 'chrdev' | 'blkdev', i_rdev: DeviceNumber): inode | number {
	if (k.vfs.nodes.has(path)) return -EEXIST;
	const driver = kind === 'chrdev' ? k.vfs.chrdevs.get(i_rdev.major) : undefined;
	const inode = new_inode(k, {kind, s_dev: DEV_FS, i_rdev, i_fop: driver?.fops ?? {name: 'no_driver'}});
	k.vfs.nodes.set(path, inode);
	return inode;
}

// ── drivers ────────────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * Registers a driver of character devices.
 * @param major 0 = any free one
 * @returns 0 (or the major given out), -EINVAL, -EBUSY when the major is taken
 */
export function register_chrdev(k: Kernel, major: number, name: string, fops: file_operations): number {
	if (major < 0 || major > 255) return -EINVAL;
	let given = major;
	if (major === 0) {
		given = DYNAMIC_MAJOR;
		while (k.vfs.chrdevs.has(given)) given--;
	}
	if (given === 0 || k.vfs.chrdevs.has(given)) return -EBUSY;
	k.vfs.chrdevs.set(given, {major: given, name, fops});
	return major === 0 ? given : 0;
}

export function unregister_chrdev(k: Kernel, major: number): void {
	k.vfs.chrdevs.delete(major);
}

/** @returns 0 or -EBUSY */
export function register_blkdev(k: Kernel, major: number, name: string): number {
	if (k.vfs.blkdevs.has(major)) return -EBUSY;
	k.vfs.blkdevs.set(major, name);
	return 0;
}

// ── open ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * Opens a file for the calling task; may sleep in the driver's open.
 * @param path absolute
 * @returns a descriptor, or -ENOENT, -EISDIR (a directory, to be written), -ENOTDIR, -EEXIST, -ENXIO (no driver),
 * -EMFILE, -EINVAL (O_DIRECT where it is not offered), -ENAMETOOLONG
 */
export function* sys_open(k: Kernel, path: string, flags: number): Sleeps<number> {
	const {files} = k.cpu.current;
	if (files.fds.size >= rlimit(k, 'nofile')) return -EMFILE;
	const opened = yield* filp_open(k, path, flags);
	if (typeof opened === 'number') return opened;
	return fd_install(files, opened, k.era.opensCloseOnExec && (flags & O_CLOEXEC) !== 0);
}

/** Opens a file without a descriptor, for the kernel itself. */
export function* filp_open(k: Kernel, path: string, flags: number): Sleeps<file | number> {
	if (isMade(k, path)) return flags & O_DIRECTORY ? -ENOTDIR : openMadeFile(k, path, flags);
	let inode = path_lookup(k, path);
	if (inode === -ENOENT && flags & O_CREAT) {
		if (!isDirectory(k, parentOf(path))) return -ENOENT;
		inode = vfs_create(k, path);
	} else if (typeof inode !== 'number' && flags & O_CREAT && flags & O_EXCL) return -EEXIST;
	if (typeof inode === 'number') return inode;
	if (inode.kind === 'directory' && (flags & (O_ACCMODE | O_CREAT | O_TRUNC)) !== 0) return -EISDIR;
	if (inode.kind !== 'directory' && flags & O_DIRECTORY) return -ENOTDIR;
	if (flags & O_TRUNC && inode.kind !== 'chrdev' && inode.kind !== 'blkdev') yield* truncate_inode(k, inode, 0);
	return yield* dentry_open(k, path, inode, flags);
}

/** Opens an inode: finds its driver's methods and calls their open. @see fs/open.c dentry_open() */
function* dentry_open(k: Kernel, path: string, inode: inode, flags: number): Sleeps<file | number> {
	const file = get_empty_filp(k, path, inode, flags);
	if (inode.kind === 'chrdev') {
		const driver = k.vfs.chrdevs.get(inode.i_rdev!.major);
		if (!driver) return -ENXIO;
		file.f_op = driver.fops;
	}
	if (inode.kind === 'blkdev' && !inode.i_bdev) return -ENXIO;
	const error = file.f_op.open ? yield* file.f_op.open(k, inode, file) : 0;
	if (error < 0) return error;
	if (flags & O_DIRECT && !offersDirectIo(k, inode)) {
		yield* file.f_op.release?.(k, inode, file) ?? noRelease();
		return -EINVAL;
	}
	return file;
}

/** tmpfs of 6.6 and later accepts the flag, and copies all the same. */
export const offersDirectIo = (k: Kernel, inode: inode): boolean =>
	inode.a_ops?.direct_IO !== undefined || (inode.kind === 'shmem' && k.era.tmpfsAcceptsODirect);

function* noRelease(): Sleeps<number> {
	return 0;
}
