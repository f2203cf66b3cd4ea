/**
 * What a load or store of the kernel does: translation by the kernel's page tables, then RAM or a device behind it.
 * Models the kernel side of arch/i386/mm/fault.c: an address that leads nowhere is an oops.
 *
 * Not modelled: registers and code of the oops; exception tables (uaccess has its own path).
 */
import {
	type KernelVirtualAddress,
	kernelAddress,
	PAGE_SIZE,
	type PhysicalAddress,
	pageOffset,
	physicalAddress,
} from '../../hardware/address.ts';
import {_PAGE_RW, translateAddress, walkPageTables} from '../../hardware/mmu.ts';
import {die, SIGKILL, sayDead, sayRegisters} from '../bug.ts';
import type {Kernel} from '../kernel.ts';
import {printk} from '../printk.ts';
import {stack_trace} from '../stacktrace.ts';
import {inReport} from '../watch.ts';
import {PAGE_OFFSET} from './page.ts';

/** Where a kernel address leads, or undefined where nothing is mapped. */
export function kernelToPhysical(k: Kernel, address: KernelVirtualAddress): PhysicalAddress | undefined {
	if (address >= PAGE_OFFSET && address < k.layout.high_memory) return physicalAddress(address - PAGE_OFFSET);
	return translateAddress(k.hw.ram, k.hw.paging, k.layout.swapper_pg_dir, address);
}

/** A kernel page fault that nothing can mend: says so and ends whoever ran. */
export function oops(k: Kernel, address: number, write: boolean, present: boolean): never {
	const error = (present ? 1 : 0) | (write ? 2 : 0);
	const callers = stack_trace(k, 'oops');
	inReport(k, 'oops', () => {
		for (const line of k.era.oopsLines(address, error)) printk(k, 1, line);
		sayDead(k, 'Oops', error);
		sayRegisters(k, callers);
	});
	die(k, SIGKILL);
}

/** Whether a store is refused: the kernel's text and constants, where the era protects them. */
export function isReadOnly(k: Kernel, address: KernelVirtualAddress): boolean {
	const {image} = k.layout;
	const physical = address - PAGE_OFFSET;
	if (!k.era.protectsKernelText || physical < image.start || physical >= image.rodataEnd) return false;
	const last = walkPageTables(k.hw.ram, k.hw.paging, k.layout.swapper_pg_dir, address).steps.at(-1)!;
	return (last.low & _PAGE_RW) === 0;
}

/** As kernelToPhysical, for an access that is really made. Oopses where it cannot be. */
export function translateOrOops(k: Kernel, address: KernelVirtualAddress, write: boolean): PhysicalAddress {
	const physical = kernelToPhysical(k, address);
	if (physical === undefined) oops(k, address, write, false);
	if (write && isReadOnly(k, address)) oops(k, address, true, true);
	return physical;
}

/** Calls back for each part of a range that lies in one page. */
function eachPage(
	k: Kernel,
	address: KernelVirtualAddress,
	lengthBytes: number,
	write: boolean,
	visit: (physical: PhysicalAddress, offset: number, length: number) => void,
): void {
	for (let done = 0; done < lengthBytes; ) {
		const at = kernelAddress(address + done);
		const length = Math.min(lengthBytes - done, PAGE_SIZE - pageOffset(at));
		visit(translateOrOops(k, at, write), done, length);
		done += length;
	}
}

const isRam = (k: Kernel, physical: PhysicalAddress, length: number) =>
	k.hw.ram.holds(physical, length) && !k.hw.bus.regionAt(physical);

/** Reads bytes at a kernel address; device memory byte by byte. */
export function kread(k: Kernel, address: KernelVirtualAddress, lengthBytes: number): Uint8Array {
	const result = new Uint8Array(lengthBytes);
	eachPage(k, address, lengthBytes, false, (physical, offset, length) => {
		if (isRam(k, physical, length)) result.set(k.hw.ram.read(physical, length), offset);
		else for (let i = 0; i < length; i++) result[offset + i] = k.hw.bus.read(physicalAddress(physical + i), 1);
	});
	return result;
}

/** Writes bytes at a kernel address; device memory byte by byte. */
export function kwrite(k: Kernel, address: KernelVirtualAddress, bytes: Uint8Array): void {
	eachPage(k, address, bytes.length, true, (physical, offset, length) => {
		if (isRam(k, physical, length)) k.hw.ram.write(physical, bytes.subarray(offset, offset + length));
		else for (let i = 0; i < length; i++) k.hw.bus.write(physicalAddress(physical + i), 1, bytes[offset + i]!);
	});
}

/** Fills bytes at a kernel address with one value. */
export function kmemset(k: Kernel, address: KernelVirtualAddress, value: number, lengthBytes: number): void {
	eachPage(k, address, lengthBytes, true, (physical, _offset, length) => {
		if (isRam(k, physical, length)) k.hw.ram.fill(physical, length, value);
		else for (let i = 0; i < length; i++) k.hw.bus.write(physicalAddress(physical + i), 1, value);
	});
}

export const kread8 = (k: Kernel, address: KernelVirtualAddress): number =>
	k.hw.bus.read(translateOrOops(k, address, false), 1);

export const kwrite8 = (k: Kernel, address: KernelVirtualAddress, value: number): void =>
	k.hw.bus.write(translateOrOops(k, address, true), 1, value);

/** Little-endian word; need not be aligned. */
export function kread32(k: Kernel, address: KernelVirtualAddress): number {
	if (address % 4 === 0) return k.hw.bus.read(translateOrOops(k, address, false), 4);
	const bytes = kread(k, address, 4);
	return (bytes[0]! | (bytes[1]! << 8) | (bytes[2]! << 16) | (bytes[3]! << 24)) >>> 0;
}

export function kwrite32(k: Kernel, address: KernelVirtualAddress, value: number): void {
	if (address % 4 === 0) k.hw.bus.write(translateOrOops(k, address, true), 4, value >>> 0);
	else
		kwrite(k, address, new Uint8Array([value & 255, (value >>> 8) & 255, (value >>> 16) & 255, (value >>> 24) & 255]));
}
