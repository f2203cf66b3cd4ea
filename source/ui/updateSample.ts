/** What a sample, and other answers of the target, do to the state. */

import {parseClock} from '../formats/debugfs/lab/clock.ts';
import {parseExperiments} from '../formats/debugfs/lab/experiments.ts';
import {type Inject, parseInject} from '../formats/debugfs/lab/inject.ts';
import {parseMachine} from '../formats/debugfs/lab/machine.ts';
import {parsePageMap} from '../formats/debugfs/pageMap.ts';
import {parseTranslate} from '../formats/debugfs/translate.ts';
import {parseMeminfo} from '../formats/proc/meminfo.ts';
import {parseStatus} from '../formats/proc/status.ts';
import {findCulprits, isOpen} from '../model/injections.ts';
import type {Loaded} from '../model/loaded.ts';
import type {MapsModel} from '../model/maps.ts';
import {path} from '../model/paths.ts';
import {likelyProcess, processRows} from '../model/processes.ts';
import {traceLines} from '../model/trace.ts';
import {mergeSample, recordIn, type Tree} from '../model/tree.ts';
import type {Sample} from '../target/target.ts';
import {withNotice} from './answer.ts';
import type {MemoryZone} from './frameWindow.ts';
import type {PaneId} from './layout.ts';
import {readAreas} from './mapsPage.ts';
import {measure, withGaps} from './meters.ts';
import {paneOf} from './panes.ts';
import {type Effect, isWorthShowing, type Message, type State, shownPid, type Update, visit} from './state.ts';

/** How long a sentence about what happened stays on screen. */
const noticeMs = 6000;
/** Good news is shorter. */
const shortNoticeMs = 2500;
/** Names of processes and devices are asked for this often. */
const listEveryMs = 1000;
/** What an ended injection did stays in the maps pane for this long while the machine moves. */
const followEndedMs = 10_000;

/** A gap longer than this between two samples is not time in which marks could be seen. */
const longestStepMs = 500;

const hasMoved = (state: State, {timeNs, seq}: Sample): boolean => seq !== state.seq || timeNs !== state.at.timeNs;

const nextMoment = (state: State, sample: Sample, nowMs: number): State['at'] => {
	const passedMs = state.sampledMs === undefined ? 0 : Math.min(longestStepMs, Math.max(0, nowMs - state.sampledMs));
	return {timeNs: sample.timeNs, movedMs: state.at.movedMs + (hasMoved(state, sample) ? passedMs : 0)};
};

/** What happened between two samples with a freeze between them is not what happened in the time of one column. */
const metersOf = (state: State, sample: Sample, tree: Tree, at: State['at']): State['meters'] => {
	const moved = hasMoved(state, sample);
	const isGap = moved && state.looksAway && !state.frozen;
	return measure(isGap ? withGaps(state.meters) : state.meters, tree, at, moved);
};

const isOver = (notice: State['notice'], nowMs: number): boolean =>
	notice !== undefined && nowMs - notice.sinceMs > (notice.isError ? noticeMs : shortNoticeMs);

const noticeOf = ({notice}: State, sample: Sample, nowMs: number): State['notice'] => {
	if (sample.notice !== undefined) {
		return {text: sample.notice, isError: true, sinceMs: nowMs};
	}
	return isOver(notice, nowMs) ? undefined : notice;
};

const memoryZonesOf = (tree: Tree, known: readonly MemoryZone[]): readonly MemoryZone[] => {
	if (known.length > 0) {
		return known;
	}
	const zones =
		recordIn(tree, path.machine, parseMachine)?.zones ?? recordIn(tree, path.pageMap, parsePageMap)?.zones ?? [];
	return zones.map(({startPfn, frames}) => ({startPfn, frames}));
};

/** The process whose areas a recording holds: that which was looked at then. */
const recordedPid = (tree: Tree): number | undefined => {
	const pids = Object.keys(tree).flatMap(name => /^\/proc\/(\d+)\/maps\b/.exec(name)?.[1] ?? []);
	const found = pids.find(pid => readAreas(tree, Number(pid))?.isGone === false);
	return found === undefined ? undefined : Number(found);
};

