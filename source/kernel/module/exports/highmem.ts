/** linux/highmem.h: frames as the kernel reaches them. */
import {kernelAddress, physicalAddress} from '../../../hardware/address.ts';
import {BUG} from '../../bug.ts';
import type {Kernel} from '../../kernel.ts';
import {kread} from '../../mm/access.ts';
import {clear_highpage, copy_highpage, kmap, kunmap} from '../../mm/highmem.ts';
import {
	kmap_atomic,
	kmap_local_page,
	kunmap_atomic,
	kunmap_local,
	pagefault_disable,
	pagefault_enable,
} from '../../mm/kmap_atomic.ts';
import {page_to_phys} from '../../mm/page.ts';
import type {Gate} from '../state.ts';
import {writeKernel} from '../text.ts';
import {pageAt} from './pages.ts';

/** The slot that C names, where the era has names for them. */
function typeOf(k: Kernel, word: number): number | undefined {
	if (k.era.kmapAtomicSlot !== 'named by type') return undefined;
	if (word >= k.highmem.atomic.perCpu) BUG(k, 'arch/i386/mm/highmem.c');
	return word;
}

export const highmemExports: readonly Gate[] = [
	{name: 'kmap', run: ({k, arg}) => kmap(k, pageAt(k, arg(0)))},
	{name: 'kunmap', run: ({k, arg}) => kunmap(k, pageAt(k, arg(0)))},
	...['kmap_atomic', '__kmap_atomic'].map(
		(name): Gate => ({name, run: ({k, arg}) => kmap_atomic(k, pageAt(k, arg(0)), typeOf(k, arg(1)))}),
	),
	...['__kunmap_atomic', 'kunmap_atomic'].map(
		(name): Gate => ({name, run: ({k, arg}) => kunmap_atomic(k, kernelAddress(arg(0)), typeOf(k, arg(1)))}),
	),
	{name: 'kmap_local_page', run: ({k, arg}) => kmap_local_page(k, pageAt(k, arg(0)))},
	{name: '__kunmap_local', run: ({k, arg}) => kunmap_local(k, kernelAddress(arg(0)))},
	{name: 'clear_highpage', run: ({k, arg}) => clear_highpage(k, pageAt(k, arg(0)))},
	{name: 'copy_highpage', run: ({k, arg}) => copy_highpage(k, pageAt(k, arg(0)), pageAt(k, arg(1)))},
	{
		name: 'memcpy_from_page',
		run({k, arg}) {
			const from = page_to_phys(pageAt(k, arg(1))) + arg(2);
			writeKernel(k, arg(0), k.hw.ram.read(physicalAddress(from), arg(3)));
		},
	},
	{
		name: 'memcpy_to_page',
		run({k, arg}) {
			const to = page_to_phys(pageAt(k, arg(0))) + arg(1);
			k.hw.ram.write(physicalAddress(to), kread(k, kernelAddress(arg(2)), arg(3)));
		},
	},
	{name: 'pagefault_disable', run: ({k}) => pagefault_disable(k)},
	{name: 'pagefault_enable', run: ({k}) => pagefault_enable(k)},
];
