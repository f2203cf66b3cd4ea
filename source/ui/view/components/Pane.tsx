import {memo, useCallback} from 'react';
import type {PaneId} from '../../state/panes.ts';
import type {State} from '../../state/state.ts';
import {paneView} from '../paneView.ts';
import {Cells} from './Cells.tsx';
import {Frame, type FrameTexts} from './Frame.tsx';

export type PaneProps = {
	readonly id: PaneId;
	readonly columns: number;
	readonly rows: number;
	readonly texts: FrameTexts;
};

/** A pane in its frame. */
export const Pane = memo(function Pane({id, columns, rows, texts}: PaneProps) {
	const draw = useCallback((state: State) => paneView(state, id)?.body ?? [], [id]);
	return (
		<Frame {...texts} columns={columns} rows={rows}>
			<Cells columns={columns - 2} rows={rows - 2} draw={draw} />
		</Frame>
	);
});
