/** Keys that a story has before anything else, those of the list of stories, and the room that the banner takes. */

import {path} from '../../model/paths.ts';
import {storySteps} from '../../model/story.ts';
import {classRows} from '../overlays/classroom.ts';
import {overlayHeight} from '../overlays/place.ts';
import {bannerRows, calledWith, mostRows, wholeStory} from '../overlays/story.ts';
import {quiet, say} from '../state/answer.ts';
import {awaiting, unfollowed, withOthers} from '../state/injections.ts';
import {layoutOf, visiblePanes} from '../state/layout.ts';
import {type OverlayOf, withOverlay} from '../state/overlay.ts';
import type {State, Update} from '../state/state.ts';
import {isChoosing, type Story, storyOf, storyPanes} from '../state/story.ts';
import type {Key} from '../terminal/sequences.ts';
import {clockWrite} from './timeKeys.ts';

/** Where there is room for two panes, one that the story is about stands beside the one in focus. */
function withStoryPane(state: State): State {
	const panes = storyPanes(state);
	const layout = layoutOf(state);
	const isLow = layout.kind === 'panes' && layout.tabs !== undefined && !state.zoomed;
	if (!panes || !isLow || visiblePanes(state).some(id => panes.has(id) && id !== state.focus)) return state;
	const companion = [...panes].find(id => id !== state.focus);
	return companion === undefined ? state : {...state, companion};
}

/**
 * Gives the banner its room. It never shrinks during a story: panes that jump at each step cannot be read.
 */
export function withBanner(state: State): State {
	const {story} = state.injections;
	const isSame = story === state.bannerStory;
	const needed = bannerRows(state).length;
	const before = state.bannerRows - state.classRows;
	const told = isSame && needed > 0 ? Math.min(mostRows(state.rows), Math.max(needed, before)) : needed;
	const ofClass = classRows(state).length;
	const rows = ofClass + told;
	if (rows === state.bannerRows && ofClass === state.classRows && isSame) return state;
	const next = {...state, bannerRows: rows, classRows: ofClass, bannerStory: story};
	return isSame ? next : withStoryPane(next);
}

/** Within the state, which lasts a microsecond: the time of a file is cut to that. */
const within = (timeUs: number): string => `rewind ${timeUs * 1000 + 999}ns`;

function stepBack(state: State, {injection, step}: Story, nowMs: number): Update {
	if (state.target.kind !== 'embedded') {
		return say(state, 'going back would take everybody along: the keys [ and , do that', nowMs);
	}
	const before = storySteps(injection).findLast(({timeUs, number}) => timeUs !== undefined && number < step.number);
	return before?.timeUs === undefined
		? say(state, 'this is the first step', nowMs)
		: clockWrite(state, within(before.timeUs), nowMs);
}

const closedStory = (state: State): Update => quiet({...state, injections: unfollowed(state.injections)});

/** What a key does to the story in the banner; undefined where it means what it always means. */
export function storyKey(state: State, key: Key, nowMs: number): Update | undefined {
	const story = storyOf(state);
	if (!story) return undefined;
	const {stage, stays} = story;
	if (isChoosing(state) && ['enter', 'escape', 'backspace'].includes(key)) return undefined;
	const isNext = key === 'enter' || key === 'n';
	if (stage === 'over') return isNext || key === 'escape' ? closedStory(state) : undefined;
	if (!state.target.writable) return undefined;
	if (key === 'backspace') return stepBack(state, story, nowMs);
	if (stage === 'paused') return isNext ? clockWrite(state, 'run', nowMs) : undefined;
	if (stage === 'stopped')
		return isNext ? say(state, 'the machine has stopped: only going back leads on', nowMs) : undefined;
	if (stage === 'going') return isNext ? say(state, 'the next step is on its way', nowMs, false) : undefined;
	switch (key) {
		case 'enter':
		case 'n':
			return clockWrite(state, 'next', nowMs);
		case 'space':
			return stays
				? say(state, 'this step stays until you press Enter', nowMs, false)
				: clockWrite(state, 'stay', nowMs);
		case 'escape':
			return clockWrite(state, 'go', nowMs);
		default:
			return undefined;
	}
}

/** Shows what others inject. */
export function watchOthers(state: State, nowMs: number): Update {
	return state.injections.watchesOthers
		? say(state, 'what others inject is shown here already', nowMs, false)
		: quiet({...state, injections: withOthers(state.injections)});
}

export function openStories(state: State, nowMs: number): Update {
	const count = state.lab.inject?.injections.length ?? 0;
	return count === 0
		? say(state, 'nothing was injected yet', nowMs, false)
		: quiet(withOverlay(state, {kind: 'stories', cursor: 0}));
}

/** Newest first, as the list has them. */
const newestFirst = ({lab: {inject}}: State) => (inject?.injections ?? []).toReversed();

/** Injects the same once more. */
function again(state: State, id: number, nowMs: number): Update {
	const injection = state.lab.inject?.injections.find(each => each.id === id);
	if (!injection) return quiet(state);
	if (!state.target.writable) return say(state, `${state.target.name} is read-only: nothing can be injected`, nowMs);
	const text = calledWith(injection);
	const purpose = {kind: 'inject', experiment: text, predicted: undefined} as const;
	const next = {...state, overlay: undefined, injections: awaiting(state.injections, true)};
	return {state: next, effects: [{type: 'write', path: path.inject, text, purpose}]};
}

/** @param by rows that a key moves by; undefined for other keys */
export function storiesKey(
	state: State,
	overlay: OverlayOf<'stories'>,
	key: Key,
	by: number | undefined,
	nowMs: number,
): Update {
	const all = newestFirst(state);
	const chosen = all[Math.min(overlay.cursor, all.length - 1)];
	if (by !== undefined) {
		return quiet(withOverlay(state, {...overlay, cursor: Math.max(0, Math.min(all.length - 1, overlay.cursor + by))}));
	}
	if (chosen && key === 'enter') return quiet(withOverlay(state, {kind: 'story', id: chosen.id, top: 0}));
	if (chosen && key === 'r') return again(state, chosen.id, nowMs);
	return quiet({...state, overlay: undefined});
}

export function wholeStoryKey(
	state: State,
	overlay: OverlayOf<'story'>,
	key: Key,
	by: number | undefined,
	nowMs: number,
): Update {
	if (by !== undefined) {
		const last = Math.max(0, wholeStory(state, overlay.id).length - overlayHeight(state.rows));
		return quiet(withOverlay(state, {...overlay, top: Math.min(last, Math.max(0, overlay.top + by))}));
	}
	if (key === 'r') return again(state, overlay.id, nowMs);
	const cursor = newestFirst(state).findIndex(({id}) => id === overlay.id);
	return key === 'backspace'
		? quiet(withOverlay(state, {kind: 'stories', cursor: Math.max(0, cursor)}))
		: quiet({...state, overlay: undefined});
}
