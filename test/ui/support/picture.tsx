/** What a state looks like on the screen, without a terminal: the tree that users run, with bodies painted as cells. */

import {render} from 'ink';
import type {State} from '../../../source/ui/state/state.ts';
import {type Grid, gridText} from '../../../source/ui/terminal/cells.ts';
import {createComposition} from '../../../source/ui/terminal/composition.ts';
import {createInkOutput} from '../../../source/ui/terminal/inkOutput.ts';
import {createStyleTable} from '../../../source/ui/terminal/sgr.ts';
import {type Layer, type Rect, ThemeContext} from '../../../source/ui/terminal/surface.ts';
import {createTheme, type Theme} from '../../../source/ui/terminal/theme.ts';
import {App} from '../../../source/ui/view/app.tsx';
import {type Canvas, CanvasContext, createCanvas} from '../../../source/ui/view/canvas.ts';

export type Picture = {
	/** What the terminal is to show. The next one is drawn into the same grid. */
	readonly grid: Grid;
	readonly text: readonly string[];
	/** Ink's part of it, lines of text with SGR sequences. */
	readonly frame: string;
	readonly layers: readonly Layer[];
	/** The key that stands under the mouse. */
	readonly keyAt: Canvas['keyAt'];
};

function draw(theme: Theme): (state: State) => Picture {
	let size = {columns: 80, rows: 24};
	let frame = '';
	const composition = createComposition(createStyleTable(), theme, size.columns, size.rows);
	const layers = new Map<string, Layer>();
	const canvas = createCanvas({
		put(id, layer) {
			layers.set(id, layer);
			composition.put(id, layer);
		},
		remove(id) {
			layers.delete(id);
			composition.remove(id);
		},
	});
	const output = createInkOutput(
		() => size,
		text => {
			frame = text;
			composition.frame(text);
			canvas.arranged();
		},
	);
	const tree = (state: State) => (
		<ThemeContext.Provider value={theme}>
			<CanvasContext.Provider value={canvas}>
				<App state={state} />
			</CanvasContext.Provider>
		</ThemeContext.Provider>
	);
	const ink = render(undefined, {stdout: output, debug: true, exitOnCtrlC: false, patchConsole: false});
	return state => {
		if (state.columns !== size.columns || state.rows !== size.rows) {
			size = {columns: state.columns, rows: state.rows};
			composition.reset(size.columns, size.rows);
		}
		ink.rerender(tree(state));
		canvas.paint(state);
		const grid = composition.compose();
		return {grid, text: gridText(grid), frame, layers: [...layers.values()], keyAt: canvas.keyAt};
	};
}

const drawers = new Map<string, (state: State) => Picture>();

export function pictureOf(state: State, theme: Theme = createTheme('dark', true)): Picture {
	const name = `${theme.name} ${theme.unicode}`;
	const drawer = drawers.get(name) ?? draw(theme);
	drawers.set(name, drawer);
	return drawer(state);
}

/** A part of a picture as text. */
export const textIn = ({grid}: Picture, {column, row, columns, rows}: Rect): readonly string[] =>
	Array.from({length: rows}, (_, index) => {
		const at = (row + index) * grid.columns + column;
		return [...grid.glyphs.subarray(at, at + columns)]
			.map(glyph => (glyph === 0 ? '' : String.fromCodePoint(glyph)))
			.join('');
	});
