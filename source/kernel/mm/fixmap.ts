/**
 * Models asm-i386/fixmap.h, arch/x86/include/asm/fixmap.h: kernel addresses fixed at compile time, numbered downwards
 * from FIXADDR_TOP. Which pages there are follows the era's list and the build's options.
 *
 * Not modelled: what early boot keeps in FIX_BTMAP; the boot-time part only moves PKMAP_BASE.
 */
import {type KernelVirtualAddress, kernelAddress, PAGE_SIZE} from '../../hardware/address.ts';
import type {KernelBuild} from '../build.ts';
import type {FixmapGroup} from '../era/layout.ts';
import type {Era} from '../era.ts';

/** The last page of the address space stays unmapped, so that small negative pointers fault. */
export const FIXADDR_TOP = 0xffff_f000;

export type Fixmap = {
	/** First index of each group that the build has. */
	readonly first: ReadonlyMap<FixmapGroup, number>;
	/** Indices in permanent use. */
	readonly permanent: number;
	/** All of them, the boot-time ones too. */
	readonly all: number;
};

/** Address of a fixmap index. */
export const fix_to_virt = (index: number): KernelVirtualAddress => kernelAddress(FIXADDR_TOP - index * PAGE_SIZE);

function groupPages(group: FixmapGroup, build: KernelBuild, kmapSlotsPerCpu: number): number {
	switch (group) {
		case 'hole':
		case 'vsyscall':
		case 'vdso':
		case 'dbgp':
		case 'earlycon':
			return 1;
		case 'apic':
			return build.localApic ? 1 : 0;
		case 'ioapic':
			return build.ioApics;
		case 'kmap':
			return kmapSlotsPerCpu * build.NR_CPUS;
		case 'acpi':
			return build.acpi ? 4 : 0;
		case 'mmconfig':
			return build.mmconfig ? 1 : 0;
		case 'textPoke':
			return 2;
		case 'apei':
			return build.acpi ? 2 : 0;
	}
}

/**
 * Numbers the fixmap pages of a build.
 * @param ptesPerTable entries of one page table: aligns the boot-time part
 * @param kmapSlotsPerCpu KM_TYPE_NR or KM_MAX_IDX
 */
export function numberFixmap(era: Era, build: KernelBuild, ptesPerTable: number, kmapSlotsPerCpu: number): Fixmap {
	const first = new Map<FixmapGroup, number>();
	let next = 0;
	for (const group of era.fixmapGroups) {
		const pages = groupPages(group, build, kmapSlotsPerCpu);
		if (pages > 0) first.set(group, next);
		next += pages;
	}
	return {first, permanent: next, all: era.bootFixmapPages(next, ptesPerTable)};
}
