import {Box, Transform} from 'ink';
import {memo, type ReactNode, useContext, useMemo} from 'react';
import {lineAnsi} from '../../terminal/ansi.ts';
import {type Line, line, span, toned} from '../../terminal/lines.ts';
import {ThemeContext} from '../../terminal/surface.ts';
import {truncate} from '../../terminal/text.ts';
import {textWidth} from '../../terminal/width.ts';
import type {EdgeTexts, SideTexts} from '../frameTexts.ts';
import {Row} from './Row.tsx';

type Corners = readonly [left: string, right: string];

const upperCorners: Corners = ['┌', '┐'];
const lowerCorners: Corners = ['└', '┘'];

function edgeLine({left, right, edge, title: tone}: EdgeTexts, columns: number, [begin, end]: Corners): Line {
	const inner = columns - 2;
	const title = left === '' ? '' : ` ${truncate(left, inner - 3)} `;
	const room = inner - textWidth(title) - 1;
	const aside = right === '' || room < 6 ? '' : ` ${truncate(right, room - 3)} `;
	const bars = '─'.repeat(Math.max(0, inner - textWidth(title) - textWidth(aside) - (aside === '' ? 0 : 1)));
	return line(
		span(begin, edge),
		span(title, tone),
		span(bars, edge),
		span(aside, 'dim'),
		span(`${aside === '' ? '' : '─'}${end}`, edge),
	);
}

type EdgeProps = EdgeTexts & {readonly columns: number; readonly isLower?: boolean};

export const Edge = memo(function Edge({left, right, edge, title, columns, isLower = false}: EdgeProps) {
	const drawn = useMemo(
		() => edgeLine({left, right, edge, title}, columns, isLower ? lowerCorners : upperCorners),
		[left, right, edge, title, columns, isLower],
	);
	return <Row line={drawn} columns={columns} />;
});

type SideProps = SideTexts & {readonly rows: number};

export const Side = memo(function Side({edge, rows, tones}: SideProps) {
	const theme = useContext(ThemeContext);
	const bars = useMemo(() => {
		const bar = line(span('│', edge));
		return Array.from({length: rows}, (_, row) => lineAnsi(tones[row] ? toned(tones[row], bar) : bar, theme));
	}, [edge, rows, tones, theme]);
	return <Transform transform={(_, row) => bars[row]!}>{bars.map(() => '│').join('\n')}</Transform>;
});

type FrameProps = {
	readonly columns: number;
	readonly rows: number;
	readonly upper: ReactNode;
	readonly side: ReactNode;
	readonly lower: ReactNode;
	readonly children?: ReactNode;
};

/** A frame with what is in it. Its title lies in its edge, which a border of Ink's cannot hold. */
export function Frame({columns, rows, upper, side, lower, children}: FrameProps) {
	return (
		<Box flexDirection="column" flexShrink={0} width={columns} height={rows}>
			{upper}
			<Box height={Math.max(0, rows - 2)} flexShrink={0}>
				{side}
				{children}
				{side}
			</Box>
			{lower}
		</Box>
	);
}
