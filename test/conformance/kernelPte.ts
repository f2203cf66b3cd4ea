/** truth/i386 addresses.json, topic kernel_pte: entries of the kernel's own page tables. */
import {PAGE_SIZE, physicalAddress} from '../../source/hardware/address.ts';
import {walkPageTables} from '../../source/hardware/mmu.ts';
import type {Kernel} from '../../source/kernel/kernel.ts';
import {fix_to_virt} from '../../source/kernel/mm/fixmap.ts';
import {ioremap, iounmap} from '../../source/kernel/mm/ioremap.ts';
import {lowmem_page_address, PAGE_OFFSET} from '../../source/kernel/mm/page.ts';
import {try_vmalloc, vfree} from '../../source/kernel/mm/vmalloc.ts';
import {hex} from './addressConstants.ts';
import type {Vector} from './topic.ts';

const number = (value: unknown): number => Number(value);

const ioremapped: Readonly<Record<string, number>> = {
	'ioremap(0xfee00000)': 0xfee0_0000,
	'ioremap(edu BAR0) uncached': 0xfe90_0000,
};

/** Where a kind of kernel page lies here, and whether the recorded address is another one for the same thing. */
function kernelPage(k: Kernel, what: string, va: number): {address: number; release: () => void} {
	const nothing = () => {};
	if (what === 'vmalloc page') {
		const address = try_vmalloc(k, 1, 'conformance')!;
		return {address, release: () => vfree(k, address)};
	}
	const device = ioremapped[what];
	if (device !== undefined) {
		const address = ioremap(k, physicalAddress(device), PAGE_SIZE, 'conformance')!;
		return {address, release: () => iounmap(k, address)};
	}
	const fixed: Readonly<Record<string, number>> = {
		'lowmem start': PAGE_OFFSET,
		'lowmem 1MB': PAGE_OFFSET + (1 << 20),
		'lowmem 64MB': PAGE_OFFSET + (64 << 20),
		'last lowmem page': k.layout.high_memory - PAGE_SIZE,
		'high_memory (hole before vmalloc)': k.layout.high_memory,
		'pkmap base': k.layout.PKMAP_BASE,
		'fixmap APIC': fix_to_virt(k.layout.fixmap.first.get('apic')!),
		'fixmap kmap begin': fix_to_virt(k.layout.FIX_KMAP_BEGIN),
		'zero page': lowmem_page_address(k.layout.empty_zero_page),
	};
	return {address: fixed[what] ?? va, release: nothing};
}

/** Whether a vector is about an address that lay where there was room, and with it a frame that was free. */
export const isAllocated = (vector: Vector) => vector.what === 'vmalloc page';
/** Whether a vector is about an address that lay where there was room. */
export const isFloating = (vector: Vector) => isAllocated(vector) || String(vector.what) in ioremapped;

export function kernel_pte(k: Kernel, vector: Vector): Vector {
	const what = String(vector.what);
	const {address, release} = kernelPage(k, what, number(vector.va));
	const shown = isFloating(vector) ? number(vector.va ?? address) : address;
	const index = (name: string, at: number) => {
		const level = k.hw.paging.levels.find(each => each.name === name);
		return level ? Math.floor(at / 2 ** level.shift) % level.entries : 0;
	};
	const walk = walkPageTables(k.hw.ram, k.hw.paging, k.layout.swapper_pg_dir, address);
	const last = walk.steps.at(-1)!;
	release();
	return {
		...vector,
		va: hex(shown),
		pgd_index: index('pgd', shown),
		pmd_index: index('pmd', shown),
		pte_index: index('pte', shown),
		level: walk.large ? '2M_or_4M' : '4K',
		entry: hex(last.high * 2 ** 32 + last.low),
	};
}
