/**
 * linux/debugfs.h: files of a driver's in /sys/kernel/debug. Models fs/debugfs (2.6.11 and later).
 *
 * Not modelled: automounts, links, register sets, arrays.
 */
import {kernelAddress, userAddress} from '../../../hardware/address.ts';
import {EACCES, EEXIST, EFAULT, EINVAL, ENOENT, IS_ERR} from '../../errno.ts';
import type {file_operations} from '../../fs/file.ts';
import {directoryAt, isDirectory} from '../../fs/namei.ts';
import type {Kernel} from '../../kernel.ts';
import {kread, kread32, kwrite, oops} from '../../mm/access.ts';
import {copy_from_user, copy_to_user} from '../../mm/uaccess.ts';
import type {Sleeps} from '../../time.ts';
import {fileOperationsOf} from '../methods.ts';
import {type Gate, modulesOf} from '../state.ts';
import {inodeWindow} from '../structureWindows.ts';
import {textAtAddress} from '../text.ts';
import type {Window} from '../windows.ts';
import {gate, gates} from './gate.ts';
import {digitsOf} from './scan.ts';
import {addNode, removeNode, type TreeNode} from './treeNodes.ts';

/** Where it is mounted, in sysfs. */
const SYSFS = '/sys';
const ROOT = `${SYSFS}/kernel/debug`;

/** A file, or a directory, which has no node. */
type DebugEntry = {readonly path: string; readonly node: TreeNode | undefined};

const debugWindow: Window<DebugEntry> = {
	name: 'dentry',
	fields: {
		d_inode: {get: (k, {node}) => (node ? modulesOf(k).windows.addressOf(inodeWindow, node.inode) : 0)},
	},
};

const known = new WeakMap<Kernel, Map<string, DebugEntry>>();

function entriesOf(k: Kernel): Map<string, DebugEntry> {
	let found = known.get(k);
	if (!found) known.set(k, (found = new Map()));
	return found;
}

const entryAt = (k: Kernel, address: number) => modulesOf(k).windows.objectAt(debugWindow, address);

/**
 * Where an entry of a name lies, or why there can be none. NULL as the parent is the root. @see start_creating()
 * @throws TaskKilled for a parent that is gone, or never was one: an oops
 */
function pathOf(k: Kernel, name: number, parent: number): string | number {
	if (k.era.debugfsGivesErrors && IS_ERR(parent | 0)) return parent | 0;
	const directory = parent === 0 ? ROOT : (entryAt(k, parent) ?? oops(k, parent, false, false)).path;
	const text = textAtAddress(k, name);
	if (text === '' || text === '.' || text === '..' || text.includes('/')) return -EACCES;
	return isDirectory(k, directory) ? `${directory}/${text}` : -ENOENT;
}

function keep(k: Kernel, entry: DebugEntry): number {
	entriesOf(k).set(entry.path, entry);
	return modulesOf(k).windows.addressOf(debugWindow, entry);
}

/** What a failure is: NULL, or an error in the pointer (5.0 on). */
const failed = (k: Kernel, error: number) => (k.era.debugfsGivesErrors ? error : 0);

function createFile(k: Kernel, name: number, parent: number, data: number, fops: () => file_operations): number {
	const path = pathOf(k, name, parent);
	if (typeof path === 'number') return failed(k, path);
	const node = addNode(k, path, fops, {i_private: data});
	return node ? keep(k, {path, node}) : failed(k, -EEXIST);
}

function createDirectory(k: Kernel, name: number, parent: number): number {
	const path = pathOf(k, name, parent);
	if (typeof path === 'number') return failed(k, path);
	if (isDirectory(k, path) || k.vfs.nodes.has(path)) return failed(k, -EEXIST);
	directoryAt(k, path);
	return keep(k, {path, node: undefined});
}

function remove(k: Kernel, entry: DebugEntry): void {
	for (const [path, below] of [...entriesOf(k)]) if (path.startsWith(`${entry.path}/`)) remove(k, below);
	if (entry.node) removeNode(k, entry.node);
	else k.vfs.directories.delete(entry.path);
	entriesOf(k).delete(entry.path);
	modulesOf(k).windows.forget(entry);
}