const processesOf = (tree: Tree, state: State): Partial<State> => {
	const recorded = state.target.kind === 'recording' ? recordedPid(tree) : undefined;
	if (recorded !== undefined) {
		return {likelyPid: recorded};
	}
	const statuses = (state.pids ?? []).flatMap(pid => {
		const status = recordIn(tree, path.status(pid), parseStatus);
		return status ? [[pid, status] as const] : [];
	});
	if (statuses.length === 0) {
		return {};
	}
	const processes = processRows(statuses, state.culprits.byPid);
	const isAlive = processes.some(({pid}) => pid === state.likelyPid);
	// An injected process comes and goes: what is shown by default is one that stays.
	const lasting = processes.filter(({injection}) => injection === undefined);
	return {
		processes,
		likelyPid: isAlive && isWorthShowing(state.likelyPid) ? state.likelyPid : likelyProcess(lasting)?.pid,
	};
};

/**
 * The injection that is followed, and since when it has been over. One that somebody else injects is followed too,
 * unless this monitor watches another, or somebody reads the trace.
 */
const followOf = (state: State, inject: Inject | undefined, movedMs: number): Partial<State> => {
	const injections = inject?.injections ?? [];
	const newest = injections.at(-1);
	const newestInjection = newest?.id ?? 0;
	const followed = injections.find(({id}) => id === state.followedInjection);
	// Time went back to before it: nothing of it is left that could be shown.
	const isUndone = !followed && (state.followedInjection ?? 0) > newestInjection;
	const followedInjection = isUndone ? undefined : state.followedInjection;
	if (followed && isOpen(followed)) {
		return {newestInjection, followedEndMs: undefined};
	}
	const isNews = newest && state.newestInjection !== undefined && newest.id > state.newestInjection;
	if (isNews && state.views.trace.selected === undefined) {
		return {newestInjection, followedInjection: newest.id, followedEndMs: undefined};
	}
	return {newestInjection, followedInjection, followedEndMs: followed && (state.followedEndMs ?? movedMs)};
};

/** What was predicted of injections that there still are: one that is undone gives its number to another. */
const predictionsOf = ({predictions}: State, inject: Inject | undefined): State['predictions'] => {
	const newest = inject?.injections.at(-1)?.id ?? 0;
	return new Map([...predictions].filter(([id]) => id <= newest));
};

/** The models of panes anew, from the files of the newest sample. */
const deriveModels = (state: State, shown: readonly PaneId[]): State['models'] => {
	const models: Record<PaneId, Loaded<unknown>> = {...state.models};
	for (const id of shown) {
		const wasShown = state.sampledPanes.includes(id);
		models[id] = paneOf(id).derive({
			tree: state.tree,
			state,
			at: state.at,
			culprits: state.culprits,
			// What changed while nobody looked is not news.
			older: wasShown ? state.models[id] : undefined,
			known: state.models[id],
		});
	}
	return models;
};

const newestTrace = (tree: Tree): readonly string[] =>
	recordIn(tree, path.trace, traceLines) ?? recordIn(tree, path.traceTail, traceLines) ?? [];

const hasEnded = (state: State): boolean => {
	const pid = shownPid(state);
	const read = pid === undefined ? undefined : readAreas(state.tree, pid);
	// While it exits a process is without areas before it is without files.
	return read?.isGone === true && ('error' in read.reading || (state.picturedPid === pid && state.hadAreas));
};

/** The maps pane goes back to the usual process when what an injection left has been seen long enough. */
const releaseProcess = (state: State): State =>
	state.followedEndMs !== undefined && state.at.movedMs - state.followedEndMs > followEndedMs && state.processEnded
		? {...state, followedInjection: undefined, followedEndMs: undefined}
		: state;

