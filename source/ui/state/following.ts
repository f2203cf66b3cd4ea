/** The frame that is followed through every pane: as such, or as what is behind an address, whatever that is. */

import {formatSpaceAddress, parseTranslate, type SpaceAddress} from '../../formats/debugfs/translate.ts';
import {path} from '../../model/paths.ts';
import {recordIn} from '../../model/tree.ts';
import {withNotice} from './answer.ts';
import {visit} from './arrangement.ts';
import type {State} from './state.ts';

export type UserPlace = {readonly pid: number; readonly address: number};

export type Following = {
	readonly pfn: number | undefined;
	/** What was asked for in place of a frame; `pfn` is what is behind it now, if anything. */
	readonly address?: SpaceAddress | undefined;
	/** The user address, of several that a frame has, that the ladder begins at. */
	readonly via?: UserPlace | undefined;
	/** Frames followed before, for going back. */
	readonly before: readonly number[];
};

export const nothingFollowed: Following = {pfn: undefined, before: []};

const beforeOf = ({pfn, before}: Following): readonly number[] => (pfn === undefined ? before : [...before, pfn]);

export function follow(state: State, pfn: number, nowMs: number): State {
	const {following} = state;
	const followed: State = {
		...visit(state),
		following: {pfn, address: undefined, via: following.via, before: beforeOf(following)},
		frames: {...state.frames, cursorPfn: pfn},
	};
	const text = `following page frame 0x${pfn.toString(16)}: lit in all panes; 8 shows it in every kind of address`;
	return withNotice(followed, text, nowMs, false);
}

/** Follows whatever is behind an address: the next sample tells what that is. */
export function followAddress(state: State, address: SpaceAddress, nowMs: number): State {
	const followed: State = {
		...visit(state),
		following: {pfn: undefined, address, via: undefined, before: beforeOf(state.following)},
	};
	const text = `following ${formatSpaceAddress(address)}, whatever frame is behind it; Esc undoes`;
	return withNotice(followed, text, nowMs, false);
}

/** With the frame that is behind the followed address by the newest files. */
export function followingNow({following, picture: {tree}}: Pick<State, 'following' | 'picture'>): Following {
	if (!following.address) return following;
	const answers = recordIn(tree, path.translate(following.address), parseTranslate)?.answers;
	const answer = answers?.find(({space}) => space === 'pfn');
	const pfn = answer && 'address' in answer ? answer.address : undefined;
	return pfn === following.pfn ? following : {...following, pfn};
}

export const isFollowing = ({pfn, address}: Following): boolean => pfn !== undefined || address !== undefined;

export const followedLess = ({before}: Following): Following => ({pfn: before.at(-1), before: before.slice(0, -1)});
