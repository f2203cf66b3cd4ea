import {Box, Transform} from 'ink';
import {memo, type ReactNode, useContext, useMemo} from 'react';
import {lineAnsi} from '../../terminal/ansi.ts';
import {type Line, line, span, toned} from '../../terminal/lines.ts';
import {ThemeContext} from '../../terminal/surface.ts';
import {truncate} from '../../terminal/text.ts';
import type {Tone} from '../../terminal/theme.ts';
import {textWidth} from '../../terminal/width.ts';
import {Row} from './Row.tsx';

export type FrameTexts = {
	readonly title: string;
	/** In the upper edge, at its right end. */
	readonly aside: string;
	/** In the lower one: what of a list lies outside. */
	readonly more: string;
	readonly isFocused: boolean;
	/** What the rows within are toned with, selected ones say: the frame is it beside them. */
	readonly tones: readonly (Tone | undefined)[];
};

type FrameProps = FrameTexts & {readonly columns: number; readonly rows: number; readonly children?: ReactNode};

type Corners = readonly [left: string, right: string];

function edgeLine(left: string, right: string, isFocused: boolean, columns: number, [begin, end]: Corners): Line {
	const tone: Tone = isFocused ? 'frame.focused' : 'frame';
	const inner = columns - 2;
	const title = left === '' ? '' : ` ${truncate(left, inner - 3)} `;
	const room = inner - textWidth(title) - 1;
	const aside = right === '' || room < 6 ? '' : ` ${truncate(right, room - 3)} `;
	const bars = '─'.repeat(Math.max(0, inner - textWidth(title) - textWidth(aside) - (aside === '' ? 0 : 1)));
	return line(
		span(begin, tone),
		span(title, isFocused ? 'title.focused' : 'title'),
		span(bars, tone),
		span(aside, 'dim'),
		span(`${aside === '' ? '' : '─'}${end}`, tone),
	);
}

type EdgeProps = {
	readonly left: string;
	readonly right: string;
	readonly isFocused: boolean;
	readonly columns: number;
	readonly isLower?: boolean;
};

const Edge = memo(function Edge({left, right, isFocused, columns, isLower = false}: EdgeProps) {
	const corners: Corners = isLower ? ['└', '┘'] : ['┌', '┐'];
	return <Row line={edgeLine(left, right, isFocused, columns, corners)} columns={columns} />;
});

type SideProps = Pick<FrameProps, 'isFocused' | 'rows' | 'tones'>;

const Side = memo(function Side({isFocused, rows, tones}: SideProps) {
	const theme = useContext(ThemeContext);
	const bars = useMemo(() => {
		const bar = line(span('│', isFocused ? 'frame.focused' : 'frame'));
		return Array.from({length: rows}, (_, row) => lineAnsi(tones[row] ? toned(tones[row], bar) : bar, theme));
	}, [isFocused, rows, tones, theme]);
	return <Transform transform={(_, row) => bars[row]!}>{bars.map(() => '│').join('\n')}</Transform>;
});

/** A frame with what is in it. Its title lies in its edge, which a border of Ink's cannot hold. */
export const Frame = memo(function Frame({title, aside, more, isFocused, tones, columns, rows, children}: FrameProps) {
	const inside = Math.max(0, rows - 2);
	return (
		<Box flexDirection="column" flexShrink={0} width={columns} height={rows}>
			<Edge left={title} right={aside} isFocused={isFocused} columns={columns} />
			<Box height={inside} flexShrink={0}>
				<Side isFocused={isFocused} rows={inside} tones={tones} />
				{children}
				<Side isFocused={isFocused} rows={inside} tones={tones} />
			</Box>
			<Edge left="" right={more} isFocused={isFocused} columns={columns} isLower />
		</Box>
	);
});
