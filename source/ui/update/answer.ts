/** What a message comes to where nothing is to be done outside: another state, with a sentence or without. */

import type {State, Update} from './state.ts';

export const quiet = (state: State): Update => ({state, effects: []});

export const withNotice = (state: State, text: string, nowMs: number, isError = true): State => ({
	...state,
	notice: {text, isError, sinceMs: nowMs},
});

/** @param isError false for what is no more than told; it stays for a shorter time */
export const say = (state: State, text: string, nowMs: number, isError = true): Update =>
	quiet(withNotice(state, text, nowMs, isError));
