/**
 * A small filesystem on a disk, of our own: a file is a list of extents of whole pages. It does what the page cache and
 * direct I/O need of fs/ext2: where a page lies, room for a new one, holes.
 *
 * Not modelled: metadata on the disk (names, sizes and extents live in memory and would not survive a reboot), a
 * journal, directories, quotas. A file made with contents has those that the disk's sectors have.
 */
import {PAGE_SIZE} from '../../hardware/address.ts';
import {ENOSPC} from '../errno.ts';
import type {Kernel} from '../kernel.ts';
import {generic_file_mmap} from '../mm/filemap_fault.ts';
import {generic_file_aio_read, generic_file_aio_write} from '../mm/filemap_rw.ts';
import {PageDirty} from '../mm/page.ts';
import {SECTOR_SIZE} from './bio.ts';
import type {block_device} from './block.ts';
import {blockdev_direct_IO} from './direct_io.ts';
import type {address_space_operations, file_operations, inode} from './file.ts';
import {new_inode} from './inode.ts';
import {block_read_page, block_write_page, read_hole} from './mpage.ts';
import {do_sync_read, do_sync_write, file_fsync} from './read_write.ts';
import type {vfsmount} from './vfs.ts';

const SECTORS_PER_PAGE = PAGE_SIZE / SECTOR_SIZE;
/** The first megabyte belongs to the boot loader and the filesystem itself. */
const FIRST_BLOCK = 256;

/** Pages of a file that lie together on the disk. */
type Extent = {firstPage: number; block: number; pages: number};

/** The allocator: blocks of one page, handed out upwards, given back by truncation. */
export type LabFs = vfsmount & {
	readonly bdev: block_device;
	readonly blocks: number;
	nextBlock: number;
	readonly freed: number[];
};

type LabInode = {
	readonly fs: LabFs;
	readonly extents: Extent[];
	/** Pages whose block was never written: what it holds is somebody else's, so they read as zeros. @see BH_New */
	readonly fresh: Set<number>;
};

const extentsOf = (inode: inode) => inode.i_private as LabInode;

function blockOf({extents}: LabInode, page: number): number | undefined {
	let low = 0;
	let high = extents.length;
	while (low < high) {
		const middle = (low + high) >>> 1;
		if (extents[middle]!.firstPage + extents[middle]!.pages <= page) low = middle + 1;
		else high = middle;
	}
	const found = extents[low];
	return found && page >= found.firstPage ? found.block + page - found.firstPage : undefined;
}

/** Takes the block at `wanted` if it is the next free one, so that files stay in one piece. */
function allocBlock(fs: LabFs): number | undefined {
	if (fs.nextBlock < fs.blocks) return fs.nextBlock++;
	return fs.freed.pop();
}

/** Gives page `page` of a file a place. @returns 0 or -ENOSPC */
function addBlock(inode: LabInode, page: number): number {
	if (blockOf(inode, page) !== undefined) return 0;
	const block = allocBlock(inode.fs);
	if (block === undefined) return -ENOSPC;
	inode.fresh.add(page);
	const {extents} = inode;
	const at = extents.findIndex(each => each.firstPage > page);
	const before = extents[(at < 0 ? extents.length : at) - 1];
	if (before && before.firstPage + before.pages === page && before.block + before.pages === block) before.pages++;
	else extents.splice(at < 0 ? extents.length : at, 0, {firstPage: page, block, pages: 1});
	return 0;
}

/** addBlock for who writes to the block at once. */
function addWritten(inode: LabInode, page: number): number {
	const error = addBlock(inode, page);
	inode.fresh.delete(page);
	return error;
}

/** @returns undefined of none */
const least = (numbers: readonly number[]): number | undefined =>
	numbers.reduce<number | undefined>((low, each) => (low === undefined || each < low ? each : low), undefined);

function freeBlocksFrom({fs, extents, fresh}: LabInode, page: number): void {
	for (const each of fresh) if (each >= page) fresh.delete(each);
	for (let last = extents.at(-1); last && last.firstPage + last.pages > page; last = extents.at(-1)) {
		const kept = Math.max(0, page - last.firstPage);
		for (let i = last.pages - 1; i >= kept; i--) fs.freed.push(last.block + i);
		last.pages = kept;
		if (kept === 0) extents.pop();
		else return;
	}
}

