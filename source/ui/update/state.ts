/** Everything that the screen is drawn from, and everything that can happen to it. */

import type {CauseObject} from '../../formats/debugfs/cause.ts';
import type {Clock} from '../../formats/debugfs/lab/clock.ts';
import type {Experiment} from '../../formats/debugfs/lab/experiments.ts';
import type {Inject} from '../../formats/debugfs/lab/inject.ts';
import type {Machine} from '../../formats/debugfs/lab/machine.ts';
import {type Culprits, isOpen, nobody} from '../../model/injections.ts';
import {type Loaded, waiting} from '../../model/loaded.ts';
import type {Moment} from '../../model/moment.ts';
import type {ProcessRow} from '../../model/processes.ts';
import type {Tree} from '../../model/tree.ts';
import type {Sample, TargetKind} from '../../target/target.ts';
import type {Key, Mouse} from '../terminal/sequences.ts';
import type {MemoryZone} from './frameWindow.ts';
import {type PaneId, paneIds} from './layout.ts';
import {initialView, type View} from './list.ts';
import type {Meters} from './meters.ts';

export type Overlay =
	| {readonly kind: 'help'; readonly top: number}
	/** What made a thing. @param answer of the target when it was asked; newer ones come with the samples */
	| {readonly kind: 'cause'; readonly object: CauseObject; readonly top: number; readonly answer: string | undefined}
	| {readonly kind: 'palette'; readonly text: string; readonly cursor: number}
	/** What somebody predicts before `text` is injected. */
	| {readonly kind: 'question'; readonly experiment: Experiment; readonly text: string}
	| {readonly kind: 'processes'; readonly view: View}
	/** Where to go in the frame map is being typed. */
	| {readonly kind: 'jump'; readonly text: string}
	| {readonly kind: 'filter'; readonly pane: PaneId; readonly before: string};

export type Connection =
	| {readonly state: 'connecting'}
	| {readonly state: 'live'}
	/** The target has not answered for a while, and nothing says that it is gone. */
	| {readonly state: 'silent'; readonly reason: string}
	| {readonly state: 'lost'; readonly reason: string};

export type Notice = {readonly text: string; readonly isError: boolean; readonly sinceMs: number};

export type TargetFacts = {readonly name: string; readonly kind: TargetKind; readonly writable: boolean};

/** A pane and a frame that somebody looked at. */
export type Place = {readonly focus: PaneId; readonly followedPfn: number | undefined};

export type Click = {readonly column: number; readonly row: number; readonly atMs: number};

export type State = {
	readonly target: TargetFacts;
	readonly connection: Connection;
	readonly columns: number;
	readonly rows: number;

	readonly focus: PaneId;
	/** The pane looked at before the focused one; it shares the screen where there is room for two. */
	readonly companion: PaneId;
	readonly zoomed: boolean;
	readonly overlay: Overlay | undefined;
	readonly views: Readonly<Record<PaneId, View>>;
	readonly notice: Notice | undefined;

	/** True while this monitor keeps its picture though the machine goes on. */
	readonly frozen: boolean;
	/** True from when this monitor stopped looking, frozen or suspended, until it has looked again. */
	readonly looksAway: boolean;

	/** Files of the newest sample. */
	readonly tree: Tree;
	readonly at: Moment;
	readonly seq: number;
	readonly behindNs: number;
	/** Wall time of the newest sample. */
	readonly sampledMs: number | undefined;
	/** Panes that the newest sample had the files of. */
	readonly sampledPanes: readonly PaneId[];
	readonly models: Readonly<Record<PaneId, Loaded<unknown>>>;

	readonly machine: Machine | undefined;
	readonly clock: Clock | undefined;
	readonly experiments: readonly Experiment[];
	readonly inject: Inject | undefined;
	/** Whether this monitor asks for a prediction before it injects. */
	readonly asksFirst: boolean;
	/** Numbers of the answers that were predicted here, by injection. */
	readonly predictions: ReadonlyMap<number, number>;
	readonly culprits: Culprits;
	/** Free memory in kB. */
	readonly freeKb: number | undefined;
	readonly meters: Meters;

	/** Undefined until they were listed. */
	readonly pids: readonly number[] | undefined;
	/** Names of the directories of PCI devices. */
	readonly devices: readonly string[];
	readonly listedMs: number | undefined;
	readonly processes: readonly ProcessRow[];
	/** The process that somebody chose for the maps pane. */
	readonly chosenPid: number | undefined;
	/** The one shown until somebody does. */
	readonly likelyPid: number | undefined;
	/** The process whose areas the maps pane has. */
	readonly picturedPid: number | undefined;
	/** Whether it has, or had, any: a kernel thread never does. */
	readonly hadAreas: boolean;
	/** The page that somebody turned to, of a process with too many areas for one: number of its first area. */
	readonly mapsPage: {readonly pid: number; readonly first: number};
	/** True when the process that maps shows is gone; the picture is its last. */
	readonly processEnded: boolean;

	/** Id of the newest injection that was seen, 0 for none; undefined before the first sample. */
	readonly newestInjection: number | undefined;
	/** The injection that the trace and maps panes follow, and `movedMs` at which it was seen to have ended. */
	readonly followedInjection: number | undefined;
	readonly followedEndMs: number | undefined;
	readonly followedPfn: number | undefined;
	/** Frames followed before, for going back. */
	readonly followedBefore: readonly number[];
	/** Where somebody was before, newest last. */
	readonly visited: readonly Place[];

	readonly memoryZones: readonly MemoryZone[];
	/** Frames a cell that somebody chose; undefined for what fits. */
	readonly framesPerCell: number | undefined;
	readonly cursorPfn: number | undefined;
	/** Where and when the mouse was clicked last, to tell a double click. */
	readonly clicked: Click | undefined;
	/** Kinds of frame that alone are shown; undefined for all. */
	readonly onlyLetters: string | undefined;
	/** A part of an address space, in bytes, whose frames somebody asked for. */
	readonly markedArea: {readonly pid: number; readonly start: number; readonly end: number} | undefined;
};