export const applySample = (before: State, message: Extract<Message, {type: 'sampled'}>): Update => {
	const {sample, panes, nowMs} = message;
	// A machine that went back, or began anew, counts from there: nothing is older than it.
	const isAnother = sample.timeNs < before.at.timeNs || sample.seq < before.seq;
	const state = isAnother ? {...before, sampledPanes: [], at: {...before.at, timeNs: sample.timeNs}} : before;
	const tree = mergeSample(state.tree, sample);
	const at = nextMoment(state, sample, nowMs);
	const inject = recordIn(tree, path.inject, parseInject);
	const files: State = {
		...state,
		connection: {state: 'live'},
		tree,
		at,
		seq: sample.seq,
		behindNs: sample.behindNs ?? 0,
		sampledMs: nowMs,
		notice: noticeOf(state, sample, nowMs),
		machine: recordIn(tree, path.machine, parseMachine),
		clock: recordIn(tree, path.clock, parseClock),
		experiments: recordIn(tree, path.experiments, parseExperiments)?.experiments ?? [],
		inject,
		culprits: findCulprits(inject, () => newestTrace(tree)),
		freeKb: recordIn(tree, path.meminfo, parseMeminfo)?.MemFree,
		predictions: isAnother ? predictionsOf(state, inject) : state.predictions,
		meters: metersOf(isAnother ? {...state, meters: {}} : state, sample, tree, at),
		looksAway: state.frozen,
		memoryZones: memoryZonesOf(tree, isAnother ? [] : state.memoryZones),
		...followOf(state, inject, at.movedMs),
	};
	const followed = releaseProcess(files);
	const withProcesses = {...followed, ...processesOf(tree, followed)};
	const withEnd = {...withProcesses, processEnded: hasEnded(withProcesses)};
	const isDue = state.listedMs === undefined || nowMs - state.listedMs > listEveryMs;
	// Processes come and go, and so do devices: one may be there only while it has pools.
	const effects: Effect[] = isDue ? [path.processes, path.pciDevices].map(each => ({type: 'list', path: each})) : [];
	const models = deriveModels(withEnd, panes);
	const picture = models.maps.state === 'ready' ? (models.maps.model as MapsModel) : undefined;
	return {
		state: {
			...withEnd,
			models,
			picturedPid: picture?.pid,
			hadAreas: (picture?.areas ?? 0) > 0,
			sampledPanes: panes,
			listedMs: isDue ? nowMs : state.listedMs,
		},
		effects,
	};
};

const withoutSlash = (name: string): string => name.replace(/\/$/, '');

const isSame = <T>(a: readonly T[], b: readonly T[]): boolean =>
	a.length === b.length && a.every((each, index) => each === b[index]);

export const applyList = (state: State, {path: directory, names}: Extract<Message, {type: 'listed'}>): State => {
	if (directory === path.processes) {
		const pids = names
			.map(withoutSlash)
			.filter(name => /^\d+$/.test(name))
			.map(Number);
		return state.pids && isSame(pids, state.pids) ? state : {...state, pids};
	}
	const devices = names.map(withoutSlash).filter(name => /^[\da-f]{4}:[\da-f]{2}:[\da-f]{2}\.\d$/.test(name));
	return isSame(devices, state.devices) ? state : {...state, devices};
};

export const applyWritten = (state: State, {purpose, answer, nowMs}: Extract<Message, {type: 'written'}>): State => {
	if (purpose.kind === 'clock') {
		return state;
	}
	const id = Number(answer.trim());
	const isPaused = state.clock?.state === 'paused';
	const text = isPaused
		? `${purpose.experiment} is injected and waits: time is paused, . steps and P runs`
		: `${purpose.experiment} is injected as number ${id}`;
	// An injection that was undone may have had this number.
	const others = [...state.predictions].filter(([each]) => each !== id);
	const {predicted} = purpose;
	const followed: State = {
		...state,
		predictions: new Map(predicted === undefined ? others : [...others, [id, predicted]]),
		followedInjection: Number.isInteger(id) ? id : state.followedInjection,
		followedEndMs: undefined,
		// What an injection does is at the end of the trace.
		views: {...state.views, trace: {...state.views.trace, selected: undefined}},
	};
	return withNotice(followed, text, nowMs, false);
};

/** The frame behind an address that somebody wants to follow. */
export const applyTranslation = (state: State, {text, nowMs}: Extract<Message, {type: 'translated'}>): State => {
	const {answers} = parseTranslate(text);
	const answer = answers.find(({space}) => space === 'pfn');
	if (answer && 'address' in answer) {
		return follow(state, answer.address, nowMs);
	}
	const reason = answer && 'reason' in answer ? answer.reason : 'it has no page frame now';
	return withNotice(state, `cannot follow it: ${reason}`, nowMs);
};

export const follow = (state: State, pfn: number, nowMs: number): State => {
	const {followedPfn, followedBefore} = state;
	const followed: State = {
		...visit(state),
		followedPfn: pfn,
		followedBefore: followedPfn === undefined ? followedBefore : [...followedBefore, followedPfn],
		cursorPfn: pfn,
	};
	const text = `following page frame 0x${pfn.toString(16)}: lit in all panes; 8 shows it in every kind of address`;
	return withNotice(followed, text, nowMs, false);
};
