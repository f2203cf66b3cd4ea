/**
 * Models fs/proc and fs/seq_file.c (2.6.11 and later) as a program sees them: files of /proc and /sys, which are made
 * when they are read. What they say is known above the kernel, which hands it over (`k.vfs.madeFiles`).
 *
 * Not modelled: parts of a file that change while it is read (it is made at the first read).
 */
import type {UserAddress} from '../../hardware/address.ts';
import {EFAULT, EINVAL} from '../errno.ts';
import type {Kernel} from '../kernel.ts';
import {copy_from_user, copy_to_user} from '../mm/uaccess.ts';
import type {Sleeps} from '../time.ts';
import type {file, file_operations, inode} from './file.ts';
import {get_empty_filp} from './file_table.ts';
import {new_inode} from './inode.ts';

const SEEK_CUR = 1;

/** What makes files; each answers -errno where it cannot. */
export type MadeFiles = {
	/** Whether there is such a file, without making it. */
	readonly exists: (path: string) => boolean;
	readonly read: (path: string) => Uint8Array | number;
	/** Names in a directory of it, its directories with a slash behind; undefined where it is none. */
	readonly list: (path: string) => readonly string[] | undefined;
	/** @returns 0 or -errno */
	readonly write: (path: string, text: string) => number;
};

/** Longest text of one write. */
const LONGEST_WRITE = 4_096;

type Opened = {readonly files: MadeFiles; readonly path: string; bytes: Uint8Array | undefined};

const openedOf = (file: file) => file.private_data as Opened;

function* read(k: Kernel, file: file, buffer: UserAddress, count: number, pos: number): Sleeps<number> {
	const opened = openedOf(file);
	if (pos === 0 || !opened.bytes) {
		const made = opened.files.read(opened.path);
		if (typeof made === 'number') return made;
		opened.bytes = made;
	}
	const part = opened.bytes.subarray(pos, pos + count);
	return (yield* copy_to_user(k, buffer, part)) > 0 ? -EFAULT : part.length;
}

function* write(k: Kernel, file: file, buffer: UserAddress, count: number): Sleeps<number> {
	const {files, path} = openedOf(file);
	const bytes = new Uint8Array(Math.min(count, LONGEST_WRITE));
	if ((yield* copy_from_user(k, bytes, buffer)) > 0) return -EFAULT;
	const error = files.write(path, String.fromCharCode(...bytes));
	return error < 0 ? error : bytes.length;
}

/** Nothing says how long the file is before it was made. @returns the place, -EINVAL. @see seq_lseek() */
function* seq_lseek(_k: Kernel, file: file, offset: number, whence: number): Sleeps<number> {
	const place = (whence === SEEK_CUR ? file.f_pos : 0) + offset;
	if (whence > SEEK_CUR || place < 0) return -EINVAL;
	return (file.f_pos = place);
}

const tree_file_operations: file_operations = {name: 'seq_file_operations', read, write, llseek: seq_lseek};

/** Whether a path leads to one. */
export const isMade = (k: Kernel, path: string): boolean =>
	/^\/(?:proc|sys)\//.test(path) && (k.vfs.madeFiles?.exists(withoutSelf(k, path)) ?? false);

/** Its inode, made anew each time. */
export function madeInode(k: Kernel): inode {
	const inode = new_inode(k, {kind: 'regular', s_dev: {major: 0, minor: 3}, i_fop: tree_file_operations});
	// Nothing is ever in its cache.
	k.mappings.delete(inode.i_mapping.id);
	return inode;
}

/** Opens one that is there. */
export function openMadeFile(k: Kernel, path: string, flags: number): file {
	const inode = madeInode(k);
	const opened: Opened = {files: k.vfs.madeFiles!, path: withoutSelf(k, path), bytes: undefined};
	const file = get_empty_filp(k, path, inode, flags);
	file.private_data = opened;
	return file;
}

/** /proc/self is the directory of whoever asks. */
const withoutSelf = (k: Kernel, path: string): string =>
	path.replace(/^\/proc\/self(?=\/|$)/, `/proc/${k.cpu.current.tgid}`);
