/**
 * linux/cdev.h and the part of linux/fs.h that registers drivers of character devices. Nodes in /dev appear by
 * themselves, as a small udev would make them: /dev/NAME and /dev/NAME0 … for the name and the minors of a region.
 */
import {kernelAddress, logicalAddress} from '../../../hardware/address.ts';
import {ENXIO} from '../../errno.ts';
import {
	alloc_chrdev_region,
	type Cdev,
	cdev_add,
	cdev_del,
	register_chrdev,
	register_chrdev_region,
	unregister_chrdev,
	unregister_chrdev_region,
} from '../../fs/char_dev.ts';
import type {file_operations, inode} from '../../fs/file.ts';
import type {DeviceNumber} from '../../fs/inode.ts';
import {mknod} from '../../fs/vfs.ts';
import type {Kernel} from '../../kernel.ts';
import {kmemset, kread32, kwrite32} from '../../mm/access.ts';
import {GFP_KERNEL} from '../../mm/gfp.ts';
import {kfree, kzalloc} from '../../mm/slab.ts';
import {offsetOf, sizeOf} from '../layouts.ts';
import {fileOperationsOf} from '../methods.ts';
import {module_put, try_module_get} from '../refcount.ts';
import {besides, type Gate, modulesOf} from '../state.ts';
import {textAtAddress} from '../text.ts';
import {gate, setWord, word} from './gate.ts';

/** A region has so many nodes at most. */
const MOST_NODES = 16;
const MINORBITS = 20;

const numberOf = (dev: number): DeviceNumber => ({major: dev >>> MINORBITS, minor: dev & ((1 << MINORBITS) - 1)});
const devOf = ({major, minor}: DeviceNumber) => ((major << MINORBITS) | minor) >>> 0;

/** Nodes that others had under a name before, by path. */
const replaced = new WeakMap<Kernel, Map<string, inode>>();

function replacedIn(k: Kernel): Map<string, inode> {
	let found = replaced.get(k);
	if (!found) replaced.set(k, (found = new Map()));
	return found;
}

/** A node of that name that leads elsewhere makes room for as long as the driver is there. */
function makeNode(k: Kernel, path: string, number: DeviceNumber): void {
	const former = k.vfs.nodes.get(path);
	if (former && former.i_rdev?.major !== number.major) {
		replacedIn(k).set(path, former);
		k.vfs.nodes.delete(path);
	}
	mknod(k, path, 'chrdev', number);
}

function makeNodes(k: Kernel, name: string, major: number, baseminor: number, count: number): void {
	makeNode(k, `/dev/${name}`, {major, minor: baseminor});
	for (let i = 0; i < Math.min(count, MOST_NODES); i++) makeNode(k, `/dev/${name}${i}`, {major, minor: baseminor + i});
}

function removeNodes(k: Kernel, major: number, baseminor: number, count: number): void {
	for (const [path, {i_rdev, kind}] of [...k.vfs.nodes]) {
		if (kind !== 'chrdev' || i_rdev?.major !== major || !path.startsWith('/dev/')) continue;
		if (i_rdev.minor < baseminor || i_rdev.minor >= baseminor + count) continue;
		k.vfs.nodes.delete(path);
		const former = replacedIn(k).get(path);
		if (former) k.vfs.nodes.set(path, former);
		replacedIn(k).delete(path);
	}
}

/** A driver whose owner is held while a file is open. @param table where its file_operations are, asked at each open */
function heldFops(k: Kernel, owner: () => number, table: () => number): file_operations {
	const made = openerOf(owner, table);
	modulesOf(k).addresses.set(made, table());
	return made;
}

const openerOf = (owner: () => number, table: () => number): file_operations => ({
	name: 'def_chr_fops',
	*open(k, inode, file) {
		const holder = owner();
		if (!try_module_get(k, holder)) return -ENXIO;
		const fops = fileOperationsOf(k, table());
		file.f_op = fops;
		const error = fops.open ? yield* fops.open(k, inode, file) : 0;
		if (error !== 0) module_put(k, holder);
		else file.letGo = () => module_put(k, holder);
		return error;
	},
});

