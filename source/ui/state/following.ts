/** The frame that is followed through every pane. */

import {withNotice} from './answer.ts';
import {visit} from './arrangement.ts';
import type {State} from './state.ts';

export type Following = {
	readonly pfn: number | undefined;
	/** Frames followed before, for going back. */
	readonly before: readonly number[];
};

export const nothingFollowed: Following = {pfn: undefined, before: []};

export function follow(state: State, pfn: number, nowMs: number): State {
	const {following} = state;
	const followed: State = {
		...visit(state),
		following: {pfn, before: following.pfn === undefined ? following.before : [...following.before, following.pfn]},
		frames: {...state.frames, cursorPfn: pfn},
	};
	const text = `following page frame 0x${pfn.toString(16)}: lit in all panes; 8 shows it in every kind of address`;
	return withNotice(followed, text, nowMs, false);
}

export const followedLess = ({before}: Following): Following => ({pfn: before.at(-1), before: before.slice(0, -1)});
