/**
 * Models fs/block_dev.c (2.6.11 and later): a disk as a file. Buffered reads and writes of it go through a cache of its
 * own, which is not the cache of the files that a filesystem keeps on it.
 *
 * Not modelled: exclusive opens, partitions, changing the block size.
 */
import {PAGE_SIZE} from '../../hardware/address.ts';
import type {Kernel} from '../kernel.ts';
import {generic_file_mmap} from '../mm/filemap_fault.ts';
import {generic_file_aio_read, generic_file_aio_write} from '../mm/filemap_rw.ts';
import {SECTOR_SIZE} from './bio.ts';
import type {block_device} from './block.ts';
import {blockdev_direct_IO} from './direct_io.ts';
import type {address_space_operations, file_operations} from './file.ts';
import {clear_inode, new_inode} from './inode.ts';
import {block_read_page, block_write_page} from './mpage.ts';
import {do_sync_read, do_sync_write, file_fsync} from './read_write.ts';
import {DEV_FS} from './vfs.ts';

const def_blk_aops: address_space_operations = {
	readpage: block_read_page,
	writepage: block_write_page,
	*direct_IO(k, rw, iocb, iov, pos) {
		return yield* blockdev_direct_IO(k, rw, iocb, iov, pos, {});
	},
};

const def_blk_fops: file_operations = {
	name: 'def_blk_fops',
	read: do_sync_read,
	write: do_sync_write,
	aio_read: generic_file_aio_read,
	aio_write: generic_file_aio_write,
	fsync: file_fsync,
	mmap: generic_file_mmap,
};

/** Puts a disk's node into /dev. */
export function bdget_disk(k: Kernel, bdev: block_device): void {
	const sectorsPerPage = PAGE_SIZE / SECTOR_SIZE;
	const inode = new_inode(k, {
		kind: 'blkdev',
		s_dev: DEV_FS,
		i_rdev: {major: bdev.major, minor: bdev.minor},
		i_fop: def_blk_fops,
		a_ops: def_blk_aops,
		i_size: bdev.sectors * SECTOR_SIZE,
		sectorOf: index => index * sectorsPerPage,
		i_bdev: bdev,
	});
	bdev.bd_inode = inode;
	k.vfs.nodes.set(`/dev/${bdev.name}`, inode);
}

/** Takes a disk and its node away. */
export function del_gendisk(k: Kernel, bdev: block_device): void {
	k.vfs.nodes.delete(`/dev/${bdev.name}`);
	k.block.disks.delete(bdev.name);
	if (bdev.bd_inode) clear_inode(k, bdev.bd_inode);
	bdev.bd_inode = undefined;
}

/** Pages of block devices' own caches: what free calls buffers. */
export function nr_blockdev_pages(k: Kernel): number {
	let pages = 0;
	for (const {bd_inode} of k.block.disks.values()) pages += bd_inode?.i_mapping.pages.size ?? 0;
	return pages;
}
