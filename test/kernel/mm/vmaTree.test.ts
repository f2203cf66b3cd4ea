import fc from 'fast-check';
import {expect, test} from 'vitest';
import {PAGE_SIZE, userAddress} from '../../../source/hardware/address.ts';
import type {mm_struct, vm_area_struct} from '../../../source/kernel/mm/mm_types.ts';
import {vm_area_alloc} from '../../../source/kernel/mm/vma_merge.ts';
import {VmaBlocks} from '../../../source/kernel/mm/vma_tree.ts';
import {runs} from '../../sample.ts';

const span = 400;

const area = (start: number, pages: number): vm_area_struct =>
	vm_area_alloc(null as unknown as mm_struct, {
		start: start * PAGE_SIZE,
		end: (start + pages) * PAGE_SIZE,
		flags: 0,
		prot: 0,
		pgoff: 0,
		file: null,
		ops: null,
	});

/** Which VMA a page belongs to, page by page: the slow truth. */
class PageByPage {
	readonly owners = new Array<vm_area_struct | undefined>(span).fill(undefined);

	fits = (start: number, pages: number) => this.owners.slice(start, start + pages).every(owner => owner === undefined);

	set(vma: vm_area_struct, owner: vm_area_struct | undefined): void {
		this.owners.fill(owner, vma.vm_start / PAGE_SIZE, vma.vm_end / PAGE_SIZE);
	}

	find = (page: number) => this.owners.slice(page).find(owner => owner !== undefined);

	gaps(pages: number, low: number, high: number): number[] {
		const starts: number[] = [];
		for (let at = low; at + pages <= high; at++) if (this.fits(at, pages)) starts.push(at * PAGE_SIZE);
		return starts;
	}
}

const step = fc.record({
	kind: fc.constantFrom('insert', 'remove', 'grow', 'raise', 'highest', 'lowest'),
	page: fc.integer({min: 0, max: span - 10}),
	pages: fc.integer({min: 1, max: 9}),
});

test('the tree finds what a page-by-page search finds, whatever was inserted, removed, grown or moved', () => {
	fc.assert(
		fc.property(fc.array(step, {minLength: 50, maxLength: 400, size: 'max'}), steps => {
			const tree = new VmaBlocks();
			const truth = new PageByPage();
			for (const {kind, page, pages} of steps) {
				const there = truth.owners[page];
				if (kind === 'insert' && truth.fits(page, pages)) {
					const vma = area(page, pages);
					tree.insert(vma);
					truth.set(vma, vma);
				} else if (kind === 'remove' && there) {
					tree.remove(there);
					truth.set(there, undefined);
				} else if (kind === 'grow' && there && truth.owners[there.vm_end / PAGE_SIZE] === undefined) {
					there.vm_end = userAddress(Math.min(span * PAGE_SIZE, there.vm_end + PAGE_SIZE));
					truth.set(there, there);
				} else if (kind === 'raise' && there && there.vm_end - there.vm_start > PAGE_SIZE) {
					// As a split does: the lower page goes to a VMA of its own.
					truth.owners[there.vm_start / PAGE_SIZE] = undefined;
					const lower = area(there.vm_start / PAGE_SIZE, 1);
					tree.setStart(there, there.vm_start + PAGE_SIZE);
					tree.insert(lower);
					truth.set(lower, lower);
				} else if (kind === 'highest') {
					expect(tree.highestGap(pages * PAGE_SIZE, 0, span * PAGE_SIZE)).toBe(truth.gaps(pages, 0, span).at(-1));
				} else if (kind === 'lowest') {
					expect(tree.lowestGap(pages * PAGE_SIZE, 100 * PAGE_SIZE, span * PAGE_SIZE)).toBe(
						truth.gaps(pages, 100, span)[0],
					);
				}
				expect(tree.find(page * PAGE_SIZE)).toBe(truth.find(page));
				expect(tree.size).toBe(new Set(truth.owners.filter(Boolean)).size);
			}
			expect([...tree]).toEqual([...new Set(truth.owners.filter(owner => owner !== undefined))]);
		}),
		{numRuns: runs(100), seed: 11},
	);
});

test('a VMA that the tree does not hold cannot be removed from it', () => {
	const tree = new VmaBlocks();
	tree.insert(area(1, 2));
	expect(() => tree.remove(area(1, 2))).toThrow('does not hold it');
});
