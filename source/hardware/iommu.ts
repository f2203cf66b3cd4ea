/**
 * An IOMMU: a table of bus pages in an aperture of the bus address space. A device's access inside the aperture goes
 * where the table leads, if the page belongs to that device and allows it, and is aborted otherwise; one outside meets
 * nothing.
 *
 * Not modelled: fault records and a fault interrupt. It keeps no note of what it refused, so a kernel has nothing to
 * log: only the device knows, by the status of its function and by what it does about an abort.
 */
import {type BusAddress, PAGE_SIZE, type PhysicalAddress, physicalAddress} from './address.ts';
import type {IommuWires} from './bus.ts';

/** The aperture lies where no RAM of an i386 is, so that a bus address never looks like a physical one. */
const DEFAULT_BASE = 0xd000_0000;

export class Iommu implements IommuWires {
	readonly base: number;
	readonly pages: number;
	private readonly frames: Int32Array;
	private readonly owners: (string | undefined)[];
	private readonly writable: Uint8Array;

	/** @param pages bus pages in the aperture */
	constructor(pages: number, base = DEFAULT_BASE) {
		this.base = base;
		this.pages = pages;
		this.frames = new Int32Array(pages).fill(-1);
		this.owners = new Array<string | undefined>(pages);
		this.writable = new Uint8Array(pages);
	}

	/** Has a bus page lead to a frame, for one device. */
	set(index: number, frame: number, device: string, writable: boolean): void {
		this.frames[index] = frame;
		this.owners[index] = device;
		this.writable[index] = writable ? 1 : 0;
	}

	clear(index: number): void {
		this.frames[index] = -1;
		this.owners[index] = undefined;
		this.writable[index] = 0;
	}

	/** Inside the aperture it claims every cycle; one that no page or only another device's page is for it aborts. */
	covers(address: BusAddress): boolean {
		return address >= this.base && address < this.base + this.pages * PAGE_SIZE;
	}

	translate(device: string, address: BusAddress, write: boolean): PhysicalAddress | undefined {
		const index = Math.floor((address - this.base) / PAGE_SIZE);
		const frame = this.frames[index];
		if (frame === undefined || frame < 0 || this.owners[index] !== device) return undefined;
		if (write && this.writable[index] === 0) return undefined;
		return physicalAddress(frame * PAGE_SIZE + (address % PAGE_SIZE));
	}
}
