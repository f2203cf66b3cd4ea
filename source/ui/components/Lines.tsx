import {Box, Text} from 'ink';
import {useContext, useLayoutEffect} from 'react';
import {lineAnsi} from '../ansi.ts';
import {fitLine, type Line} from '../lines.ts';
import {type Rect, SurfaceContext, ThemeContext} from '../surface.ts';

export type LinesProps = {
	readonly id: string;
	readonly rect: Rect;
	readonly lines: readonly Line[];
	/** What lies above what. */
	readonly height?: number;
};

/**
 * The one primitive that everything on the screen is drawn with. On a surface the lines are painted as cells and Ink has
 * nothing to lay out, measure or tokenize, which is most of what a frame costs. Without a surface they are Ink's text.
 */
export const Lines = ({id, rect, lines, height = 0}: LinesProps) => {
	const surface = useContext(SurfaceContext);
	const theme = useContext(ThemeContext);
	useLayoutEffect(() => surface?.put(id, {rect, height, lines}), [surface, id, rect, height, lines]);
	useLayoutEffect(() => () => surface?.remove(id), [surface, id]);
	if (surface) {
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
			{lines.slice(0, rect.rows).map((each, row) => (
				// biome-ignore lint/suspicious/noArrayIndexKey: a row of a screen is its place
				<Text key={row} wrap="truncate">
					{lineAnsi(fitLine(each, rect.columns), theme) || ' '}
				</Text>
			))}
		</Box>
	);
};
