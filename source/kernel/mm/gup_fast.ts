/**
 * Models get_user_pages_fast and pin_user_pages_fast of arch/x86/mm/gup.c (2.6.27) and mm/gup.c (5.10 to 6.18): pages
 * that are present are taken from the page tables without mmap_sem and without a look at the VMAs.
 *
 * Not modelled: the interrupts that are off meanwhile (a plain function cannot be interrupted), huge pages.
 */
import {PAGE_SIZE, type Pfn, pageAlignDown, type UserAddress} from '../../hardware/address.ts';
import {COST} from '../../hardware/costs.ts';
import {_PAGE_PRESENT, _PAGE_RW, _PAGE_USER} from '../../hardware/mmu.ts';
import {charge} from '../cpu.ts';
import {EFAULT} from '../errno.ts';
import type {Kernel} from '../kernel.ts';
import type {Sleeps} from '../time.ts';
import {__get_user_pages, type GupFlags, holdPage} from './gup.ts';
import {TASK_SIZE} from './mm.ts';
import {mmap_read_lock, mmap_read_unlock} from './mmap_lock.ts';
import {NO_PTE, pte_offset, pte_pfn, pte_val} from './pgtable.ts';
import {gup_must_unshare} from './wp_page.ts';
import {vm_normal_page} from './zap.ts';

/**
 * Takes pages as long as their entries allow the access. Asked for none, it goes on until one does not, as Linux does.
 */
function takePresent(k: Kernel, start: number, count: number, flags: GupFlags, pages: Pfn[]): number {
	const task = k.cpu.current;
	const mm = task.mm!;
	const needed = _PAGE_PRESENT | _PAGE_USER | (flags.write ? _PAGE_RW : 0);
	let taken = 0;
	for (let address = start; taken < count || count === 0; address += PAGE_SIZE, taken++) {
		const at = address < TASK_SIZE ? pte_offset(k, mm, address) : NO_PTE;
		const value = at === NO_PTE ? 0 : pte_val(k, at);
		if ((value & needed) !== needed) break;
		const frame = vm_normal_page(k, value, pte_pfn(k, at));
		if (frame === undefined) break;
		if (flags.hold === 'pin' && !flags.write && gup_must_unshare(k, value, frame)) break;
		charge(k, COST.pteNs);
		holdPage(k, task, mm, address, frame, flags);
		pages.push(frame);
	}
	return taken;
}

function* takeFast(k: Kernel, start: number, count: number, flags: GupFlags, pages: Pfn[]): Sleeps<number> {
	const from = pageAlignDown(start);
	const end = from + count * PAGE_SIZE;
	if (end >= 0x1_0000_0000) return 0;
	if (end > TASK_SIZE) return -EFAULT;
	const fast = takePresent(k, from, count, flags, pages);
	if (fast >= count) return fast;
	const task = k.cpu.current;
	const mm = task.mm!;
	yield* mmap_read_lock(k, mm);
	const slow = yield* __get_user_pages(k, task, mm, from + fast * PAGE_SIZE, count - fast, flags, pages, null);
	yield* mmap_read_unlock(k, mm);
	return slow < 0 ? fast || slow : fast + slow;
}

/**
 * Takes references on pages of the current task; may sleep for those that are not present. Do not hold mmap_sem.
 * @param start need not be page aligned
 * @returns pages taken, or -EFAULT, -ENOMEM for the first; 0 for a range that ends at 4 GiB
 */
export const get_user_pages_fast = (
	k: Kernel,
	start: UserAddress,
	count: number,
	write: boolean,
	pages: Pfn[],
	force = false,
): Sleeps<number> => takeFast(k, start, count, {write, force, hold: 'get'}, pages);

/** As get_user_pages_fast, for pages that a device will move bytes to or from; give back with unpin_user_page. */
export const pin_user_pages_fast = (
	k: Kernel,
	start: UserAddress,
	count: number,
	write: boolean,
	pages: Pfn[],
	force = false,
): Sleeps<number> => takeFast(k, start, count, {write, force, hold: 'pin'}, pages);
