/**
 * linux/proc_fs.h: files of a driver's in /proc. Models fs/proc/generic.c (2.6.11 and later). An entry is a window: C
 * sets its methods there until 3.10, and gives them to proc_create since 2.6.26.
 *
 * Not modelled: links, owners and permissions; the first reader's wait for a driver that is being unloaded.
 */
import {kernelAddress, PAGE_SIZE, userAddress} from '../../../hardware/address.ts';
import {EFAULT, EINVAL, EIO, ENOMEM} from '../../errno.ts';
import type {file, file_operations} from '../../fs/file.ts';
import {directoryAt, isDirectory, parentOf} from '../../fs/namei.ts';
import type {Kernel} from '../../kernel.ts';
import {kread, kread32} from '../../mm/access.ts';
import {GFP_KERNEL} from '../../mm/gfp.ts';
import {virt_to_page} from '../../mm/page.ts';
import {__get_free_pages, free_pages} from '../../mm/page_alloc.ts';
import {copy_to_user} from '../../mm/uaccess.ts';
import {printk} from '../../printk.ts';
import type {Sleeps} from '../../time.ts';
import {callC, onStack} from '../callC.ts';
import {ownPages} from '../containment.ts';
import {fileOperationsOf, procOperationsOf} from '../methods.ts';
import {module_put, try_module_get} from '../refcount.ts';
import {type Gate, modulesOf} from '../state.ts';
import {fileWindow, inodeWindow} from '../structureWindows.ts';
import {textAtAddress} from '../text.ts';
import type {Window} from '../windows.ts';
import {gate, gates} from './gate.ts';
import {privateSeqFile, singleFile} from './seqFile.ts';
import {addNode, removeNode, type TreeNode} from './treeNodes.ts';

type Entry = {
	readonly path: string;
	readonly parent: Entry | undefined;
	/** Undefined for a directory. */
	node: TreeNode | undefined;
	/** Words of C's. */
	data: number;
	read_proc: number;
	write_proc: number;
	/** Its table of methods; `proc_ops` since 5.6. */
	proc_fops: number;
	/** Its methods, where they are the kernel's own. */
	readonly own?: file_operations;
	owner: number;
	size: number;
	mode: number;
};

const settable = (field: 'data' | 'read_proc' | 'write_proc' | 'proc_fops' | 'owner' | 'mode') => ({
	get: (_k: Kernel, entry: Entry) => entry[field],
	set(_k: Kernel, entry: Entry, value: number) {
		entry[field] = value;
	},
});

const procWindow: Window<Entry> = {
	name: 'proc_dir_entry',
	fields: {
		data: settable('data'),
		read_proc: settable('read_proc'),
		write_proc: settable('write_proc'),
		proc_fops: settable('proc_fops'),
		owner: settable('owner'),
		mode: settable('mode'),
		size: {
			get: (_k, {size}) => size,
			set(_k, entry, value) {
				entry.size = value;
				if (entry.node) entry.node.inode.i_size = value;
			},
		},
		parent: {get: (k, {parent}) => (parent ? entryAddress(k, parent) : 0)},
		uid: {get: () => 0, set: () => {}},
		gid: {get: () => 0, set: () => {}},
	},
};

const entryAddress = (k: Kernel, entry: Entry): number => modulesOf(k).windows.addressOf(procWindow, entry);
const entryAt = (k: Kernel, address: number) => modulesOf(k).windows.objectAt(procWindow, address);

/** Entries of each kernel, by path. */
const known = new WeakMap<Kernel, Map<string, Entry>>();

function entriesOf(k: Kernel): Map<string, Entry> {
	let found = known.get(k);
	if (!found) known.set(k, (found = new Map()));
	return found;
}

const pathBelow = (parent: Entry | undefined, name: string) => `${parent?.path ?? '/proc'}/${name}`;

// ── the older methods: a page that is filled ───────────────────────────────────────────────────────────────────────

/** A read asks for so much at most at a time. @see fs/proc/generic.c PROC_BLOCK_SIZE */
const PROC_BLOCK_SIZE = PAGE_SIZE - 1024;

