/** Keys that change the machine: its time, its load, and what is injected. */

import type {ExperimentRecord} from '../../formats/debugfs/lab/experiments.ts';
import type {LoadRecord} from '../../formats/debugfs/lab/load.ts';
import {path} from '../../model/paths.ts';
import {quiet, say} from '../state/answer.ts';
import type {State, Update} from '../state/state.ts';
import {injectOrOffer} from './paletteKeys.ts';

export function clockWrite(state: State, words: string, nowMs: number): Update {
	if (state.picture.playback) return {state, effects: [{type: 'play', words}]};
	if (!state.target.writable) {
		return say(state, `${state.target.name} is read-only: "${words}" would change its time`, nowMs);
	}
	const purpose = {kind: 'clock', words} as const;
	return {state, effects: [{type: 'write', path: path.clock, text: words, purpose}]};
}

const rewindNs = 1e9;

/** Once more while it is on its way there goes further. */
export const rewind = (state: State, nowMs: number): Update =>
	clockWrite(state, `rewind ${Math.max(0, (state.rewinding?.toNs ?? state.picture.at.timeNs) - rewindNs)}ns`, nowMs);

const isPaused = ({picture, lab}: State): boolean => picture.playback?.paused ?? lab.clock?.state === 'paused';

export const pauseOrRun = (state: State, nowMs: number): Update =>
	clockWrite(state, isPaused(state) ? 'run' : 'pause', nowMs);

export function freeze(state: State, nowMs: number): Update {
	if (state.target.kind === 'embedded' || state.picture.playback) return pauseOrRun(state, nowMs);
	if (state.connection.state === 'lost') {
		return say(state, `${state.target.name} is gone: this is the last picture of it`, nowMs);
	}
	const {picture} = state;
	return quiet({...state, picture: {...picture, frozen: !picture.frozen, looksAway: true}});
}

export function changeRate(state: State, factor: number, nowMs: number): Update {
	const now = state.picture.playback?.rate ?? state.lab.clock?.rate;
	if (now === undefined) return say(state, 'this target has no clock that could be set', nowMs);
	// Halving and doubling of what a person typed once stays readable.
	const rate = Number((now * factor).toPrecision(6));
	return clockWrite(state, `rate ${rate}`, nowMs);
}

/** The load after each in the turns of the key; a machine without programs has no other. */
const nextLoad: Readonly<Record<LoadRecord['load'], LoadRecord['load']>> = {
	calm: 'busy',
	busy: 'quiet',
	quiet: 'calm',
	none: 'none',
};

export function changeLoad(state: State, nowMs: number): Update {
	const {load} = state.lab;
	if (!load) return say(state, 'this target has no load that could be changed', nowMs);
	const words = nextLoad[load.load];
	if (!state.target.writable) {
		return say(state, `${state.target.name} is read-only: "${words}" would change its load`, nowMs);
	}
	return {state, effects: [{type: 'write', path: path.load, text: words, purpose: {kind: 'load', words}}]};
}

export function injectExperiment(state: State, experiment: ExperimentRecord, nowMs: number): Update {
	if (!state.target.writable) {
		return say(state, `${state.target.name} is read-only: ${experiment.name} cannot be injected`, nowMs);
	}
	return injectOrOffer(state, experiment.name);
}

export function openPalette(state: State, nowMs: number): Update {
	if (state.lab.experiments.length === 0) return say(state, 'this target offers no experiments', nowMs);
	if (!state.target.writable) return say(state, `${state.target.name} is read-only: nothing can be injected`, nowMs);
	return quiet({...state, overlay: {kind: 'palette', text: '', cursor: 0}});
}
