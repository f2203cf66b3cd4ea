/**
 * The pictures on the screen, and what each makes of a state. Ink says which pictures there are and where they lie; it
 * is asked again only when that changes. Between two such changes a sample goes from state to cells without it.
 */

import {createContext} from 'react';
import type {State} from '../state/state.ts';
import type {Line} from '../terminal/lines.ts';
import type {Rect, Surface} from '../terminal/surface.ts';

/** What a part of the screen makes of a state. Gives the same array again while it would say the same. */
export type Draw = (state: State) => readonly Line[];

export type Picture = {
	readonly rect: Rect;
	/** Painted in ascending order. Pictures of height 0 must not overlap each other. */
	readonly height: number;
	readonly draw: Draw;
};

/** Absent (`undefined`) when a component prints its lines as text. */
export const CanvasContext = createContext<Canvas | undefined>(undefined);

export type Canvas = {
	mount(id: string, picture: Picture): void;
	unmount(id: string): void;
	/** Hands the surface what each picture shows now, where that is something else than before. */
	paint(state: State): void;
};

type Mounted = {readonly picture: Picture; shown: readonly Line[] | undefined};

export const createCanvas = (surface: Surface): Canvas => {
	const mounted = new Map<string, Mounted>();
	return {
		mount(id, picture) {
			mounted.set(id, {picture, shown: undefined});
		},
		unmount(id) {
			mounted.delete(id);
			surface.remove(id);
		},
		paint(state) {
			for (const [id, entry] of mounted) {
				const {rect, height, draw} = entry.picture;
				const lines = draw(state);
				if (lines !== entry.shown) {
					entry.shown = lines;
					surface.put(id, {rect, height, lines});
				}
			}
		},
	};
};

/** A `Draw` that makes its lines anew only when one of its inputs is another one. */
export const drawWhenChanged = (inputs: (state: State) => readonly unknown[], make: Draw): Draw => {
	let known: readonly unknown[] | undefined;
	let lines: readonly Line[] = [];
	return state => {
		const values = inputs(state);
		if (!known || values.some((value, index) => value !== known?.[index])) {
			known = values;
			lines = make(state);
		}
		return lines;
	};
};
