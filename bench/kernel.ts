import {physicalAddress, userAddress} from '../source/hardware/address.ts';
import {powerOn} from '../source/hardware/machine.ts';
import {dma_pool_create, dma_pool_free, try_dma_pool_alloc} from '../source/kernel/dma/dmapool.ts';
import {device_add} from '../source/kernel/drivers/device.ts';
import {emptyFiles} from '../source/kernel/fs/file.ts';
import {type Kernel, LAB_CONFIG, start_kernel} from '../source/kernel/kernel.ts';
import {GFP_ATOMIC, GFP_HIGHUSER} from '../source/kernel/mm/gfp.ts';
import {kmap_atomic, kunmap_atomic} from '../source/kernel/mm/kmap_atomic.ts';
import {mm_alloc} from '../source/kernel/mm/mm.ts';
import {try_sys_mmap} from '../source/kernel/mm/mmap.ts';
import {try_sys_munmap} from '../source/kernel/mm/munmap.ts';
import {try_alloc_pages} from '../source/kernel/mm/page_alloc.ts';
import {try_user_write8} from '../source/kernel/mm/uaccess.ts';
import {createTask} from '../source/kernel/sched.ts';
import {bootLab} from '../source/lab/lab.ts';
import type {Bench} from './measure.ts';

const PAGE = 4096;
const PROT_RW = 3;
const PRIVATE_ANONYMOUS = 0x22;
/** 64 MiB, as in the C program that measures a real kernel. */
const TOUCHED_PAGES = 16_384;

/** A kernel whose current task is a process that never runs: its system calls are called directly. */
function processKernel(): Kernel {
	const memBytes = 256 << 20;
	const hw = powerOn({
		memBytes,
		cpus: 1,
		seed: 1,
		paging: 'two-level',
		firmwareMap: [{start: physicalAddress(0x10_0000), end: physicalAddress(memBytes), usable: true}],
	});
	const k = start_kernel(hw, {...LAB_CONFIG, highmemBytes: 128 << 20});
	k.trace.on = false;
	const mm = mm_alloc(k)!;
	k.cpu.current = createTask(k, {comm: 'bench', mm, parent: null, files: emptyFiles()});
	return k;
}

function must(result: number | string): number {
	if (typeof result === 'string' || result < 0) throw new Error(`the kernel refused: ${result}`);
	return result;
}

export const kernelBenches: readonly Bench[] = [
	{
		name: 'minor fault (write, warm RAM)',
		unit: 'fault',
		count: 20 * TOUCHED_PAGES,
		smallCount: TOUCHED_PAGES,
		prepare() {
			const k = processKernel();
			return count => {
				for (let done = 0; done < count; done += TOUCHED_PAGES) {
					const length = TOUCHED_PAGES * PAGE;
					const at = must(try_sys_mmap(k, 0, length, PROT_RW, PRIVATE_ANONYMOUS));
					for (let page = 0; page < TOUCHED_PAGES; page++) must(try_user_write8(k, userAddress(at + page * PAGE), 1));
					must(try_sys_munmap(k, at, length));
				}
			};
		},
	},
	{
		name: 'mmap + munmap of one page',
		unit: 'pair',
		count: 200_000,
		smallCount: 2_000,
		prepare() {
			const k = processKernel();
			return count => {
				for (let i = 0; i < count; i++)
					must(try_sys_munmap(k, must(try_sys_mmap(k, 0, PAGE, PROT_RW, PRIVATE_ANONYMOUS)), PAGE));
			};
		},
	},
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
		name: 'the default lab',
		unit: 'second',
		count: 30,
		smallCount: 1,
		prepare() {
			const lab = bootLab({});
			lab.write('/sys/kernel/debug/lab/clock', 'watch off', 'bench');
			return count => {
				const end = lab.timeNs() + count * 1e9;
				while (lab.run(end, 100_000) !== 'reached') {}
			};
		},
	},
];
