/** Keys while an overlay, or a prompt in the footer, has them. */

import {causeRows} from '../overlays/cause.ts';
import {detailRows} from '../overlays/detail.ts';
import {findingRows} from '../overlays/finding.ts';
import {helpRows} from '../overlays/help.ts';
import {overlayHeight} from '../overlays/place.ts';
import {processHead} from '../overlays/processes.ts';
import {jump} from '../panes/jump.ts';
import {commandOf, keyName} from '../panes/keymap.ts';
import {quiet, say, withoutNotice} from '../state/answer.ts';
import {withFocus, withView} from '../state/arrangement.ts';
import type {CommandId} from '../state/commands.ts';
import {idsOf, initialView, moveSelection} from '../state/list.ts';
import {closed, type Overlay, type OverlayOf, withOverlay} from '../state/overlay.ts';
import type {State, Update} from '../state/state.ts';
import type {Key} from '../terminal/sequences.ts';
import {copyCommand} from './copy.ts';
import {machinesKey, offerKey} from './machineKeys.ts';
import {ownFileKey} from './ownFileKeys.ts';
import {injectOrAsk, paletteKey, questionKey} from './paletteKeys.ts';
import {storiesKey, wholeStoryKey} from './storyKeys.ts';
import {timeLineKey} from './timeLineKeys.ts';

/** The key as a character to be typed, if it is one. */
function typed(key: Key): string | undefined {
	if (key === 'space') return ' ';
	return [...key].length === 1 ? key : undefined;
}

/** Rows that a movement in a list goes by. */
const steps = (height: number): Readonly<Partial<Record<CommandId, number>>> => ({
	up: -1,
	down: 1,
	pageUp: -height,
	pageDown: height,
	first: Number.NEGATIVE_INFINITY,
	last: Number.POSITIVE_INFINITY,
});

function stepOf(key: Key, height: number): number | undefined {
	const command = commandOf(key);
	return command && steps(height)[command.id];
}

/** Scrolls a text; any key that does not, closes it. @param count its lines */
function scrollKey(
	state: State,
	overlay: OverlayOf<'help' | 'cause' | 'detail' | 'finding'>,
	count: number,
	key: Key,
): Update {
	const height = overlayHeight(state.rows);
	const last = Math.max(0, count - height);
	const step = stepOf(key, height);
	if (step === undefined) return quiet(closed(state));
	return quiet({...state, overlay: {...overlay, top: Math.min(last, Math.max(0, overlay.top + step))}});
}

/** Shows the areas of a process. */
function choose(state: State, pid: number): State {
	const {processes, injections} = state;
	return {
		...withFocus(withView(closed(state), 'maps', initialView), 'maps'),
		processes: {...processes, chosenPid: pid},
		// The person's choice goes before what an injection wants to show.
		injections: {...injections, followed: undefined},
	};
}

function processesKey(state: State, overlay: OverlayOf<'processes'>, key: Key): Update {
	const {rows} = state.processes;
	const height = overlayHeight(state.rows) - processHead;
	const by = stepOf(key, height);
	if (by !== undefined) {
		return quiet(withOverlay(state, {...overlay, view: moveSelection(overlay.view, idsOf(rows), height, by, false)}));
	}
	const row = key === 'enter' ? rows.find(({id}) => id === overlay.view.selected) : undefined;
	return quiet(row ? choose(state, row.pid) : closed(state));
}

function filterKey(state: State, overlay: OverlayOf<'filter'>, key: Key): Update {
	const view = state.views[overlay.pane];
	const write = (filter: string): State => (filter === view.filter ? state : withView(state, overlay.pane, {filter}));
	if (key === 'enter') return quiet(closed(state));
	if (key === 'backspace') {
		return quiet(view.filter === '' ? closed(state) : write([...view.filter].slice(0, -1).join('')));
	}
	if (key === 'ctrl+u') return quiet(write(''));
	const character = typed(key);
	return quiet(character === undefined ? state : write(view.filter + character));
}

/** More characters than any place has. */
export const longestGo = 32;

