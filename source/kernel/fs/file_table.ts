/**
 * Models fs/file_table.c: open files come into being.
 *
 * Not modelled: the limit of open files of the whole system (file-max).
 */
import type {Kernel} from '../kernel.ts';
import {FMODE_READ, FMODE_WRITE, type file, type inode, O_ACCMODE, O_RDONLY, O_WRONLY} from './file.ts';

/** Makes an open file with one reference. @param flags O_ flags as given to open */
export function get_empty_filp(k: Kernel, path: string, inode: inode, flags: number): file {
	inode.i_count++;
	const access = flags & O_ACCMODE;
	const f_mode = (access === O_WRONLY ? 0 : FMODE_READ) | (access === O_RDONLY ? 0 : FMODE_WRITE);
	return {
		id: k.vfs.nextFile++,
		path,
		inode,
		f_mode,
		f_flags: flags,
		f_op: inode.i_fop,
		f_pos: 0,
		f_count: 1,
		f_ra: {start: 0, size: 0, prev: -1},
		private_data: undefined,
	};
}
