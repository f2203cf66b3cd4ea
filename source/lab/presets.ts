/** The machines that students meet: presets, what may be overridden, and what no machine can be. */
import type {Pace} from '../formats/debugfs/lab/clock.ts';
import {countOf} from '../formats/words.ts';
import {PAGE_SIZE, physicalAddress} from '../hardware/address.ts';
import type {FirmwareRange, HardwareConfig} from '../hardware/machine.ts';
import type {PagingMode} from '../hardware/mmu.ts';
import {ramBanks} from '../hardware/ram.ts';
import {ERA_NAMES, type EraName} from '../kernel/era/behaviour.ts';
import {isEraName} from '../kernel/era.ts';
import {type KernelConfig, LAB_CONFIG} from '../kernel/kernel.ts';
import {LabError} from './errors.ts';
import type {MachineLoad} from './load.ts';

const MiB = 2 ** 20;
const GiB = 2 ** 30;
/** Below this the kernel, its tables and the load no longer fit. */
const leastLowmemBytes = 64 * MiB;

/** The one that is taken where none is named. */
export const usualPreset = 'lab';

export type LabOptions = {
	readonly preset?: string;
	readonly memBytes?: number;
	readonly highmemBytes?: number;
	/** Page-table entries of eight bytes, which reach memory above 4 GiB. */
	readonly pae?: boolean;
	readonly cpus?: number;
	readonly seed?: number;
	readonly era?: string;
	/** How much goes on by itself at first. */
	readonly load?: MachineLoad;
	/** How long declared states of workloads are held for those who watch. */
	readonly pace?: Pace;
};

type Preset = {
	readonly about: string;
	readonly memBytes: number;
	/** Linux's `highmem=` option; without it the era's boundary decides. */
	readonly highmemBytes?: number;
	readonly paging: PagingMode;
	readonly swiotlb: KernelConfig['swiotlb'];
	/** Bus pages that an IOMMU translates. */
	readonly iommuPages?: number;
	readonly coherentCaches?: boolean;
};

export const presets: Readonly<Record<string, Preset>> = {
	lab: {
		about: '128 MiB, of which the last 64 MiB are high memory',
		memBytes: 128 * MiB,
		highmemBytes: 64 * MiB,
		paging: 'two-level',
		swiotlb: 'off',
	},
	bounce: {
		about: 'as lab, and every streaming mapping bounces (swiotlb=force)',
		memBytes: 192 * MiB,
		highmemBytes: 64 * MiB,
		paging: 'two-level',
		swiotlb: 'force',
	},
	iommu: {
		about: 'as lab, with an IOMMU: bus addresses are not physical ones',
		memBytes: 128 * MiB,
		highmemBytes: 64 * MiB,
		paging: 'two-level',
		swiotlb: 'off',
		iommuPages: 16_384,
	},
	noncoherent: {
		about: 'as lab, on a processor whose cache devices do not see',
		memBytes: 128 * MiB,
		highmemBytes: 64 * MiB,
		paging: 'two-level',
		swiotlb: 'off',
		coherentCaches: false,
	},
	'512m': {about: '512 MiB, no high memory', memBytes: 512 * MiB, paging: 'two-level', swiotlb: 'off'},
	'1g': {about: '1 GiB, high memory above the boundary of the era', memBytes: GiB, paging: 'two-level', swiotlb: 'off'},
	pae: {
		about: '6 GiB with PAE: what a device of 32 bits cannot reach bounces (swiotlb)',
		memBytes: 6 * GiB,
		paging: 'pae',
		swiotlb: 'on',
	},
};

/** A machine that can be built: every choice made. */
export type LabMachine = {
	readonly preset: string;
	readonly hardware: HardwareConfig;
	readonly kernel: KernelConfig;
	/** At first. */
	readonly load: MachineLoad;
	readonly pace: Pace;
};