type Filled = {
	/** What the function returned. */
	readonly n: number;
	/** What it stored in `*start`: 0, an address in the page, or how far the position moves. */
	readonly start: number;
	readonly eof: boolean;
};

function* callReadProc(k: Kernel, entry: Entry, page: number, pos: number, count: number): Sleeps<Filled> {
	return yield* onStack(k, new Uint8Array(8), function* (at) {
		const n = yield* callC(k, entry.read_proc, [page, at, pos, count, at + 4, entry.data]);
		const word = (offset: number) => kread32(k, kernelAddress(at + offset));
		return {n, start: word(0), eof: word(4) !== 0};
	});
}

/** Which part of the page is meant, and how far the position moves. @returns undefined at the end */
function partOf(
	k: Kernel,
	{n, start}: Filled,
	page: number,
	pos: number,
	count: number,
): {readonly from: number; readonly length: number; readonly moves: number} | undefined {
	const most = start >= page ? PAGE_SIZE - (start - page) : PAGE_SIZE;
	if (n > most) printk(k, 3, 'proc_file_read: Apparent buffer overflow!');
	const fits = Math.min(n, most);
	if (start === 0) {
		const length = Math.min(fits - pos, count);
		return length <= 0 ? undefined : {from: page + pos, length, moves: length};
	}
	if (n > count) printk(k, 4, 'proc_file_read: Read count exceeded');
	return start < page ? {from: page, length: fits, moves: start} : {from: start, length: fits, moves: fits};
}

function* readInto(k: Kernel, entry: Entry, page: number, file: file, to: number, wanted: number, from: number) {
	let pos = from;
	let done = 0;
	for (let eof = false; done < wanted && !eof; ) {
		const count = Math.min(PROC_BLOCK_SIZE, wanted - done);
		const filled = yield* callReadProc(k, entry, page, pos, count);
		if (filled.n <= 0) return done || filled.n;
		({eof} = filled);
		const part = partOf(k, filled, page, pos, count);
		if (!part) break;
		const bytes = kread(k, kernelAddress(part.from), part.length);
		const missed = yield* copy_to_user(k, userAddress(to + done), bytes);
		if (missed === part.length) return done || -EFAULT;
		pos += part.moves;
		done += part.length;
		file.posAfter = pos;
	}
	return done;
}

function* proc_file_read(k: Kernel, file: file, to: number, count: number, pos: number): Sleeps<number> {
	const entry = entryOf(k, file);
	if (!entry || entry.read_proc === 0) return -EIO;
	const page = yield* __get_free_pages(k, GFP_KERNEL, 0);
	if (page === undefined) return -ENOMEM;
	ownPages(k, virt_to_page(page), 0);
	file.posAfter = pos;
	const result = yield* readInto(k, entry, page, file, to, count, pos);
	free_pages(k, page, 0);
	return result;
}

function* proc_file_write(k: Kernel, file: file, from: number, count: number): Sleeps<number> {
	const entry = entryOf(k, file);
	if (!entry || entry.write_proc === 0) return -EIO;
	const at = modulesOf(k).windows.addressOf(fileWindow, file);
	return yield* callC(k, entry.write_proc, [at, from, count, entry.data]);
}

const entryOf = (k: Kernel, {inode}: file) => entryAt(k, inode.i_private as number);

/** Of entries without a table of their own. The owner that the entry names is held (until 2.6.29). */
const proc_file_operations: file_operations = {
	name: 'proc_file_operations',
	read: proc_file_read,
	write: proc_file_write,
	*open(k, _inode, file) {
		return try_module_get(k, entryOf(k, file)?.owner ?? 0) ? 0 : -EINVAL;
	},
	*release(k, _inode, file) {
		module_put(k, entryOf(k, file)?.owner ?? 0);
		modulesOf(k).windows.forget(file);
		return 0;
	},
};

function operationsOf(k: Kernel, entry: Entry): file_operations {
	if (entry.own) return entry.own;
	if (entry.proc_fops === 0) return proc_file_operations;
	return k.era.procHasOwnMethods ? procOperationsOf(k, entry.proc_fops) : fileOperationsOf(k, entry.proc_fops);
}

// ── making and removing ────────────────────────────────────────────────────────────────────────────────────────────

