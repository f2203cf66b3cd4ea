/** /sys/kernel/debug/lab/machine (ours): what the simulated machine is made of. Lines `key: value`. */

import {addressCell, decimal, name, oneOf, optional, pfnCell, sentence, toggle} from '../../cells.ts';
import {document, many, maybe, one, pairs} from '../../table.ts';
import {joinLines, Lines} from '../../text.ts';

type MachineZone = {readonly name: string; readonly startPfn: number; readonly frames: number};

/** A part of the kernel's address space: lowmem, vmalloc, pkmap, fixmap. */
type MachineRange = {
	readonly name: string;
	readonly start: number;
	/** First address behind the range, which may be 4 GiB. */
	readonly end: number;
};

type MachineDevice = {
	/** Where the bus has it: `0000:00:1d.7`, or `isa`. */
	readonly address: string;
	readonly name: string;
	readonly driver: string | null;
};

export type MachineRecord = {
	/** Of the simulator. */
	readonly version: string;
	readonly preset: string;
	/** The kernel whose behaviour is simulated: `ldd3`, `2.6.32`, …, `6.18`. */
	readonly era: string;
	/** What the era is a mixture of, in a sentence; null where it is one kernel. */
	readonly composite: string | null;
	readonly seed: number;
	readonly cpus: number;
	readonly ramBytes: number;
	readonly highmemBytes: number;
	readonly pae: boolean;
	readonly swiotlb: 'off' | 'auto' | 'force';
	readonly iommu: boolean;
	/** Whether devices and CPU caches see the same bytes without help. */
	readonly coherentCaches: boolean;
	readonly zones: readonly MachineZone[];
	readonly ranges: readonly MachineRange[];
	readonly devices: readonly MachineDevice[];
};

const machine = document<MachineRecord>({
	version: one('version', name),
	preset: one('preset', name),
	era: one('era', name),
	composite: maybe('composite', sentence),
	seed: one('seed', decimal),
	cpus: one('cpus', decimal),
	ramBytes: one('ram_bytes', decimal),
	highmemBytes: one('highmem_bytes', decimal),
	pae: one('pae', toggle),
	swiotlb: one('swiotlb', oneOf('off', 'auto', 'force')),
	iommu: one('iommu', toggle),
	coherentCaches: one('coherent_caches', toggle),
	zones: many(
		'zone',
		pairs<MachineZone>({name: ['name', name], startPfn: ['start', pfnCell], frames: ['frames', decimal]}),
	),
	ranges: many(
		'range',
		pairs<MachineRange>({name: ['name', name], start: ['start', addressCell], end: ['end', addressCell]}),
	),
	devices: many(
		'device',
		pairs<MachineDevice>({address: ['address', name], name: ['name', name], driver: ['driver', optional(name)]}),
	),
});

export function formatMachine(record: MachineRecord): string {
	return joinLines(machine.write(record));
}

/** @throws FormatError */
export function parseMachine(text: string): MachineRecord {
	return machine.read(new Lines('lab/machine', text));
}