/** @throws LabError EINVAL with what would be right */
export function chooseMachine(options: LabOptions): LabMachine {
	const name = options.preset ?? usualPreset;
	const preset = presets[name];
	if (!Object.hasOwn(presets, name) || !preset)
		throw new LabError('EINVAL', `machine must be one of ${Object.keys(presets).join(', ')}, got "${name}"`);
	const era = chooseEra(options.era);
	const memBytes = options.memBytes ?? preset.memBytes;
	const paging = options.pae === undefined ? preset.paging : options.pae ? 'pae' : 'two-level';
	checkMemory(memBytes, paging);
	const highmemBytes = options.highmemBytes ?? (options.memBytes === undefined ? preset.highmemBytes : undefined);
	if (highmemBytes !== undefined) checkHighmem(highmemBytes, memBytes);
	const cpus = options.cpus ?? 2;
	if (!Number.isInteger(cpus) || cpus < 1 || cpus > 8) throw new LabError('EINVAL', `cpus must be 1..8, got "${cpus}"`);
	const seed = options.seed ?? 1;
	if (!Number.isInteger(seed) || seed < 0 || seed > 0xffff_ffff)
		throw new LabError('EINVAL', `seed must be 0..4294967295, got "${seed}"`);
	return {
		preset: name,
		load: options.load ?? 'calm',
		pace: options.pace ?? 'fast',
		hardware: {
			memBytes,
			cpus,
			seed,
			paging,
			firmwareMap: firmwareMap(memBytes),
			...(preset.iommuPages === undefined ? {} : {iommuPages: preset.iommuPages}),
			...(preset.coherentCaches === undefined ? {} : {coherentCaches: preset.coherentCaches}),
		},
		kernel: {
			...LAB_CONFIG,
			era,
			swiotlb: preset.swiotlb,
			...(highmemBytes === undefined ? {} : {highmemBytes}),
		},
	};
}

function chooseEra(text: string | undefined): EraName {
	if (text === undefined) return 'ldd3';
	if (isEraName(text)) return text;
	throw new LabError('EINVAL', `era must be one of ${ERA_NAMES.join(', ')}, got "${text}"`);
}

function checkMemory(memBytes: number, paging: PagingMode): void {
	if (!Number.isInteger(memBytes) || memBytes % PAGE_SIZE !== 0)
		throw new LabError('EINVAL', `mem must be whole pages of 4096 bytes, as 128M, got ${countOf(memBytes, 'byte')}`);
	const mostBytes = (paging === 'pae' ? 16 : 4) * GiB;
	if (memBytes >= leastLowmemBytes && memBytes <= mostBytes) return;
	const range = paging === 'pae' ? '64M..16G' : '64M..4G, or up to 16G with --pae';
	throw new LabError('EINVAL', `mem must be ${range}, got ${countOf(memBytes, 'byte')}`);
}

function checkHighmem(highmemBytes: number, memBytes: number): void {
	if (!Number.isInteger(highmemBytes) || highmemBytes < 0 || highmemBytes % PAGE_SIZE !== 0)
		throw new LabError(
			'EINVAL',
			`highmem must be whole pages of 4096 bytes, as 64M, got ${countOf(highmemBytes, 'byte')}`,
		);
	if (memBytes - highmemBytes < leastLowmemBytes) {
		const most = Math.max(0, memBytes - leastLowmemBytes) / MiB;
		throw new LabError(
			'EINVAL',
			`highmem must leave 64M of low memory: at most ${Math.floor(most)}M of ${memBytes / MiB}M, got ` +
				`${highmemBytes / MiB}M`,
		);
	}
}

/** What the BIOS of a PC reports: the hole from 640 KiB to 1 MiB is not RAM. */
function firmwareMap(memBytes: number): readonly FirmwareRange[] {
	const range = (start: number, end: number, usable: boolean): FirmwareRange => ({
		start: physicalAddress(start),
		end: physicalAddress(end),
		usable,
	});
	return [
		range(0, 0x9_fc00, true),
		range(0x9_fc00, 0xa_0000, false),
		range(0xf_0000, 0x10_0000, false),
		...ramBanks(memBytes).map(({start, end}) => range(Math.max(0x10_0000, start), end, true)),
	];
}
