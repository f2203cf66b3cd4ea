/**
 * What a trace record touched, so that a change that is seen can be asked what made it. Ours: Linux's tracepoints name
 * their objects in text.
 */
import {PAGE_SIZE} from '../hardware/address.ts';
import type {mm_struct} from './mm/mm_types.ts';

/** A part of a space of addresses; `end` exclusive. */
export type Range = {readonly start: number; readonly end: number};

export type Touched = {
	/** Page frames: a run, or some. */
	readonly frames?: Range | readonly number[];
	/** Areas of one address space. */
	readonly owner?: mm_struct['owner'];
	readonly areas?: readonly Range[];
	/** A device, and what of it: bus addresses that it may use, or a pool. */
	readonly device?: string;
	readonly bus?: readonly Range[];
	readonly pool?: string;
	/** Number of a kiocb. */
	readonly iocb?: number;
	/** The time that a line of the log bears: what it costs to get there is not in it yet. */
	readonly loggedNs?: number;
	/** A slot of kmap_atomic, counted through all CPUs. */
	readonly slot?: number;
};

export const oneFrame = (pfn: number): Range => ({start: pfn, end: pfn + 1});

/** Frames that bytes from a physical address on lie in. */
const framesOf = (physical: number, sizeBytes: number): Range => ({
	start: Math.floor(physical / PAGE_SIZE),
	end: Math.floor((physical + Math.max(1, sizeBytes) - 1) / PAGE_SIZE) + 1,
});

/** A device may, or may no longer, use what lies at a bus address. @param physical where that is, if it is told */
export function touchesBus(device: string, start: number, sizeBytes: number, physical?: number): Touched {
	const bus = [{start, end: start + Math.max(1, sizeBytes)}];
	return physical === undefined ? {device, bus} : {device, bus, frames: framesOf(physical, sizeBytes)};
}
