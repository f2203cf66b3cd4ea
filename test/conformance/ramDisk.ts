/** A disk in memory that is done at once, like Linux's brd: for targets whose speed is not a question. */
import {
	add_disk,
	blk_complete_request,
	blk_init_queue,
	type block_device,
	elv_next_request,
} from '../../source/kernel/fs/block.ts';
import {bdget_disk} from '../../source/kernel/fs/block_dev.ts';
import type {Kernel} from '../../source/kernel/kernel.ts';

const RAMDISK_MAJOR = 1;

/** Makes /dev/ram0. @returns its bytes */
export function ramDisk(k: Kernel, sizeBytes: number): Uint8Array {
	const bytes = new Uint8Array(sizeBytes);
	const queue: block_device['queue'] = blk_init_queue(
		'ram0',
		(k, waiting) => {
			for (let request = elv_next_request(k, waiting); request; request = elv_next_request(k, waiting)) {
				let at = request.sector * 512;
				for (const {bv_page, bv_offset, bv_len} of request.bios.flatMap(bio => bio.bi_io_vec)) {
					const stored = bytes.subarray(at, at + bv_len);
					if (request.rw === 'READ') k.hw.ram.pageForWrite(bv_page).set(stored, bv_offset);
					else stored.set(k.hw.ram.page(bv_page).subarray(bv_offset, bv_offset + bv_len));
					at += bv_len;
				}
				blk_complete_request(k, request);
			}
		},
		{max_sectors: 1024, max_segments: 128},
	);
	const bdev: block_device = {
		name: 'ram0',
		major: RAMDISK_MAJOR,
		minor: 0,
		sectors: sizeBytes / 512,
		hardsectBytes: 512,
		queue,
		bd_inode: undefined,
	};
	add_disk(k, bdev);
	bdget_disk(k, bdev);
	return bytes;
}
