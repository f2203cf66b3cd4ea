/**
 * Places that Ink laid out and that are not drawn, or not only, by Ink: bodies of panes, which are painted as cells
 * above its frame, what lies above them, and rows that can be clicked. Each is asked where it is after Ink has laid out
 * again.
 */

import type {DOMElement} from 'ink';
import {createContext} from 'react';
import type {State} from '../state/state.ts';
import type {Line} from '../terminal/lines.ts';
import type {Key, Mouse} from '../terminal/sequences.ts';
import type {Rect, Surface} from '../terminal/surface.ts';

/** What a body shows of a state. Gives the same array again while it would say the same. */
export type Draw = (state: State) => readonly Line[];

type Part =
	| {readonly kind: 'body'; readonly draw: Draw}
	/** Ink's own text is seen here, above bodies. */
	| {readonly kind: 'above'}
	| {readonly kind: 'keys'; readonly keyAt: (column: number) => Key | undefined};

export type Canvas = {
	/** @returns takes it away again */
	mount(box: DOMElement, part: Part): () => void;
	/** Ink has laid out again. */
	arranged(): void;
	/** Hands the surface what each body shows now, where that is something else than before. */
	paint(state: State): void;
	/** The key that stands under the mouse. */
	keyAt(mouse: Mouse): Key | undefined;
};

/** Absent (`undefined`) where bodies are Ink's text: `--once` and component tests. */
export const CanvasContext = createContext<Canvas | undefined>(undefined);

/** Where Ink laid out a box. */
function placeOf(box: DOMElement): Rect {
	let [column, row] = [0, 0];
	for (let node: DOMElement | undefined = box; node?.yogaNode; node = node.parentNode) {
		const {left, top} = node.yogaNode.getComputedLayout();
		column += left;
		row += top;
	}
	const {yogaNode} = box;
	return {column, row, columns: yogaNode?.getComputedWidth() ?? 0, rows: yogaNode?.getComputedHeight() ?? 0};
}

type Mounted = {
	readonly box: DOMElement;
	readonly part: Part;
	/** Where it was put, if it was, and whether it may have moved since then. */
	rect: Rect | undefined;
	mayHaveMoved: boolean;
	lines: readonly Line[] | undefined;
};

const isSameRect = (a: Rect, b: Rect | undefined): boolean =>
	a.column === b?.column && a.row === b.row && a.columns === b.columns && a.rows === b.rows;

const holds = ({column, row, columns, rows}: Rect, at: Mouse): boolean =>
	at.column >= column && at.column < column + columns && at.row >= row && at.row < row + rows;

export function createCanvas(surface: Surface): Canvas {
	const mounted = new Map<string, Mounted>();
	let newest = 0;

	const show = (id: string, entry: Mounted, state: State): void => {
		const {box, part} = entry;
		if (part.kind === 'keys') return;
		const lines = part.kind === 'body' ? part.draw(state) : undefined;
		const rect = entry.rect && !entry.mayHaveMoved ? entry.rect : placeOf(box);
		entry.mayHaveMoved = false;
		if (lines === entry.lines && isSameRect(rect, entry.rect)) return;
		Object.assign(entry, {rect, lines});
		surface.put(id, {rect, height: part.kind === 'above' ? 1 : 0, lines});
	};

	return {
		mount(box, part) {
			newest++;
			const id = String(newest);
			mounted.set(id, {box, part, rect: undefined, mayHaveMoved: true, lines: undefined});
			return () => {
				mounted.delete(id);
				if (part.kind !== 'keys') surface.remove(id);
			};
		},
		arranged() {
			for (const entry of mounted.values()) entry.mayHaveMoved = true;
		},
		paint(state) {
			for (const [id, entry] of mounted) show(id, entry, state);
		},
		keyAt(mouse) {
			for (const {box, part} of mounted.values()) {
				const rect = placeOf(box);
				if (part.kind === 'keys' && holds(rect, mouse)) return part.keyAt(mouse.column - rect.column);
			}
			return undefined;
		},
	};
}