export type Message =
	| {readonly type: 'key'; readonly key: Key; readonly nowMs: number}
	| {readonly type: 'mouse'; readonly mouse: Mouse; readonly nowMs: number}
	| {readonly type: 'pasted'; readonly text: string; readonly nowMs: number}
	| {readonly type: 'resized'; readonly columns: number; readonly rows: number}
	| {readonly type: 'sampled'; readonly sample: Sample; readonly panes: readonly PaneId[]; readonly nowMs: number}
	| {readonly type: 'silent'; readonly silentMs: number}
	| {readonly type: 'lost'; readonly reason: string; readonly nowMs: number}
	| {readonly type: 'listed'; readonly path: string; readonly names: readonly string[]}
	| {readonly type: 'written'; readonly purpose: WritePurpose; readonly answer: string; readonly nowMs: number}
	| {readonly type: 'translated'; readonly text: string; readonly nowMs: number}
	| {readonly type: 'answered'; readonly object: CauseObject; readonly text: string}
	| {
			readonly type: 'refused';
			readonly what: string;
			readonly reason: string;
			readonly nowMs: number;
			/** Of what was to be injected. */
			readonly predicted?: number | undefined;
	  };

/** What a write is for, so that its answer can be understood. */
export type WritePurpose =
	| {readonly kind: 'inject'; readonly experiment: string; readonly predicted: number | undefined}
	| {readonly kind: 'clock'; readonly words: string};

/** What the reducer wants done; run.tsx does it. */
export type Effect =
	| {readonly type: 'write'; readonly path: string; readonly text: string; readonly purpose: WritePurpose}
	| {readonly type: 'list'; readonly path: string}
	| {readonly type: 'translate'; readonly path: string}
	| {readonly type: 'ask'; readonly object: CauseObject}
	| {readonly type: 'copy'; readonly text: string}
	| {readonly type: 'redraw'}
	| {readonly type: 'suspend'}
	| {readonly type: 'quit'};

export type Update = {readonly state: State; readonly effects: readonly Effect[]};

const forEachPane = <T>(value: T): Record<PaneId, T> =>
	Object.fromEntries(paneIds.map(id => [id, value])) as Record<PaneId, T>;

export const initialState = (target: TargetFacts, columns: number, rows: number): State => ({
	target,
	connection: {state: 'connecting'},
	columns,
	rows,
	focus: 'maps',
	companion: 'trace',
	zoomed: false,
	overlay: undefined,
	views: forEachPane(initialView),
	notice: undefined,
	frozen: false,
	looksAway: false,
	tree: {},
	at: {timeNs: 0, movedMs: 0},
	seq: -1,
	behindNs: 0,
	sampledMs: undefined,
	sampledPanes: [],
	models: forEachPane<Loaded<unknown>>(waiting),
	machine: undefined,
	clock: undefined,
	experiments: [],
	inject: undefined,
	asksFirst: false,
	predictions: new Map(),
	culprits: nobody,
	freeKb: undefined,
	meters: {},
	pids: undefined,
	devices: [],
	listedMs: undefined,
	processes: [],
	chosenPid: undefined,
	likelyPid: undefined,
	picturedPid: undefined,
	hadAreas: false,
	mapsPage: {pid: 0, first: 0},
	processEnded: false,
	newestInjection: undefined,
	followedInjection: undefined,
	followedEndMs: undefined,
	followedPfn: undefined,
	followedBefore: [],
	visited: [],
	memoryZones: [],
	framesPerCell: undefined,
	cursorPfn: undefined,
	clicked: undefined,
	onlyLetters: undefined,
	markedArea: undefined,
});

const mostVisited = 50;

/** Remembers where one is, before going elsewhere. */
export const visit = (state: State): State => ({
	...state,
	visited: [...state.visited, {focus: state.focus, followedPfn: state.followedPfn}].slice(-mostVisited),
});

/** On a machine that has just booted there is only init, the least telling of all. */
export const isWorthShowing = (pid: number | undefined): boolean => pid !== undefined && pid !== 1;

/** The process of the followed injection, else the chosen one, else the one most worth seeing. */
export const shownPid = (state: State): number | undefined => {
	const followed = state.inject?.injections.find(({id}) => id === state.followedInjection);
	const pid = followed?.pids.at(-1);
	// One that was over before it was seen has left nothing to show.
	const hasPicture = followed && (isOpen(followed) || state.picturedPid === pid);
	return (hasPicture ? pid : undefined) ?? state.chosenPid ?? state.likelyPid;
};
