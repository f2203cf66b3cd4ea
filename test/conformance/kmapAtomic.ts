/** kmap_atomic() and kmap_local_page() as the recordings of truth/i386 and truth/old use them. */
import {type KernelVirtualAddress, PAGE_SIZE, type Pfn, pfn} from '../../source/hardware/address.ts';
import type {Kernel} from '../../source/kernel/kernel.ts';
import {kernelToPhysical} from '../../source/kernel/mm/access.ts';
import {fix_to_virt} from '../../source/kernel/mm/fixmap.ts';
import {kmap_atomic, kunmap_atomic} from '../../source/kernel/mm/kmap_atomic.ts';
import {pte_offset} from '../../source/kernel/mm/pgtable.ts';
import {hex} from './addressConstants.ts';
import type {Vector} from './topic.ts';

const EFAULT = 14;

/** Runs on the CPU that a vector names. */
export function onCpu<T>(k: Kernel, cpu: unknown, body: () => T): T {
	const former = k.cpu;
	k.cpu = k.sched.cpus[Number(cpu ?? 0)]!;
	try {
		return body();
	} finally {
		k.cpu = former;
	}
}

/** Entry of a kernel address as a number. */
export function kernelPte(k: Kernel, address: number): number {
	const at = pte_offset(k, {pgd: k.layout.swapper_pg_dir}, address);
	const low = k.hw.ram.read32(at);
	return k.hw.paging.entryBytes === 8 ? low + k.hw.ram.read32((at + 4) as typeof at) * 2 ** 32 : low;
}

/** Number of a fixmap address, counted from the top. */
export const fixmapIndex = (address: number): number => (fix_to_virt(0) - address) / PAGE_SIZE;

type Nested = {readonly depth: number; readonly frame: Pfn; readonly va: KernelVirtualAddress};

/** What the recordings say about one mapping. */
export const describeNested = (k: Kernel, {depth, va}: Nested) => ({
	depth,
	va: hex(va),
	pte: hex(kernelPte(k, va)),
	fixmap_idx: fixmapIndex(va),
	idx_from_FIX_KMAP_BEGIN: fixmapIndex(va) - k.layout.FIX_KMAP_BEGIN,
});

/** Maps frames on top of each other. */
export const mapNested = (k: Kernel, frames: readonly Pfn[]): Nested[] =>
	frames.map((frame, depth) => ({depth, frame, va: kmap_atomic(k, frame)}));

/** Unmaps them, last first, and looks what is left. @param reads whether the recording tried to read afterwards */
export function unmapNested(k: Kernel, maps: readonly Nested[], reads: boolean): Vector[] {
	return [...maps].reverse().map(({va}) => {
		kunmap_atomic(k, va);
		const gone = {va: hex(va), pte_after: hex(kernelPte(k, va))};
		return reads ? {...gone, read_after_unmap: kernelToPhysical(k, va) === undefined ? -EFAULT : 0} : gone;
	});
}

export const framesOf = (nested: unknown, of: (entry: Readonly<Record<string, unknown>>) => number): Pfn[] =>
	((nested ?? []) as readonly Readonly<Record<string, unknown>>[]).map(entry => pfn(of(entry)));
