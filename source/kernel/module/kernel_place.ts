/**
 * What an address of the kernel is for the processor: RAM, a device's registers, or a window on a structure. User
 * memory is there too, as on an i386 without SMAP.
 */
import {
	kernelAddress,
	PAGE_SIZE,
	type Pfn,
	pageAlignDown,
	pageOffset,
	physicalAddress,
} from '../../hardware/address.ts';
import type {Place} from '../../hardware/cpu/memory.ts';
import type {Kernel} from '../kernel.ts';
import {isReadOnly, kernelToPhysical} from '../mm/access.ts';
import {TASK_SIZE} from '../mm/mm.ts';
import {user_place} from '../mm/uaccess.ts';
import {checkStore} from './containment.ts';

/** @returns undefined where an access faults */
export function kernel_place(k: Kernel, address: number, write: boolean): Place | undefined {
	if (address < TASK_SIZE) return k.cpu.current.mm ? user_place(k, address, write) : undefined;
	const window = k.modules?.windows.placeAt(address);
	if (window) return window;
	const physical = kernelToPhysical(k, kernelAddress(pageAlignDown(address)));
	if (physical === undefined) return undefined;
	if (k.hw.ram.holds(physical, PAGE_SIZE) && !k.hw.bus.regionAt(physical)) {
		if (write) {
			if (isReadOnly(k, kernelAddress(address))) return undefined;
			checkStore(k, address, physicalAddress(physical + pageOffset(address)));
		}
		return k.hw.ram.place((physical / PAGE_SIZE) as Pfn);
	}
	const at = (each: number) => physicalAddress(physical + pageOffset(each));
	return {
		read: (each, width) => k.hw.bus.read(at(each), width),
		write: (each, width, value) => k.hw.bus.write(at(each), width, value),
		endsRun: true,
	};
}
