/** The meters of the status line and of the panes. They go on while their pane is hidden: then with a gap. */

import {parseAio} from '../../formats/debugfs/aio.ts';
import {parseDmaApiDump} from '../../formats/debugfs/dmaApiDump.ts';
import {parseBuddyinfo} from '../../formats/proc/buddyinfo.ts';
import {parseVmstat} from '../../formats/proc/vmstat.ts';
import {type Meter, measureLevel, measureRate, withGap} from '../../model/meter.ts';
import type {Moment} from '../../model/moment.ts';
import {path} from '../../model/paths.ts';
import {recordIn, type SampledTree} from '../../model/tree.ts';
import {freePagesOf, zoneId} from '../../model/zones.ts';
import type {Picture} from './picture.ts';

/** Of a zone by its id, its least free pages; of the others see `measure`. */
type MeterName = 'faults' | 'allocations' | 'requests' | 'dmaBytes' | `free ${string}`;

export type Meters = Readonly<Partial<Record<MeterName, Meter>>>;

/** Frames that the allocator gave out since boot, in all zones. */
function allocated(counters: Readonly<Record<string, number>>): number | undefined {
	const zones = Object.keys(counters).filter(name => name.startsWith('pgalloc_'));
	return zones.length === 0 ? undefined : zones.reduce((sum, name) => sum + counters[name]!, 0);
}

const namesOf = (meters: Meters): readonly MeterName[] => Object.keys(meters) as MeterName[];

/** Nobody looks: a gap is shown as a gap. */
export const withGaps = (meters: Meters): Meters =>
	Object.fromEntries(namesOf(meters).map(name => [name, withGap(meters[name]!)]));

/**
 * With the readings of a sample taken at `at`: page faults and frames allocated by the second, requests under way,
 * bytes that devices reach, and free pages.
 *
 * @param hasMoved whether the machine has since the sample before: only then is there something that nobody saw of a
 * file that the sample does not hold
 * @returns the same object as long as it says the same
 */
function measure(older: Meters, tree: SampledTree, at: Moment, hasMoved: boolean): Meters {
	const counters = recordIn(tree, path.vmstat, parseVmstat)?.counters ?? {};
	const kiocbs = recordIn(tree, path.aio, parseAio)?.kiocbs;
	const mappings = recordIn(tree, path.dmaDump, parseDmaApiDump)?.mappings;
	const zones = recordIn(tree, path.buddyinfo, parseBuddyinfo)?.zones ?? [];
	const rate = (name: MeterName, count: number | undefined): Meters =>
		count === undefined ? {} : {[name]: measureRate(older[name], at, count)};
	const most = (name: MeterName, level: number | undefined): Meters =>
		level === undefined ? {} : {[name]: measureLevel(older[name], at, level)};
	const least = (name: MeterName, level: number): Meters => ({[name]: measureLevel(older[name], at, level, Math.min)});
	const newer: Meters = Object.assign(
		hasMoved ? withGaps(older) : {...older},
		rate('faults', counters.pgfault),
		rate('allocations', allocated(counters)),
		most('requests', kiocbs?.length),
		most(
			'dmaBytes',
			mappings?.reduce((sum, {lengthBytes}) => sum + lengthBytes, 0),
		),
		...zones.map(zone => least(`free ${zoneId(zone)}`, freePagesOf(zone.freeBlocks))),
	);
	return namesOf(newer).every(name => newer[name] === older[name]) ? older : newer;
}

/** What happened between two samples with a freeze between them is not what happened in the time of one column. */
export function metersAfter(meters: Meters, before: Picture, now: Picture): Meters {
	const moved = now.seq !== before.seq || now.at.timeNs !== before.at.timeNs;
	const isGap = moved && before.looksAway && !before.frozen;
	return measure(isGap ? withGaps(meters) : meters, now.tree, now.at, moved);
}
