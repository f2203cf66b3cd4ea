/**
 * Models fs/open.c, fs/namei.c and fs/namespace.c as far as a small machine needs them (2.6.11 and
 * later): one tree of paths, filesystems mounted in it, device nodes and the drivers behind them.
 *
 * Not modelled: permissions of users, unmounting.
 */
import {EBUSY, EEXIST, EINVAL, EISDIR, EMFILE, ENOENT, ENOTDIR, ENXIO, EPERM} from '../errno.ts';
import type {Kernel} from '../kernel.ts';
import {truncate_inode} from '../mm/truncate.ts';
import {rlimit} from '../resource.ts';
import type {Sleeps} from '../time.ts';
import {type Cdev, type ChrdevRegion, cdev_lookup} from './char_dev.ts';
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
import {isDirectory, mayCreate, mountOf, parentOf, path_lookup} from './namei.ts';
import {isMade, type MadeFiles, openMadeFile} from './tree_file.ts';

/** A mounted filesystem. */
export type vfsmount = {
	readonly path: string;
	readonly s_dev: DeviceNumber;
	/** Makes an empty regular file. @returns -errno when it cannot */
	readonly create: (k: Kernel, path: string) => inode | number;
};

export type VfsState = {
	nextInode: number;
	nextFile: number;
	/** Every file, by absolute path. */
	readonly nodes: Map<string, inode>;
	/** Directories that were made or looked at; one in which something is, is there all the same. */
	readonly directories: Map<string, inode>;
	readonly mounts: vfsmount[];
	/** Who has which numbers of character devices, and the drivers behind them. */
	readonly chrdevs: ChrdevRegion[];
	readonly cdevs: Cdev[];
	/** Block drivers by major number, as /proc/devices lists them. */
	readonly blkdevs: Map<number, string>;
	/** /proc and /sys, where somebody makes them. */
	madeFiles?: MadeFiles;
};

/** Device of the filesystem that holds /dev. */
export const DEV_FS: DeviceNumber = {major: 0, minor: 5};

export function vfs_init(k: Kernel): void {
	k.vfs = {
		nextInode: 1,
		nextFile: 1,
		nodes: new Map(),
		directories: new Map(),
		mounts: [],
		chrdevs: [],
		cdevs: [],
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

const NO_DRIVER: file_operations = {name: 'no_driver'};

/** Makes a device node. @returns -EEXIST when the path is taken */
export function mknod(k: Kernel, path: string, kind: 'chrdev' | 'blkdev', i_rdev: DeviceNumber): inode | number {
	if (k.vfs.nodes.has(path)) return -EEXIST;
	const driver = kind === 'chrdev' ? cdev_lookup(k, i_rdev) : undefined;
	const inode = new_inode(k, {kind, s_dev: DEV_FS, i_rdev, i_fop: driver?.fops ?? NO_DRIVER});
	k.vfs.nodes.set(path, inode);
	return inode;
}

const S_IFMT = 0o170000;
const S_IFREG = 0o100000;
const S_IFCHR = 0o020000;
const S_IFBLK = 0o060000;
const S_IFDIR = 0o040000;

/** As the call has it: eight bits of the minor lie below the major, the others above. @see new_decode_dev() */
const decodeDevice = (dev: number): DeviceNumber => ({
	major: (dev >>> 8) & 0xfff,
	minor: (dev & 0xff) | ((dev >>> 12) & 0xf_ff00),
});

/**
 * Makes a node or an empty file. Anybody may. @param mode its kind and permissions; the latter are not kept
 * @returns 0, -EPERM for a directory, -EINVAL for a kind that there is not, -EEXIST, -ENOENT, -ENOTDIR
 */
export function* sys_mknod(k: Kernel, path: string, mode: number, dev: number): Sleeps<number> {
	const kind = mode & S_IFMT;
	if (kind === S_IFDIR) return -EPERM;
	if (kind !== 0 && kind !== S_IFREG && kind !== S_IFCHR && kind !== S_IFBLK) return -EINVAL;
	const error = mayCreate(k, path);
	if (error < 0) return error;
	const isFile = kind === 0 || kind === S_IFREG;
	const made = isFile ? vfs_create(k, path) : mknod(k, path, kind === S_IFCHR ? 'chrdev' : 'blkdev', decodeDevice(dev));
	return typeof made === 'number' ? made : 0;
}

// ── drivers ────────────────────────────────────────────────────────────────────────────────────────────────────────

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
		const driver = cdev_lookup(k, inode.i_rdev!);
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
