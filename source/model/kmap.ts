/** The kmap pane: the slots of kmap_atomic, CPU by CPU, and the table of kmap. */

import type {KmapAtomic, KmapAtomicSlot} from '../formats/debugfs/kmapAtomic.ts';
import type {Pkmap} from '../formats/debugfs/pkmap.ts';
import type {Culprits} from './injections.ts';
import {lingering, type Mark, type Moment, markOf, type Row} from './moment.ts';
import {addReading, ratePerSecond, type Series} from './rate.ts';

export type SlotRow = Row & {
	readonly slot: KmapAtomicSlot;
	/** Times that it was taken between the two samples of the mark. */
	readonly usesSince: number;
};

export type KmapCpu = {
	readonly cpu: number;
	readonly depth: number;
	readonly deepest: number;
	readonly slots: readonly SlotRow[];
};

export type KmapModel = {
	readonly atomic: KmapAtomic;
	readonly pkmap: Pkmap | undefined;
	readonly cpus: readonly KmapCpu[];
	/** Slots held now, and slots whose use is still marked, held ones first. */
	readonly busy: readonly SlotRow[];
	readonly usedPerSecond: number | undefined;
	readonly used: number;
	/** pkmap_count above 1: somebody holds a kmap. */
	readonly pkmapUsed: number;
	/** pkmap_count of 1: mapped, unused until the next flush. */
	readonly pkmapStale: number;
	readonly series: Series;
};

const slotMark = (slot: KmapAtomicSlot, older: SlotRow, at: Moment, culprits: Culprits): Mark | undefined => {
	const task = slot.holder ?? slot.lastHolder;
	const injection = task ? culprits.byPid.get(task.pid) : undefined;
	if (slot.pfn !== null && older.slot.pfn === null) {
		return markOf('new', at, injection);
	}
	if (slot.used !== older.slot.used || slot.pfn !== older.slot.pfn) {
		return markOf('changed', at, injection);
	}
	return lingering(older.mark, at);
};

const slotRow = (slot: KmapAtomicSlot, older: SlotRow | undefined, at: Moment, culprits: Culprits): SlotRow => {
	if (older?.slot === slot && !older.mark) {
		return older;
	}
	const id = `cpu${slot.cpu} slot ${slot.slot}`;
	const pfn = slot.pfn ?? slot.lastPfn ?? undefined;
	if (!older) {
		return {id, slot, pfn, mark: undefined, usesSince: 0};
	}
	const mark = slotMark(slot, older, at, culprits);
	const uses = slot.used - older.slot.used;
	return {id, slot, pfn, mark, usesSince: uses > 0 ? uses : mark ? older.usesSince : 0};
};

export const kmapModel = (
	atomic: KmapAtomic,
	pkmap: Pkmap | undefined,
	older: KmapModel | undefined,
	at: Moment,
	culprits: Culprits,
): KmapModel => {
	const isMarked = older?.cpus.some(({slots}) => slots.some(({mark}) => mark));
	if (older && older.atomic === atomic && older.pkmap === pkmap && !isMarked) {
		return older;
	}
	const cpus = atomic.cpus.map(({cpu, depth, deepest, slots}) => {
		const before = older?.cpus.find(each => each.cpu === cpu)?.slots ?? [];
		return {
			cpu,
			depth,
			deepest,
			slots: slots.map((slot, index) => {
				// The file has every slot, in order.
				const known = before[index]?.slot.slot === slot.slot ? before[index] : undefined;
				return slotRow(slot, known, at, culprits);
			}),
		};
	});
	const rows = cpus.flatMap(({slots}) => slots);
	const held = rows.filter(({slot}) => slot.pfn !== null);
	const used = rows.reduce((sum, {slot}) => sum + slot.used, 0);
	const series = addReading(older?.series ?? [], at.timeNs, used);
	return {
		atomic,
		pkmap,
		cpus,
		busy: [...held, ...rows.filter(({slot, mark}) => slot.pfn === null && mark)],
		usedPerSecond: ratePerSecond(series),
		used,
		pkmapUsed: pkmap?.entries.filter(({pkmapCount}) => pkmapCount > 1).length ?? 0,
		pkmapStale: pkmap?.entries.filter(({pkmapCount}) => pkmapCount === 1).length ?? 0,
		series,
	};
};
