import {PAGE_SIZE, type UserAddress, userAddress} from '../source/hardware/address.ts';
import {DMA_TO_DEVICE} from '../source/kernel/dma/direction.ts';
import {dma_pool_create, dma_pool_free, try_dma_pool_alloc} from '../source/kernel/dma/dmapool.ts';
import {dma_map_single, dma_mapping_error, dma_unmap_single} from '../source/kernel/dma/mapping.ts';
import {device_add} from '../source/kernel/drivers/device.ts';
import {chr_dev_init} from '../source/kernel/drivers/mem.ts';
import {sys_io_getevents, sys_io_setup} from '../source/kernel/fs/aio.ts';
import {formatIocb} from '../source/kernel/fs/aio_abi.ts';
import {sys_io_submit} from '../source/kernel/fs/aio_submit.ts';
import {O_RDONLY} from '../source/kernel/fs/file.ts';
import {IOCB_CMD_PREAD} from '../source/kernel/fs/kiocb.ts';
import {mknod, sys_open} from '../source/kernel/fs/vfs.ts';
import {GFP_ATOMIC, GFP_HIGHUSER} from '../source/kernel/mm/gfp.ts';
import {kmap_atomic, kunmap_atomic} from '../source/kernel/mm/kmap_atomic.ts';
import {try_sys_mmap} from '../source/kernel/mm/mmap.ts';
import {try_alloc_pages} from '../source/kernel/mm/page_alloc.ts';
import {try_kmalloc} from '../source/kernel/mm/slab.ts';
import {copy_to_user, get_user32} from '../source/kernel/mm/uaccess.ts';
import {bootLab} from '../source/lab/lab.ts';
import type {Bench} from './measure.ts';
import {drive, must, privateAnonymous, processKernel, readWrite} from './support.ts';

/** One asynchronous read of /dev/null after the other: what asynchronous I/O costs where the file does nothing. */
function readingDevNull() {
	const k = processKernel();
	chr_dev_init(k);
	mknod(k, '/dev/null', 'chrdev', {major: 1, minor: 3});
	const fd = must(drive(sys_open(k, '/dev/null', O_RDONLY)));
	const memory = must(try_sys_mmap(k, 0, 3 * PAGE_SIZE, readWrite, privateAnonymous));
	const [context, iocb, pointer, events] = [memory, memory + 0x40, memory + 0x80, memory + 0xa0].map(userAddress);
	const store = (at: UserAddress, bytes: Uint8Array) => must(drive(copy_to_user(k, at, bytes)));
	must(drive(sys_io_setup(k, 16, context!)));
	const id = drive(get_user32(k, context!))!;
	store(
		iocb!,
		formatIocb({
			aio_lio_opcode: IOCB_CMD_PREAD,
			aio_fildes: fd,
			aio_buf: BigInt(memory + PAGE_SIZE),
			aio_nbytes: BigInt(PAGE_SIZE),
		}),
	);
	store(pointer!, new Uint8Array(Uint32Array.of(iocb!).buffer));
	return (count: number) => {
		for (let i = 0; i < count; i++) {
			must(drive(sys_io_submit(k, id, 1, pointer!)));
			if (drive(sys_io_getevents(k, id, 1, 1, events!, 0)) !== 1) throw new Error('the read did not end');
		}
	};
}

/**
 * Virtual seconds of the usual machine, busy. In its first minute half of the CPU time is the engine's compiler,
 * at work on other cores: what a monitor costs that is left open is the second figure.
 */
function runningLab() {
	const lab = bootLab({load: 'busy'});
	lab.write('/sys/kernel/debug/lab/clock', 'watch off', 'bench');
	return (count: number) => {
		const end = lab.timeNs() + count * 1e9;
		while (lab.run(end, 100_000) !== 'reached') {}
	};
}

export const deviceBenches: readonly Bench[] = [
	{
		name: 'kmap_atomic + kunmap_atomic',
		unit: 'pair',
		count: 1_000_000,
		smallCount: 2_000,
		prepare() {
			const k = processKernel();
			const page = try_alloc_pages(k, GFP_HIGHUSER, 0)!;
			return count => {
				for (let i = 0; i < count; i++) kunmap_atomic(k, kmap_atomic(k, page));
			};
		},
	},
	{
		name: 'dma_pool alloc + free',
		unit: 'pair',
		count: 500_000,
		smallCount: 2_000,
		prepare() {
			const k = processKernel();
			const pool = dma_pool_create(k, 'bench', device_add(k, '0000:00:05.0', 'pci'), 64, 64, 0)!;
			return count => {
				for (let i = 0; i < count; i++) {
					const block = try_dma_pool_alloc(k, pool, GFP_ATOMIC)!;
					dma_pool_free(k, pool, block.vaddr, block.dma);
				}
			};
		},
	},
	{
		name: 'dma_map_single + unmap',
		unit: 'pair',
		count: 500_000,
		smallCount: 2_000,
		prepare() {
			const k = processKernel();
			const dev = device_add(k, '0000:00:05.0', 'pci');
			const buffer = try_kmalloc(k, 1024, GFP_ATOMIC)!;
			return count => {
				for (let i = 0; i < count; i++) {
					const bus = dma_map_single(k, dev, buffer, 1024, DMA_TO_DEVICE);
					if (dma_mapping_error(k, dev, bus) !== 0) throw new Error('the buffer could not be mapped');
					dma_unmap_single(k, dev, bus, 1024, DMA_TO_DEVICE);
				}
			};
		},
	},
	{
		name: 'io_submit + io_getevents',
		real: 'aio_read_devnull',
		unit: 'pair',
		count: 200_000,
		smallCount: 2_000,
		prepare: readingDevNull,
	},
	{name: 'a busy lab, just started', unit: 'second', count: 30, smallCount: 1, prepare: runningLab},
	{name: 'a busy lab, running', unit: 'second', count: 60, smallCount: 1, warmCount: 60, prepare: runningLab},
];
