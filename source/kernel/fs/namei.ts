/**
 * Models fs/namei.c (2.6.11 and later): what a path leads to, and the calls that make and remove names.
 *
 * Not modelled: hard and symbolic links, permissions of users, paths relative to a directory (all begin at /).
 */
import {EBUSY, EEXIST, EINVAL, EISDIR, ENAMETOOLONG, ENOENT, ENOTDIR, ENOTEMPTY, EPERM} from '../errno.ts';
import type {Kernel} from '../kernel.ts';
import type {Sleeps} from '../time.ts';
import {type inode, iput_final} from './file.ts';
import {new_inode} from './inode.ts';
import {directory_fops} from './readdir.ts';
import {isMade, madeInode} from './tree_file.ts';
import type {vfsmount} from './vfs.ts';

/** Longest name of a file, without its directories. */
const NAME_MAX = 255;

/** A path without what changes nothing: doubled slashes, `.`, `..` and a slash at the end. */
export function cleanPath(path: string): string {
	const names: string[] = [];
	for (const name of path.split('/')) {
		if (name === '' || name === '.') continue;
		if (name === '..') names.pop();
		else names.push(name);
	}
	return `/${names.join('/')}`;
}

export const parentOf = (path: string): string => path.slice(0, Math.max(1, path.lastIndexOf('/')));

export function isDirectory(k: Kernel, path: string): boolean {
	if (path === '/' || k.vfs.directories.has(path) || k.vfs.mounts.some(mount => mount.path === path)) return true;
	for (const tree of [k.vfs.nodes, k.vfs.directories])
		for (const known of tree.keys()) if (known.startsWith(`${path}/`)) return true;
	return k.vfs.madeFiles?.list(path) !== undefined;
}

/** The filesystem that a path lies in: the longest mount point that leads to it. */
export function mountOf(k: Kernel, path: string): vfsmount | undefined {
	let best: vfsmount | undefined;
	for (const each of k.vfs.mounts) {
		const inside = each.path === '/' || path.startsWith(`${each.path}/`);
		if (inside && (!best || each.path.length > best.path.length)) best = each;
	}
	return best;
}

/** A directory's inode, which is there as soon as somebody looks at it. */
export function directoryAt(k: Kernel, path: string): inode {
	let inode = k.vfs.directories.get(path);
	if (!inode) {
		const s_dev = mountOf(k, `${path}/`)?.s_dev ?? {major: 0, minor: 3};
		inode = new_inode(k, {kind: 'directory', s_dev, i_fop: directory_fops, i_size: 4_096});
		k.mappings.delete(inode.i_mapping.id);
		k.vfs.directories.set(path, inode);
	}
	return inode;
}

/** What an absolute path leads to; opens nothing. @returns -ENOENT, -ENOTDIR, -ENAMETOOLONG */
export function path_lookup(k: Kernel, path: string): inode | number {
	const found = k.vfs.nodes.get(path);
	if (found) return found;
	if (path.split('/').some(name => name.length > NAME_MAX)) return -ENAMETOOLONG;
	if (isMade(k, path)) return madeInode(k);
	if (isDirectory(k, path)) return directoryAt(k, path);
	for (let at = path.indexOf('/', 1); at > 0; at = path.indexOf('/', at + 1))
		if (k.vfs.nodes.has(path.slice(0, at))) return -ENOTDIR;
	return -ENOENT;
}

/** Whether a name can be made there. @returns 0, -ENOENT, -ENOTDIR, -EEXIST, -EPERM (the tree of /proc) */
export function mayCreate(k: Kernel, path: string): number {
	const found = path_lookup(k, path);
	if (typeof found !== 'number') return -EEXIST;
	if (found !== -ENOENT) return found;
	if (!isDirectory(k, parentOf(path))) return -ENOENT;
	return /^\/(?:proc|sys)\//.test(path) ? -EPERM : 0;
}

/** @returns 0, -EEXIST, -ENOENT, -ENOTDIR, -EPERM, -ENAMETOOLONG */
export function* sys_mkdir(k: Kernel, path: string): Sleeps<number> {
	const error = mayCreate(k, path);
	if (error < 0) return error;
	directoryAt(k, path);
	return 0;
}

/** Its names are in the directory still, when those that were in it go. */
const keepParent = (k: Kernel, path: string) => directoryAt(k, parentOf(path));

/** @returns 0, -ENOTDIR, -ENOTEMPTY, -EBUSY where something is mounted, -EPERM, -ENOENT */
export function* sys_rmdir(k: Kernel, path: string): Sleeps<number> {
	const inode = path_lookup(k, path);
	if (typeof inode === 'number') return inode;
	if (inode.kind !== 'directory') return -ENOTDIR;
	if (path === '/' || k.vfs.mounts.some(mount => mount.path === path)) return -EBUSY;
	if (k.vfs.madeFiles?.list(path)) return -EPERM;
	for (const tree of [k.vfs.nodes, k.vfs.directories])
		for (const known of tree.keys()) if (known.startsWith(`${path}/`)) return -ENOTEMPTY;
	keepParent(k, path);
	k.vfs.directories.delete(path);
	return 0;
}

/**
 * Takes a file's name away; the file goes when nobody has it open or mapped any more. May sleep for its pages.
 * @returns 0, -EISDIR, -EPERM (the trees of /proc and /sys), -ENOENT, -ENOTDIR
 */
export function* sys_unlink(k: Kernel, path: string): Sleeps<number> {
	const inode = path_lookup(k, path);
	if (typeof inode === 'number') return inode;
	if (inode.kind === 'directory') return -EISDIR;
	if (!k.vfs.nodes.has(path) || /^\/(?:proc|sys)\//.test(path)) return -EPERM;
	keepParent(k, path);
	k.vfs.nodes.delete(path);
	inode.i_nlink--;
	yield* iput_final(k, inode);
	return 0;
}

/**
 * Gives a file another name in the same filesystem, in place of the file that had it. Directories keep theirs.
 * @returns 0, -ENOENT, -EISDIR, -EINVAL for a directory, -EPERM
 */
export function* sys_rename(k: Kernel, from: string, to: string): Sleeps<number> {
	const inode = path_lookup(k, from);
	if (typeof inode === 'number') return inode;
	if (inode.kind === 'directory') return -EINVAL;
	if (!k.vfs.nodes.has(from)) return -EPERM;
	const former = path_lookup(k, to);
	if (former === inode) return 0;
	if (typeof former !== 'number' && former.kind === 'directory') return -EISDIR;
	const error = typeof former === 'number' ? mayCreate(k, to) : 0;
	if (error < 0) return error;
	if (typeof former !== 'number') {
		const gone = yield* sys_unlink(k, to);
		if (gone < 0) return gone;
	}
	keepParent(k, from);
	k.vfs.nodes.delete(from);
	k.vfs.nodes.set(to, inode);
	return 0;
}

/** Owners and modes are not modelled: what is there may be read and written. @returns 0, -EINVAL, -ENOENT */
export function* sys_access(k: Kernel, path: string, mode: number): Sleeps<number> {
	if ((mode & ~7) !== 0) return -EINVAL;
	const inode = path_lookup(k, path);
	return typeof inode === 'number' ? inode : 0;
}