const S_IFMT = 0o170000;
const S_IFDIR = 0o040000;
const S_IFREG = 0o100000;
const DEFAULT_MODE = 0o444;

const newEntry = (path: string, parent: Entry | undefined, mode: number): Entry => ({
	path,
	parent,
	node: undefined,
	data: 0,
	read_proc: 0,
	write_proc: 0,
	proc_fops: 0,
	owner: 0,
	size: 0,
	mode,
});

/** @returns the address of the entry, or 0 where the name is taken or its directory is not there */
function mkdir(k: Kernel, path: string, parent: Entry | undefined): number {
	if (k.vfs.nodes.has(path) || !isDirectory(k, parentOf(path))) return 0;
	const entry = entriesOf(k).get(path) ?? newEntry(path, parent, S_IFDIR | 0o555);
	entriesOf(k).set(path, entry);
	directoryAt(k, path);
	return entryAddress(k, entry);
}

function create(k: Kernel, nameAt: number, mode: number, parentAt: number, more: Partial<Entry> = {}): number {
	const parent = entryAt(k, parentAt);
	const path = pathBelow(parent, textAtAddress(k, nameAt));
	if ((mode & S_IFMT) === S_IFDIR) return mkdir(k, path, parent);
	const permissions = (mode & 0o7777) === 0 ? DEFAULT_MODE : mode & 0o7777;
	const entry: Entry = {...newEntry(path, parent, S_IFREG | permissions), ...more};
	const i_private = entryAddress(k, entry);
	const node = addNode(k, path, () => operationsOf(k, entry), {i_private});
	if (!node) {
		modulesOf(k).windows.forget(entry);
		if (k.era.procSaysTaken) printk(k, 4, `proc_dir_entry '${path.replace(/^\//, '')}' already registered`);
		return 0;
	}
	entry.node = node;
	entriesOf(k).set(path, entry);
	return i_private;
}

function remove(k: Kernel, entry: Entry): void {
	for (const [path, below] of [...entriesOf(k)]) if (path.startsWith(`${entry.path}/`)) remove(k, below);
	if (entry.node) removeNode(k, entry.node);
	else k.vfs.directories.delete(entry.path);
	entriesOf(k).delete(entry.path);
	modulesOf(k).windows.forget(entry);
}

function removeNamed(k: Kernel, name: number, parent: number): number {
	const found = entriesOf(k).get(pathBelow(entryAt(k, parent), textAtAddress(k, name)));
	if (found) remove(k, found);
	return 0;
}

export const procExports: readonly Gate[] = [
	gate('create_proc_entry', (k, name, mode, parent) => create(k, name, mode, parent)),
	gate('create_proc_read_entry', (k, name, mode, parent, read_proc, data) =>
		create(k, name, mode, parent, {read_proc, data}),
	),
	gate('proc_create', (k, name, mode, parent, proc_fops) => create(k, name, mode, parent, {proc_fops})),
	gate('proc_create_data', (k, name, mode, parent, proc_fops, data) =>
		create(k, name, mode, parent, {proc_fops, data}),
	),
	gate('proc_create_single_data', (k, name, mode, parent, show, data) =>
		create(k, name, mode, parent, {own: singleFile(show, data), data}),
	),
	gate('proc_create_seq_private', (k, name, mode, parent, operations, size, data) =>
		create(k, name, mode, parent, {own: privateSeqFile(operations, size), data}),
	),
	gate('proc_mkdir', (k, name, parent) => create(k, name, S_IFDIR, parent)),
	...gates(['remove_proc_entry', 'remove_proc_subtree'], removeNamed),
	gate('proc_remove', (k, address) => {
		const entry = entryAt(k, address);
		if (entry) remove(k, entry);
	}),
	gate('proc_set_size', (k, address, low) => {
		const entry = entryAt(k, address);
		if (entry?.node) entry.node.inode.i_size = low;
	}),
	gate('proc_set_user', () => {}),
	gate('_mmtop_pde_data', (k, address) => {
		const inode = modulesOf(k).windows.objectAt(inodeWindow, address);
		return entryAt(k, inode?.i_private as number)?.data ?? 0;
	}),
];
