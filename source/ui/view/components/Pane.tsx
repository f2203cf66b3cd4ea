import {useMemo} from 'react';
import type {Rect} from '../../terminal/surface.ts';
import type {State} from '../../update/state.ts';
import type {AnyPane} from '../pane.ts';
import {createPaneDraw} from '../paneDraw.ts';
import {Lines} from './Lines.tsx';

/** A pane in its frame. What did not change is neither derived nor laid out again. */
export const Pane = ({pane, state, rect}: {readonly pane: AnyPane; readonly state: State; readonly rect: Rect}) => {
	const {columns, rows} = rect;
	const draw = useMemo(() => createPaneDraw(pane, columns, rows), [pane, columns, rows]);
	return <Lines id={pane.id} rect={rect} draw={draw} state={state} />;
};
