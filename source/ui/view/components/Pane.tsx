import {useMemo} from 'react';
import type {PaneId} from '../../state/panes.ts';
import type {State} from '../../state/state.ts';
import type {Rect} from '../../terminal/surface.ts';
import {createPaneDraw} from '../paneDraw.ts';
import {Lines} from './Lines.tsx';

/** A pane in its frame. What did not change is neither derived nor laid out again. */
export const Pane = ({id, state, rect}: {readonly id: PaneId; readonly state: State; readonly rect: Rect}) => {
	const {columns, rows} = rect;
	const draw = useMemo(() => createPaneDraw(id, columns, rows), [id, columns, rows]);
	return <Lines id={id} rect={rect} draw={draw} state={state} />;
};
