import {Box} from 'ink';
import {type ReactNode, useContext} from 'react';
import {layoutOf} from '../state/layout.ts';
import type {State} from '../state/state.ts';
import {drawFooter, drawStatus, drawTabs, drawTooSmall} from './bars.ts';
import {CanvasContext} from './canvas.ts';
import {Lines} from './components/Lines.tsx';
import {Overlay} from './components/Overlay.tsx';
import {Pane} from './components/Pane.tsx';

/** Keeps the terminal's size free in Ink's layout; on a canvas there is nothing that Ink would have to lay out. */
const Sheet = ({columns, rows, children}: {columns: number; rows: number; children: ReactNode}) =>
	useContext(CanvasContext) ? (
		children
	) : (
		<Box width={columns} height={rows}>
			{children}
		</Box>
	);

/** The whole screen. */
export const App = ({state}: {readonly state: State}) => {
	const layout = layoutOf(state);
	const {columns, rows} = layout;
	if (layout.kind === 'small') {
		return (
			<Sheet columns={columns} rows={rows}>
				<Lines id="small" rect={{column: 0, row: 0, columns, rows}} draw={drawTooSmall} state={state} />
			</Sheet>
		);
	}
	return (
		<Sheet columns={columns} rows={rows}>
			<Lines id="status" rect={layout.status} draw={drawStatus} state={state} />
			{layout.tabs && <Lines id="tabs" rect={layout.tabs} draw={drawTabs} state={state} />}
			{layout.panes.map(({id, rect}) => (
				<Pane key={id} id={id} state={state} rect={rect} />
			))}
			<Lines id="footer" rect={layout.footer} draw={drawFooter} state={state} />
			<Overlay state={state} />
		</Sheet>
	);
};
