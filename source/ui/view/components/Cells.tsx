import {Box, type DOMElement, Text} from 'ink';
import {createContext, memo, useContext, useLayoutEffect, useRef} from 'react';
import type {State} from '../../state/state.ts';
import {lineAnsi} from '../../terminal/ansi.ts';
import {fitLine} from '../../terminal/lines.ts';
import {ThemeContext} from '../../terminal/surface.ts';
import {CanvasContext, type Draw} from '../canvas.ts';

/** What bodies print where there is no canvas; undefined where there is one. */
export const StateContext = createContext<State | undefined>(undefined);

type CellsProps = {readonly columns: number; readonly rows: number; readonly draw: Draw};

/**
 * The body of a pane. It has its place in Ink's layout like any box. On the screen Ink leaves it blank, and what `draw`
 * makes of a state is painted there as cells without React and Ink being asked: a sample changes most bodies, each
 * ten times a second. Where there is no canvas, in `--once` and in tests of components, the same lines are Ink's text;
 * a test holds the two equal on every stored screen.
 *
 * Why: CPU a frame at 120x40, from recorded samples, models and difference included. Bodies as cells: 4.0 to 5.3 ms.
 * Bodies as text of Ink: 49 ms with Ink as it is, 11 to 12 with modules that stood in for its tokenizer and its
 * measure of width.
 */
export const Cells = memo(function Cells({columns, rows, draw}: CellsProps) {
	const canvas = useContext(CanvasContext);
	const theme = useContext(ThemeContext);
	const state = useContext(StateContext);
	const box = useRef<DOMElement>(null);
	useLayoutEffect(() => canvas?.mount(box.current!, {kind: 'body', draw}), [canvas, draw]);
	return (
		<Box ref={box} flexDirection="column" flexShrink={0} width={columns} height={rows}>
			{state &&
				draw(state).map((line, row) => (
					// biome-ignore lint/suspicious/noArrayIndexKey: a row of a screen is its place
					<Text key={row} wrap="truncate">
						{lineAnsi(fitLine(line, columns), theme)}
					</Text>
				))}
		</Box>
	);
});