const labfs_aops: address_space_operations = {
	*readpage(k, mapping, index, frame) {
		const isFresh = extentsOf(mapping.host).fresh.has(index);
		return yield* (isFresh ? read_hole : block_read_page)(k, mapping, index, frame);
	},
	/** A hole that was filled through a mapping gets its place now; if there is none, its bytes are lost. */
	*writepage(k, mapping, index, frame) {
		const inode = extentsOf(mapping.host);
		addBlock(inode, index);
		inode.fresh.delete(index);
		return yield* block_write_page(k, mapping, index, frame);
	},
	*prepare_write(_k, mapping, index) {
		return addBlock(extentsOf(mapping.host), index);
	},
	*direct_IO(k, rw, iocb, iov, pos) {
		const inode = extentsOf(iocb.ki_filp.inode);
		return yield* blockdev_direct_IO(k, rw, iocb, iov, pos, {addBlock: page => addWritten(inode, page)});
	},
	truncate: (_k, mapping, index) => freeBlocksFrom(extentsOf(mapping.host), index),
	isData(k, {host, pages}, index) {
		const frame = pages.get(index);
		if (frame !== undefined && PageDirty(k, frame)) return true;
		return extentsOf(host).extents.some(each => each.firstPage <= index && index < each.firstPage + each.pages);
	},
	nextData(k, mapping, index) {
		const places = extentsOf(mapping.host).extents.filter(each => each.firstPage + each.pages > index);
		const starts = places.map(each => Math.max(index, each.firstPage));
		// What was stored through a mapping of a hole has no place yet.
		for (const [page, frame] of mapping.pages) if (page >= index && PageDirty(k, frame)) starts.push(page);
		return least(starts);
	},
};

const labfs_file_operations: file_operations = {
	name: 'labfs_file_operations',
	read: do_sync_read,
	write: do_sync_write,
	aio_read: generic_file_aio_read,
	aio_write: generic_file_aio_write,
	fsync: file_fsync,
	mmap: generic_file_mmap,
};

/** The filesystem on a disk, to be mounted. @param path mount point */
export function labfs(bdev: block_device, path: string): LabFs {
	const fs: LabFs = {
		path,
		s_dev: {major: bdev.major, minor: bdev.minor},
		create: k => newFile(k, fs, 0, []),
		bdev,
		blocks: Math.floor(bdev.sectors / SECTORS_PER_PAGE),
		nextBlock: FIRST_BLOCK,
		freed: [],
	};
	return fs;
}

function newFile(k: Kernel, fs: LabFs, i_size: number, extents: Extent[]): inode {
	const i_private: LabInode = {fs, extents, fresh: new Set()};
	return new_inode(k, {
		kind: 'regular',
		s_dev: fs.s_dev,
		i_fop: labfs_file_operations,
		a_ops: labfs_aops,
		i_size,
		sectorOf: page => {
			const block = blockOf(i_private, page);
			return block === undefined ? undefined : block * SECTORS_PER_PAGE;
		},
		i_bdev: fs.bdev,
		i_private,
		i_blocks: () => extents.reduce((sum, {pages}) => sum + pages * SECTORS_PER_PAGE, 0),
	});
}

/**
 * Puts a file into the tree that was there when the machine was installed: its contents are what its sectors hold.
 * @param lengthPages size in pages
 * @throws RangeError when the disk is full
 */
export function labfs_install(k: Kernel, fs: LabFs, path: string, lengthPages: number): inode {
	if (fs.nextBlock + lengthPages > fs.blocks) throw new RangeError(`no room for ${path} on ${fs.bdev.name}`);
	const extents = lengthPages === 0 ? [] : [{firstPage: 0, block: fs.nextBlock, pages: lengthPages}];
	fs.nextBlock += lengthPages;
	const inode = newFile(k, fs, lengthPages * PAGE_SIZE, extents);
	k.vfs.nodes.set(path, inode);
	return inode;
}
