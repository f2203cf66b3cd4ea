/**
 * Models the set of VMAs of an mm: the list and red-black tree of 2.6 and 3.x (mm/mmap.c), the maple tree of 6.1.
 *
 *   firsts   [ a.start      d.start        h.start  ]     where each block begins
 *   blocks   [ a b c ]    [ d e f g ]    [ h i ]          VMAs by address, at most BLOCK_MAX in a block, and beside
 *                                                         them their starts as plain numbers
 *   links    a ⇄ b ⇄ c ⇄ d ⇄ … ⇄ i                        vm_next, vm_prev
 *
 * Finding is two binary searches over numbers that lie side by side. Ends are kept by the VMAs alone and may change in
 * place; a start changes through `setStart`.
 *
 * A search for free room remembers how far from its end it had to go (Linux's free_area_cache and cached_hole_size had
 * the same aim): no gap of `lengthSeen` bytes lies beyond `edge`. Room that comes free moves the edge back.
 *
 * Not modelled: memory that the tree's nodes take.
 */
import {userAddress} from '../../hardware/address.ts';
import type {VmaTree, vm_area_struct} from './mm_types.ts';

const BLOCK_MAX = 128;

type Block = {readonly starts: number[]; readonly vmas: vm_area_struct[]};

type GapMemory = {lengthSeen: number; edge: number};

export class VmaBlocks implements VmaTree {
	private readonly blocks: Block[] = [];
	private readonly firsts: number[] = [];
	private count = 0;
	/** The VMA that was found last (mmap_cache). */
	private recent: vm_area_struct | null = null;
	private head: vm_area_struct | null = null;
	private readonly below: GapMemory = {lengthSeen: Number.POSITIVE_INFINITY, edge: Number.POSITIVE_INFINITY};
	private readonly above: GapMemory = {lengthSeen: Number.POSITIVE_INFINITY, edge: 0};

	get size(): number {
		return this.count;
	}

	find(address: number): vm_area_struct | undefined {
		const {recent} = this;
		if (recent !== null && recent.vm_start <= address && recent.vm_end > address) return recent;
		const at = lastAtOrBelow(this.firsts, address);
		if (at < 0) return this.head ?? undefined;
		const {starts, vmas} = this.blocks[at]!;
		const vma = vmas[lastAtOrBelow(starts, address)]!;
		if (vma.vm_end <= address) return vma.vm_next ?? undefined;
		this.recent = vma;
		return vma;
	}

	before(vma: vm_area_struct): vm_area_struct | undefined {
		return vma.vm_prev ?? undefined;
	}

	after(vma: vm_area_struct): vm_area_struct | undefined {
		return vma.vm_next ?? undefined;
	}

	first(): vm_area_struct | undefined {
		return this.head ?? undefined;
	}

	last(): vm_area_struct | undefined {
		return this.blocks.at(-1)?.vmas.at(-1);
	}

	insert(vma: vm_area_struct): void {
		const start = vma.vm_start;
		this.count++;
		this.recent = vma;
		const at = Math.max(0, lastAtOrBelow(this.firsts, start));
		const block = this.blocks[at];
		if (!block) {
			this.blocks.push({starts: [start], vmas: [vma]});
			this.firsts.push(start);
			this.link(vma, null, null);
			return;
		}
		const index = lastAtOrBelow(block.starts, start) + 1;
		const prev = index > 0 ? block.vmas[index - 1]! : null;
		this.link(vma, prev, prev ? prev.vm_next : this.head);
		insertAt(block.starts, index, start);
		insertAt(block.vmas, index, vma);
		if (index === 0) this.firsts[at] = start;
		if (block.vmas.length > BLOCK_MAX) this.halve(at, block);
	}

