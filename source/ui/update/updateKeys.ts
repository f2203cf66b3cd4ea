/** What commands do: the reducer's part for keys outside of an overlay. */

import {causePath} from '../../model/cause.ts';
import {explanationOf} from '../panes/explain.ts';
import {appliesTo, commandOf, experimentKeys, keyName} from '../panes/keymap.ts';
import {litOf} from '../panes/lit.ts';
import {pfnOf} from '../panes/pane.ts';
import {listPlace, rowsOf} from '../panes/panes.ts';
import {paneOf} from '../panes/table.ts';
import {quiet, say, withoutNotice} from '../state/answer.ts';
import {cycle, wentBack, withView} from '../state/arrangement.ts';
import {leaderOf, withoutLeader} from '../state/classroom.ts';
import type {Command, CommandId} from '../state/commands.ts';
import {follow, followedLess, isFollowing} from '../state/following.ts';
import {withoutMarks} from '../state/frames.ts';
import {unfollowed} from '../state/injections.ts';
import {idsOf, indexOfId, initialView} from '../state/list.ts';
import {withOverlay} from '../state/overlay.ts';
import {type PaneId, paneNumbered} from '../state/panes.ts';
import {shownPid} from '../state/processes.ts';
import type {Effect, State, Update} from '../state/state.ts';
import type {Key} from '../terminal/sequences.ts';
import {copyCommand} from './copy.ts';
import {ofClass, openMachines, toMachineBefore} from './machineKeys.ts';
import {goToPane, select, toggleZoom} from './move.ts';
import {openOwnFile} from './ownFileKeys.ts';
import {reverseSort, sortNext} from './sort.ts';
import {openStories, storyKey, watchOthers} from './storyKeys.ts';
import {
	changeLoad,
	changeRate,
	clockWrite,
	freeze,
	injectExperiment,
	openPalette,
	pauseOrRun,
	rewind,
} from './timeKeys.ts';
import {openTimeLine} from './timeLineKeys.ts';

function followSelected<Id extends PaneId>(state: State, id: Id, nowMs: number): Update {
	const {selected} = state.views[id];
	const row = selected === undefined ? undefined : rowsOf(state, id).find(each => each.id === selected);
	if (!row) return say(state, 'select a row with the arrow keys first', nowMs);
	const pfn = pfnOf(paneOf(id).meaning, row);
	return pfn === undefined ? say(state, 'this row has no page frame', nowMs) : quiet(follow(state, pfn, nowMs));
}

function askCause(state: State, nowMs: number): Update {
	const object = paneOf(state.focus).cause(state, litOf(state));
	return typeof object === 'string'
		? say(state, object, nowMs)
		: {
				state: withOverlay(state, {kind: 'cause', object, top: 0, answer: undefined}),
				effects: [{type: 'ask', path: causePath(object)}],
			};
}

/** Undoes the first of what there is to undo; undefined when there is nothing. */
function undone(state: State): State | undefined {
	const {focus, frames, injections, following} = state;
	const view = state.views[focus];
	if (view.filter !== '') return withView(state, focus, {filter: ''});
	if (view.sort) return withView(state, focus, {sort: undefined});
	if (indexOfId(idsOf(rowsOf(state, focus)), view.selected) >= 0) return withView(state, focus, initialView);
	if (frames.marked) return {...state, frames: withoutMarks(frames)};
	const own = paneOf(focus).undo?.(state);
	if (own) return own;
	if (state.zoomed) return {...state, zoomed: false};
	if (injections.followed !== undefined || injections.story !== undefined)
		return {...state, injections: unfollowed(injections)};
	return isFollowing(following) ? {...state, following: followedLess(following)} : undefined;
}

function openFilter(state: State): Update {
	const {focus, views} = state;
	return quiet(withOverlay(state, {kind: 'filter', pane: focus, before: views[focus].filter}));
}

/** Opens what the selected row says; without one, shows the pane on the whole screen. */
function explain(state: State, nowMs: number): Update {
	const lit = litOf(state);
	const explanation = explanationOf(state, lit);
	if (!explanation) {
		return state.views[state.focus].selected === undefined
			? toggleZoom(state, nowMs)
			: say(state, 'that row is gone; P stops time, so that it stays', nowMs);
	}
	const cause = paneOf(state.focus).cause(state, lit);
	const object = typeof cause === 'string' ? undefined : cause;
	return {
		state: withOverlay(state, {kind: 'detail', explanation, isGone: false, object, answer: undefined, top: 0}),
		effects: object ? [{type: 'ask', path: causePath(object)}] : [],
	};
}

