/**
 * Where functions and variables of the kernel lie that modules may use: gates in the kernel's text, 16 bytes each, with
 * bytes that stop the processor; variables on a page of their own.
 */
import {physicalAddress} from '../../hardware/address.ts';
import {GATE_BYTES} from '../../hardware/cpu/system.ts';
import type {Kernel} from '../kernel.ts';
import {PAGE_OFFSET} from '../mm/page.ts';
import type {Gate} from './state.ts';

/** The first bytes of the text are the entry of the boot loader. */
const FIRST_OFFSET = 0x1000;
const GATE_SPACING = 16;

const textStart = (k: Kernel) => PAGE_OFFSET + k.layout.image.start + FIRST_OFFSET;

/** Where C returns to that the kernel has called. */
export const RETURN_GATE = (k: Kernel): number => textStart(k);

/** Puts gates into the text, in their order. @returns their addresses by name */
export function placeGates(k: Kernel, gates: readonly Gate[]): ReadonlyMap<number, Gate> {
	const placed = new Map<number, Gate>();
	const put = (address: number) => k.hw.ram.write(physicalAddress(address - PAGE_OFFSET), Uint8Array.from(GATE_BYTES));
	put(RETURN_GATE(k));
	for (const [i, gate] of gates.entries()) {
		const address = textStart(k) + (i + 1) * GATE_SPACING;
		put(address);
		placed.set(address, gate);
	}
	return placed;
}
