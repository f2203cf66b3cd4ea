/** Keys of the list of machines, and of the offer to open another one. */

import type {ExperimentRecord} from '../../formats/debugfs/lab/experiments.ts';
import {misfitOf} from '../../model/fit.ts';
import {quiet, say} from '../state/answer.ts';
import {leads} from '../state/classroom.ts';
import type {MachineRequest} from '../state/machines.ts';
import {closed, type OverlayOf, withOverlay} from '../state/overlay.ts';
import type {State, Update} from '../state/state.ts';
import type {Key} from '../terminal/sequences.ts';

const wanted = (state: State, request: MachineRequest): Update => ({
	state: closed(state),
	effects: [{type: 'machines', request}],
});

/** The experiment that a text names, `name key=value …`. */
export const experimentOf = ({lab}: State, text: string): ExperimentRecord | undefined =>
	lab.experiments.find(({name}) => name === text.split(' ')[0]);

const cannotOpen = 'this monitor has one machine; mmtop in a terminal opens others beside it';

/** Opens the list, with the machine in front selected. */
export const openMachines = (state: State, nowMs: number): Update =>
	state.machines.all.length === 0
		? say(state, cannotOpen, nowMs)
		: quiet(withOverlay(state, {kind: 'machines', cursor: state.machines.here}));

/** The wall of the class, or leading it. */
export function ofClass(state: State, kind: 'wall' | 'lead', nowMs: number): Update {
	const {classRecord} = state.lab;
	if (!classRecord) return say(state, 'this machine is not of a class', nowMs);
	if (kind === 'lead' ? classRecord.role === 'teacher' : leads(state)) {
		return {state, effects: [{type: 'machines', request: {kind}}]};
	}
	return say(
		state,
		`only ${kind === 'lead' ? 'the teacher' : 'a teacher or a helper'} of the class may do that`,
		nowMs,
	);
}

/** Back to the machine that was in front before; undefined where there is none. */
export function toMachineBefore(state: State): Update | undefined {
	const {before} = state.machines;
	return before === undefined ? undefined : wanted(state, {kind: 'go', index: before});
}

/**
 * Offers the machine that an experiment is about, where this one is another and one can be opened.
 *
 * @param text `name key=value …`
 */
export function offered(state: State, text: string): Update | undefined {
	const experiment = experimentOf(state, text);
	const misfit = experiment && misfitOf(experiment, state.lab.machine);
	return misfit && state.machines.all.length > 0 ? quiet(withOverlay(state, {kind: 'offer', text, misfit})) : undefined;
}

export const offerKey = (
	state: State,
	{text, misfit: {fitting}}: OverlayOf<'offer'>,
	key: Key,
	injectHere: () => Update,
	nowMs: number,
): Update => {
	if (key === 'enter') return wanted(state, {kind: 'open', fitting, text});
	return key === 'i' ? injectHere() : say(state, 'Enter opens that machine, i injects here, Esc does neither', nowMs);
};

/** @param by rows that a key moves by; undefined for other keys */
export function machinesKey(
	state: State,
	{cursor}: OverlayOf<'machines'>,
	key: Key,
	by: number | undefined,
	nowMs: number,
): Update {
	const {all, here} = state.machines;
	const at = (index: number): Update =>
		quiet(withOverlay(state, {kind: 'machines', cursor: Math.max(0, Math.min(all.length - 1, index))}));
	const go = (index: number): Update => (index === here ? quiet(closed(state)) : wanted(state, {kind: 'go', index}));
	if (by !== undefined) return at(cursor + by);
	if (key === 'enter') return go(cursor);
	if (/^[1-9]$/.test(key) && Number(key) <= all.length) return go(Number(key) - 1);
	if (key !== 'x') return quiet(closed(state));
	return all[cursor]!.mayEnd
		? wanted(state, {kind: 'end', index: cursor})
		: say(state, `${all[cursor]!.name} was there first: q leaves it, with all others`, nowMs);
}
