/**
 * Models fs/inode.c as far as inodes and their address_spaces come into being and go.
 *
 * Not modelled: the inode hash, dirty inodes (times and sizes are not written to the disk),
 * hard links (a file has one name or none).
 */
import type {Kernel} from '../kernel.ts';
import type {address_space} from '../mm/mm_types.ts';
import type {block_device} from './block.ts';
import type {address_space_operations, file_operations, inode} from './file.ts';

export type DeviceNumber = {readonly major: number; readonly minor: number};

type NewInode = {
	readonly kind: inode['kind'];
	/** Device of the filesystem that holds the node. */
	readonly s_dev: DeviceNumber;
	readonly i_fop: file_operations;
	readonly i_size?: number;
	readonly i_rdev?: DeviceNumber;
	readonly a_ops?: address_space_operations;
	readonly sectorOf?: NonNullable<inode['sectorOf']>;
	readonly i_bdev?: block_device;
	readonly i_private?: unknown;
	readonly i_blocks?: inode['i_blocks'];
	/** 0 for what has no name in the tree. */
	readonly i_nlink?: number;
};

/** Makes an inode with an empty address_space of its own. */
export function new_inode(k: Kernel, wanted: NewInode): inode {
	const inode: inode = {
		i_ino: k.vfs.nextInode++,
		kind: wanted.kind,
		i_nlink: wanted.i_nlink ?? 1,
		i_count: 0,
		s_dev: wanted.s_dev,
		i_rdev: wanted.i_rdev,
		i_size: wanted.i_size ?? 0,
		i_mapping: undefined as unknown as address_space,
		i_fop: wanted.i_fop,
		a_ops: wanted.a_ops,
		i_blocks: wanted.i_blocks ?? (() => 0),
		sectorOf: wanted.sectorOf,
		i_bdev: wanted.i_bdev,
		i_private: wanted.i_private,
	};
	inode.i_mapping = newAddressSpace(k, inode);
	return inode;
}

function newAddressSpace(k: Kernel, host: inode): address_space {
	const mapping: address_space = {
		id: k.filemap.nextMapping++,
		host,
		pages: new Map(),
		i_mmap: new Set(),
		nrdirty: 0,
	};
	k.mappings.set(mapping.id, mapping);
	return mapping;
}

/** Forgets the address_space of an inode that nobody refers to any more; its pages are gone already. */
export function clear_inode(k: Kernel, inode: inode): void {
	if (inode.i_mapping.pages.size > 0) throw new Error(`inode ${inode.i_ino} is cleared with pages in its cache`);
	k.mappings.delete(inode.i_mapping.id);
	k.modules?.windows.forget(inode);
}