function jumpKey(state: State, overlay: OverlayOf<'jump'>, key: Key, nowMs: number): Update {
	if (key === 'enter') {
		return overlay.text.trim() === '' ? quiet(closed(state)) : jump(closed(state), overlay.text, nowMs);
	}
	if (key === 'backspace') {
		return quiet(
			overlay.text === '' ? closed(state) : {...state, overlay: {...overlay, text: overlay.text.slice(0, -1)}},
		);
	}
	const character = typed(key);
	const isRoom = overlay.text.length < longestGo;
	return quiet(
		character === undefined || !isRoom ? state : {...state, overlay: {...overlay, text: overlay.text + character}},
	);
}

function applyKeyOf(state: State, overlay: Overlay, key: Key, nowMs: number): Update {
	switch (overlay.kind) {
		case 'help':
			return scrollKey(state, overlay, helpRows(state).length, key);
		case 'cause':
			return scrollKey(state, overlay, causeRows(state, overlay).length, key);
		case 'detail':
			return key === 'y'
				? copyCommand(state, nowMs)
				: scrollKey(state, overlay, detailRows(state, overlay).length, key);
		case 'finding':
			return scrollKey(state, overlay, findingRows(state, overlay).length, key);
		case 'palette':
			return paletteKey(state, overlay, key, nowMs);
		case 'question':
			return questionKey(state, overlay, key, nowMs);
		case 'offer':
			return offerKey(state, overlay, key, () => injectOrAsk(state, overlay.text), nowMs);
		case 'machines':
			return machinesKey(state, overlay, key, stepOf(key, overlayHeight(state.rows)), nowMs);
		case 'stories':
			return storiesKey(state, overlay, key, stepOf(key, overlayHeight(state.rows)), nowMs);
		case 'story':
			return wholeStoryKey(state, overlay, key, stepOf(key, overlayHeight(state.rows)), nowMs);
		case 'timeLine':
			return timeLineKey(state, overlay, key, nowMs);
		case 'processes':
			return processesKey(state, overlay, key);
		case 'jump':
			return jumpKey(state, overlay, key, nowMs);
		case 'own':
			return ownFileKey(state, overlay, key, nowMs);
		case 'filter':
			return filterKey(state, overlay, key);
	}
}

/** The answer may be long, and is the same object as long as it is the same. */
const answerOf = (overlay: Overlay | undefined): string | undefined =>
	overlay && 'answer' in overlay ? overlay.answer : undefined;
const withoutAnswer = (overlay: Overlay | undefined): string =>
	JSON.stringify(overlay && 'answer' in overlay ? {...overlay, answer: undefined} : (overlay ?? null));

/** Did a key do nothing that could be seen? */
const isSame = (a: State, b: State): boolean =>
	a.notice === b.notice &&
	a.views === b.views &&
	a.injections === b.injections &&
	(a.overlay === b.overlay ||
		(answerOf(a.overlay) === answerOf(b.overlay) && withoutAnswer(a.overlay) === withoutAnswer(b.overlay)));

export function applyOverlayKey(before: State, overlay: Overlay, key: Key, nowMs: number): Update {
	const state = withoutNotice(before);
	if (key === 'ctrl+c') return {state, effects: [{type: 'quit'}]};
	if (key === 'escape') {
		return quiet(closed(overlay.kind === 'filter' ? withView(state, overlay.pane, {filter: overlay.before}) : state));
	}
	const next = applyKeyOf(state, overlay, key, nowMs);
	return next.effects.length === 0 && isSame(next.state, state)
		? say(state, `${keyName(key)} does nothing here`, nowMs)
		: next;
}

/**
 * Moves what an overlay shows by rows. Where there is nothing to move, or no further, a wheel turns idly as in any
 * program.
 */
export function scrollOverlay(state: State, by: number, nowMs: number): State {
	const key = by < 0 ? 'up' : 'down';
	return Array.from({length: Math.abs(by)}).reduce<State>(
		before =>
			before.overlay && before.overlay.kind !== 'question'
				? applyKeyOf(before, before.overlay, key, nowMs).state
				: before,
		state,
	);
}
