/** linux/slab.h, gfp.h, vmalloc.h, string.h: memory of the kernel. */
import {type KernelLogicalAddress, logicalAddress} from '../../../hardware/address.ts';
import type {Kernel} from '../../kernel.ts';
import {__GFP_ZERO, type gfp_t} from '../../mm/gfp.ts';
import {pageStructAddress} from '../../mm/layout.ts';
import {virt_to_page} from '../../mm/page.ts';
import {__free_pages, __get_free_pages, alloc_pages, free_pages} from '../../mm/page_alloc.ts';
import {kfree, kmalloc, ksize} from '../../mm/slab.ts';
import {frameOf} from '../areaMethods.ts';
import {ownPages} from '../containment.ts';
import type {Gate} from '../state.ts';
import {fillKernel, readKernel, writeKernel} from '../text.ts';

const flagsOf = (flags: number) => (flags | 0) as gfp_t;

/** A pointer, or NULL. */
const orNull = (address: number | undefined): number => address ?? 0;

/** Pages that are the driver's from now on, or NULL. */
function own(k: Kernel, address: KernelLogicalAddress | undefined, order: number): number {
	if (address === undefined) return 0;
	ownPages(k, virt_to_page(address), order);
	return address;
}

export const memoryExports: readonly Gate[] = [
	{
		name: 'kmalloc',
		*run({k, arg}) {
			return orNull(yield* kmalloc(k, arg(0), flagsOf(arg(1))));
		},
	},
	{
		name: 'kzalloc',
		*run({k, arg}) {
			return orNull(yield* kmalloc(k, arg(0), flagsOf(arg(1) | __GFP_ZERO)));
		},
	},
	{
		name: 'kcalloc',
		*run({k, arg}) {
			// What no kernel could hold is not cut to 32 bits.
			if (arg(0) * arg(1) >= 2 ** 32) return 0;
			return orNull(yield* kmalloc(k, arg(0) * arg(1), flagsOf(arg(2) | __GFP_ZERO)));
		},
	},
	{name: 'kfree', run: ({k, arg}) => kfree(k, arg(0) === 0 ? undefined : logicalAddress(arg(0)))},
	{name: 'ksize', run: ({k, arg}) => ksize(k, logicalAddress(arg(0)))},
	{
		name: '__get_free_pages',
		*run({k, arg}) {
			return own(k, yield* __get_free_pages(k, flagsOf(arg(0)), arg(1)), arg(1));
		},
	},
	{
		name: 'get_zeroed_page',
		*run({k, arg}) {
			return own(k, yield* __get_free_pages(k, flagsOf(arg(0) | __GFP_ZERO), 0), 0);
		},
	},
	{
		name: 'free_pages',
		run({k, arg}) {
			if (arg(0) !== 0) free_pages(k, logicalAddress(arg(0)), arg(1));
		},
	},
	{
		name: 'alloc_pages',
		*run({k, arg}) {
			const frame = yield* alloc_pages(k, flagsOf(arg(0)), arg(1));
			if (frame === undefined) return 0;
			ownPages(k, frame, arg(1));
			return pageStructAddress(k, frame);
		},
	},
	{
		name: '__free_pages',
		run({k, arg}) {
			const frame = frameOf(k, arg(0));
			if (frame !== undefined) __free_pages(k, frame, arg(1));
		},
	},
	{
		name: 'memset',
		run({k, arg}) {
			fillKernel(k, arg(0), arg(1) & 0xff, arg(2));
			return arg(0);
		},
	},
	...['memcpy', 'memmove'].map(
		(name): Gate => ({
			name,
			run({k, arg}) {
				writeKernel(k, arg(0), readKernel(k, arg(1), arg(2)));
				return arg(0);
			},
		}),
	),
];
