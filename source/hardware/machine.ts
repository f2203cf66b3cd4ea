import type {PhysicalAddress} from './address.ts';
import {SystemBus} from './bus.ts';
import {Cache} from './cache.ts';
import {Chance} from './chance.ts';
import {InterruptController} from './interrupts.ts';
import {Iommu} from './iommu.ts';
import {type PagingMode, type PagingShape, pagingShape} from './mmu.ts';
import {Ram} from './ram.ts';
import {Timeline} from './timeline.ts';

/** A row of the memory map that the BIOS hands to the kernel (e820). */
export type FirmwareRange = {
	readonly start: PhysicalAddress;
	/** Exclusive. */
	readonly end: PhysicalAddress;
	readonly usable: boolean;
};

export type HardwareConfig = {
	readonly memBytes: number;
	readonly cpus: number;
	readonly seed: number;
	readonly paging: PagingMode;
	readonly firmwareMap: readonly FirmwareRange[];
	/** Bus pages that an IOMMU translates; none by default: bus addresses are physical ones. */
	readonly iommuPages?: number;
	/** Whether devices see what is in the processor's cache, as on a PC. */
	readonly coherentCaches?: boolean;
};

/** The board: memory, wires, clock, chance. Devices are plugged in by `lab/board.ts`. */
export type Hardware = {
	readonly config: HardwareConfig;
	readonly ram: Ram;
	readonly bus: SystemBus;
	readonly timeline: Timeline;
	readonly chance: Chance;
	readonly interrupts: InterruptController;
	readonly paging: PagingShape;
};

export function powerOn(config: HardwareConfig): Hardware {
	const ram = new Ram(config.memBytes);
	const bus = new SystemBus(ram);
	if (config.iommuPages !== undefined) bus.iommu = new Iommu(config.iommuPages);
	if (config.coherentCaches === false) bus.cache = new Cache(ram);
	return {
		config,
		ram,
		bus,
		timeline: new Timeline(),
		chance: new Chance(config.seed),
		interrupts: new InterruptController(256),
		paging: pagingShape(config.paging),
	};
}
