/**
 * Models fs/namei.c, fs/open.c, fs/char_dev.c and fs/namespace.c as far as a small machine needs them (2.6.11 and
 * later): one tree of paths, filesystems mounted in it, device nodes and the drivers behind them.
 *
 * Not modelled: directories as objects, links, permissions of users, relative paths, unmounting.
 */
import {EBUSY, EEXIST, EINVAL, EISDIR, EMFILE, ENOENT, ENOTDIR, ENXIO} from '../errno.ts';
import type {Kernel} from '../kernel.ts';
import {truncate_inode} from '../mm/truncate.ts';
import type {Sleeps} from '../time.ts';
import {fd_install, type file, type file_operations, type inode, O_CREAT, O_DIRECT, O_EXCL, O_TRUNC} from './file.ts';
import {get_empty_filp} from './file_table.ts';
import {type DeviceNumber, new_inode} from './inode.ts';
import {type MadeFiles, openMadeFile, withoutSelf} from './tree_file.ts';

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
	/** Every file, by absolute path; a directory is there when something is in it. */
	readonly nodes: Map<string, inode>;
	readonly mounts: vfsmount[];
	/** Character and block drivers by major number, as /proc/devices lists them. */
	readonly chrdevs: Map<number, chrdev>;
	readonly blkdevs: Map<number, string>;
	/** /proc and /sys, where somebody makes them. */
	madeFiles?: MadeFiles;
};

/** Device of the filesystem that holds /dev. */
export const DEV_FS: DeviceNumber = {major: 0, minor: 5};

/** A process's limit of descriptors (RLIMIT_NOFILE). */
const MOST_DESCRIPTORS = 1_024;
/** Majors that are given out where a driver asks for any, highest first. */
const DYNAMIC_MAJOR = 254;

export function vfs_init(k: Kernel): void {
	k.vfs = {nextInode: 1, nextFile: 1, nodes: new Map(), mounts: [], chrdevs: new Map(), blkdevs: new Map()};
}

// ── the tree ───────────────────────────────────────────────────────────────────────────────────────────────────────

function isDirectory(k: Kernel, path: string): boolean {
	if (path === '/' || k.vfs.mounts.some(mount => mount.path === path)) return true;
	for (const known of k.vfs.nodes.keys()) if (known.startsWith(`${path}/`)) return true;
	return false;
}

/** The file at an absolute path. @returns -ENOENT, -ENOTDIR, or -EISDIR for a directory */
function path_lookup(k: Kernel, path: string): inode | number {
	const found = k.vfs.nodes.get(path);
	if (found) return found;
	if (isDirectory(k, path)) return -EISDIR;
	for (let at = path.indexOf('/', 1); at > 0; at = path.indexOf('/', at + 1))
		if (k.vfs.nodes.has(path.slice(0, at))) return -ENOTDIR;
	return -ENOENT;
}

/** Puts a filesystem into the tree. @returns 0, or -EBUSY when one is mounted there */
export function mount(k: Kernel, mounted: vfsmount): number {
	if (k.vfs.mounts.some(each => each.path === mounted.path)) return -EBUSY;
	k.vfs.mounts.push(mounted);
	return 0;
}

/** The filesystem that a path lies in: the longest mount point that leads to it. */
function mountOf(k: Kernel, path: string): vfsmount | undefined {
	let best: vfsmount | undefined;
	for (const each of k.vfs.mounts) {
		const inside = each.path === '/' || path.startsWith(`${each.path}/`);
		if (inside && (!best || each.path.length > best.path.length)) best = each;
	}
	return best;
}

/**
 * Makes an empty regular file in the filesystem that its path lies in. @returns -EEXIST, -EISDIR, or what the
 * filesystem says
 */
export function vfs_create(k: Kernel, path: string): inode | number {
	const found = path_lookup(k, path);
	if (typeof found !== 'number') return -EEXIST;
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
 * @returns a descriptor, or -ENOENT, -EISDIR, -ENOTDIR, -EEXIST, -ENXIO (no driver), -EMFILE, -EINVAL (O_DIRECT where
 * it is not offered)
 */
export function* sys_open(k: Kernel, path: string, flags: number): Sleeps<number> {
	const {files} = k.cpu.current;
	if (files.fds.size >= MOST_DESCRIPTORS) return -EMFILE;
	const opened = yield* filp_open(k, path, flags);
	return typeof opened === 'number' ? opened : fd_install(files, opened);
}

/** Opens a file without a descriptor, for the kernel itself. */
export function* filp_open(k: Kernel, path: string, flags: number): Sleeps<file | number> {
	let inode = path_lookup(k, path);
	if (inode === -ENOENT && /^\/(?:proc|sys)\//.test(path)) {
		const made = withoutSelf(k, path);
		const files = k.vfs.madeFiles;
		return files?.exists(made) ? openMadeFile(k, files, made, flags) : -ENOENT;
	}
	if (inode === -ENOENT && flags & O_CREAT) inode = vfs_create(k, path);
	else if (typeof inode !== 'number' && flags & O_CREAT && flags & O_EXCL) return -EEXIST;
	if (typeof inode === 'number') return inode;
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
const offersDirectIo = (k: Kernel, inode: inode): boolean =>
	inode.a_ops?.direct_IO !== undefined || (inode.kind === 'shmem' && k.era.tmpfsAcceptsODirect);

function* noRelease(): Sleeps<number> {
	return 0;
}
