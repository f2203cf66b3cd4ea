/**
 * What lights up in every pane: the frames behind what is selected in one of them, behind the cursor of the frame map,
 * and the followed frame; with the user addresses that reach the first of these.
 */

import {type PageInfo, parsePageInfo} from '../../formats/debugfs/page.ts';
import {parseVmaFrames} from '../../formats/debugfs/vmaFrames.ts';
import type {DmaModel, MappingRow} from '../../model/dma.ts';
import {cellAt} from '../../model/frameCells.ts';
import type {FramesModel} from '../../model/frames.ts';
import type {IocbsModel} from '../../model/iocbs.ts';
import type {KmapModel} from '../../model/kmap.ts';
import type {MapsModel} from '../../model/maps.ts';
import {path} from '../../model/paths.ts';
import {recordIn} from '../../model/tree.ts';
import type {PaneId} from './layout.ts';
import type {State} from './state.ts';

const pageBytes = 4096;

/** A run of frames: the first, and how many. */
export type Run = {readonly pfn: number; readonly frames: number};

export type Lit = {
	readonly runs: readonly Run[];
	/** User addresses of the first frame. */
	readonly mappers: PageInfo['mappers'];
};

export const nothingLit: Lit = {runs: [], mappers: []};

export const touches = (runs: readonly Run[], {pfn, frames}: Run): boolean =>
	runs.some(run => run.pfn < pfn + frames && pfn < run.pfn + run.frames);

/** The frames that a mapping covers. */
export const mappingRun = ({mapping: {physicalAddress, lengthBytes}}: MappingRow): Run => {
	const pfn = Math.floor(physicalAddress / pageBytes);
	return {pfn, frames: Math.floor((physicalAddress + Math.max(1, lengthBytes) - 1) / pageBytes) - pfn + 1};
};

/** Panes whose rows have frames behind them. */
const sources: readonly PaneId[] = ['maps', 'kmap', 'dma', 'iocbs'];

/** The pane whose selection counts: the one in focus, else the one looked at before it, else any. */
const sourceOf = ({focus, companion, views}: State): PaneId | undefined =>
	[focus, companion, ...sources].find(id => sources.includes(id) && views[id].selected !== undefined);

/** The part of an address space that is asked for by word, or selected in maps. */
const litArea = (state: State): State['markedArea'] => {
	if (state.markedArea || sourceOf(state) !== 'maps' || state.models.maps.state !== 'ready') {
		return state.markedArea;
	}
	const {pid, rows} = state.models.maps.model as MapsModel;
	const row = rows.find(({id}) => id === state.views.maps.selected);
	return row && {pid, start: row.area.start, end: row.area.end};
};

const areaRuns = (state: State): readonly Run[] => {
	const area = litArea(state);
	const record = area && recordIn(state.tree, path.vmaFrames(area.pid, area.start, area.end), parseVmaFrames);
	return record ? record.runs.map(({run}) => run) : [];
};

const selectedRuns = (state: State): readonly Run[] => {
	const source = sourceOf(state);
	if (state.markedArea || source === undefined || source === 'maps') {
		return areaRuns(state);
	}
	const loaded = state.models[source];
	const {selected} = state.views[source];
	if (loaded.state !== 'ready') {
		return [];
	}
	switch (source) {
		case 'dma': {
			const {pools, mappings} = loaded.model as DmaModel;
			return [
				...pools.filter(({id}) => id === selected).flatMap(({frames}) => frames),
				...mappings.filter(({id}) => id === selected).map(mappingRun),
			];
		}
		case 'iocbs':
			return (loaded.model as IocbsModel).rows
				.filter(({id}) => id === selected)
				.flatMap(({kiocb}) => kiocb.pinned.map(({pfn}) => ({pfn, frames: 1})));
		default:
			return (loaded.model as KmapModel).cpus
				.flatMap(({slots}) => slots)
				.flatMap(({id, pfn}) => (id === selected && pfn !== undefined ? [{pfn, frames: 1}] : []));
	}
};

const cursorRuns = ({focus, cursorPfn, models: {frames}}: State): readonly Run[] => {
	if (focus !== 'frames' || cursorPfn === undefined || frames.state !== 'ready') {
		return [];
	}
	// A map that was read before the cursor left it has no cell there.
	const {pfn, frames: inCell} = cellAt(frames.model as FramesModel, cursorPfn) ?? {pfn: cursorPfn, frames: 1};
	return [{pfn, frames: inCell}];
};

const runsOf = (state: State): readonly Run[] => {
	const followed = state.followedPfn === undefined ? [] : [{pfn: state.followedPfn, frames: 1}];
	const cursor = cursorRuns(state);
	return [...followed, ...(cursor.length > 0 ? cursor : selectedRuns(state))];
};

/** The frame that pane 8 shows: the followed one, else the first of what is selected. */
export const shownPfn = (state: State): number | undefined =>
	state.followedPfn ?? (state.focus === 'frames' ? state.cursorPfn : undefined) ?? runsOf(state)[0]?.pfn;

/** Is a row of the dma pane selected that may be a pool, or one of pools to be lit by what is selected elsewhere? */
const needsPools = (state: State, pfn: number | undefined): boolean =>
	sourceOf(state) === 'dma' || (pfn !== undefined && state.sampledPanes.includes('dma'));

/** Files that tell what lights up. */
export const litPaths = (state: State): readonly string[] => {
	const area = litArea(state);
	const pfn = shownPfn(state);
	return [
		...(needsPools(state, pfn) ? [path.dmaPools] : []),
		...(area ? [path.vmaFrames(area.pid, area.start, area.end)] : []),
		...(pfn === undefined ? [] : [path.page(pfn)]),
	];
};

const isSame = (a: Lit, b: Lit): boolean =>
	a.mappers === b.mappers &&
	a.runs.length === b.runs.length &&
	a.runs.every((run, index) => run.pfn === b.runs[index]?.pfn && run.frames === b.runs[index]?.frames);

let lastState: State | undefined;
let last: Lit = nothingLit;

/** The same object as long as it says the same, so that panes are not drawn again for nothing. */
export const litOf = (state: State): Lit => {
	if (state !== lastState) {
		lastState = state;
		const pfn = shownPfn(state);
		const mappers = pfn === undefined ? undefined : recordIn(state.tree, path.page(pfn), parsePageInfo)?.mappers;
		const next: Lit = {runs: runsOf(state), mappers: mappers ?? nothingLit.mappers};
		last = isSame(next, last) ? last : next;
	}
	return last;
};
