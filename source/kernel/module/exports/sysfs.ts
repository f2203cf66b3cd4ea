/**
 * linux/kobject.h and sysfs.h: objects with a directory in /sys, and their attributes. Models lib/kobject.c and
 * fs/sysfs (2.6.11 and later).
 *
 * Not modelled: ksets, links, binary attributes, events for user space.
 */
import {
	type KernelLogicalAddress,
	kernelAddress,
	logicalAddress,
	PAGE_SIZE,
	type UserAddress,
	userAddress,
} from '../../../hardware/address.ts';
import {EEXIST, EFAULT, EIO, ENOENT, ENOMEM} from '../../errno.ts';
import type {file, file_operations} from '../../fs/file.ts';
import {directoryAt, isDirectory} from '../../fs/namei.ts';
import type {Kernel} from '../../kernel.ts';
import {kread, kread32, kwrite} from '../../mm/access.ts';
import {__GFP_ZERO, GFP_KERNEL} from '../../mm/gfp.ts';
import {virt_to_page} from '../../mm/page.ts';
import {__get_free_pages, free_pages} from '../../mm/page_alloc.ts';
import {kfree, kzalloc, try_kmalloc} from '../../mm/slab.ts';
import {copy_from_user, copy_to_user} from '../../mm/uaccess.ts';
import type {Sleeps} from '../../time.ts';
import {callC} from '../callC.ts';
import {ownPages} from '../containment.ts';
import {formatText} from '../format.ts';
import {offsetOf, sizeOf} from '../layouts.ts';
import {besides, type Gate, type GateCall, modulesOf} from '../state.ts';
import {putText, textAtAddress} from '../text.ts';
import {KERNEL_KOBJECTS} from '../variables.ts';
import {gate, setWord, word} from './gate.ts';
import {addNode, removeNode, type TreeNode} from './treeNodes.ts';

/** What C calls for an attribute. The words before the buffer are given. */
type AttributeCalls = {
	readonly show: number;
	readonly store: number;
	readonly before: readonly number[];
};

/** A directory of /sys and the attributes in it. */
export type SysDirectory = {readonly path: string; readonly attributes: Map<string, TreeNode>};

const S_IRUGO = 0o444;
const S_IWUGO = 0o222;

/** One text: made when the file is read from its start, taken whole. @see fs/sysfs/file.c */
function attributeFile({show, store, before}: AttributeCalls, mode: number): file_operations {
	const texts = new WeakMap<file, Uint8Array>();
	function* fill(k: Kernel, file: file): Sleeps<number> {
		const page = yield* __get_free_pages(k, GFP_KERNEL | __GFP_ZERO, 0);
		if (page === undefined) return -ENOMEM;
		ownPages(k, virt_to_page(page), 0);
		const length = yield* callC(k, show, [...before, page]);
		if (length >= 0) texts.set(file, kread(k, page, Math.min(length, PAGE_SIZE)));
		free_pages(k, page, 0);
		return length;
	}
	return {
		name: 'sysfs_file_operations',
		*read(k, file, buffer, count, pos) {
			if (show === 0 || (mode & S_IRUGO) === 0) return -EIO;
			const error = pos === 0 || !texts.has(file) ? yield* fill(k, file) : 0;
			if (error < 0) return error;
			const part = texts.get(file)!.subarray(pos, pos + count);
			return (yield* copy_to_user(k, buffer, part)) > 0 ? -EFAULT : part.length;
		},
		*write(k, _file, buffer: UserAddress, count: number) {
			if (store === 0 || (mode & S_IWUGO) === 0) return -EIO;
			const bytes = new Uint8Array(Math.min(count, PAGE_SIZE - 1));
			if ((yield* copy_from_user(k, bytes, userAddress(buffer))) > 0) return -EFAULT;
			const page = yield* __get_free_pages(k, GFP_KERNEL | __GFP_ZERO, 0);
			if (page === undefined) return -ENOMEM;
			ownPages(k, virt_to_page(page), 0);
			kwrite(k, page, bytes);
			const result = yield* callC(k, store, [...before, page, bytes.length]);
			free_pages(k, page, 0);
			return result;
		},
	};
}

/** Makes a directory. @returns undefined where there is one of that name */
export function addDirectory(k: Kernel, path: string): SysDirectory | undefined {
	if (k.vfs.nodes.has(path) || isDirectory(k, path)) return undefined;
	directoryAt(k, path);
	return {path, attributes: new Map()};
}

export function removeDirectory(k: Kernel, {path, attributes}: SysDirectory): void {
	for (const node of attributes.values()) removeNode(k, node);
	attributes.clear();
	k.vfs.directories.delete(path);
}

