/** Keys while an overlay, or a prompt in the footer, has them. */

import type {Key} from '../terminal/sequences.ts';
import {causeRows} from '../view/overlays/cause.ts';
import {helpRows} from '../view/overlays/help.ts';
import {overlayHeight} from '../view/overlays/place.ts';
import {processContent} from '../view/overlays/processes.ts';
import {quiet, say} from './answer.ts';
import {jump} from './framesCursor.ts';
import {commandOf, keyName} from './keymap.ts';
import {initialView, moveSelection} from './list.ts';
import {paletteKey, questionKey} from './paletteKeys.ts';
import type {Overlay, State, Update} from './state.ts';

type OverlayOf<Kind extends Overlay['kind']> = Extract<Overlay, {kind: Kind}>;

const close = (state: State): State => ({...state, overlay: undefined});

/** The key as a character to be typed, if it is one. */
const typed = (key: Key): string | undefined => {
	if (key === 'space') {
		return ' ';
	}
	return [...key].length === 1 ? key : undefined;
};

/** Scrolls a text; any key that does not, closes it. @param count its lines */
const scrollKey = (state: State, overlay: OverlayOf<'help'> | OverlayOf<'cause'>, count: number, key: Key): Update => {
	const height = overlayHeight(state.rows);
	const last = Math.max(0, count - height);
	const by: Readonly<Record<string, number>> = {
		up: -1,
		down: 1,
		pageUp: -height,
		pageDown: height,
		first: Number.NEGATIVE_INFINITY,
		last: Number.POSITIVE_INFINITY,
	};
	const step = by[commandOf(key)?.id ?? ''];
	if (step === undefined) {
		return quiet(close(state));
	}
	return quiet({...state, overlay: {...overlay, top: Math.min(last, Math.max(0, overlay.top + step))}});
};

const processesKey = (state: State, overlay: OverlayOf<'processes'>, key: Key): Update => {
	const content = processContent(state);
	const height = overlayHeight(state.rows) - content.head.length;
	const move = (by: number): Update =>
		quiet({
			...state,
			overlay: {...overlay, view: moveSelection(overlay.view, content.rows, height, by, false)},
		});
	switch (key === 'p' ? 'back' : commandOf(key)?.id) {
		case 'up':
			return move(-1);
		case 'down':
			return move(1);
		case 'pageUp':
			return move(-height);
		case 'pageDown':
			return move(height);
		case 'first':
			return move(Number.NEGATIVE_INFINITY);
		case 'last':
			return move(Number.POSITIVE_INFINITY);
		case 'zoom': {
			const row = state.processes.find(({id}) => id === overlay.view.selected);
			if (!row) {
				return quiet(close(state));
			}
			return quiet({
				...close(state),
				chosenPid: row.pid,
				// The person's choice goes before what an injection wants to show.
				followedInjection: undefined,
				focus: 'maps',
				companion: state.focus === 'maps' ? state.companion : state.focus,
				views: {...state.views, maps: initialView},
			});
		}
		default:
			return quiet(close(state));
	}
};

const filterKey = (state: State, overlay: OverlayOf<'filter'>, key: Key): Update => {
	const view = state.views[overlay.pane];
	const write = (filter: string): State =>
		filter === view.filter ? state : {...state, views: {...state.views, [overlay.pane]: {...view, filter}}};
	if (key === 'enter') {
		return quiet(close(state));
	}
	if (key === 'backspace') {
		return quiet(view.filter === '' ? close(state) : write([...view.filter].slice(0, -1).join('')));
	}
	if (key === 'ctrl+u') {
		return quiet(write(''));
	}
	const character = typed(key);
	return quiet(character === undefined ? state : write(view.filter + character));
};

/** More characters than any place has. */
export const longestGo = 24;

const jumpKey = (state: State, overlay: OverlayOf<'jump'>, key: Key, nowMs: number): Update => {
	if (key === 'enter') {
		return overlay.text.trim() === '' ? quiet(close(state)) : jump(close(state), overlay.text, nowMs);
	}
	if (key === 'backspace') {
		return quiet(
			overlay.text === '' ? close(state) : {...state, overlay: {...overlay, text: overlay.text.slice(0, -1)}},
		);
	}
	const character = typed(key);
	const isRoom = overlay.text.length < longestGo;
	return quiet(
		character === undefined || !isRoom ? state : {...state, overlay: {...overlay, text: overlay.text + character}},
	);
};

const applyKeyOf = (state: State, overlay: Overlay, key: Key, nowMs: number): Update => {
	switch (overlay.kind) {
		case 'help':
			return scrollKey(state, overlay, helpRows(state).length, key);
		case 'cause':
			return scrollKey(state, overlay, causeRows(state, overlay).length, key);
		case 'palette':
			return paletteKey(state, overlay, key, nowMs);
		case 'question':
			return questionKey(state, overlay, key, nowMs);
		case 'processes':
			return processesKey(state, overlay, key);
		case 'jump':
			return jumpKey(state, overlay, key, nowMs);
		case 'filter':
			return filterKey(state, overlay, key);
	}
};

/** Did a key do nothing that could be seen? */
const isSame = (a: State, b: State): boolean =>
	a.notice === b.notice &&
	a.views === b.views &&
	a.asksFirst === b.asksFirst &&
	(a.overlay === b.overlay || JSON.stringify(a.overlay) === JSON.stringify(b.overlay));

export const applyOverlayKey = (before: State, overlay: Overlay, key: Key, nowMs: number): Update => {
	const state = before.notice ? {...before, notice: undefined} : before;
	if (key === 'ctrl+c') {
		return {state, effects: [{type: 'quit'}]};
	}
	if (key === 'escape') {
		const restored =
			overlay.kind === 'filter'
				? {
						...state,
						views: {...state.views, [overlay.pane]: {...state.views[overlay.pane], filter: overlay.before}},
					}
				: state;
		return quiet(close(restored));
	}
	const next = applyKeyOf(state, overlay, key, nowMs);
	return next.effects.length === 0 && isSame(next.state, state)
		? say(state, `${keyName(key)} does nothing here`, nowMs)
		: next;
};

/** Moves what an overlay shows by rows. Where there is nothing to move, or no further, a wheel turns idly as in any program. */
export const scrollOverlay = (state: State, by: number, nowMs: number): State => {
	const key = by < 0 ? 'up' : 'down';
	return Array.from({length: Math.abs(by)}).reduce<State>(
		before =>
			before.overlay && before.overlay.kind !== 'question'
				? applyKeyOf(before, before.overlay, key, nowMs).state
				: before,
		state,
	);
};
