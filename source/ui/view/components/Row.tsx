import {Box, type DOMElement, Transform} from 'ink';
import {memo, useContext, useLayoutEffect, useMemo, useRef} from 'react';
import {lineAnsi} from '../../terminal/ansi.ts';
import {fitLine, type Line} from '../../terminal/lines.ts';
import type {Key} from '../../terminal/sequences.ts';
import {ThemeContext} from '../../terminal/surface.ts';
import {textWidth} from '../../terminal/width.ts';
import {CanvasContext} from '../canvas.ts';
import {isSameLine} from '../paneLines.ts';

type RowProps = {readonly line: Line; readonly columns: number};

const isSameRow = (a: RowProps, b: RowProps): boolean => a.columns === b.columns && isSameLine(a.line, b.line);

/**
 * A line of the screen, as wide as it is told. Ink keeps the measures of every text that it ever laid out, which of
 * text that changes is a leak: what it measures here is blanks, and the line takes their place when it is written.
 */
export const Row = memo(function Row({line, columns}: RowProps) {
	const theme = useContext(ThemeContext);
	const text = useMemo(() => lineAnsi(fitLine(line, columns), theme), [line, columns, theme]);
	return columns > 0 ? <Transform transform={() => text}>{' '.repeat(columns)}</Transform> : undefined;
}, isSameRow);

/** Lines one below the other. */
export const Rows = memo(function Rows({lines, columns}: {readonly lines: readonly Line[]; readonly columns: number}) {
	return (
		<Box flexDirection="column" flexShrink={0} width={columns} height={lines.length}>
			{lines.map((line, row) => (
				// biome-ignore lint/suspicious/noArrayIndexKey: a row of a screen is its place
				<Row key={row} line={line} columns={columns} />
			))}
		</Box>
	);
});

/** The key that stands at a column of a line. */
function keyAt({spans}: Line, column: number): Key | undefined {
	let end = 0;
	for (const {text, press} of spans) {
		end += textWidth(text);
		if (column < end) return press;
	}
	return undefined;
}

/** A row of which parts press keys when they are clicked. */
export const KeyRow = memo(function KeyRow({line, columns}: RowProps) {
	const canvas = useContext(CanvasContext);
	const box = useRef<DOMElement>(null);
	useLayoutEffect(
		() => canvas?.mount(box.current!, {kind: 'keys', keyAt: column => keyAt(line, column)}),
		[canvas, line],
	);
	return (
		<Box ref={box} width={columns} height={1}>
			<Row line={line} columns={columns} />
		</Box>
	);
});
