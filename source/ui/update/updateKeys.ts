/** What commands do: the reducer's part for keys outside of an overlay. */

import type {Experiment} from '../../formats/debugfs/lab/experiments.ts';
import type {MapsModel} from '../../model/maps.ts';
import {path} from '../../model/paths.ts';
import type {Key} from '../terminal/sequences.ts';
import {catLine, contentOf, paneOf, panes} from '../view/panes.ts';
import {quiet, say} from './answer.ts';
import {selectedCause} from './causes.ts';
import {zoomFrames} from './framesCursor.ts';
import {appliesTo, type Command, commandOf, experimentKeys, keyName} from './keymap.ts';
import {indexOfId, initialView} from './list.ts';
import {litOf} from './lit.ts';
import {cycle, goToPane, moveCell, rowsOf, select, toggleZoom, withView} from './move.ts';
import {injectOrAsk} from './paletteKeys.ts';
import {reverseSort, sortNext} from './sort.ts';
import {type Place, type State, shownPid, type Update} from './state.ts';
import {follow} from './updateSample.ts';

const followSelected = (state: State, nowMs: number): Update => {
	const {focus} = state;
	if (focus === 'frames') {
		return state.cursorPfn === undefined
			? say(state, 'move to a cell with the arrow keys first', nowMs)
			: quiet(follow(state, state.cursorPfn, nowMs));
	}
	const {rows} = contentOf(state, focus);
	const {selected} = state.views[focus];
	const index = indexOfId(rows, selected);
	if (index < 0) {
		return say(state, 'select a row with the arrow keys first', nowMs);
	}
	const pfn = rows.pfnAt(index);
	if (pfn !== undefined) {
		return quiet(follow(state, pfn, nowMs));
	}
	const maps = state.models.maps;
	if (focus === 'maps' && maps.state === 'ready') {
		const first = litOf(state).runs.find(({pfn: each}) => each !== state.followedPfn);
		if (first) {
			return quiet(follow(state, first.pfn, nowMs));
		}
		const row = (maps.model as MapsModel).rows.find(({id}) => id === selected);
		const pid = shownPid(state);
		if (row && pid !== undefined) {
			return {state, effects: [{type: 'translate', path: path.translateUser(pid, row.area.start)}]};
		}
	}
	return say(state, 'this row stands for no page frame', nowMs);
};

const askCause = (state: State, nowMs: number): Update => {
	const object = selectedCause(state);
	if (typeof object === 'string') {
		return say(state, object, nowMs);
	}
	return {
		state: {...state, overlay: {kind: 'cause', object, top: 0, answer: undefined}},
		effects: [{type: 'ask', object}],
	};
};

const back = (state: State, nowMs: number): Update => {
	const view = state.views[state.focus];
	if (view.filter !== '') {
		return quiet(withView(state, state.focus, {...view, filter: ''}));
	}
	if (view.sort) {
		return quiet(withView(state, state.focus, {...view, sort: undefined}));
	}
	if (indexOfId(contentOf(state, state.focus).rows, view.selected) >= 0) {
		return quiet(withView(state, state.focus, initialView));
	}
	if (state.markedArea || (state.focus === 'frames' && state.onlyLetters !== undefined)) {
		return quiet({...state, markedArea: undefined, onlyLetters: undefined});
	}
	if (state.focus === 'frames' && state.cursorPfn !== undefined) {
		return quiet({...state, cursorPfn: undefined, framesPerCell: undefined});
	}
	if (state.zoomed) {
		return quiet({...state, zoomed: false});
	}
	if (state.followedInjection !== undefined) {
		return quiet({...state, followedInjection: undefined, followedEndMs: undefined});
	}
	if (state.followedPfn !== undefined) {
		const followedBefore = state.followedBefore.slice(0, -1);
		return quiet({...state, followedPfn: state.followedBefore.at(-1), followedBefore});
	}
	return say(state, 'nothing to go back from', nowMs, false);
};

const clockWrite = (state: State, words: string, nowMs: number): Update => {
	if (!state.target.writable) {
		return say(state, `${state.target.name} is read-only: "${words}" would change its time`, nowMs);
	}
	const purpose = {kind: 'clock', words} as const;
	return {state, effects: [{type: 'write', path: path.clock, text: words, purpose}]};
};

const REWIND_NS = 1e9;

const isPaused = (state: State): boolean => state.clock?.state === 'paused';

const freeze = (state: State, nowMs: number): Update => {
	if (state.target.kind === 'embedded') {
		return clockWrite(state, isPaused(state) ? 'run' : 'pause', nowMs);
	}
	if (state.connection.state === 'lost') {
		return say(state, `${state.target.name} is gone: this is the last picture of it`, nowMs);
	}
	return quiet({...state, frozen: !state.frozen, looksAway: true});
};

const changeRate = (state: State, factor: number, nowMs: number): Update => {
	if (!state.clock) {
		return say(state, 'this target has no clock that could be set', nowMs);
	}
	// Halving and doubling of what a person typed once stays readable.
	const rate = Number((state.clock.rate * factor).toPrecision(6));
	return clockWrite(state, `rate ${rate}`, nowMs);
};

const injectExperiment = (state: State, experiment: Experiment, nowMs: number): Update => {
	if (!state.target.writable) {
		return say(state, `${state.target.name} is read-only: ${experiment.name} cannot be injected`, nowMs);
	}
	return injectOrAsk(state, experiment, experiment.name);
};

