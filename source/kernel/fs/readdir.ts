/** Models fs/readdir.c (2.6.11 and later): what is in a directory, in the order in which it came in. */
import {userAddress} from '../../hardware/address.ts';
import {EBADF, EFAULT, EINVAL, EISDIR, ENOTDIR} from '../errno.ts';
import type {Kernel} from '../kernel.ts';
import {copy_to_user} from '../mm/uaccess.ts';
import type {Sleeps} from '../time.ts';
import {fget, type file, type file_operations, fput, type inode} from './file.ts';

/** A directory has no bytes of its own to read. */
export const directory_fops: file_operations = {
	name: 'directory_operations',
	*read() {
		return -EISDIR;
	},
	*fsync() {
		return 0;
	},
};

type Entry = {readonly name: string; readonly ino: number; readonly type: number};

const DT_DIR = 4;
const TYPES: Readonly<Record<inode['kind'], number>> = {
	fifo: 1,
	chrdev: 2,
	directory: DT_DIR,
	blkdev: 6,
	regular: 8,
	shmem: 8,
	anon: 0,
};

/** The tree of /proc gives its files a number for each name. */
const MADE_INO = 1;

function entriesOf(k: Kernel, {path, inode}: file): Entry[] {
	const below = path === '/' ? '/' : `${path}/`;
	const found = new Map<string, Entry>();
	const add = (whole: string, known?: inode) => {
		const [name] = whole.slice(below.length).split('/') as [string];
		const isItself = known !== undefined && whole === below + name;
		if (name === '' || (found.has(name) && !isItself)) return;
		found.set(name, {name, ino: known?.i_ino ?? MADE_INO, type: isItself ? TYPES[known.kind] : DT_DIR});
	};
	for (const [whole, known] of k.vfs.nodes) if (whole.startsWith(below)) add(whole, known);
	for (const [whole, known] of k.vfs.directories) if (whole.startsWith(below)) add(whole, known);
	for (const mount of k.vfs.mounts) if (mount.path.startsWith(below)) add(mount.path);
	for (const name of k.vfs.madeFiles?.list(path) ?? []) {
		const isDirectory = name.endsWith('/');
		const bare = isDirectory ? name.slice(0, -1) : name;
		found.set(bare, {name: bare, ino: MADE_INO, type: isDirectory ? DT_DIR : 8});
	}
	const dots = ['.', '..'].map(name => ({name, ino: inode.i_ino, type: DT_DIR}));
	return [...dots, ...found.values()];
}

/** struct linux_dirent and linux_dirent64: number, place of the next one, length, and then the name. */
function record({name, ino, type}: Entry, next: number, wide: boolean): Uint8Array {
	const headBytes = wide ? 19 : 10;
	const length = headBytes + name.length + (wide ? 1 : 2);
	const alignment = wide ? 8 : 4;
	const bytes = new Uint8Array(Math.ceil(length / alignment) * alignment);
	const view = new DataView(bytes.buffer);
	view.setUint32(0, ino, true);
	view.setUint32(wide ? 8 : 4, next, true);
	view.setUint16(wide ? 16 : 8, bytes.length, true);
	bytes[wide ? 18 : bytes.length - 1] = type;
	for (let i = 0; i < name.length; i++) bytes[headBytes + i] = name.charCodeAt(i);
	return bytes;
}

/**
 * Entries from the file's position on, as many as fit. @param wide getdents64's form
 * @returns bytes, 0 at the end, -EBADF, -ENOTDIR, -EFAULT, -EINVAL when not one fits
 */
export function* sys_getdents(k: Kernel, fd: number, dirent: number, count: number, wide: boolean): Sleeps<number> {
	const file = fget(k, fd);
	if (!file) return -EBADF;
	let done = 0;
	let error = file.inode.kind === 'directory' ? 0 : -ENOTDIR;
	const entries = error < 0 ? [] : entriesOf(k, file);
	while (error === 0 && file.f_pos < entries.length) {
		const bytes = record(entries[file.f_pos]!, file.f_pos + 1, wide);
		if (done + bytes.length > count) error = -EINVAL;
		else if ((yield* copy_to_user(k, userAddress(dirent + done), bytes)) > 0) error = -EFAULT;
		else {
			done += bytes.length;
			file.f_pos++;
		}
	}
	yield* fput(k, file);
	return done > 0 ? done : error;
}
