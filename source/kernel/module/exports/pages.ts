/** linux/mm.h, page-flags.h, pagemap.h: frames, counts and locks. Flags are bits of struct page, which is a window. */

import type {Pfn} from '../../../hardware/address.ts';
import {pfn} from '../../../hardware/address.ts';
import type {Kernel} from '../../kernel.ts';
import {oops} from '../../mm/access.ts';
import {page_cache_release} from '../../mm/gup.ts';
import {page_address} from '../../mm/highmem.ts';
import {get_page} from '../../mm/page.ts';
import {lock_page, trylock_page, unlock_page} from '../../mm/page_lock.ts';
import {set_page_dirty, set_page_dirty_lock} from '../../mm/page-writeback.ts';
import {frameOf} from '../areaMethods.ts';
import type {Gate} from '../state.ts';

/** The frame of a struct page that C gives. @throws TaskKilled for what is no struct page: an oops */
export const pageAt = (k: Kernel, page: number): Pfn => frameOf(k, page) ?? oops(k, page, false, false);

export const pageExports: readonly Gate[] = [
	{name: 'get_page', run: ({k, arg}) => get_page(k, pageAt(k, arg(0)))},
	// What get_user_pages took is given back so, too.
	{name: 'put_page', run: ({k, arg}) => page_cache_release(k, pageAt(k, arg(0)))},
	{name: 'set_page_dirty', run: ({k, arg}) => (set_page_dirty(k, pageAt(k, arg(0))) ? 1 : 0)},
	{
		name: 'set_page_dirty_lock',
		*run({k, arg}) {
			return (yield* set_page_dirty_lock(k, pageAt(k, arg(0)))) ? 1 : 0;
		},
	},
	{name: 'lock_page', run: ({k, arg}) => lock_page(k, pageAt(k, arg(0)))},
	{name: 'trylock_page', run: ({k, arg}) => (trylock_page(k, pageAt(k, arg(0))) ? 1 : 0)},
	{name: 'unlock_page', run: ({k, arg}) => unlock_page(k, pageAt(k, arg(0)))},
	{name: 'page_address', run: ({k, arg}) => page_address(k, pageAt(k, arg(0))) ?? 0},
	{
		name: 'split_page',
		run({k, arg}) {
			const first = pageAt(k, arg(0));
			for (let i = 1; i < 1 << arg(1); i++) k.mem_map._count[pfn(first + i)] = k.mem_map._count[first]!;
		},
	},
];