export function addFile(k: Kernel, directory: SysDirectory, name: string, fops: file_operations): number {
	const node = addNode(k, `${directory.path}/${name}`, () => fops, {i_size: PAGE_SIZE});
	if (!node) return -EEXIST;
	directory.attributes.set(name, node);
	return 0;
}

/** @param attribute of a struct attribute. @returns 0, -ENOENT without a directory, -EEXIST */
export function addAttribute(
	k: Kernel,
	directory: SysDirectory | undefined,
	attribute: number,
	calls: AttributeCalls,
): number {
	if (!directory) return -ENOENT;
	const name = textAtAddress(k, word(k, 'attribute', attribute, 'name'));
	return addFile(k, directory, name, attributeFile(calls, word(k, 'attribute', attribute, 'mode') & 0xffff));
}

export function removeAttribute(k: Kernel, directory: SysDirectory | undefined, attribute: number): void {
	const name = textAtAddress(k, word(k, 'attribute', attribute, 'name'));
	const node = directory?.attributes.get(name);
	if (node) removeNode(k, node);
	directory?.attributes.delete(name);
}

/** The two functions that stand behind a struct attribute of a larger structure. */
export const functionsBehind = (k: Kernel, attribute: number): {readonly show: number; readonly store: number} => ({
	show: kread32(k, kernelAddress(attribute + sizeOf('attribute'))),
	store: kread32(k, kernelAddress(attribute + sizeOf('attribute') + 4)),
});

// ── kobjects ───────────────────────────────────────────────────────────────────────────────────────────────────────

export const directoriesOf = (k: Kernel) => besides<SysDirectory>(k, 'kobject');

/** In a kobject's state: it was allocated here, or with the cdev that begins with it. */
const IS_DYNAMIC = 1;
const IS_CDEV = 2;

const refsAt = (kobj: number) => kernelAddress(kobj + offsetOf('kobject', 'kref'));

/** Where the names are that setName() has made, by their kobjects. */
const namesOf = (k: Kernel) => besides<KernelLogicalAddress>(k, 'name of a kobject');

/** Gives a kobject a name of its own, and the former one back. @returns 0, -ENOMEM */
export function setName(k: Kernel, kobj: number, name: string): number {
	const at = try_kmalloc(k, name.length + 1, GFP_KERNEL);
	if (at === undefined) return -ENOMEM;
	freeName(k, kobj);
	putText(k, at, name);
	setWord(k, 'kobject', kobj, 'name', at);
	namesOf(k).set(kobj, at);
	return 0;
}

/** The kobject is gone, or has another name. @see kobject_cleanup() */
export function freeName(k: Kernel, kobj: number): void {
	kfree(k, namesOf(k).get(kobj));
	namesOf(k).delete(kobj);
}

function nameOf(k: Kernel, kobj: number): string {
	const at = word(k, 'kobject', kobj, 'name');
	return at === 0 ? '' : textAtAddress(k, at);
}

function kobject_get(k: Kernel, kobj: number): number {
	if (kobj !== 0) kwrite(k, refsAt(kobj), new Uint8Array(Uint32Array.of(kread32(k, refsAt(kobj)) + 1).buffer));
	return kobj;
}

/** The last user's going has its release function called. */
function* kobject_put(k: Kernel, kobj: number): Sleeps<void> {
	if (kobj === 0) return;
	const left = (kread32(k, refsAt(kobj)) - 1) | 0;
	kwrite(k, refsAt(kobj), new Uint8Array(Int32Array.of(left).buffer));
	if (left !== 0) return;
	remove(k, kobj);
	const [ktype, state] = [word(k, 'kobject', kobj, 'ktype'), word(k, 'kobject', kobj, 'state')];
	const release = ktype === 0 ? 0 : kread32(k, kernelAddress(ktype));
	if (release !== 0) yield* callC(k, release, [kobj]);
	else if (state === IS_DYNAMIC || state === IS_CDEV) kfree(k, logicalAddress(kobj));
	freeName(k, kobj);
}

const root = '/sys';

/** The directory that one of the kernel's own kobjects stands for. */
function kernelDirectory(k: Kernel, kobj: number): string | undefined {
	const {symbols} = modulesOf(k);
	for (const [name, path] of KERNEL_KOBJECTS)
		if (kread32(k, kernelAddress(symbols.get(name)!)) === kobj) return `${root}/${path}`;
	return undefined;
}

