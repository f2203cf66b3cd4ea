/**
 * Models CONFIG_DEBUG_SLAB and CONFIG_SLUB_DEBUG: free objects hold a pattern, so that a write after the free is seen
 * when the object is next handed out, and so is a second free.
 *
 * Not modelled: red zones, owner tracking, the hex dump that follows the line.
 */
import type {KernelLogicalAddress} from '../../hardware/address.ts';
import type {Kernel} from '../kernel.ts';
import {printk} from '../printk.ts';
import {inReport} from '../watch.ts';
import {__pa, virt_to_page} from './page.ts';
import type {kmem_cache} from './slab.ts';

/** What a free object is filled with, and its last byte. @see include/linux/poison.h */
export const POISON_FREE = 0x6b;
const POISON_END = 0xa5;
/** What a fresh object is filled with. */
const POISON_INUSE = 0x5a;

export function poisonObject(k: Kernel, cache: kmem_cache, address: KernelLogicalAddress): void {
	const at = __pa(address);
	k.hw.ram.fill(at, cache.object_size - 1, POISON_FREE);
	k.hw.ram.write8((at + cache.object_size - 1) as typeof at, POISON_END);
}

/** Looks whether a free object still holds its pattern, and marks it as handed out. */
export function verifyPoison(k: Kernel, cache: kmem_cache, address: KernelLogicalAddress): void {
	const at = __pa(address);
	const last = cache.object_size - 1;
	const isWhole =
		k.hw.ram.findOther(at, last, POISON_FREE) < 0 && k.hw.ram.read8((at + last) as typeof at) === POISON_END;
	if (!isWhole) reportOverwritten(k, cache, address);
	k.hw.ram.fill(at, cache.object_size, POISON_INUSE);
}

function reportOverwritten(k: Kernel, cache: kmem_cache, address: KernelLogicalAddress): void {
	const bytes = k.hw.ram.read(__pa(address), cache.object_size);
	const last = bytes.length - 1;
	const isWrong = (byte: number, i: number) => byte !== (i === last ? POISON_END : POISON_FREE);
	const [from, to] = [bytes.findIndex(isWrong), bytes.findLastIndex(isWrong)];
	const lines = k.era.poisonOverwrittenLines(cache.name, address, cache.object_size, address + from, address + to);
	const frame = virt_to_page(address);
	const say = () => {
		for (const line of lines) printk(k, 3, line, frame);
	};
	inReport(k, 'bug', say, {pfn: frame});
}

export function reportSlabDoubleFree(k: Kernel, cache: kmem_cache, address: KernelLogicalAddress): void {
	const frame = virt_to_page(address);
	const say = () => {
		for (const line of k.era.doubleFreeLines(cache.name, address)) printk(k, 3, line, frame);
	};
	inReport(k, 'bug', say, {pfn: frame});
}
