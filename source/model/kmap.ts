/** The kmap pane: the slots of kmap_atomic, CPU by CPU, and the table of kmap. */

import type {KmapAtomic, KmapAtomicSlot} from '../formats/debugfs/kmapAtomic.ts';
import type {Pkmap} from '../formats/debugfs/pkmap.ts';
import {diffRows, type Fate, type RowRules} from './diff.ts';
import type {Culprits} from './injections.ts';
import type {MarkKind, Moment, Row} from './moment.ts';
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

function slotKind(slot: KmapAtomicSlot, known: SlotRow | undefined): MarkKind | undefined {
	if (!known) return undefined;
	const {used, pfn} = known.slot;
	if (slot.pfn !== null && pfn === null) return 'new';
	return slot.used !== used || slot.pfn !== pfn ? 'changed' : undefined;
}

function slotRow(slot: KmapAtomicSlot, {id, known, mark}: Fate<SlotRow>): SlotRow {
	const uses = known ? slot.used - known.slot.used : 0;
	const usesSince = uses > 0 ? uses : mark && known ? known.usesSince : 0;
	return {id, slot, pfn: slot.pfn ?? slot.lastPfn ?? undefined, mark, usesSince};
}

const slotRules = ({byPid}: Culprits): RowRules<KmapAtomicSlot, SlotRow> => ({
	idOf: ({cpu, slot}) => `cpu${cpu} slot ${slot}`,
	kindOf: slotKind,
	culpritOf: ({holder, lastHolder}) => byPid.get((holder ?? lastHolder)?.pid ?? Number.NaN),
	isSame: (row, slot) => row.slot === slot,
	rowOf: slotRow,
});

export function kmapModel(
	atomic: KmapAtomic,
	pkmap: Pkmap | undefined,
	older: KmapModel | undefined,
	at: Moment,
	culprits: Culprits,
): KmapModel {
	const isMarked = older?.cpus.some(({slots}) => slots.some(({mark}) => mark));
	if (older && older.atomic === atomic && older.pkmap === pkmap && !isMarked) return older;
	const rules = slotRules(culprits);
	const cpus = atomic.cpus.map(({cpu, depth, deepest, slots}) => {
		const before = older?.cpus.find(each => each.cpu === cpu)?.slots;
		return {cpu, depth, deepest, slots: diffRows(slots, before, at, rules)};
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
}
