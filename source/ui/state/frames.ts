/** What somebody looks at in the map of frames. Its moves are in panes/framesCursor.ts. */

import type {MachineRecord} from '../../formats/debugfs/lab/machine.ts';
import {parsePageMap} from '../../formats/debugfs/pageMap.ts';
import {path} from '../../model/paths.ts';
import {recordIn, type SampledTree} from '../../model/tree.ts';
import type {MemoryZone} from './frameWindow.ts';

/** A part of an address space, in bytes. */
export type AddressRange = {readonly pid: number; readonly start: number; readonly end: number};

export type FramesView = {
	readonly zones: readonly MemoryZone[];
	/** Frames a cell that somebody chose; undefined for what fits. */
	readonly perCell: number | undefined;
	readonly cursorPfn: number | undefined;
	/** Kinds of frame that alone are shown; undefined for all. */
	readonly onlyLetters: string | undefined;
	/** A part of an address space whose frames somebody asked for. */
	readonly marked: AddressRange | undefined;
};

export const initialFrames: FramesView = {
	zones: [],
	perCell: undefined,
	cursorPfn: undefined,
	onlyLetters: undefined,
	marked: undefined,
};

/** Zones do not change while a machine runs. @param isAnother whether it started over */
export function withZones(
	frames: FramesView,
	tree: SampledTree,
	machine: MachineRecord | undefined,
	isAnother: boolean,
): FramesView {
	if (frames.zones.length > 0 && !isAnother) return frames;
	const found = machine?.zones ?? recordIn(tree, path.pageMap, parsePageMap)?.zones ?? [];
	return {...frames, zones: found.map(({startPfn, frames: count}) => ({startPfn, frames: count}))};
}

export const withoutMarks = (frames: FramesView): FramesView => ({
	...frames,
	marked: undefined,
	onlyLetters: undefined,
});
