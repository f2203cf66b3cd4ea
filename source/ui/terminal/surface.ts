/** Where cells are put: see screen.ts. */

import {createContext} from 'react';
import type {Line} from './lines.ts';
import {createTheme, type Theme} from './theme.ts';

/** In cells of the terminal, from its upper left corner. */
export type Rect = {readonly column: number; readonly row: number; readonly columns: number; readonly rows: number};

export type Layer = {
	readonly rect: Rect;
	/** Painted in ascending order. Layers of height 0 must not overlap each other. */
	readonly height: number;
	/** Undefined where Ink's frame must be seen above lower layers. */
	readonly lines: readonly Line[] | undefined;
};

export type Surface = {
	put(id: string, layer: Layer): void;
	remove(id: string): void;
};

export const ThemeContext = createContext<Theme>(createTheme('plain', true));
