/** What C sees of the kernel's structures, field by field; a field that is not here is said to be missing when used. */
import type {Pfn} from '../../hardware/address.ts';
import {peek} from '../debug/peek.ts';
import {cdev_lookup} from '../fs/char_dev.ts';
import {FMODE_READ, FMODE_WRITE, type file, type inode} from '../fs/file.ts';
import {MODES} from '../fs/stat.ts';
import type {Kernel} from '../kernel.ts';
import {TASK_SIZE} from '../mm/mm.ts';
import type {mm_struct, vm_area_struct} from '../mm/mm_types.ts';
import {sizeOf} from './layouts.ts';
import {modulesOf} from './state.ts';
import type {StructureName} from './structures.ts';
import type {Window} from './windows.ts';

/** What a driver keeps in an object is a word of C's; what a driver of ours keeps there, C does not see. */
const kept = (value: unknown) => (typeof value === 'number' ? value : 0);

const MINORBITS = 20;
const deviceNumber = (number: {readonly major: number; readonly minor: number} | undefined) =>
	number ? (number.major << MINORBITS) | number.minor : 0;

export const inodeWindow: Window<inode> = {
	name: 'inode',
	fields: {
		i_mode: {get: (_k, inode) => MODES[inode.kind]},
		i_ino: {get: (_k, inode) => inode.i_ino},
		i_rdev: {get: (_k, inode) => deviceNumber(inode.i_rdev)},
		i_size: {
			get: (_k, inode) => inode.i_size,
			set(_k, inode, value) {
				inode.i_size = value;
			},
		},
		// All files are root’s.
		i_uid: {get: () => 0},
		i_gid: {get: () => 0},
		i_nlink: {get: (_k, inode) => inode.i_nlink},
		i_cdev: {get: (k, inode) => cdevOf(k, inode)},
		i_private: {
			get: (_k, inode) => kept(inode.i_private),
			set(_k, inode, value) {
				inode.i_private = value;
			},
		},
	},
};

/** The struct cdev of a device that C has registered with cdev_add. */
function cdevOf(k: Kernel, {i_rdev}: inode): number {
	const driver = i_rdev && cdev_lookup(k, i_rdev);
	return driver ? (modulesOf(k).addresses.get(driver) ?? 0) : 0;
}

/** The name of an inode in the tree, as far as C sees one: it leads from a file to its inode. */
type Dentry = {readonly d_inode: inode};

const dentries = new WeakMap<inode, Dentry>();

export function dentryOf(inode: inode): Dentry {
	let dentry = dentries.get(inode);
	if (!dentry) dentries.set(inode, (dentry = {d_inode: inode}));
	return dentry;
}

export const dentryWindow: Window<Dentry> = {
	name: 'dentry',
	fields: {
		d_inode: {get: (k, {d_inode}) => modulesOf(k).windows.addressOf(inodeWindow, d_inode)},
	},
};

const dentryAt = (k: Kernel, {inode}: file) => modulesOf(k).windows.addressOf(dentryWindow, dentryOf(inode));

/** Whether a table of methods can be read. */
function isThere(k: Kernel, table: number, name: StructureName): boolean {
	const sizeBytes = sizeOf(name);
	return table >= TASK_SIZE && peek(k, null, table, sizeBytes).bytes.length === sizeBytes;
}

export const fileWindow: Window<file> = {
	name: 'file',
	fields: {
		f_op: {
			get: (k, file) => modulesOf(k).addresses.get(file.f_op) ?? 0,
			set(k, file, value) {
				file.f_op = modulesOf(k).fileOperations(value);
			},
			takes: (k, value) => isThere(k, value, 'file_operations'),
		},
		f_flags: {
			get: (_k, file) => file.f_flags,
			set(_k, file, value) {
				file.f_flags = value;
			},
		},
		f_mode: {get: (_k, file) => file.f_mode & (FMODE_READ | FMODE_WRITE)},
		f_pos: {
			get: (_k, file) => file.f_pos,
			set(_k, file, value) {
				file.f_pos = value;
			},
		},
		private_data: {
			get: (_k, file) => kept(file.private_data),
			set(_k, file, value) {
				file.private_data = value;
			},
		},
		f_count: {get: (_k, file) => file.f_count},
		f_dentry: {get: dentryAt},
		// The mount comes first in a struct path; it is not modelled.
		f_path: {get: (k, file) => dentryAt(k, file) * 2 ** 32},
		f_version: {get: () => 0},
		f_inode: {get: (k, file) => modulesOf(k).windows.addressOf(inodeWindow, file.inode)},
	},
};

export const vmaWindow: Window<vm_area_struct> = {
	name: 'vm_area_struct',
	fields: {
		vm_start: {get: (_k, vma) => vma.vm_start},
		vm_end: {get: (_k, vma) => vma.vm_end},
		vm_mm: {get: (k, vma) => modulesOf(k).windows.addressOf(mmWindow, vma.vm_mm)},
		vm_page_prot: {
			get: (_k, vma) => vma.vm_page_prot,
			set(_k, vma, value) {
				vma.vm_page_prot = value as typeof vma.vm_page_prot;
			},
		},
		vm_flags: {
			get: (_k, vma) => vma.vm_flags,
			set(_k, vma, value) {
				vma.vm_flags = value | 0;
			},
		},
		vm_ops: {
			get: (k, vma) => (vma.vm_ops ? (modulesOf(k).addresses.get(vma.vm_ops) ?? 0) : 0),
			set(k, vma, value) {
				vma.vm_ops = value === 0 ? null : modulesOf(k).vmOperations(value);
				if (value !== 0) vma.vm_mm.methodsMaySleep = true;
			},
			takes: (k, value) => value === 0 || isThere(k, value, 'vm_operations_struct'),
		},
		vm_pgoff: {
			get: (_k, vma) => vma.vm_pgoff,
			set(_k, vma, value) {
				vma.vm_pgoff = value;
			},
		},
		vm_file: {get: (k, vma) => (vma.vm_file ? modulesOf(k).windows.addressOf(fileWindow, vma.vm_file) : 0)},
		vm_private_data: {
			get: (_k, vma) => kept(vma.vm_private_data),
			set(_k, vma, value) {
				vma.vm_private_data = value;
			},
		},
		vm_next: {get: (k, vma) => (vma.vm_next ? modulesOf(k).windows.addressOf(vmaWindow, vma.vm_next) : 0)},
	},
};

export const mmWindow: Window<mm_struct> = {
	name: 'mm_struct',
	fields: {
		mmap: {
			get(k, mm) {
				const [first] = mm.mmap;
				return first ? modulesOf(k).windows.addressOf(vmaWindow, first) : 0;
			},
		},
		mm_users: {get: (_k, mm) => mm.mm_users},
		map_count: {get: (_k, mm) => mm.map_count},
	},
};

export const pageWindow: Window<Pfn> = {
	name: 'page',
	fields: {
		flags: {
			get: (k, frame) => k.mem_map.flags[frame]! >>> 0,
			set(k, frame, value) {
				k.mem_map.flags[frame] = value;
			},
		},
		_count: {
			get: (k, frame) => k.mem_map._count[frame]!,
			set(k, frame, value) {
				k.mem_map._count[frame] = value | 0;
			},
		},
		_mapcount: {get: (k, frame) => k.mem_map._mapcount[frame]! - 1},
		private: {
			get: (k, frame) => k.mem_map.private[frame]! >>> 0,
			set(k, frame, value) {
				k.mem_map.private[frame] = value;
			},
		},
		index: {get: (k, frame) => k.mem_map.index[frame]! >>> 0},
	},
};
