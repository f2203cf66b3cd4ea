/** The machines of the DMA vectors, booted when first asked for, with pages of any zone at hand. */
import {get_order, logicalAddress, PAGE_SIZE, type Pfn} from '../../source/hardware/address.ts';
import type {Kernel} from '../../source/kernel/kernel.ts';
import {__GFP_DMA, __GFP_HIGHMEM, GFP_KERNEL} from '../../source/kernel/mm/gfp.ts';
import {PAGE_OFFSET} from '../../source/kernel/mm/page.ts';
import {__free_pages, try_alloc_pages} from '../../source/kernel/mm/page_alloc.ts';
import {page_zonenum} from '../../source/kernel/mm/zone.ts';
import {runMachine} from './machines.ts';
import type {Vector} from './topic.ts';

const fourGibPfn = 0x10_0000;
const zoneNames = ['DMA', 'Normal', 'HighMem'] as const;
export type ZoneName = (typeof zoneNames)[number];
const zoneFlags = {DMA: __GFP_DMA, Normal: 0, HighMem: __GFP_HIGHMEM} as const;

/** In the recordings, high memory came from the end: beyond 4 GiB where there is such memory, else beyond 1 GiB. */
function keepHighPagesHigh(k: Kernel): void {
	const from = k.layout.max_pfn > fourGibPfn ? fourGibPfn : fourGibPfn / 4;
	const above: Pfn[] = [];
	for (;;) {
		const block = try_alloc_pages(k, GFP_KERNEL | __GFP_HIGHMEM, 10);
		if (block === undefined) break;
		if (block < k.layout.max_low_pfn) {
			__free_pages(k, block, 10);
			break;
		}
		if (block >= from) above.push(block);
	}
	for (const block of above) __free_pages(k, block, 10);
}

/** Boots each run's machine once. */
export function machinesByRun(): (vector: Vector) => Kernel {
	const booted = new Map<string, Kernel>();
	return vector => {
		const run = String(vector.run);
		let k = booted.get(run);
		if (!k) {
			k = runMachine(run);
			keepHighPagesHigh(k);
			booted.set(run, k);
		}
		return k;
	};
}

export const zoneOf = (k: Kernel, page: Pfn): ZoneName => zoneNames[page_zonenum(k, page)]!;

/** Pages of one zone that hold `bytes`, for as long as `use` runs. */
export function withPages<T>(k: Kernel, zone: ZoneName, bytes: number, use: (page: Pfn) => T): T {
	const order = get_order(bytes);
	const page = try_alloc_pages(k, GFP_KERNEL | zoneFlags[zone], order);
	if (page === undefined || zoneOf(k, page) !== zone) throw new Error(`no ${bytes} bytes in zone ${zone}`);
	try {
		return use(page);
	} finally {
		__free_pages(k, page, order);
	}
}

export const logicalOf = (page: Pfn) => logicalAddress(page * PAGE_SIZE + PAGE_OFFSET);
/** First byte of a page as the recordings print it. */
export const physicalHex = (address: number) => `0x${address.toString(16)}`;

/** A leaf as an address, or undefined for anything else. */
const addressIn = (leaf: unknown): bigint | undefined =>
	/^0x[0-9a-f]+$/.test(String(leaf)) ? BigInt(String(leaf)) : undefined;

/** Lowest 12 bits of an address in hexadecimal: all of it that does not depend on where pages lie. */
export function offsetOf(leaf: unknown): unknown {
	const address = addressIn(leaf);
	return address === undefined ? leaf : Number(address & 0xfffn);
}

/**
 * How one address stands to another of the same vector; elsewhere, it starts at a slot of the bounce pool or does not.
 */
export function relation(leaf: unknown, other: unknown, name: string): unknown {
	const [address, to] = [addressIn(leaf), addressIn(other)];
	if (address === undefined || to === undefined) return leaf;
	if (address === to) return name;
	if (address - to === BigInt(PAGE_OFFSET)) return `${name} + PAGE_OFFSET`;
	return `not ${name}, ${address % 2048n} bytes into a slot`;
}

/** Whether a number is the lowest set bit of an address: how far that is aligned. */
export function alignmentOf(leaf: unknown, other: unknown): unknown {
	const [align, address] = [addressIn(leaf), addressIn(other)];
	return align === undefined || address === undefined ? leaf : align === (address & -address);
}
