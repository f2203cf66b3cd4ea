/**
 * The checks of mm/dmapool.c that DMAPOOL_DEBUG (a kernel with slab debugging) adds, and the words of all its messages.
 */
import {type BusAddress, type KernelVirtualAddress, physicalAddress} from '../../hardware/address.ts';
import {dev_label} from '../drivers/device.ts';
import {hex8} from '../hex.ts';
import type {Kernel} from '../kernel.ts';
import {PAGE_OFFSET} from '../mm/page.ts';
import {printk} from '../printk.ts';
import {inReport} from '../watch.ts';
import type {dma_page, dma_pool} from './dmapool.ts';
import {framesOfPoolPage} from './dmapool_info.ts';
import {formatBusAddress, formatPointer} from './report.ts';

/** What fills a block that nobody has, and one that nobody has written yet. */
export const POOL_POISON_FREED = 0xa7;
export const POOL_POISON_ALLOCATED = 0xa9;

/** dev_err() about a pool; without a device, plain. */
export function poolError(k: Kernel, pool: dma_pool, text: string): void {
	const line = pool.dev ? `${dev_label(k, pool.dev)}: ${text}` : text;
	inReport(k, 'message', () => printk(k, 3, line), {dev: pool.dev, pool: pool.name});
}

/** The two addresses of a block must belong together. */
export function badVaddrIsCaught(
	k: Kernel,
	pool: dma_pool,
	page: dma_page,
	vaddr: KernelVirtualAddress,
	dma: BusAddress,
): boolean {
	if (dma - page.dma === vaddr - page.vaddr) return false;
	poolError(k, pool, `dma_pool_free ${pool.name}, ${formatPointer(vaddr)} (bad vaddr)/${formatBusAddress(k, dma)}`);
	return true;
}

export function reportPoolDoubleFree(k: Kernel, pool: dma_pool, dma: BusAddress): void {
	poolError(k, pool, `dma_pool_free ${pool.name}, dma ${formatBusAddress(k, dma)} already free`);
}

/**
 * Behind its link, a block about to be handed out must still be what dma_pool_free() made it.
 * @param header bytes that a free block begins with
 */
export function reportCorruption(k: Kernel, pool: dma_pool, vaddr: KernelVirtualAddress, header: number): void {
	const physical = physicalAddress(vaddr - PAGE_OFFSET);
	if (k.hw.ram.findOther(physicalAddress(physical + header), pool.size - header, POOL_POISON_FREED) < 0) return;
	const say = () => {
		poolError(k, pool, `dma_pool_alloc ${pool.name}, ${formatPointer(vaddr)} (corrupted)`);
		for (const line of print_hex_dump(k.hw.ram.read(physical, pool.size))) printk(k, 3, line);
	};
	inReport(k, 'bug', say, {dev: pool.dev, pool: pool.name});
}

/** lib/hexdump.c with DUMP_PREFIX_OFFSET, 16 bytes a line, and their characters. */
function print_hex_dump(bytes: Uint8Array): string[] {
	const lines: string[] = [];
	for (let at = 0; at < bytes.length; at += 16) {
		const row = [...bytes.subarray(at, at + 16)];
		const hex = row
			.map(value => value.toString(16).padStart(2, '0'))
			.join(' ')
			.padEnd(47);
		const text = row.map(value => (value >= 0x20 && value < 0x7f ? String.fromCharCode(value) : '.')).join('');
		lines.push(`${hex8(at)}: ${hex}  ${text}`);
	}
	return lines;
}

/** Reports a pool that was destroyed while some of its pages were in use. */
export function sayLost(k: Kernel, pool: dma_pool, pages: readonly dma_page[]): void {
	const blocks = [...pool.out.values()].map(block => block.made);
	k.watcher?.poolLost({
		name: pool.name,
		dev: pool.dev,
		frames: pages.map(page => framesOfPoolPage(pool, page)),
		blocks,
	});
}
