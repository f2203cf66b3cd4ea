/** The machines that the captures of truth/i386, truth/debug and truth/old come from, as configurations of ours. */
import {physicalAddress} from '../../source/hardware/address.ts';
import {type FirmwareRange, powerOn} from '../../source/hardware/machine.ts';
import type {KernelBuild, KernelImage} from '../../source/kernel/build.ts';
import type {EraName} from '../../source/kernel/era/behaviour.ts';
import {type Kernel, type KernelConfig, start_kernel} from '../../source/kernel/kernel.ts';

const gib = 2 ** 30;

/**
 * Sections as /proc/iomem of the captures lists them; init sizes from "Freeing unused kernel image (initmem) memory".
 */
const image = (
	textEnd: number,
	rodataEnd: number,
	dataEnd: number,
	initKib: number,
	bssStart: number,
	bssEnd: number,
): KernelImage => ({
	start: 0x100_0000,
	textEnd,
	rodataEnd,
	dataEnd,
	initStart: bssStart - initKib * 1024,
	initEnd: bssStart,
	bssStart,
	bssEnd,
});

const debian = {NR_CPUS: 32, localApic: true, ioApics: 64, mmconfig: true, acpi: true} as const;

/** 6.1.0-50-686-pae. The boot pages are what managed memory leaves unexplained by image, mem_map and hash tables. */
const debian61Pae: KernelBuild = {
	...debian,
	preemptCount: true,
	transparentHugepages: 'thenNever',
	image: image(0x193_3f00, 0x1c5_1000, 0x1d8_e680, 928, 0x1e9_4000, 0x1f0_b000),
	initrdBytes: 5076 << 10,
	bootPages: 87,
};
/** On the 256 MiB machine the RAM disk lay in low memory from the start, and 48 KiB of tables came to lie above it. */
const debian61Pae256m: KernelBuild = {...debian61Pae, bootPagesOnTop: 12, bootPages: 87 - 12};
/** 6.1.0-50-686. */
const debian61: KernelBuild = {
	...debian61Pae,
	image: image(0x191_bc80, 0x1c3_9000, 0x1d7_0bc0, 912, 0x1e7_2000, 0x1ee_6000),
	initrdBytes: 5072 << 10,
	bootPages: 76,
};
/** 5.10.0-32-686-pae, without CONFIG_PREEMPT_COUNT. */
const debian510Pae: KernelBuild = {
	...debian,
	preemptCount: false,
	transparentHugepages: 'thenNever',
	image: image(0x183_3580, 0x1aa_d000, 0x1bd_5880, 896, 0x1cd_2000, 0x1d4_c000),
	initrdBytes: 4928 << 10,
	bootPages: 92,
};
/** Built by hand with the checkers on; kmap's table says that it was made for few CPUs. */
const debug61: KernelBuild = {...debian61, NR_CPUS: 2, transparentHugepages: 'none'};
/** The old sources were compiled for one processor, without APIC, PCI and ACPI. */
const compiledAlone = {localApic: false, ioApics: 0, mmconfig: false, acpi: false, preemptCount: true} as const;

type MachineOfRun = {
	readonly era: EraName;
	readonly memBytes: number;
	readonly pae: boolean;
	readonly cpus: number;
	readonly swiotlb: KernelConfig['swiotlb'];
	readonly build?: KernelBuild;
	readonly debug?: boolean;
};

const runs: Readonly<Record<string, MachineOfRun>> = {
	A: {era: '6.1', memBytes: 2 * gib, pae: true, cpus: 2, swiotlb: 'off', build: debian61Pae},
	B: {era: '6.1', memBytes: 2 * gib, pae: true, cpus: 2, swiotlb: 'force', build: debian61Pae},
	C: {era: '6.1', memBytes: 2 * gib, pae: false, cpus: 2, swiotlb: 'off', build: debian61},
	D: {era: '6.1', memBytes: 6 * gib, pae: true, cpus: 2, swiotlb: 'on', build: debian61Pae},
	E: {era: '6.1', memBytes: gib, pae: false, cpus: 2, swiotlb: 'off', build: debian61},
	F: {era: '6.1', memBytes: gib / 4, pae: true, cpus: 2, swiotlb: 'off', build: debian61Pae256m},
	G: {era: '5.10', memBytes: 2 * gib, pae: true, cpus: 2, swiotlb: 'off', build: debian510Pae},
	H: {era: '5.10', memBytes: 2 * gib, pae: true, cpus: 2, swiotlb: 'force', build: debian510Pae},
	debug: {era: '6.1', memBytes: 1.5 * gib, pae: false, cpus: 1, swiotlb: 'off', build: debug61, debug: true},
};

/**
 * RAM of a QEMU `pc` machine: the firmware keeps the last 208 KiB below 4 GiB; what does not fit below 3 GiB follows at
 * 4.
 */
function qemuFirmwareMap(memBytes: number): FirmwareRange[] {
	const below = Math.min(memBytes, memBytes >= 3.5 * gib ? 3 * gib : memBytes);
	const range = (start: number, end: number, usable: boolean): FirmwareRange => ({
		start: physicalAddress(start),
		end: physicalAddress(end),
		usable,
	});
	return [
		range(0, 0x9_fc00, true),
		range(0x9_fc00, 0xa_0000, false),
		range(0xf_0000, 0x10_0000, false),
		range(0x10_0000, below - 0x3_4000, true),
		range(below - 0x3_4000, below, false),
		...(memBytes > below ? [range(4 * gib, 4 * gib + memBytes - below, true)] : []),
	];
}

/** Boots the machine of a run. @throws for a name that the captures do not use */
export function runMachine(run: string): Kernel {
	const machine = runs[run];
	if (!machine) throw new Error(`no machine is known for run "${run}"`);
	const firmwareMap = qemuFirmwareMap(machine.memBytes);
	const debug = machine.debug ?? false;
	const hw = powerOn({
		memBytes: machine.memBytes,
		cpus: machine.cpus,
		seed: 1,
		paging: machine.pae ? 'pae' : 'two-level',
		firmwareMap,
	});
	return start_kernel(hw, {
		era: machine.era,
		swiotlb: machine.swiotlb,
		debug: {highmem: debug, dmaApi: debug, slab: debug},
		...(machine.build ? {build: machine.build} : {}),
	});
}

const oldEras: Readonly<Record<string, EraName>> = {'2.6.11': 'ldd3', '2.6.32': '2.6.32', '3.2': '3.2'};

/**
 * A machine like the programs that drove the old sources: 4 GiB of address space, high memory from 896 MiB, and as many
 * CPUs as the fixmap is made for.
 * @param config `UP`, or `NR_CPUS8` for eight CPUs
 */
export function oldMachine(era: string, config: string): Kernel {
	const name = oldEras[era];
	if (!name) throw new Error(`no era is known for "${era}"`);
	const cpus = config === 'UP' ? 1 : 8;
	const hw = powerOn({memBytes: gib, cpus, seed: 1, paging: 'two-level', firmwareMap: qemuFirmwareMap(gib)});
	const {image: oldImage, ...common} = debian61;
	return start_kernel(hw, {
		era: name,
		swiotlb: 'off',
		debug: {highmem: false, dmaApi: false, slab: false},
		build: {
			...common,
			...compiledAlone,
			image: oldImage,
			NR_CPUS: cpus,
			transparentHugepages: 'none',
			initrdBytes: 0,
			bootPages: 96,
		},
	});
}
