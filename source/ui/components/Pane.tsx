import {useMemo} from 'react';
import {filterContent} from '../filter.ts';
import type {AnyPane} from '../pane.ts';
import {paneLines} from '../paneLines.ts';
import {numberOf} from '../panes.ts';
import type {State} from '../state.ts';
import type {Rect} from '../surface.ts';
import {Lines} from './Lines.tsx';

/** A pane in its frame. What did not change is neither derived nor laid out again. */
export const Pane = ({pane, state, rect}: {readonly pane: AnyPane; readonly state: State; readonly rect: Rect}) => {
	const {columns, rows} = rect;
	const view = state.views[pane.id];
	const isFocused = state.focus === pane.id;
	const {followedPfn} = state;
	const room = {columns: columns - 2, rows: rows - 2};
	// biome-ignore lint/correctness/useExhaustiveDependencies: the definition names what its content reads of the state
	const content = useMemo(
		() => filterContent(pane.content(state, room), view.filter),
		[pane, columns, rows, view.filter, ...pane.inputs(state)],
	);
	const lines = useMemo(
		() =>
			paneLines(content, {
				title: `${numberOf(pane.id)} ${pane.name}`,
				columns,
				rows,
				isFocused,
				view,
				followedPfn,
			}),
		[pane, content, columns, rows, isFocused, view, followedPfn],
	);
	return <Lines id={pane.id} rect={rect} lines={lines} />;
};
