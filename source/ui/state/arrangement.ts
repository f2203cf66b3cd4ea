/** Which panes are looked at, and where in each. */

import {type LayoutChoice, layoutOf, offeredOf} from './layout.ts';
import {initialView, type ListView} from './list.ts';
import {forEachPane, type PaneId, paneIds} from './panes.ts';
import type {State} from './state.ts';

export type Arrangement = LayoutChoice & {
	/** The story that the banner has its room for. */
	readonly bannerStory: number | undefined;
	/** Rows of the banner that a class has, above the story's. */
	readonly classRows: number;
	readonly views: Readonly<Record<PaneId, ListView>>;
};

export const initialArrangement = (columns: number, rows: number): Arrangement => ({
	columns,
	rows,
	focus: 'maps',
	companion: 'trace',
	zoomed: false,
	bannerRows: 0,
	classRows: 0,
	bannerStory: undefined,
	views: forEachPane(initialView),
});

export const withView = (state: State, id: PaneId, change: Partial<ListView>): State => ({
	...state,
	views: {...state.views, [id]: {...state.views[id], ...change}},
});

/** A pane and a frame that somebody looked at. */
export type VisitedPlace = {readonly focus: PaneId; readonly pfn: number | undefined};

const mostVisited = 50;

const placeOf = ({focus, following: {pfn}}: State): VisitedPlace => ({focus, pfn});

/** Remembers where one is, before going elsewhere. */
export const visit = (state: State): State => ({
	...state,
	visited: [...state.visited, placeOf(state)].slice(-mostVisited),
});

/** Gives a pane the keys, without a way back. */
export const withFocus = (state: State, id: PaneId): State =>
	id === state.focus ? state : {...state, focus: id, companion: state.focus};

export const focusOn = (state: State, id: PaneId): State => (id === state.focus ? state : withFocus(visit(state), id));

/** The next pane that the target has something for. */
export function cycle(state: State, step: number): State {
	const offered = offeredOf(paneIds, state);
	return focusOn(state, offered[(offered.indexOf(state.focus) + step + offered.length) % offered.length]!);
}

/** The last place that is another one; undefined where there is none. */
export function wentBack(state: State): State | undefined {
	const here = placeOf(state);
	const index = state.visited.findLastIndex(({focus, pfn}) => focus !== here.focus || pfn !== here.pfn);
	const before = state.visited[index];
	return (
		before && {
			...state,
			focus: before.focus,
			companion: state.focus,
			following: {...state.following, pfn: before.pfn, address: undefined},
			visited: state.visited.slice(0, index),
		}
	);
}

function placesOf(state: State): string {
	const layout = layoutOf(state);
	return layout.kind === 'panes' ? JSON.stringify(layout.panes) : '';
}

/** @returns undefined when nothing would look different */
export function withZoom(state: State): State | undefined {
	const next = {...state, zoomed: !state.zoomed};
	return placesOf(next) === placesOf(state) ? undefined : next;
}
