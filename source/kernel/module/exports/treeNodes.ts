/** Files that drivers make in /proc and /sys, as the kernel's tree holds them. */
import {EIO, ENOENT} from '../../errno.ts';
import type {file, file_operations, inode} from '../../fs/file.ts';
import {new_inode} from '../../fs/inode.ts';
import {isDirectory, parentOf} from '../../fs/namei.ts';
import {isMade} from '../../fs/tree_file.ts';
import type {Kernel} from '../../kernel.ts';
import type {Sleeps} from '../../time.ts';

/** A file of a driver's; it is gone when its driver takes it back, also for who has it open. */
export type TreeNode = {
	readonly path: string;
	readonly inode: inode;
	isGone: boolean;
};

/** Devices of the filesystems. */
const MOUNTS = {'/proc': {major: 0, minor: 3}, '/sys': {major: 0, minor: 12}} as const;

const isTaken = (k: Kernel, path: string) => k.vfs.nodes.has(path) || isMade(k, path) || isDirectory(k, path);

/** @param fops asked at each open. @returns undefined where the name is taken, or its directory is not there */
export function addNode(
	k: Kernel,
	path: string,
	fops: () => file_operations,
	more: {readonly i_size?: number; readonly i_private?: unknown} = {},
): TreeNode | undefined {
	if (isTaken(k, path) || !isDirectory(k, parentOf(path))) return undefined;
	const s_dev = path.startsWith('/proc/') ? MOUNTS['/proc'] : MOUNTS['/sys'];
	const i_fop: file_operations = {
		name: 'driver_file_operations',
		*open(kernel, opened, file) {
			if (node.isGone) return -ENOENT;
			const own = fops();
			file.f_op = guarded(own, () => node.isGone);
			return own.open ? yield* own.open(kernel, opened, file) : 0;
		},
	};
	const node: TreeNode = {path, inode: new_inode(k, {kind: 'regular', s_dev, i_fop, ...more}), isGone: false};
	// Nothing of it is ever in the cache of pages.
	k.mappings.delete(node.inode.i_mapping.id);
	k.vfs.nodes.set(path, node.inode);
	return node;
}

/** Who has it open gets -EIO from then on, and its release is not called: the driver may be gone. */
export function removeNode(k: Kernel, node: TreeNode): void {
	node.isGone = true;
	k.vfs.nodes.delete(node.path);
	k.modules?.windows.forget(node.inode);
}

type Mutable<T> = {-readonly [Key in keyof T]: T[Key]};

/** Methods that answer -EIO when the file is gone. @see fs/proc/inode.c proc_reg_read() */
function guarded(own: file_operations, isGone: () => boolean): file_operations {
	const {read, write, llseek, poll, ioctl, mmap, release} = own;
	const made: Mutable<file_operations> = {...own};
	const orGone = (call: () => Sleeps<number>): Sleeps<number> => (isGone() ? gone() : call());
	if (read) made.read = (...args) => orGone(() => read(...args));
	if (write) made.write = (...args) => orGone(() => write(...args));
	if (llseek) made.llseek = (...args) => orGone(() => llseek(...args));
	if (poll) made.poll = (...args) => orGone(() => poll(...args));
	if (ioctl) made.ioctl = (...args) => orGone(() => ioctl(...args));
	if (mmap) made.mmap = (...args) => orGone(() => mmap(...args));
	if (release) made.release = (k, inode, file) => (isGone() ? forget(k, file) : release(k, inode, file));
	return made;
}

function* gone(): Sleeps<number> {
	return -EIO;
}

function* forget(k: Kernel, file: file): Sleeps<number> {
	k.modules?.windows.forget(file);
	return 0;
}
