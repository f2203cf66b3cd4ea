/**
 * The five kinds of address of LDD3 chapter 15, as types. A number of one kind is not accepted where another is
 * asked for: handing a bus address to the CPU does not compile. Only this file and the kernel functions that Linux
 * has for it (`__pa`, `page_address`, `virt_to_page`, …) turn one kind into another.
 *
 * Physical and bus addresses may exceed 32 bits (PAE); they stay below 2^53, so plain numbers hold them exactly.
 */

declare const addressKind: unique symbol;
declare const isLogical: unique symbol;

/** What user space sees; means something only together with an mm_struct. */
export type UserAddress = number & {readonly [addressKind]: 'user'};
/** What goes over the memory bus between processor and RAM. */
export type PhysicalAddress = number & {readonly [addressKind]: 'physical'};
/** What a device puts on its bus; equals the physical address on a PC without IOMMU, and nowhere else for sure. */
export type BusAddress = number & {readonly [addressKind]: 'bus'};
/** Any address that the kernel can dereference: logical, vmalloc, ioremap, pkmap, fixmap. */
export type KernelVirtualAddress = number & {readonly [addressKind]: 'kernel'};
/**
 * A kernel virtual address at a constant offset from its physical address. Every one is a kernel virtual address too.
 */
export type KernelLogicalAddress = KernelVirtualAddress & {readonly [isLogical]: true};
/** Page frame number: physical address >> PAGE_SHIFT. */
export type Pfn = number & {readonly [addressKind]: 'pfn'};
/** Number of an I/O port, an address space of its own on x86. */
export type PortAddress = number & {readonly [addressKind]: 'port'};

export const PAGE_SHIFT = 12;
export const PAGE_SIZE = 4096;
/** As an unsigned mask; JavaScript's `&` is signed, so addresses are aligned with arithmetic in `pageAlignDown`. */
export const PAGE_MASK = 0xfffff000;

export const userAddress = (value: number) => value as UserAddress;
export const physicalAddress = (value: number) => value as PhysicalAddress;
export const busAddress = (value: number) => value as BusAddress;
export const kernelAddress = (value: number) => value as KernelVirtualAddress;
export const logicalAddress = (value: number) => value as KernelLogicalAddress;
export const pfn = (value: number) => value as Pfn;
export const port = (value: number) => value as PortAddress;

/** Frame that holds a physical address. */
export const physToPfn = (address: PhysicalAddress) => Math.floor(address / PAGE_SIZE) as Pfn;
/** First byte of a frame. */
export const pfnToPhys = (frame: Pfn) => (frame * PAGE_SIZE) as PhysicalAddress;

// `&` looks at the lowest 32 bits of any integer; `%` of a number from 2 GiB on is a division in floating point.
export const pageAlignDown = (value: number) => value - (value & (PAGE_SIZE - 1));
export const pageAlignUp = (value: number) => Math.ceil(value / PAGE_SIZE) * PAGE_SIZE;
export const pageOffset = (value: number) => value & (PAGE_SIZE - 1);

/** Linux's get_order: the smallest order whose 2^order pages hold `sizeBytes` (> 0). */
export function get_order(sizeBytes: number): number {
	let order = 0;
	while (PAGE_SIZE * 2 ** order < sizeBytes) order++;
	return order;
}
