/** What a message comes to where nothing is to be done outside: another state, with a sentence or without. */

import type {State, Update} from './state.ts';

export type Notice = {readonly text: string; readonly isError: boolean; readonly sinceMs: number};

/** How long a sentence about what happened stays on screen. */
const noticeMs = 6000;
/** Good news is shorter. */
const shortNoticeMs = 2500;

export const quiet = (state: State): Update => ({state, effects: []});

export const withNotice = (state: State, text: string, nowMs: number, isError = true): State => ({
	...state,
	notice: {text, isError, sinceMs: nowMs},
});

/** @param isError false for information only; it stays for a shorter time */
export const say = (state: State, text: string, nowMs: number, isError = true): Update =>
	quiet(withNotice(state, text, nowMs, isError));

/** The notice, as long as it is to be seen. */
export function stillSaid(notice: Notice | undefined, nowMs: number): Notice | undefined {
	if (!notice) return undefined;
	return nowMs - notice.sinceMs > (notice.isError ? noticeMs : shortNoticeMs) ? undefined : notice;
}

export const withoutNotice = (state: State): State => (state.notice ? {...state, notice: undefined} : state);

/** Whether nothing came of a key but a sentence. */
export const onlySays = ({state, effects}: Update, before: State): boolean =>
	effects.length === 0 &&
	(Object.keys(state) as (keyof State)[]).every(key => key === 'notice' || state[key] === before[key]);