function register(k: Kernel, major: number, name: string, table: number): number {
	const owner = () => word(k, 'file_operations', table, 'owner');
	const result = register_chrdev(
		k,
		major,
		name,
		heldFops(k, owner, () => table),
	);
	if (result >= 0) makeNodes(k, name, major || result, 0, MOST_NODES / 2);
	return result;
}

/** In the state of a cdev's kobject: it was allocated, and goes when it is deleted. */
const IS_ALLOCATED = 2;
const KREF = offsetOf('cdev', 'kobj') + offsetOf('kobject', 'kref');
const STATE = offsetOf('cdev', 'kobj') + offsetOf('kobject', 'state');

function initialize(k: Kernel, cdev: number, state: number): void {
	kmemset(k, kernelAddress(cdev), 0, sizeOf('cdev'));
	const list = cdev + offsetOf('cdev', 'list');
	for (const at of [list, list + 4]) kwrite32(k, kernelAddress(at), list);
	kwrite32(k, kernelAddress(cdev + KREF), 1);
	kwrite32(k, kernelAddress(cdev + STATE), state);
}

/** What hangs beside a struct cdev that was added. */
const addedTo = (k: Kernel) => besides<Cdev>(k, 'cdev');

function add(k: Kernel, cdev: number, dev: number, count: number): number {
	setWord(k, 'cdev', cdev, 'dev', dev);
	setWord(k, 'cdev', cdev, 'count', count);
	const {major, minor: baseminor} = numberOf(dev);
	const fops = heldFops(
		k,
		() => word(k, 'cdev', cdev, 'owner'),
		() => word(k, 'cdev', cdev, 'ops'),
	);
	const made: Cdev = {major, baseminor, minorct: count, fops};
	cdev_add(k, made);
	modulesOf(k).addresses.set(made, cdev);
	addedTo(k).set(cdev, made);
	return 0;
}

function remove(k: Kernel, cdev: number): void {
	const added = addedTo(k).get(cdev);
	if (added) cdev_del(k, added);
	addedTo(k).delete(cdev);
	const isAllocated = kread32(k, kernelAddress(cdev + STATE)) === IS_ALLOCATED;
	if (isAllocated) kfree(k, logicalAddress(cdev));
}

export const chrdevExports: readonly Gate[] = [
	gate('register_chrdev', (k, major, name, table) => register(k, major | 0, textAtAddress(k, name), table)),
	gate('unregister_chrdev', (k, major) => {
		removeNodes(k, major, 0, MOST_NODES);
		unregister_chrdev(k, major);
		return 0;
	}),
	gate('register_chrdev_region', (k, first, count, name) => {
		const from = numberOf(first);
		const text = textAtAddress(k, name);
		const error = register_chrdev_region(k, from, count, text);
		if (error === 0) makeNodes(k, text, from.major, from.minor, count);
		return error;
	}),
	gate('alloc_chrdev_region', (k, first, baseminor, count, name) => {
		const text = textAtAddress(k, name);
		const major = alloc_chrdev_region(k, baseminor, count, text);
		if (major < 0) return major;
		kwrite32(k, kernelAddress(first), devOf({major, minor: baseminor}));
		makeNodes(k, text, major, baseminor, count);
		return 0;
	}),
	gate('unregister_chrdev_region', (k, first, count) => {
		const from = numberOf(first);
		removeNodes(k, from.major, from.minor, count);
		unregister_chrdev_region(k, from, count);
	}),
	gate('cdev_init', (k, cdev, table) => {
		initialize(k, cdev, 1);
		setWord(k, 'cdev', cdev, 'ops', table);
	}),
	gate('cdev_alloc', function* (k) {
		const cdev = yield* kzalloc(k, sizeOf('cdev'), GFP_KERNEL);
		if (cdev === undefined) return 0;
		initialize(k, cdev, IS_ALLOCATED);
		return cdev;
	}),
	gate('cdev_add', add),
	gate('cdev_del', remove),
];
