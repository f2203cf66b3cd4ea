/** The frames pane: the page-frame map, with the time at which each cell changed last. */

import type {PageMap, PageMapLetter, PageMapZone} from '../formats/debugfs/pageMap.ts';
import {type Zoneinfo, zoneName} from '../formats/proc/zoneinfo.ts';
import {cellOf} from './frameCells.ts';
import type {Culprits} from './injections.ts';
import {lingerMs, type Moment} from './moment.ts';

/** How much of a zone is free, in pages, and the watermarks that this is held against. */
type ZoneStand = {
	readonly free: number;
	readonly min: number;
	readonly low: number;
	readonly high: number;
	readonly present: number;
};

export type FramesZone = PageMapZone & {
	/** Of the whole zone, from zoneinfo; undefined where the target has no such file. */
	readonly stand: ZoneStand | undefined;
	/**
	 * `movedMs` at which each cell took its letter, or became more or less full; negative infinity for before we looked.
	 */
	readonly changedMs: Float64Array;
	/** Injection that each cell's change belongs to, 0 for none. */
	readonly injections: Uint32Array;
};

export type FramesModel = {
	readonly source: PageMap;
	readonly zoneinfo: Zoneinfo | undefined;
	readonly framesPerCell: number;
	readonly zones: readonly FramesZone[];
	readonly legend: readonly {
		readonly letter: PageMapLetter;
		readonly meaning: string;
		readonly frames: number;
		/** Against the sample before. */
		readonly change: number;
	}[];
	/** The moment up to which `changedMs` is to be read. */
	readonly at: Moment;
};

const isMarked = (zone: FramesZone, at: Moment): boolean =>
	zone.changedMs.some(changed => at.movedMs - changed < lingerMs);

function culpritsOfCells(zone: PageMapZone, framesPerCell: number, {byPfn}: Culprits): Map<number, number> {
	const cells = new Map<number, number>();
	for (const [pfn, injection] of byPfn) {
		const cell = cellOf(zone, framesPerCell, pfn);
		if (cell >= 0) {
			cells.set(cell, injection);
		}
	}
	return cells;
}

function standOf(zone: string, zoneinfo: Zoneinfo | undefined): ZoneStand | undefined {
	const pages = zoneinfo?.zones.find(each => zoneName(each) === zone)?.pages;
	const {free, min, low, high, present} = pages ?? {};
	const isKnown =
		free !== undefined && min !== undefined && low !== undefined && high !== undefined && present !== undefined;
	return isKnown ? {free, min, low, high, present} : undefined;
}

function zoneModel(
	zone: PageMapZone,
	stand: ZoneStand | undefined,
	older: FramesZone | undefined,
	framesPerCell: number,
	at: Moment,
	culprits: Culprits,
): FramesZone {
	const count = zone.cells.length;
	if (!older) {
		return {
			...zone,
			stand,
			changedMs: new Float64Array(count).fill(Number.NEGATIVE_INFINITY),
			injections: new Uint32Array(count),
		};
	}
	if (older.cells === zone.cells && older.shares === zone.shares) return {...older, stand};
	const changedMs = older.changedMs.slice();
	const injections = older.injections.slice();
	const touched = culpritsOfCells(zone, framesPerCell, culprits);
	for (let cell = 0; cell < count; cell++) {
		if (zone.cells[cell] !== older.cells[cell] || zone.shares[cell] !== older.shares[cell]) {
			changedMs[cell] = at.movedMs;
			injections[cell] = touched.get(cell) ?? 0;
		}
	}
	return {...zone, stand, changedMs, injections};
}

export function framesModel(
	source: PageMap,
	zoneinfo: Zoneinfo | undefined,
	older: FramesModel | undefined,
	at: Moment,
	culprits: Culprits,
): FramesModel {
	if (older?.source === source && older.zoneinfo === zoneinfo) {
		const wasMarked = older.zones.some(zone => isMarked(zone, older.at));
		return wasMarked ? {...older, at} : older;
	}
	const isComparable = older?.framesPerCell === source.framesPerCell && older.source.letters === source.letters;
	const comparable = isComparable ? older : undefined;
	const zones = source.zones.map(zone => {
		const before = comparable?.zones.find(
			candidate =>
				candidate.name === zone.name && candidate.startPfn === zone.startPfn && candidate.frames === zone.frames,
		);
		return zoneModel(zone, standOf(zone.name, zoneinfo), before, source.framesPerCell, at, culprits);
	});
	const counts = new Map(comparable?.legend.map(({letter, frames}) => [letter, frames]));
	return {
		source,
		zoneinfo,
		framesPerCell: source.framesPerCell,
		zones,
		legend: source.legend.map(entry => ({...entry, change: entry.frames - (counts.get(entry.letter) ?? entry.frames)})),
		at,
	};
}
