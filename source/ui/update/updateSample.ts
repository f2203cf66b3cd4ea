/** What a sample, and other answers of the target, do to the state. */

import {parseTranslate} from '../../formats/debugfs/translate.ts';
import {findCulprits} from '../../model/injections.ts';
import {path} from '../../model/paths.ts';
import {traceLines} from '../../model/trace.ts';
import {recordIn, type SampledTree} from '../../model/tree.ts';
import {explanationOf} from '../panes/explain.ts';
import {litOf} from '../panes/lit.ts';
import {deriveModels, toldRow, unreadAfter, withLacking} from '../panes/panes.ts';
import {quiet, stillSaid, withNotice} from '../state/answer.ts';
import {withView} from '../state/arrangement.ts';
import {withClass} from '../state/classroom.ts';
import {seenAfter} from '../state/findings.ts';
import {follow, followingNow} from '../state/following.ts';
import {withZones} from '../state/frames.ts';
import {injected, released, seen, withoutUndone} from '../state/injections.ts';
import {labOf} from '../state/lab.ts';
import {metersAfter} from '../state/meters.ts';
import {withOverlay} from '../state/overlay.ts';
import {modelIn} from '../state/panes.ts';
import {comparable, isAnother, nextPicture, returnText} from '../state/picture.ts';
import {hasShownEnded, isListDue, readProcesses} from '../state/processes.ts';
import {rewindingAfter} from '../state/rewinding.ts';
import type {Effect, MessageOf, State, Update} from '../state/state.ts';
import {askSession} from './timeLineKeys.ts';

const newestTrace = (tree: SampledTree): readonly string[] =>
	recordIn(tree, path.trace, traceLines) ?? recordIn(tree, path.traceTail, traceLines) ?? [];

/** What the newest files say, and nothing yet of the panes. */
function withFiles(state: State, {sample, nowMs}: MessageOf<'sampled'>): State {
	const isNew = isAnother(state.picture, sample);
	const before = comparable(state.picture, sample);
	const picture = nextPicture(before, sample, nowMs);
	const {tree, at} = picture;
	const lab = labOf(tree);
	const known = isNew ? withoutUndone(state.injections, lab.inject) : state.injections;
	const followed = seen(known, lab.inject, at.movedMs, state.views.trace.selected !== undefined);
	const isReleasable = state.processes.hasEnded;
	const said = sample.notice ?? (state.connection.state === 'lost' ? returnText(state.picture, sample) : undefined);
	return {
		...state,
		connection: {state: 'live'},
		notice: said === undefined ? stillSaid(state.notice, nowMs) : {text: said, isError: true, sinceMs: nowMs},
		picture,
		lab,
		rewinding: rewindingAfter(state.rewinding, lab.clock, nowMs),
		meters: metersAfter(isNew ? {} : state.meters, before, picture),
		injections: {
			...(isReleasable ? released(followed, at.movedMs) : followed),
			culprits: findCulprits(lab.inject, () => newestTrace(tree)),
		},
		following: followingNow({following: state.following, picture}),
		frames: withZones(state.frames, tree, lab.machine, isNew),
	};
}

const withProcesses = (state: State): State => ({...state, processes: readProcesses(state)});

const withEnd = (state: State): State => ({
	...state,
	processes: {...state.processes, hasEnded: hasShownEnded(state)},
});

/** @param panes whose files the sample has */
function withModels(state: State, {panes}: MessageOf<'sampled'>): State {
	const models = deriveModels(state, panes);
	const maps = modelIn({models}, 'maps');
	return {
		...state,
		models,
		unread: unreadAfter({...state, models}, panes),
		seenFinding: seenAfter(state, panes.includes('findings')),
		picture: {...state.picture, panes},
		processes: {...state.processes, picturedPid: maps?.pid, hadAreas: (maps?.areas ?? 0) > 0},
	};
}

/** What the story is about comes into sight where nothing is selected. */
const withTold = (state: State, {panes}: MessageOf<'sampled'>): State =>
	panes.reduce((before, id) => {
		const told = toldRow(before, id);
		return told === before.views[id].told ? before : withView(before, id, {told});
	}, state);

/** What a row is explained with follows the row as long as it is there. */
function withDetail(state: State): State {
	const {overlay} = state;
	if (overlay?.kind !== 'detail') return state;
	const explanation = explanationOf(state, litOf(state));
	return withOverlay(state, {...overlay, explanation: explanation ?? overlay.explanation, isGone: !explanation});
}

export function applySample(before: State, message: MessageOf<'sampled'>): Update {
	const read = withModels(withEnd(withProcesses(withClass(withFiles(before, message), message.nowMs))), message);
	const shown = withLacking(withDetail(withTold(read, message)));
	const {state, effects: asks} = isAnother(before.picture, message.sample) ? askSession(shown) : quiet(shown);
	if (!isListDue(state.processes, message.nowMs)) return {state, effects: asks};
	return {
		state: {...state, processes: {...state.processes, listedMs: message.nowMs}},
		effects: [...listEffects, ...asks],
	};
}

/** Processes come and go, and so do devices: one may be there only while it has pools. */
const listEffects: readonly Effect[] = [path.processes, path.pciDevices].map(each => ({type: 'list', path: each}));

export function applyWritten(state: State, {purpose, answer, nowMs}: MessageOf<'written'>): State {
	if (purpose.kind === 'clock') return state;
	if (purpose.kind === 'load')
		return withNotice(state, `the machine is ${purpose.words} now; L has another load`, nowMs, false);
	const id = Number(answer.trim());
	const text =
		state.lab.clock?.state === 'paused'
			? `${purpose.experiment} injected; time is paused (. step, P run)`
			: `${purpose.experiment} is injected as number ${id}`;
	const next = {...state, injections: injected(state.injections, id, purpose.predicted)};
	// What an injection does is at the end of the trace.
	return withNotice(withView(next, 'trace', {selected: undefined}), text, nowMs, false);
}

/** The frame behind an address that somebody wants to follow. */
export function applyTranslation(state: State, {text, nowMs}: MessageOf<'translated'>): State {
	const answer = parseTranslate(text).answers.find(({space}) => space === 'pfn');
	if (answer && 'address' in answer) return follow(state, answer.address, nowMs);
	const reason = answer && 'reason' in answer ? answer.reason : 'it has no page frame now';
	return withNotice(state, `cannot follow it: ${reason}`, nowMs);
}
