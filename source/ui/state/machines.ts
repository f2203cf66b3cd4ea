/** Machines that one monitor program has open: one is in front; of those behind, one's own stand still. */

import type {MachineKind} from '../../model/fit.ts';

/** One of them, as far as the list says it. */
export type MachineEntry = {
	readonly name: string;
	/** Preset, era and time, in words, as it was left. */
	readonly says: string;
	/** Whether it can be ended here: it was opened here. */
	readonly mayEnd: boolean;
};

export type Machines = {
	/** In the order in which they were opened; empty where no other can be opened. */
	readonly all: readonly MachineEntry[];
	/** Index of the one that this state is of. */
	readonly here: number;
	/** Index of the one that was in front before. */
	readonly before: number | undefined;
};

export const noMachines: Machines = {all: [], here: 0, before: undefined};

/** What is to happen to the machines. */
export type MachineRequest =
	/** @param text what is injected there, `name key=value …` */
	| {readonly kind: 'open'; readonly fitting: MachineKind; readonly text: string}
	| {readonly kind: 'go'; readonly index: number}
	| {readonly kind: 'end'; readonly index: number}
	/** To the wall of the class. */
	| {readonly kind: 'wall'}
	/** Everybody's monitor is to follow this one, or no longer. */
	| {readonly kind: 'lead'};
