import {imageOfSizes, type KernelBuild} from '../build.ts';
import {changes} from './behaviour.ts';

/** A group of fixmap pages, lowest index first; how many pages each takes is `mm/fixmap.ts`'s business. */
export type FixmapGroup =
	| 'hole'
	| 'vsyscall'
	| 'vdso'
	| 'dbgp'
	| 'earlycon'
	| 'apic'
	| 'ioapic'
	| 'kmap'
	| 'acpi'
	| 'mmconfig'
	| 'textPoke'
	| 'apei';

/** First index from `first` on at which a group of pages does not cross a page table. @see FIX_BTMAP_END */
const inOneTable = (first: number, pages: number, ptesPerTable: number): number =>
	Math.floor(first / ptesPerTable) === Math.floor((first + pages - 1) / ptesPerTable)
		? first
		: first + pages - (first % pages);

/** How the kernel was built, where things lie, what boot keeps. */
export const layoutBehaviours = {
	build: changes<KernelBuild>('sizes as distribution kernels of the time print them at boot; arch Kconfig defaults', {
		ldd3: {
			NR_CPUS: 8,
			localApic: true,
			ioApics: 8,
			mmconfig: true,
			acpi: true,
			preemptCount: true,
			transparentHugepages: 'none',
			image: imageOfSizes(0x10_0000, {text: 1826, rodata: 312, data: 416, init: 188, bss: 240}),
			initrdBytes: 0,
			bootPages: 96,
		},
		'2.6.32': {
			NR_CPUS: 8,
			localApic: true,
			ioApics: 64,
			mmconfig: true,
			acpi: true,
			preemptCount: true,
			transparentHugepages: 'none',
			image: imageOfSizes(0x100_0000, {text: 3344, rodata: 960, data: 720, init: 400, bss: 640}),
			initrdBytes: 0,
			bootPages: 128,
		},
		'5.10': {
			NR_CPUS: 32,
			localApic: true,
			ioApics: 64,
			mmconfig: true,
			acpi: true,
			preemptCount: true,
			transparentHugepages: 'none',
			image: imageOfSizes(0x100_0000, {text: 8397, rodata: 2532, data: 1182, init: 896, bss: 488}),
			initrdBytes: 0,
			bootPages: 96,
		},
		'6.1': {
			NR_CPUS: 32,
			localApic: true,
			ioApics: 64,
			mmconfig: true,
			acpi: true,
			preemptCount: true,
			transparentHugepages: 'none',
			image: imageOfSizes(0x100_0000, {text: 9423, rodata: 3188, data: 1265, init: 928, bss: 476}),
			initrdBytes: 0,
			bootPages: 96,
		},
	}),
	fixmapGroups: changes<readonly FixmapGroup[]>('asm-i386/fixmap.h; arch/x86/include/asm/fixmap.h', {
		ldd3: ['hole', 'vsyscall', 'apic', 'ioapic', 'kmap', 'acpi', 'mmconfig'],
		'2.6.32': ['hole', 'vdso', 'dbgp', 'earlycon', 'apic', 'ioapic', 'kmap', 'mmconfig', 'textPoke'],
		'5.10': ['hole', 'dbgp', 'earlycon', 'apic', 'ioapic', 'kmap', 'mmconfig', 'apei'],
	}),
	bootFixmapPages: changes<(permanent: number, ptesPerTable: number) => number>(
		'fixmap.h: FIX_BTMAP_*, FIX_WP_TEST; how many indices there are in all',
		{
			ldd3: permanent => permanent + 16 + 1,
			'2.6.32': permanent => permanent - (permanent % 256) + 256 + 256 + 1,
			'3.2': (permanent, ptesPerTable) => inOneTable(permanent, 256, ptesPerTable) + 256 + 1,
			'5.10': (permanent, ptesPerTable) => inOneTable(permanent, 512, ptesPerTable) + 512 + 1,
		},
	),
	cpuEntryAreaPagesPerCpu: changes<number>('asm/cpu_entry_area.h: none before 4.15; 39 pages a CPU on i386', {
		ldd3: 0,
		'5.10': 39,
	}),
	lowmemEndsAt: changes<'896 MiB' | '128 MiB below VMALLOC_END'>('MAXMEM: asm-i386/page.h; pgtable_32_types.h', {
		ldd3: '896 MiB',
		'2.6.32': '128 MiB below VMALLOC_END',
	}),
	/**
	 * What a kernel without PAE makes of RAM above 4 GiB: the end of memory is cut off there, or such ranges are not seen.
	 */
	memoryAbove4GiB: changes<'cut off' | 'not seen'>(
		'arch/i386/kernel/setup.c find_max_pfn(), find_max_low_pfn(); arch/x86/kernel/e820.c e820_end_pfn()',
		{ldd3: 'cut off', '2.6.32': 'not seen'},
	),
	VMALLOC_START: changes<(high_memory: number) => number>(
		'asm-i386/pgtable.h rounds to 8 MiB; pgtable_32_types.h does not',
		{
			ldd3: high_memory => Math.floor((high_memory + 0x100_0000 - 1) / 0x80_0000) * 0x80_0000,
			'2.6.32': high_memory => high_memory + 0x80_0000,
		},
	),
	sizeofStructPage: changes<number>('mm_types.h; fixtures/vectors/i386 addresses const', {ldd3: 32, '5.10': 40}),
	bootAllocatesDown: changes<boolean>('mm/bootmem.c goes up from MAX_DMA_ADDRESS; mm/nobootmem.c, memblock.c go down', {
		ldd3: false,
		'3.2': true,
	}),
	reservedLowBytes: changes<number>('arch/x86/kernel/setup.c: page 0; X86_RESERVE_LOW 64 KiB; all of the first MiB', {
		ldd3: 0x1000,
		'2.6.32': 0x1_0000,
		'6.1': 0x10_0000,
	}),
	trampolinePages: changes<number>('real-mode trampoline below 1 MiB; 6.1 has it inside the reserved MiB', {
		ldd3: 1,
		'5.10': 4,
		'6.1': 0,
	}),
	frameZeroIsRam: changes<boolean>('setup.c e820 update of page 0, 2.6.34; zones of fixtures/vectors/i386 start at 1', {
		ldd3: true,
		'3.2': false,
	}),
	protectsKernelText: changes<boolean>('arch/x86/mm/init_32.c mark_rodata_ro()', {ldd3: false, '2.6.32': true}),
	pageTableIsolation: changes<boolean>('4.15; PAE only on i386', {ldd3: false, '5.10': true}),
	bssStartsWithTables: changes<boolean>(
		'head_32.S: initial_page_table, initial_pg_fixmap before swapper_pg_dir, 2.6.37',
		{
			ldd3: false,
			'3.2': true,
		},
	),
	reservedPageCount: changes<number>('mm/page_alloc.c memmap_init_zone(): 0 in 2.6.11, init_page_count() since', {
		ldd3: 0,
		'2.6.32': 1,
	}),
	/** The page that system calls go through is at one address for all, outside every area: the gate area. */
	hasGateArea: changes<boolean>('mm/memory.c get_gate_vma(); [vdso] is an area of its own since 2.6.18', {
		ldd3: true,
		'2.6.32': false,
	}),
	vdsoPages: changes<number>('arch/x86/vdso/vdso32-setup.c; [vdso] of fixtures/vectors/i386 captures is 8 kB', {
		ldd3: 1,
		'5.10': 2,
	}),
	vvarPages: changes<number>('arch/x86/entry/vdso/vma.c, 3.15; [vvar] of 5.10 and 6.1 as recorded is 16 kB', {
		ldd3: 0,
		'5.10': 4,
	}),
	vdsoInImage: changes<boolean>('arch/x86/vdso/vdso2c.c, 3.16: the pages are read-only data of the kernel', {
		ldd3: false,
		'5.10': true,
	}),
	holePageCount: changes<number>('init_unavailable_range(); page_count vectors of fixtures/vectors/i386', {
		ldd3: 0,
		'2.6.32': 1,
		'5.10': 0,
		'6.1': 1,
	}),
} as const;