/** @returns 0, -EEXIST */
function add(k: Kernel, kobj: number): number {
	const parent = word(k, 'kobject', kobj, 'parent');
	const above = directoriesOf(k).get(parent)?.path ?? kernelDirectory(k, parent) ?? root;
	const path = `${above}/${nameOf(k, kobj)}`;
	const directory = addDirectory(k, path);
	if (!directory) return -EEXIST;
	directoriesOf(k).set(kobj, directory);
	return 0;
}

function remove(k: Kernel, kobj: number): void {
	const directory = directoriesOf(k).get(kobj);
	if (directory) removeDirectory(k, directory);
	directoriesOf(k).delete(kobj);
}

function initialize(k: Kernel, kobj: number, ktype: number, parent: number): void {
	kwrite(k, refsAt(kobj), new Uint8Array(Uint32Array.of(1).buffer));
	setWord(k, 'kobject', kobj, 'ktype', ktype);
	setWord(k, 'kobject', kobj, 'parent', parent);
}

const text = ({k, arg}: GateCall, n: number) => formatText(k, textAtAddress(k, arg(n)), i => arg(n + 1 + i));

/** Where an attribute of a kobject leads: the functions of its type, or those behind the attribute itself. */
function callsOf(k: Kernel, kobj: number, attribute: number): AttributeCalls {
	const ktype = word(k, 'kobject', kobj, 'ktype');
	const ops = ktype === 0 ? 0 : kread32(k, kernelAddress(ktype + 4));
	const functions =
		ops === 0
			? functionsBehind(k, attribute)
			: {show: kread32(k, kernelAddress(ops)), store: kread32(k, kernelAddress(ops + 4))};
	return {...functions, before: [kobj, attribute]};
}

/** Attributes of a struct attribute_group, one after the other. */
function* attributesOf(k: Kernel, group: number): Generator<number> {
	const list = word(k, 'attribute_group', group, 'attrs');
	for (let n = 0; ; n++) {
		const attribute = kread32(k, kernelAddress(list + 4 * n));
		if (attribute === 0) return;
		yield attribute;
	}
}

/** A group's directory: the object's own, or one below it where the group has a name. */
function groupDirectory(k: Kernel, kobj: number, group: number): SysDirectory | undefined {
	const directory = directoriesOf(k).get(kobj);
	const name = word(k, 'attribute_group', group, 'name');
	if (name === 0 || !directory) return directory;
	const path = `${directory.path}/${textAtAddress(k, name)}`;
	directoryAt(k, path);
	return {path, attributes: directory.attributes};
}

export const sysfsExports: readonly Gate[] = [
	{name: 'kobject_set_name', run: call => setName(call.k, call.arg(0), text(call, 1))},
	gate('kobject_get', kobject_get),
	gate('kobject_put', kobject_put),
	gate('kobject_create_and_add', function* (k, name, parent) {
		const kobj = yield* kzalloc(k, sizeOf('kobject'), GFP_KERNEL);
		if (kobj === undefined) return 0;
		initialize(k, kobj, 0, parent);
		setWord(k, 'kobject', kobj, 'state', IS_DYNAMIC);
		if (setName(k, kobj, textAtAddress(k, name)) === 0 && add(k, kobj) === 0) return kobj;
		freeName(k, kobj);
		kfree(k, kobj);
		return 0;
	}),
	{
		name: 'kobject_init_and_add',
		run(call) {
			const {k, arg} = call;
			initialize(k, arg(0), arg(1), arg(2));
			return setName(k, arg(0), text(call, 3)) || add(k, arg(0));
		},
	},
	gate('kobject_register', (k, kobj) => {
		initialize(k, kobj, word(k, 'kobject', kobj, 'ktype'), word(k, 'kobject', kobj, 'parent'));
		return add(k, kobj);
	}),
	gate('kobject_unregister', function* (k, kobj) {
		remove(k, kobj);
		yield* kobject_put(k, kobj);
	}),
	gate('kobject_del', remove),
	gate('sysfs_create_file', (k, kobj, attribute) =>
		addAttribute(k, directoriesOf(k).get(kobj), attribute, callsOf(k, kobj, attribute)),
	),
	gate('sysfs_remove_file', (k, kobj, attribute) => removeAttribute(k, directoriesOf(k).get(kobj), attribute)),
	gate('sysfs_create_group', (k, kobj, group) => {
		const directory = groupDirectory(k, kobj, group);
		for (const attribute of attributesOf(k, group)) {
			const error = addAttribute(k, directory, attribute, callsOf(k, kobj, attribute));
			if (error < 0) return error;
		}
		return 0;
	}),
	gate('sysfs_remove_group', (k, kobj, group) => {
		const directory = groupDirectory(k, kobj, group);
		for (const attribute of attributesOf(k, group)) removeAttribute(k, directory, attribute);
	}),
];
