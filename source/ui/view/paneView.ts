/**
 * How a pane gets from state to what is seen of it: what stands in its frame, and its body. Each only when it changed.
 */

import {litOf} from '../panes/lit.ts';
import {paneOf} from '../panes/table.ts';
import {layoutOf} from '../state/layout.ts';
import type {ListView} from '../state/list.ts';
import {numberOf, type PaneId} from '../state/panes.ts';
import {perMonitor} from '../state/perMonitor.ts';
import type {State} from '../state/state.ts';
import {storyPanes} from '../state/story.ts';
import type {Line} from '../terminal/lines.ts';
import {injectionTone} from '../terminal/theme.ts';
import type {Content} from './content.ts';
import {dimmed} from './dimmed.ts';
import {type FrameTexts, focused, frameTexts, type Standing, usual} from './frameTexts.ts';
import {isSameParts} from './keep.ts';
import {bodyLines, fitLines, keepLines, listHeight, listWindow} from './paneLines.ts';
import {contentInputs as contentInputsOf, contentOf} from './panes.ts';

type PaneView = {
	/** The same object while it says the same. */
	readonly texts: FrameTexts;
	/** A line for each row within the frame. The same array while it says the same. */
	readonly body: readonly Line[];
};

/** Number and name, and what was done to the list. */
function titleOf(id: PaneId, {filter, sort}: ListView): string {
	const order = sort ? ` ${sort.isDescending ? '↓' : '↑'}${sort.field}` : '';
	return `${numberOf(id)} ${paneOf(id).name}${order}${filter === '' ? '' : ` /${filter}`}`;
}

/** During a story the panes that it names bear its colour; the others are dimmed, except the focused one. */
function standingOf(state: State, id: PaneId): Standing & {readonly isDimmed: boolean} {
	const isFocused = state.focus === id;
	const panes = storyPanes(state);
	if (!panes) return {...(isFocused ? focused : usual), isDimmed: false};
	if (!panes.has(id)) return {...(isFocused ? focused : {edge: 'frame', title: 'dim'}), isDimmed: !isFocused};
	const tone = injectionTone(state.injections.story ?? 0);
	return {edge: isFocused ? focused.edge : tone, title: tone, isDimmed: false};
}

/** Inputs of what was made last, and what came of them. */
type Known = {
	readonly size: readonly number[];
	readonly inputs: readonly unknown[];
	readonly content: Content;
	readonly contentInputs: readonly unknown[];
	readonly lines: readonly Line[];
	readonly view: PaneView;
};

const knownOf = perMonitor(() => new Map<PaneId, Known>());

function makeView(id: PaneId, state: State, columns: number, rows: number, before: Known | undefined): Known {
	const view = state.views[id];
	const size = [columns, rows];
	const older = before && isSameParts(size, before.size) ? before : undefined;
	const {edge, title, isDimmed} = standingOf(state, id);
	const contentInputs = contentInputsOf(state, id);
	const {story, culprits} = state.injections;
	const inputs = [view, edge, title, isDimmed, story, story !== undefined && culprits, ...contentInputs];
	if (older && isSameParts(inputs, older.inputs)) return older;
	const room = {columns: columns - 2, rows: rows - 2};
	const content = older && isSameParts(contentInputs, older.contentInputs) ? older.content : contentOf(state, id, room);
	const list = listWindow(content.rows, view, listHeight(content, rows), content.tails);
	const differing = state.differing.get(id);
	const bright = bodyLines(content, list, {lit: litOf(state), story, culprits, differing}, room.rows);
	const lines = keepLines(isDimmed ? bright.map(dimmed) : bright, older?.lines);
	const tones = lines.map(({tone}) => tone);
	const texts = {name: titleOf(id, view), aside: content.aside, more: list.more, edge, title, tones};
	const shown = {
		texts: frameTexts(texts, older?.view.texts),
		body:
			older && lines === older.lines
				? older.view.body
				: fitLines(lines, room.columns, older?.lines ?? [], older?.view.body ?? []),
	};
	return {size, inputs, content, contentInputs, lines, view: shown};
}

/** What is seen of a pane that is on the screen. */
export function paneView(state: State, id: PaneId): PaneView | undefined {
	const layout = layoutOf(state);
	const placed = layout.kind === 'panes' ? layout.panes.find(pane => pane.id === id) : undefined;
	if (!placed) return undefined;
	const {columns, rows} = placed.rect;
	const known = knownOf(state);
	const made = makeView(id, state, columns, rows, known.get(id));
	known.set(id, made);
	return made.view;
}
