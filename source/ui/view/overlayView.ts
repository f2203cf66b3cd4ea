/** What is seen of an overlay, as properties of the components that draw it. */

import type {ProcessRow} from '../../model/processes.ts';
import {overlayHeight} from '../overlays/place.ts';
import {longest} from '../panes/format.ts';
import type {State} from '../state/state.ts';
import {blankLine, type Line, toned} from '../terminal/lines.ts';
import type {Rect} from '../terminal/surface.ts';
import {type FrameTexts, focused, frameTexts} from './frameTexts.ts';
import {createKeeper, isSameParts} from './keep.ts';
import {type PaletteParts, paletteParts} from './overlays/palette.ts';
import {type ShownOverlay, shownOverlay} from './overlays/shown.ts';
import {keepLines, type ListWindow, listHeight, listWindow} from './paneLines.ts';

export type OverlayBody =
	| {readonly kind: 'lines'; readonly lines: readonly Line[]}
	| ({readonly kind: 'palette'} & PaletteParts)
	| {
			readonly kind: 'processes';
			readonly rows: readonly ProcessRow[];
			/** Index of the selected row; negative for none. */
			readonly selected: number;
			readonly pidColumns: number;
	  };

export type OverlayView = {readonly rect: Rect; readonly texts: FrameTexts; readonly body: OverlayBody};

const leastPid = 6;

const keepRect = createKeeper<Rect>();
let lastTexts: FrameTexts | undefined;
const keepBody = createKeeper<OverlayBody>();
const keepView = createKeeper<OverlayView>();

/** Lines by what they are for, and rows, of the overlay that was seen last. */
const lastLines = new Map<string, readonly Line[]>();
let lastRows: readonly ProcessRow[] = [];

/** Rows of a body, as far as they may be toned. */
function tonedRows(body: OverlayBody): readonly Line[] {
	if (body.kind === 'lines') return body.lines;
	if (body.kind === 'palette') return body.above;
	const heading = blankLine;
	return [
		heading,
		...body.rows.map((_, row) => (row === body.selected ? toned('row.selected', blankLine) : blankLine)),
	];
}

function keptLines(name: string, lines: readonly Line[]): readonly Line[] {
	const kept = keepLines(lines, lastLines.get(name));
	lastLines.set(name, kept);
	return kept;
}

function keptRows(rows: readonly ProcessRow[]): readonly ProcessRow[] {
	const kept = rows.map((row, index) => (lastRows[index] && isSameParts(row, lastRows[index]) ? lastRows[index] : row));
	if (!isSameParts(kept, lastRows)) lastRows = kept;
	return lastRows;
}

function bodyOf(state: State, {rect, content}: ShownOverlay, list: ListWindow): OverlayBody {
	const {overlay} = state;
	if (overlay?.kind === 'palette') {
		const {above, below, tabled} = paletteParts(state, overlay, rect.columns - 2, overlayHeight(state.rows));
		return {kind: 'palette', above: keptLines('above', above), below: keptLines('below', below), tabled};
	}
	if (overlay?.kind === 'processes') {
		const rows = keptRows(state.processes.rows.slice(list.top, list.top + list.count));
		const pidColumns = longest(state.processes.rows, leastPid, ({pid}) => String(pid));
		return {kind: 'processes', rows, selected: list.selected - list.top, pidColumns};
	}
	return {kind: 'lines', lines: keptLines('head', content.head)};
}

/** @returns the same object while it says the same; undefined when nothing lies above the panes */
export function overlayView(state: State): OverlayView | undefined {
	const shown = shownOverlay(state);
	if (!shown) return undefined;
	const {title, rect, content, view} = shown;
	const list = listWindow(content.rows, view, listHeight(content, rect.rows), content.tails);
	const body = keepBody(bodyOf(state, shown, list));
	const tones = tonedRows(body).map(({tone}) => tone);
	lastTexts = frameTexts({name: title, aside: content.aside, more: list.more, ...focused, tones}, lastTexts);
	return keepView({rect: keepRect(rect), texts: lastTexts, body});
}
