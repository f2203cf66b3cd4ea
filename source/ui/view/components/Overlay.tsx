import {Box, type DOMElement, Text} from 'ink';
import {memo, type ReactNode, useContext, useLayoutEffect, useRef} from 'react';
import type {Rect} from '../../terminal/surface.ts';
import {CanvasContext} from '../canvas.ts';
import type {PaletteParts} from '../overlays/palette.ts';
import type {OverlayBody, OverlayView} from '../overlayView.ts';
import {Edge, Frame, Side} from './Frame.tsx';
import {ParameterTable} from './ParameterTable.tsx';
import {ProcessTable} from './ProcessTable.tsx';
import {Rows} from './Row.tsx';

type Size = Pick<Rect, 'columns' | 'rows'>;

/** Hides what lies below. */
const Ground = memo(function Ground({columns, rows}: Size) {
	return (
		<Box position="absolute" width={columns} height={rows}>
			<Text>{Array.from({length: rows}, () => ' '.repeat(columns)).join('\n')}</Text>
		</Box>
	);
});

/** What is typed and found at the top, what is told of the chosen one at the bottom. */
function Palette({above, below, tabled, columns, rows}: PaletteParts & Size) {
	return (
		<Box flexDirection="column" justifyContent="space-between" width={columns} height={rows}>
			<Rows lines={above} columns={columns} />
			<Box flexDirection="column" flexShrink={0}>
				<Rows lines={below} columns={columns} />
				{tabled && <ParameterTable experiment={tabled} columns={columns} />}
			</Box>
		</Box>
	);
}

function Body({body, columns, rows}: Size & {readonly body: OverlayBody}) {
	switch (body.kind) {
		case 'lines':
			return <Rows lines={body.lines} columns={columns} />;
		case 'palette':
			return <Palette {...body} columns={columns} rows={rows} />;
		case 'processes':
			return <ProcessTable {...body} columns={columns} />;
	}
}

/** A box above everything else. */
function Above({column, row, columns, rows, children}: Rect & {readonly children: ReactNode}) {
	const canvas = useContext(CanvasContext);
	const box = useRef<DOMElement>(null);
	useLayoutEffect(() => canvas?.mount(box.current!, {kind: 'above'}), [canvas]);
	return (
		<Box ref={box} position="absolute" marginLeft={column} marginTop={row} width={columns} height={rows}>
			{children}
		</Box>
	);
}

/** What lies above the panes. */
export const Overlay = memo(function Overlay({rect, texts, body}: OverlayView) {
	const inside = {columns: rect.columns - 2, rows: rect.rows - 2};
	return (
		<Above {...rect}>
			<Ground columns={rect.columns} rows={rect.rows} />
			<Frame
				columns={rect.columns}
				rows={rect.rows}
				upper={<Edge {...texts.upper} columns={rect.columns} />}
				side={<Side {...texts.side} rows={inside.rows} />}
				lower={<Edge {...texts.lower} columns={rect.columns} isLower />}
			>
				<Box width={inside.columns} height={inside.rows} flexShrink={0} overflow="hidden">
					<Body body={body} {...inside} />
				</Box>
			</Frame>
		</Above>
	);
});
