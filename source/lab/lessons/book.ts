/** Sections of LDD3 chapter 15, in the order of the book. Titles are those of the book's own contents. */
const sections = [
	'Address Types',
	'Physical Addresses and Pages',
	'High and Low Memory',
	'The Memory Map and Struct Page',
	'Page Tables',
	'Virtual Memory Areas',
	'The vm_area_struct structure',
	'The Process Memory Map',
	'The mmap Device Operation',
	'Using remap_pfn_range',
	'A Simple Implementation',
	'Adding VMA Operations',
	'Mapping Memory with nopage',
	'Remapping Specific I/O Regions',
	'Remapping RAM',
	'Remapping RAM with the nopage method',
	'Remapping Kernel Virtual Addresses',
	'Performing Direct I/O',
	'Asynchronous I/O',
	'An asynchronous I/O example',
	'Direct Memory Access',
	'Overview of a DMA Data Transfer',
	'Allocating the DMA Buffer',
	'Bus Addresses',
	'The Generic DMA Layer',
	'Dealing with difficult hardware',
	'DMA mappings',
	'Setting up coherent DMA mappings',
	'DMA pools',
	'Setting up streaming DMA mappings',
	'Single-page streaming mappings',
	'Scatter/gather mappings',
	'PCI double-address cycle mappings',
	'A simple PCI DMA example',
	'DMA for ISA Devices',
	'Registering DMA usage',
	'Talking to the DMA controller',
] as const;

type Section = (typeof sections)[number];

/** A section of the chapter, and the page of it that an experiment is about. */
export const book = (section: Section, page: number): string => `LDD3 chapter 15, “${section}”, page ${page}`;

/** @returns where in the chapter a line of `read` points; undefined for another document */
export function placeInBook(line: string): {readonly section: number; readonly page: number} | undefined {
	const [, title, page] = /^LDD3 chapter 15, “(.*)”, page (\d+)$/.exec(line) ?? [];
	return title === undefined ? undefined : {section: sections.indexOf(title as Section), page: Number(page)};
}

/** A document or a file of a Linux release. */
export const linux = (version: string, path: string): string => `Linux ${version}, ${path}`;
