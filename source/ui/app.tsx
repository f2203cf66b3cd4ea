import {Box} from 'ink';
import {type ReactNode, useContext} from 'react';
import {footerLine, statusLine, tabLine, tooSmallLine} from './bars.ts';
import {Lines} from './components/Lines.tsx';
import {Overlay} from './components/Overlay.tsx';
import {Pane} from './components/Pane.tsx';
import {leastColumns, leastRows} from './layout.ts';
import {layoutOf, paneOf} from './panes.ts';
import type {State} from './state.ts';
import {SurfaceContext} from './surface.ts';

/** Keeps the terminal's size free in Ink's layout; on a surface there is nothing that Ink would have to lay out. */
const Sheet = ({columns, rows, children}: {columns: number; rows: number; children: ReactNode}) =>
	useContext(SurfaceContext) ? (
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
				<Lines
					id="small"
					rect={{column: 0, row: 0, columns, rows}}
					lines={[tooSmallLine(columns, rows, leastColumns, leastRows)]}
				/>
			</Sheet>
		);
	}
	return (
		<Sheet columns={columns} rows={rows}>
			<Lines id="status" rect={layout.status} lines={[statusLine(state)]} />
			{layout.tabs && <Lines id="tabs" rect={layout.tabs} lines={[tabLine(state)]} />}
			{layout.panes.map(({id, rect}) => (
				<Pane key={id} pane={paneOf(id)} state={state} rect={rect} />
			))}
			<Lines id="footer" rect={layout.footer} lines={[footerLine(state)]} />
			<Overlay state={state} />
		</Sheet>
	);
};