	remove(vma: vm_area_struct, freesRoom = true): void {
		const at = lastAtOrBelow(this.firsts, vma.vm_start);
		const block = this.blocks[at];
		const index = block ? lastAtOrBelow(block.starts, vma.vm_start) : 0;
		if (block?.vmas[index] !== vma) throw new Error('a VMA was removed from an mm that does not hold it');
		this.count--;
		if (block.vmas.length === 1) {
			this.blocks.splice(at, 1);
			this.firsts.splice(at, 1);
		} else {
			removeAt(block.starts, index);
			removeAt(block.vmas, index);
			if (index === 0) this.firsts[at] = block.starts[0]!;
		}
		const {vm_next: next, vm_prev: prev} = vma;
		if (next) next.vm_prev = prev;
		if (prev) prev.vm_next = next;
		else this.head = next;
		vma.vm_next = null;
		vma.vm_prev = null;
		if (this.recent === vma) this.recent = null;
		if (freesRoom) this.forgetGaps(prev ? prev.vm_end : 0, next ? next.vm_start : Number.POSITIVE_INFINITY);
	}

	setStart(vma: vm_area_struct, address: number): void {
		const at = lastAtOrBelow(this.firsts, vma.vm_start);
		const block = this.blocks[at]!;
		const index = lastAtOrBelow(block.starts, vma.vm_start);
		if (block.vmas[index] !== vma) throw new Error('the start of a VMA was moved that the mm does not hold');
		block.starts[index] = address;
		if (index === 0) this.firsts[at] = address;
		vma.vm_start = userAddress(address);
	}

	highestGap(len: number, low: number, high: number): number | undefined {
		const {below} = this;
		let limit = len >= below.lengthSeen ? Math.min(high, below.edge) : high;
		const at = this.find(limit - 1);
		let vma = at && at.vm_start < limit ? at : at ? at.vm_prev : (this.last() ?? null);
		for (; vma && limit - vma.vm_end < len; vma = vma.vm_prev) limit = Math.min(limit, vma.vm_start);
		const address = limit - len;
		if (address < low) return undefined;
		below.lengthSeen = len;
		below.edge = limit;
		return address;
	}

	lowestGap(len: number, low: number, high: number): number | undefined {
		const {above} = this;
		let start = len >= above.lengthSeen ? Math.max(low, above.edge) : low;
		for (let vma = this.find(start) ?? null; vma && vma.vm_start - start < len; vma = vma.vm_next)
			start = Math.max(start, vma.vm_end);
		if (start + len > high) return undefined;
		above.lengthSeen = len;
		above.edge = start;
		return start;
	}

	*[Symbol.iterator](): IterableIterator<vm_area_struct> {
		for (let vma = this.head; vma; vma = vma.vm_next) yield vma;
	}

	private link(vma: vm_area_struct, prev: vm_area_struct | null, next: vm_area_struct | null): void {
		vma.vm_prev = prev;
		vma.vm_next = next;
		if (prev) prev.vm_next = vma;
		else this.head = vma;
		if (next) next.vm_prev = vma;
	}

	private halve(at: number, {starts, vmas}: Block): void {
		const half = BLOCK_MAX >> 1;
		const upper = {starts: starts.splice(half), vmas: vmas.splice(half)};
		this.blocks.splice(at + 1, 0, upper);
		this.firsts.splice(at + 1, 0, upper.starts[0]!);
	}

	/** Room appeared between two addresses. */
	private forgetGaps(start: number, end: number): void {
		if (end > this.below.edge) this.below.edge = end;
		if (start < this.above.edge) this.above.edge = start;
	}
}

/** Index of the last of ascending numbers that is not above `value`; -1 when all are. */
function lastAtOrBelow(numbers: readonly number[], value: number): number {
	let low = 0;
	let high = numbers.length;
	while (low < high) {
		const middle = (low + high) >> 1;
		if (numbers[middle]! <= value) low = middle + 1;
		else high = middle;
	}
	return low - 1;
}

/** Array.prototype.splice without the array that it returns. */
function insertAt<T>(items: T[], index: number, item: T): void {
	items.push(item);
	for (let at = items.length - 1; at > index; at--) items[at] = items[at - 1]!;
	items[index] = item;
}

function removeAt<T>(items: T[], index: number): void {
	const last = items.length - 1;
	for (let at = index; at < last; at++) items[at] = items[at + 1]!;
	items.pop();
}
