import {Box, Text} from 'ink';
import {useContext, useLayoutEffect} from 'react';
import type {State} from '../../state/state.ts';
import {lineAnsi} from '../../terminal/ansi.ts';
import {fitLine} from '../../terminal/lines.ts';
import {type Rect, ThemeContext} from '../../terminal/surface.ts';
import type {Draw} from '../canvas.ts';
import {CanvasContext} from '../canvas.ts';

export type LinesProps = {
	readonly id: string;
	readonly rect: Rect;
	readonly draw: Draw;
	/** Where there is no canvas, the state to print. */
	readonly state: State;
	/** What lies above what. */
	readonly height?: number;
};

/**
 * The one primitive that everything on the screen is drawn with. On a canvas the lines are painted as cells and Ink has
 * nothing to lay out, measure or tokenize, which is most of what a frame costs. Without a canvas they are Ink's text.
 */
export const Lines = ({id, rect, draw, state, height = 0}: LinesProps) => {
	const canvas = useContext(CanvasContext);
	const theme = useContext(ThemeContext);
	useLayoutEffect(() => canvas?.mount(id, {rect, height, draw}), [canvas, id, rect, height, draw]);
	useLayoutEffect(() => () => canvas?.unmount(id), [canvas, id]);
	if (canvas) {
		return undefined;
	}
	return (
		<Box
			position="absolute"
			marginLeft={rect.column}
			marginTop={rect.row}
			width={rect.columns}
			height={rect.rows}
			flexDirection="column"
		>
			{draw(state)
				.slice(0, rect.rows)
				.map((each, row) => (
					// biome-ignore lint/suspicious/noArrayIndexKey: a row of a screen is its place
					<Text key={row} wrap="truncate">
						{lineAnsi(fitLine(each, rect.columns), theme) || ' '}
					</Text>
				))}
		</Box>
	);
};