// ── one value ──────────────────────────────────────────────────────────────────────────────────────────────────────

const LONGEST_NUMBER = 64;

/** A file that shows bytes, and takes a text. @param store takes it, or -EINVAL */
const valueFile = (show: (k: Kernel) => Uint8Array, store: (k: Kernel, text: string) => number): file_operations => ({
	name: 'debugfs_value_fops',
	*read(k, _file, buffer, count, pos) {
		const part = show(k).subarray(pos, pos + count);
		return (yield* copy_to_user(k, buffer, part)) > 0 ? -EFAULT : part.length;
	},
	*write(k, _file, buffer, count): Sleeps<number> {
		const bytes = new Uint8Array(Math.min(count, LONGEST_NUMBER));
		if ((yield* copy_from_user(k, bytes, userAddress(buffer))) > 0) return -EFAULT;
		const error = store(k, String.fromCharCode(...bytes));
		return error < 0 ? error : count;
	},
});

const letters = (text: string) => Uint8Array.from([...text], letter => letter.charCodeAt(0));

const numberFile = (at: number, bytes: number, isHex: boolean): file_operations =>
	valueFile(
		k => {
			const value = kread(k, kernelAddress(at), bytes).reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
			return letters(`${isHex ? `0x${value.toString(16).padStart(2 * bytes, '0')}` : value}\n`);
		},
		(k, text) => {
			const {value, used} = digitsOf(text.trim(), 0);
			if (used === 0) return -EINVAL;
			kwrite(
				k,
				kernelAddress(at),
				Uint8Array.from({length: bytes}, (_, n) => Number((value >> BigInt(8 * n)) & 0xffn)),
			);
			return 0;
		},
	);

const boolFile = (at: number, bytes: number): file_operations =>
	valueFile(
		k => letters(kread(k, kernelAddress(at), bytes).some(byte => byte !== 0) ? 'Y\n' : 'N\n'),
		(k, text) => {
			const isYes = /^[yY1]/.test(text);
			if (!isYes && !/^[nN0]/.test(text)) return -EINVAL;
			kwrite(
				k,
				kernelAddress(at),
				Uint8Array.from({length: bytes}, (_, n) => (n === 0 && isYes ? 1 : 0)),
			);
			return 0;
		},
	);

/** struct debugfs_blob_wrapper: where the bytes are, and how many. */
function blobBytes(k: Kernel, blob: number): Uint8Array {
	const [data, size] = [kread32(k, kernelAddress(blob)), kread32(k, kernelAddress(blob + 4))];
	return kread(k, kernelAddress(data), size);
}

const NUMBERS = {u8: [1, false], u16: [2, false], u32: [4, false], u64: [8, false], x32: [4, true]} as const;

export const debugfsExports: readonly Gate[] = [
	gate('debugfs_create_dir', createDirectory),
	gate('debugfs_create_file', (k, name, _mode, parent, data, fops) =>
		createFile(k, name, parent, data, () => fileOperationsOf(k, fops)),
	),
	...Object.entries(NUMBERS).map(([type, [bytes, isHex]]) =>
		gate(`debugfs_create_${type}`, (k, name, _mode, parent, value) =>
			createFile(k, name, parent, value, () => numberFile(value, bytes, isHex)),
		),
	),
	gate('debugfs_create_bool', (k, name, _mode, parent, value) =>
		createFile(k, name, parent, value, () => boolFile(value, k.era.debugfsBoolIsByte ? 1 : 4)),
	),
	gate('debugfs_create_blob', (k, name, _mode, parent, blob) =>
		createFile(k, name, parent, blob, () =>
			valueFile(
				kernel => blobBytes(kernel, blob),
				() => -EINVAL,
			),
		),
	),
	...gates(['debugfs_remove', 'debugfs_remove_recursive'], (k, address) => {
		const entry = entryAt(k, address);
		if (entry) remove(k, entry);
	}),
	gate('debugfs_lookup', (k, name, parent) => {
		const path = pathOf(k, name, parent);
		const found = typeof path === 'string' ? entriesOf(k).get(path) : undefined;
		return found ? modulesOf(k).windows.addressOf(debugWindow, found) : 0;
	}),
];
