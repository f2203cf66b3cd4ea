/** How the wall looks: a tile a machine. */

import {Box} from 'ink';
import {memo, useMemo, useRef, useSyncExternalStore} from 'react';
import {type Line, line, lineText} from '../terminal/lines.ts';
import type {Key} from '../terminal/sequences.ts';
import type {Tone} from '../terminal/theme.ts';
import {Edge, Frame, Side} from '../view/components/Frame.tsx';
import {Keys} from '../view/components/Keys.tsx';
import {Row, Rows} from '../view/components/Row.tsx';
import {focused, usual} from '../view/frameTexts.ts';
import type {States} from '../view/ink.tsx';
import {keepLines} from '../view/paneLines.ts';
import {layOutWall, leastWallColumns, leastWallRows} from './layout.ts';
import {footLine, headLine, standingOf, tileLines} from './lines.ts';
import type {Tile, Wall} from './wall.ts';

type TileProps = {
	readonly tile: Tile;
	readonly isChosen: boolean;
	readonly columns: number;
	readonly rows: number;
	/** How it stands, in words. */
	readonly standing: string;
	readonly tone: Tone;
};

const plainSide = (rows: number) => Array.from({length: rows}, () => undefined);

/** A machine in its frame. Drawn again only when it says something else. */
const TileBox = memo(function TileBox({tile, isChosen, columns, rows, standing, tone}: TileProps) {
	const inside = {columns: columns - 2, rows: rows - 2};
	const before = useRef<readonly Line[]>([]);
	before.current = keepLines(tileLines(tile, inside.columns, inside.rows), before.current);
	const {edge, title} = isChosen ? focused : usual;
	const look = {edge, title: tone === 'bad' || tone === 'warning' ? tone : title};
	const tones = useMemo(() => plainSide(inside.rows), [inside.rows]);
	return (
		<Frame
			columns={columns}
			rows={rows}
			upper={<Edge left={isChosen ? `▸ ${tile.student}` : tile.student} right={standing} {...look} columns={columns} />}
			side={<Side edge={look.edge} tones={tones} rows={inside.rows} />}
			lower={<Edge left="" right="" {...look} columns={columns} isLower />}
		>
			<Rows lines={before.current} columns={inside.columns} />
		</Frame>
	);
});

/** The whole wall as it is. */
const WallScreen = memo(function WallScreen({wall}: {readonly wall: Wall}) {
	const {columns, rows, tiles, top, cursor, nowMs} = wall;
	if (columns < leastWallColumns || rows < leastWallRows) {
		const missing = line(`the wall needs ${leastWallColumns}x${leastWallRows}`);
		return <Row line={missing} columns={Math.min(columns, lineText(missing).length)} />;
	}
	const {across, down, tileRows, widths} = layOutWall(columns, rows, tiles.length);
	const first = top * across;
	const shown = tiles.slice(first, first + across * down);
	const lines = Array.from({length: Math.ceil(shown.length / across)}, (_, index) => index);
	return (
		<Box flexDirection="column" width={columns} height={rows}>
			<Row line={headLine(wall)} columns={columns} />
			<Box flexDirection="column" width={columns} height={rows - 2} flexShrink={0} overflow="hidden">
				{lines.map(row => (
					<Box key={row} flexShrink={0}>
						{shown.slice(row * across, (row + 1) * across).map((tile, column) => (
							<TileBox
								key={tile.student}
								tile={tile}
								isChosen={first + row * across + column === cursor}
								columns={widths[column]!}
								rows={tileRows}
								standing={standingOf(tile, nowMs).text}
								tone={standingOf(tile, nowMs).tone}
							/>
						))}
					</Box>
				))}
			</Box>
			<Row line={footLine(wall, shown.length, across)} columns={columns} />
		</Box>
	);
});

type WallAppProps = {
	readonly states: States<Wall>;
	readonly onKey: (key: Key) => void;
};

/** The wall on a terminal, while it changes. */
export function WallApp({states: {newest, subscribe}, onKey}: WallAppProps) {
	return (
		<>
			<Keys onKey={onKey} />
			<WallScreen wall={useSyncExternalStore(subscribe, newest)} />
		</>
	);
}