const openProcesses = (state: State): Update =>
	quiet(withOverlay(state, {kind: 'processes', view: {...initialView, selected: `pid ${shownPid(state)}`}}));

function suspend(state: State): Update {
	const {picture, target} = state;
	// A machine of one's own stops with the monitor.
	const looksAway = picture.looksAway || target.kind !== 'embedded';
	return {state: {...state, picture: {...picture, looksAway}}, effects: [{type: 'suspend'}]};
}

/** To the place before; from the first one to the machine before. */
function returned(state: State): Update | undefined {
	const back = wentBack(state);
	return back ? quiet(back) : toMachineBefore(state);
}

const orSay = (state: State | undefined, before: State, text: string, nowMs: number): Update =>
	state ? quiet(state) : say(before, text, nowMs, false);

const effect =
	(type: 'redraw' | 'quit') =>
	(state: State): Update => ({state, effects: [{type} satisfies Effect]});

const windowRows = (state: State): number => listPlace(state, state.focus).height;

type Perform = (state: State, nowMs: number, key: Key) => Update;

/** What each command does, unless the pane in focus does something of its own. */
const performed: Readonly<Record<CommandId, Perform>> = {
	focus: (state, nowMs, key) => goToPane(state, paneNumbered(Number(key))!, nowMs),
	next: state => quiet(cycle(state, 1)),
	previous: state => quiet(cycle(state, -1)),
	zoom: toggleZoom,
	explain,
	up: (state, nowMs) => select(state, -1, nowMs),
	down: (state, nowMs) => select(state, 1, nowMs),
	left: quiet,
	right: quiet,
	pageUp: (state, nowMs) => select(state, -windowRows(state), nowMs),
	pageDown: (state, nowMs) => select(state, windowRows(state), nowMs),
	first: (state, nowMs) => select(state, Number.NEGATIVE_INFINITY, nowMs),
	last: (state, nowMs) => select(state, Number.POSITIVE_INFINITY, nowMs),
	finer: quiet,
	coarser: quiet,
	filter: openFilter,
	sort: sortNext,
	reverse: reverseSort,
	copy: copyCommand,
	return: (state, nowMs) => returned(state) ?? say(state, 'nothing to go back to', nowMs, false),
	follow: (state, nowMs) => followSelected(state, state.focus, nowMs),
	cause: askCause,
	back: (state, nowMs) => orSay(undone(state), state, 'nothing to go back from', nowMs),
	processes: openProcesses,
	stories: openStories,
	machines: openMachines,
	wall: (state, nowMs) => ofClass(state, 'wall', nowMs),
	lead: (state, nowMs) => ofClass(state, 'lead', nowMs),
	others: watchOthers,
	palette: openPalette,
	own: openOwnFile,
	freeze,
	pause: pauseOrRun,
	step: (state, nowMs) => clockWrite(state, 'step', nowMs),
	stepBack: (state, nowMs) => clockWrite(state, 'back', nowMs),
	rewind,
	timeLine: openTimeLine,
	slower: (state, nowMs) => changeRate(state, 0.5, nowMs),
	faster: (state, nowMs) => changeRate(state, 2, nowMs),
	load: changeLoad,
	help: state => quiet(withOverlay(state, {kind: 'help', top: 0})),
	redraw: effect('redraw'),
	suspend,
	quit: effect('quit'),
};

function perform(state: State, {id}: Command, key: Key, nowMs: number): Update {
	const own = paneOf(state.focus).commands?.[id]?.(state, nowMs, litOf(state));
	return own ?? performed[id](state, nowMs, key);
}

/** A key outside of an overlay: a command of the table, an experiment's key, or a sentence that says it is neither. */
export function applyKey(before: State, key: Key, nowMs: number): Update {
	const state = withoutNotice(before);
	if (key === 'escape' && leaderOf(state) !== undefined) return quiet(withoutLeader(state));
	const told = storyKey(state, key, nowMs);
	if (told) return told;
	const command = commandOf(key, state.focus);
	if (command && appliesTo(command, state.focus)) return perform(state, command, key, nowMs);
	if (command) return say(state, `${keyName(key)} is for ${command.panes?.join(', ')}`, nowMs);
	const {experiments} = state.lab;
	const experiment = experimentKeys(experiments).get(key);
	if (experiment) return injectExperiment(state, experiment, nowMs);
	const reason = experiments.length === 0 && /^[a-z]$/.test(key) ? ' (this target offers no experiments)' : '';
	return say(state, `${keyName(key)} does nothing here${reason}; ? shows the keys`, nowMs);
}
