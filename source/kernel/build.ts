/**
 * What is decided when a kernel is configured and linked, as far as memory shows it: the options that move addresses
 * and the extents of the image. An era brings the build of a typical distribution kernel; a machine may name another.
 */
import {pageAlignUp} from '../hardware/address.ts';

/** Physical extents of the image, in bytes; sections as /proc/iomem lists them, each end exclusive. */
export type KernelImage = {
	readonly start: number;
	readonly textEnd: number;
	readonly rodataEnd: number;
	readonly dataEnd: number;
	/** Freed at the end of boot. */
	readonly initStart: number;
	readonly initEnd: number;
	readonly bssStart: number;
	readonly bssEnd: number;
};

export type KernelBuild = {
	/** CONFIG_NR_CPUS, or 1 for a kernel without SMP: how many CPUs have fixmap slots, whether or not they exist. */
	readonly NR_CPUS: number;
	/** CONFIG_X86_LOCAL_APIC: a fixmap page. */
	readonly localApic: boolean;
	/** MAX_IO_APICS fixmap pages, 0 without CONFIG_X86_IO_APIC. */
	readonly ioApics: number;
	/** CONFIG_PCI_MMCONFIG, CONFIG_ACPI and CONFIG_ACPI_APEI_GHES: fixmap pages above the kmap slots. */
	readonly mmconfig: boolean;
	readonly acpi: boolean;
	/** CONFIG_PREEMPT_COUNT: preempt_disable() counts. */
	readonly preemptCount: boolean;
	/** Huge pages on at boot: khugepaged raises min_free_kbytes. `thenNever`: switched off again later. */
	readonly transparentHugepages: 'none' | 'always' | 'thenNever';
	readonly image: KernelImage;
	/** Freed after boot, but other boot allocations lie around it. */
	readonly initrdBytes: number;
	/** Of a boot loader's making: frames that boot took above the RAM disk, at the very end of low memory. */
	readonly bootPagesOnTop?: number;
	/** Frames taken at boot for per-CPU areas, early page tables and small tables. */
	readonly bootPages: number;
};

/** An image from the sizes that the kernel prints at boot ("1826k kernel code, 728k data, 188k init"). */
export function imageOfSizes(
	start: number,
	sizesKib: {
		readonly text: number;
		readonly rodata: number;
		readonly data: number;
		readonly init: number;
		readonly bss: number;
	},
): KernelImage {
	const textEnd = start + sizesKib.text * 1024;
	const rodataEnd = pageAlignUp(textEnd) + sizesKib.rodata * 1024;
	const dataEnd = pageAlignUp(rodataEnd) + sizesKib.data * 1024;
	const initStart = pageAlignUp(dataEnd);
	const initEnd = initStart + sizesKib.init * 1024;
	const bssStart = pageAlignUp(initEnd);
	return {start, textEnd, rodataEnd, dataEnd, initStart, initEnd, bssStart, bssEnd: bssStart + sizesKib.bss * 1024};
}
