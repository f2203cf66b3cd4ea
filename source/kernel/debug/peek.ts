/**
 * Memory as a debugger sees it: any address of a process or of the kernel, without a fault, an accessed bit or an
 * access to a device. Models access_process_vm() (mm/memory.c, 2.6.11) as far as pages are there.
 *
 * Not modelled: bringing in a page that is not there, and copying one that is shared.
 */
import {kernelAddress, PAGE_SIZE, type PhysicalAddress, pageOffset, physicalAddress} from '../../hardware/address.ts';
import type {Width} from '../../hardware/cpu/memory.ts';
import {_PAGE_PRESENT, _PAGE_RW} from '../../hardware/mmu.ts';
import type {Kernel} from '../kernel.ts';
import {isReadOnly, kernelToPhysical} from '../mm/access.ts';
import {TASK_SIZE} from '../mm/mm.ts';
import type {mm_struct} from '../mm/mm_types.ts';
import {NO_PTE, pte_offset, pte_pfn, pte_val} from '../mm/pgtable.ts';

/** Where a byte of RAM is that an address leads to; undefined where there is none, or a device. */
export function peekPhysical(k: Kernel, mm: mm_struct | null, address: number): PhysicalAddress | undefined {
	const physical =
		address < TASK_SIZE ? userToPhysical(k, mm, address, false) : kernelToPhysical(k, kernelAddress(address));
	return physical !== undefined && k.hw.ram.holds(physical, 1) && !k.hw.bus.regionAt(physical) ? physical : undefined;
}

function userToPhysical(k: Kernel, mm: mm_struct | null, address: number, write: boolean): PhysicalAddress | undefined {
	if (!mm) return undefined;
	const at = pte_offset(k, mm, address);
	if (at === NO_PTE) return undefined;
	const needed = write ? _PAGE_PRESENT | _PAGE_RW : _PAGE_PRESENT;
	if ((pte_val(k, at) & needed) !== needed) return undefined;
	return physicalAddress(pte_pfn(k, at) * PAGE_SIZE + pageOffset(address));
}

/** What cannot be looked at: `fault`: nothing or a device is there; `untold`: a pointer that C has not seen yet. */
type Unseen = 'fault' | 'untold';

function peekByte(k: Kernel, mm: mm_struct | null, address: number): number | Unseen {
	const windows = address >= TASK_SIZE ? k.modules?.windows : undefined;
	if (windows?.placeAt(address)) return windows.peek(address) ?? 'untold';
	const physical = peekPhysical(k, mm, address);
	return physical === undefined ? 'fault' : k.hw.ram.read8(physical);
}

/** From so many bytes on it is worth while to look whether a page's part is plain RAM. */
const wholeBytes = 16;

/** Copies bytes of one page at once. @returns false, and nothing is copied, where one of them is not plain RAM */
function peekWhole(k: Kernel, mm: mm_struct | null, address: number, into: Uint8Array): boolean {
	const last = address + into.length - 1;
	if (last > 0xffff_ffff) return false;
	const windows = address >= TASK_SIZE ? k.modules?.windows : undefined;
	// They begin anywhere in a page, and then go on to its end.
	if (windows && (windows.placeAt(address) || windows.placeAt(last))) return false;
	const physical = peekPhysical(k, mm, address);
	if (physical === undefined || peekPhysical(k, mm, last) !== physical + into.length - 1) return false;
	into.set(k.hw.ram.read(physical, into.length));
	return true;
}

/**
 * Bytes at an address, as many as can be looked at in one piece.
 * @param mm whose user memory is meant
 * @returns fewer than wanted where the next one cannot be looked at, and why
 */
export function peek(
	k: Kernel,
	mm: mm_struct | null,
	address: number,
	lengthBytes: number,
): {readonly bytes: Uint8Array; readonly end: Unseen | undefined} {
	const bytes = new Uint8Array(lengthBytes);
	for (let i = 0; i < lengthBytes; i++) {
		const length = Math.min(lengthBytes - i, PAGE_SIZE - ((address + i) % PAGE_SIZE));
		if (length >= wholeBytes && peekWhole(k, mm, address + i, bytes.subarray(i, i + length))) {
			i += length - 1;
			continue;
		}
		const byte = address + i > 0xffff_ffff ? 'fault' : peekByte(k, mm, address + i);
		if (typeof byte !== 'number') return {bytes: bytes.subarray(0, i), end: byte};
		bytes[i] = byte;
	}
	return {bytes, end: undefined};
}

/**
 * Loads structures of the kernel as C would: pointers in them get addresses. Acts, where peek only looks.
 * @param address of a structure
 */
export function tell(k: Kernel, address: number, lengthBytes: number): void {
	for (let at = address; at < address + lengthBytes; at++) k.modules?.windows.placeAt(at)?.read(at, 1);
}

/** Stores bytes for a debugger, all or none. @returns how many come before the first that cannot be stored */
export function poke(k: Kernel, mm: mm_struct | null, address: number, bytes: Uint8Array): number {
	const stores: (() => void)[] = [];
	for (let i = 0; i < bytes.length; ) {
		const at = address + i;
		const window = at >= TASK_SIZE ? k.modules?.windows.placeAt(at) : undefined;
		if (window) {
			const width = widthAt(at, bytes.length - i);
			const value = bytes.subarray(i, i + width).reduceRight((sum, byte) => sum * 256 + byte, 0);
			if (!k.modules!.windows.takes(at, width, value)) return i;
			stores.push(() => window.write(at, width, value));
			i += width;
			continue;
		}
		const physical = at < TASK_SIZE ? userToPhysical(k, mm, at, true) : storable(k, at);
		if (physical === undefined || !k.hw.ram.holds(physical, 1) || k.hw.bus.regionAt(physical)) return i;
		const byte = bytes[i]!;
		stores.push(() => k.hw.ram.write8(physical, byte));
		i++;
	}
	for (const store of stores) store();
	return bytes.length;
}

const storable = (k: Kernel, address: number) =>
	isReadOnly(k, kernelAddress(address)) ? undefined : kernelToPhysical(k, kernelAddress(address));

/** Fields are stored whole. */
const widthAt = (address: number, left: number): Width =>
	address % 4 === 0 && left >= 4 ? 4 : address % 2 === 0 && left >= 2 ? 2 : 1;
