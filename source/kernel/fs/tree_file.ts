/**
 * Models fs/proc and fs/seq_file.c (2.6.11 and later) as a program sees them: files of /proc and /sys, which are made
 * when they are read. What they say is known above the kernel, which hands it over (`k.vfs.madeFiles`).
 *
 * Not modelled: directories of them, parts of a file that change while it is read (it is made at the first read).
 */
import type {UserAddress} from '../../hardware/address.ts';
import {EFAULT} from '../errno.ts';
import type {Kernel} from '../kernel.ts';
import {copy_from_user, copy_to_user} from '../mm/uaccess.ts';
import type {Sleeps} from '../time.ts';
import type {file, file_operations} from './file.ts';
import {get_empty_filp} from './file_table.ts';
import {new_inode} from './inode.ts';

/** What makes files; each answers -errno where it cannot. */
export type MadeFiles = {
	/** Whether there is such a file, without making it. */
	readonly exists: (path: string) => boolean;
	readonly read: (path: string) => Uint8Array | number;
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

const tree_file_operations: file_operations = {name: 'seq_file_operations', read, write};

/** Opens one. @param path without `self` */
export function openMadeFile(k: Kernel, files: MadeFiles, path: string, flags: number): file {
	const inode = new_inode(k, {kind: 'regular', s_dev: {major: 0, minor: 3}, i_fop: tree_file_operations});
	// Nothing is ever in its cache.
	k.mappings.delete(inode.i_mapping.id);
	const opened: Opened = {files, path, bytes: undefined};
	const file = get_empty_filp(k, path, inode, flags);
	file.private_data = opened;
	return file;
}

/** /proc/self is the directory of whoever asks. */
export const withoutSelf = (k: Kernel, path: string): string =>
	path.replace(/^\/proc\/self(?=\/|$)/, `/proc/${k.cpu.current.tgid}`);
