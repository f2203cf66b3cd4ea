/** What is seen of an overlay, as properties of the components that draw it. */

import type {ProcessRow} from '../../model/processes.ts';
import {overlayHeight} from '../overlays/place.ts';
import {longest} from '../panes/format.ts';
import {perMonitor} from '../state/perMonitor.ts';
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

const keepersOf = perMonitor(() => ({
	rect: createKeeper<Rect>(),
	body: createKeeper<OverlayBody>(),
	view: createKeeper<OverlayView>(),
}));

type LastSeen = {
	texts: FrameTexts | undefined;
	/** By what they are for. */
	readonly lines: Map<string, readonly Line[]>;
	rows: readonly ProcessRow[];
};

/** Of the overlay that was seen last. */
const lastSeen = perMonitor((): LastSeen => ({texts: undefined, lines: new Map(), rows: []}));

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

function keptLines(last: LastSeen, name: string, lines: readonly Line[]): readonly Line[] {
	const kept = keepLines(lines, last.lines.get(name));
	last.lines.set(name, kept);
	return kept;
}

function keptRows(last: LastSeen, rows: readonly ProcessRow[]): readonly ProcessRow[] {
	const kept = rows.map((row, index) =>
		last.rows[index] && isSameParts(row, last.rows[index]) ? last.rows[index] : row,
	);
	if (!isSameParts(kept, last.rows)) last.rows = kept;
	return last.rows;
}

function bodyOf(state: State, {rect, content}: ShownOverlay, list: ListWindow): OverlayBody {
	const {overlay} = state;
	const last = lastSeen(state);
	if (overlay?.kind === 'palette') {
		const {above, below, tabled} = paletteParts(state, overlay, rect.columns - 2, overlayHeight(state.rows));
		return {kind: 'palette', above: keptLines(last, 'above', above), below: keptLines(last, 'below', below), tabled};
	}
	if (overlay?.kind === 'processes') {
		const rows = keptRows(last, state.processes.rows.slice(list.top, list.top + list.count));
		const pidColumns = longest(state.processes.rows, leastPid, ({pid}) => String(pid));
		return {kind: 'processes', rows, selected: list.selected - list.top, pidColumns};
	}
	return {kind: 'lines', lines: keptLines(last, 'head', content.head)};
}

/** @returns the same object while it says the same; undefined when nothing lies above the panes */
export function overlayView(state: State): OverlayView | undefined {
	const shown = shownOverlay(state);
	if (!shown) return undefined;
	const {title, rect, content, view} = shown;
	const list = listWindow(content.rows, view, listHeight(content, rect.rows), content.tails);
	const keep = keepersOf(state);
	const last = lastSeen(state);
	const body = keep.body(bodyOf(state, shown, list));
	const tones = tonedRows(body).map(({tone}) => tone);
	last.texts = frameTexts({name: title, aside: content.aside, more: list.more, ...focused, tones}, last.texts);
	return keep.view({rect: keep.rect(rect), texts: last.texts, body});
}