const openPalette = (state: State, nowMs: number): Update => {
	if (state.experiments.length === 0) {
		return say(state, 'this target offers no experiments', nowMs);
	}
	if (!state.target.writable) {
		return say(state, `${state.target.name} is read-only: nothing can be injected`, nowMs);
	}
	return quiet({...state, overlay: {kind: 'palette', text: '', cursor: 0}});
};

const openFilter = (state: State, nowMs: number): Update => {
	const {focus} = state;
	if (focus === 'frames') {
		return quiet({...state, overlay: {kind: 'jump', text: ''}});
	}
	if (focus === 'page') {
		return say(state, `${paneOf(focus).name} has no rows to filter`, nowMs);
	}
	return quiet({...state, overlay: {kind: 'filter', pane: focus, before: state.views[focus].filter}});
};

/** The command that prints the files which a pane is made from. */
const copyCommand = (state: State, nowMs: number): Update => {
	const text = catLine(state, state.focus);
	if (text === undefined) {
		return say(state, `${paneOf(state.focus).name} reads no file now`, nowMs);
	}
	const told = say(state, `copied, if this terminal lets programs do so: ${text}`, nowMs, false);
	return {...told, effects: [{type: 'copy', text}]};
};

const isHere = (state: State, {focus, followedPfn}: Place): boolean =>
	focus === state.focus && followedPfn === state.followedPfn;

const goBack = (state: State, nowMs: number): Update => {
	const index = state.visited.findLastIndex(place => !isHere(state, place));
	const before = state.visited[index];
	if (!before) {
		return say(state, 'nothing to go back to', nowMs, false);
	}
	return quiet({...state, ...before, companion: state.focus, visited: state.visited.slice(0, index)});
};

const perform = (state: State, command: Command, key: Key, nowMs: number): Update => {
	switch (command.id) {
		case 'focus':
			return goToPane(state, panes[Number(key) - 1]!.id, nowMs);
		case 'next':
			return quiet(cycle(state, 1));
		case 'previous':
			return quiet(cycle(state, -1));
		case 'zoom':
			return toggleZoom(state, nowMs);
		case 'up':
			return select(state, -1, nowMs);
		case 'down':
			return select(state, 1, nowMs);
		case 'left':
			return moveCell(state, -1, 0, nowMs);
		case 'right':
			return moveCell(state, 1, 0, nowMs);
		case 'pageUp':
			return select(state, -rowsOf(state, state.focus), nowMs);
		case 'pageDown':
			return select(state, rowsOf(state, state.focus), nowMs);
		case 'first':
			return select(state, Number.NEGATIVE_INFINITY, nowMs);
		case 'last':
			return select(state, Number.POSITIVE_INFINITY, nowMs);
		case 'finer':
			return zoomFrames(state, 0.5, nowMs);
		case 'coarser':
			return zoomFrames(state, 2, nowMs);
		case 'filter':
			return openFilter(state, nowMs);
		case 'sort':
			return sortNext(state, nowMs);
		case 'reverse':
			return reverseSort(state, nowMs);
		case 'copy':
			return copyCommand(state, nowMs);
		case 'return':
			return goBack(state, nowMs);
		case 'follow':
			return followSelected(state, nowMs);
		case 'cause':
			return askCause(state, nowMs);
		case 'back':
			return back(state, nowMs);
		case 'processes':
			return quiet({
				...state,
				overlay: {kind: 'processes', view: {...initialView, selected: `pid ${shownPid(state)}`}},
			});
		case 'palette':
			return openPalette(state, nowMs);
		case 'freeze':
			return freeze(state, nowMs);
		case 'pause':
			return clockWrite(state, isPaused(state) ? 'run' : 'pause', nowMs);
		case 'step':
			return clockWrite(state, 'step', nowMs);
		case 'stepBack':
			return clockWrite(state, 'back', nowMs);
		case 'rewind':
			return clockWrite(state, `rewind ${Math.max(0, state.at.timeNs - REWIND_NS)}ns`, nowMs);
		case 'slower':
			return changeRate(state, 0.5, nowMs);
		case 'faster':
			return changeRate(state, 2, nowMs);
		case 'help':
			return quiet({...state, overlay: {kind: 'help', top: 0}});
		case 'redraw':
			return {state, effects: [{type: 'redraw'}]};
		case 'suspend':
			// A machine of one's own stops with the monitor.
			return {
				state: {...state, looksAway: state.looksAway || state.target.kind !== 'embedded'},
				effects: [{type: 'suspend'}],
			};
		case 'quit':
			return {state, effects: [{type: 'quit'}]};
	}
};

/** A key outside of an overlay: a command of the table, an experiment's key, or a sentence that says it is neither. */
export const applyKey = (before: State, key: Key, nowMs: number): Update => {
	const state = before.notice ? {...before, notice: undefined} : before;
	const command = commandOf(key);
	if (command && appliesTo(command, state.focus)) {
		return perform(state, command, key, nowMs);
	}
	if (command) {
		return say(state, `${keyName(key)} is for ${command.panes?.join(', ')}`, nowMs);
	}
	const experiment = experimentKeys(state.experiments).get(key);
	if (experiment) {
		return injectExperiment(state, experiment, nowMs);
	}
	const reason = state.experiments.length === 0 && /^[a-z]$/.test(key) ? ' (this target offers no experiments)' : '';
	return say(state, `${keyName(key)} does nothing here${reason}; ? shows the keys`, nowMs);
};
