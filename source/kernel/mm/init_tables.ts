/**
 * Models arch/i386/mm/init.c (arch/x86/mm/init_32.c): kernel_physical_mapping_init(), page_table_range_init(),
 * mark_rodata_ro(): the kernel's own page tables, written into RAM at boot.
 *
 * Low memory is mapped by large pages where one fits wholly and needs one protection; by 4 KiB pages at the end of low
 * memory and, in kernels that protect their text, in the first large page and where a protection changes.
 *
 * Not modelled: the temporary tables of head.S.
 */
import {PAGE_SIZE, type Pfn, type PhysicalAddress, pfn, pfnToPhys, physicalAddress} from '../../hardware/address.ts';
import {
	_PAGE_ACCESSED,
	_PAGE_DIRTY,
	_PAGE_GLOBAL,
	_PAGE_PCD,
	_PAGE_PRESENT,
	_PAGE_PSE,
	_PAGE_PWT,
	_PAGE_RW,
} from '../../hardware/mmu.ts';
import type {Kernel} from '../kernel.ts';
import {fix_to_virt} from './fixmap.ts';
import {PAGE_OFFSET} from './page.ts';

/** Protection of kernel pages in the direct mapping, vmalloc, kmap. */
export const PAGE_KERNEL = _PAGE_PRESENT | _PAGE_RW | _PAGE_ACCESSED | _PAGE_DIRTY | _PAGE_GLOBAL;
const PAGE_KERNEL_RO = PAGE_KERNEL & ~_PAGE_RW;
const PAGE_KERNEL_IO_NOCACHE = PAGE_KERNEL | _PAGE_PCD | _PAGE_PWT;
const TABLE_BITS = _PAGE_PRESENT | _PAGE_RW | _PAGE_ACCESSED | _PAGE_DIRTY;
const LOCAL_APIC = 0xfee0_0000;

/** Early page tables come from boot memory, one after the other. */
type TableSource = {next: number; readonly end: number};

export function buildKernelTables(k: Kernel, source: TableSource): void {
	const tables = new KernelTables(k, source);
	tables.mapLowMemory();
	const {layout} = k;
	tables.makeTables(layout.PKMAP_BASE, layout.PKMAP_BASE + layout.LAST_PKMAP * PAGE_SIZE);
	tables.makeTables(layout.FIXADDR_BOOT_START, layout.FIXADDR_TOP);
	const apic = layout.fixmap.first.get('apic');
	if (apic !== undefined) tables.set(fix_to_virt(apic), LOCAL_APIC, PAGE_KERNEL_IO_NOCACHE);
}

class KernelTables {
	private readonly k: Kernel;
	private readonly source: TableSource;
	/** The table of the level above the ptes: the pgd, or the kernel gigabyte's pmd table under PAE. */
	private readonly directory: PhysicalAddress;

	constructor(k: Kernel, source: TableSource) {
		this.k = k;
		this.source = source;
		this.directory = k.layout.swapper_pg_dir;
		if (k.hw.paging.entryBytes === 8) {
			this.directory = pfnToPhys(this.table());
			// The processor takes no protection bits from the four entries of the first level.
			this.write(physicalAddress(k.layout.swapper_pg_dir + 3 * 8), this.directory, _PAGE_PRESENT);
		}
	}

	private table(): Pfn {
		if (this.source.next >= this.source.end) throw new Error('boot memory is out of page tables');
		return pfn(this.source.next++);
	}

	private write(at: PhysicalAddress, target: number, bits: number): void {
		const {ram, paging} = this.k.hw;
		ram.write32(at, ((target % 0x1_0000_0000) + bits) >>> 0);
		if (paging.entryBytes === 8) ram.write32(physicalAddress(at + 4), Math.floor(target / 0x1_0000_0000));
	}

	private directoryEntry(address: number): PhysicalAddress {
		const {largePageBytes, entryBytes} = this.k.hw.paging;
		const base = entryBytes === 8 ? PAGE_OFFSET : 0;
		return physicalAddress(this.directory + Math.floor((address - base) / largePageBytes) * entryBytes);
	}

	/** Makes the page tables for [start, end), so that later mappings there need no memory. */
	makeTables(start: number, end: number): void {
		const {largePageBytes} = this.k.hw.paging;
		for (let at = start - (start % largePageBytes); at < end; at += largePageBytes) this.tableFor(at);
	}

	private tableFor(address: number): PhysicalAddress {
		const at = this.directoryEntry(address);
		const entry = this.k.hw.ram.read32(at);
		if ((entry & _PAGE_PRESENT) !== 0) return physicalAddress(entry - (entry & 0xfff));
		const table = pfnToPhys(this.table());
		this.write(at, table, TABLE_BITS);
		return table;
	}

	set(address: number, target: number, bits: number): void {
		const {entryBytes, entriesPerTable} = this.k.hw.paging;
		const index = Math.floor(address / PAGE_SIZE) % entriesPerTable;
		this.write(physicalAddress(this.tableFor(address) + index * entryBytes), target, bits);
	}

	mapLowMemory(): void {
		const {largePageBytes} = this.k.hw.paging;
		const end = this.k.layout.max_low_pfn * PAGE_SIZE;
		for (let at = 0; at < end; at += largePageBytes) {
			if (at + largePageBytes <= end && !this.mustSplit(at)) {
				this.write(this.directoryEntry(PAGE_OFFSET + at), at, this.protectionAt(at) | _PAGE_PSE);
				continue;
			}
			for (let page = at; page < Math.min(at + largePageBytes, end); page += PAGE_SIZE)
				this.set(PAGE_OFFSET + page, page, this.protectionAt(page));
		}
	}

	/** Whether protections differ inside a large page, or did when the init section was given back. */
	private mustSplit(start: number): boolean {
		if (!this.k.era.protectsKernelText) return false;
		const {image} = this.k.layout;
		const inside = (boundary: number) => boundary > start && boundary < start + this.k.hw.paging.largePageBytes;
		return start === 0 || inside(image.rodataEnd) || inside(image.initStart) || inside(image.initEnd);
	}

	private protectionAt(physical: number): number {
		const {image} = this.k.layout;
		const readOnly = this.k.era.protectsKernelText && physical >= image.start && physical < image.rodataEnd;
		return readOnly ? PAGE_KERNEL_RO : PAGE_KERNEL;
	}
}
