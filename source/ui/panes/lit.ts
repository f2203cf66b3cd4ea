/**
 * What lights up in every pane: the frames behind what is selected in one of them, behind the cursor of the frame map,
 * and the followed frame; with the user addresses that reach the first of these.
 */

import {parsePageInfo} from '../../formats/debugfs/page.ts';
import {type SpaceAddress, userPlace} from '../../formats/debugfs/translate.ts';
import {parseVmaFrames} from '../../formats/debugfs/vmaFrames.ts';
import {path} from '../../model/paths.ts';
import {recordIn} from '../../model/tree.ts';
import {isFollowing} from '../state/following.ts';
import type {AddressRange} from '../state/frames.ts';
import {type Lit, nothingLit, oneFrame, type Run} from '../state/lit.ts';
import {modelIn, type PaneId, paneIds} from '../state/panes.ts';
import {perMonitor} from '../state/perMonitor.ts';
import type {State} from '../state/state.ts';
import {paneOf} from './table.ts';

const isSource = (id: PaneId): boolean => paneOf(id).frames !== undefined || paneOf(id).area !== undefined;

/** The pane whose selection counts: the one in focus, else the one looked at before it, else any. */
const sourceOf = ({focus, companion, views}: State): PaneId | undefined =>
	[focus, companion, ...paneIds].find(id => isSource(id) && views[id].selected !== undefined);

function areaOf<Id extends PaneId>(state: State, id: Id): AddressRange | undefined {
	const model = modelIn(state, id);
	return model && paneOf(id).area?.(model, state.views[id].selected!);
}

function framesOf<Id extends PaneId>(state: State, id: Id): readonly Run[] {
	const model = modelIn(state, id);
	return (model && paneOf(id).frames?.(model, state.views[id].selected!)) ?? [];
}

/** The part of an address space that is asked for by word, or selected. */
function litArea(state: State): AddressRange | undefined {
	const source = sourceOf(state);
	return state.frames.marked ?? (source && areaOf(state, source));
}

/**
 * The first address of a selected area that no page frame is behind: nothing of it was touched yet, or the kernel maps
 * device memory there.
 */
function untouchedPlace(state: State): SpaceAddress | undefined {
	const source = sourceOf(state);
	const area = state.frames.marked ? undefined : source && areaOf(state, source);
	if (!area) return undefined;
	const record = recordIn(state.picture.tree, path.vmaFrames(area.pid, area.start, area.end), parseVmaFrames);
	return record?.runs.length === 0 ? userPlace(area.pid, area.start) : undefined;
}

function selectedRuns(state: State): readonly Run[] {
	const area = litArea(state);
	const source = sourceOf(state);
	if (!area) return source ? framesOf(state, source) : [];
	const record = recordIn(state.picture.tree, path.vmaFrames(area.pid, area.start, area.end), parseVmaFrames);
	return record ? record.runs.map(({run}) => run) : [];
}

function pointedRuns<Id extends PaneId>(state: State, id: Id): readonly Run[] {
	const pane = paneOf(id);
	const model = modelIn(state, id);
	const pfn = pane.pointer?.(state);
	return model && pfn !== undefined && pane.pointed ? [pane.pointed(model, pfn)] : [];
}

function runsOf(state: State): readonly Run[] {
	const {pfn} = state.following;
	const pointed = pointedRuns(state, state.focus);
	return [...(pfn === undefined ? [] : [oneFrame(pfn)]), ...(pointed.length > 0 ? pointed : selectedRuns(state))];
}

/** The newest frame that the story in the banner touched: pane 8 shows it where nothing is selected. */
function storyFrame({injections: {story, culprits}}: State): number | undefined {
	if (story === undefined) return undefined;
	return [...culprits.byPfn].findLast(([, injection]) => injection === story)?.[0];
}

const isSame = (a: Lit, b: Lit): boolean =>
	a.pfn === b.pfn &&
	a.mappers === b.mappers &&
	a.untouched?.owner === b.untouched?.owner &&
	a.untouched?.address === b.untouched?.address &&
	a.runs.length === b.runs.length &&
	a.runs.every((run, index) => run.pfn === b.runs[index]?.pfn && run.frames === b.runs[index]?.frames);

const lastOf = perMonitor(() => ({state: undefined as State | undefined, lit: nothingLit}));

/** The same object as long as it says the same, so that panes are not drawn again for nothing. */
export function litOf(state: State): Lit {
	const last = lastOf(state);
	if (state !== last.state) {
		last.state = state;
		const runs = runsOf(state);
		const {following} = state;
		const untouched = untouchedPlace(state);
		const selected = paneOf(state.focus).pointer?.(state) ?? runs[0]?.pfn;
		const told = untouched ? undefined : storyFrame(state);
		const pfn = isFollowing(following) ? following.pfn : (selected ?? told);
		const info = pfn === undefined ? undefined : recordIn(state.picture.tree, path.page(pfn), parsePageInfo);
		const next: Lit = {pfn, runs, mappers: info?.mappers ?? nothingLit.mappers, untouched};
		last.lit = isSame(next, last.lit) ? last.lit : next;
	}
	return last.lit;
}

/** Files that tell what lights up. */
export function litPaths(state: State): readonly string[] {
	const area = litArea(state);
	const source = sourceOf(state);
	const {pfn} = litOf(state);
	return [
		...paneIds.flatMap(id => paneOf(id).litPaths?.(state, source === id, pfn) ?? []),
		...(state.following.address ? [path.translate(state.following.address)] : []),
		...(area ? [path.vmaFrames(area.pid, area.start, area.end)] : []),
		...(pfn === undefined ? [] : [path.page(pfn)]),
	];
}
