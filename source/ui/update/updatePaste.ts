/** Pasted text: it goes into the prompt that is open, as if typed there, and presses no keys anywhere else. */

import {quiet, say} from '../state/answer.ts';
import type {State, Update} from '../state/state.ts';
import {withText} from './ownFileKeys.ts';
import {longestGo} from './updateOverlay.ts';

function intoFilter(state: State, pane: keyof State['views'], text: string): State {
	const view = state.views[pane];
	return {...state, views: {...state.views, [pane]: {...view, filter: view.filter + text}}};
}

/** @param text one line without control characters */
export function applyPaste(before: State, text: string, nowMs: number): Update {
	const state = before.notice ? {...before, notice: undefined} : before;
	const {overlay} = state;
	switch (overlay?.kind) {
		case 'filter':
			return quiet(intoFilter(state, overlay.pane, text));
		case 'jump':
			return quiet({...state, overlay: {...overlay, text: (overlay.text + text).slice(0, longestGo)}});
		case 'own':
			return quiet({...state, overlay: withText(overlay, overlay.text + text)});
		case 'palette': {
			const whole = overlay.text + text;
			// The list stays where it is while parameters are typed.
			const cursor = whole.split(' ')[0] === overlay.text.split(' ')[0] ? overlay.cursor : 0;
			return quiet({...state, overlay: {...overlay, text: whole, cursor}});
		}
		default:
			return say(state, 'pasted text goes into a prompt only: / : and i open one', nowMs, false);
	}
}
