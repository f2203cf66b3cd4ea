/** The meters of the status line, from files that every Linux has. */

import {parseVmstat} from '../formats/proc/vmstat.ts';
import {measureRate, withGap} from '../model/meter.ts';
import type {Moment} from '../model/moment.ts';
import {path} from '../model/paths.ts';
import {recordIn, type Tree} from '../model/tree.ts';
import type {Meters} from './state.ts';

/** Frames that the allocator gave out since boot, in all zones. */
const allocated = (counters: Readonly<Record<string, number>>): number | undefined => {
	const zones = Object.keys(counters).filter(name => name.startsWith('pgalloc_'));
	return zones.length === 0 ? undefined : zones.reduce((sum, name) => sum + counters[name]!, 0);
};

/** With the readings of a sample taken at `at`. */
export const measure = (older: Meters, tree: Tree, at: Moment): Meters => {
	const counters = recordIn(tree, path.vmstat, parseVmstat)?.counters ?? {};
	const faults = counters.pgfault;
	const allocations = allocated(counters);
	return {
		...(faults === undefined ? {} : {faults: measureRate(older.faults, at, faults)}),
		...(allocations === undefined ? {} : {allocations: measureRate(older.allocations, at, allocations)}),
	};
};

/** The target is away: a gap is shown as a gap. */
export const withGaps = ({faults, allocations}: Meters): Meters => ({
	...(faults && {faults: withGap(faults)}),
	...(allocations && {allocations: withGap(allocations)}),
});
