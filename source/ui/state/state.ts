/** Everything that the screen is drawn from, a slice a file, and everything that can happen to it. */

import type {Sample, TargetKind} from '../../target/target.ts';
import type {Key, Mouse} from '../terminal/sequences.ts';
import type {Notice} from './answer.ts';
import {type Arrangement, initialArrangement, type VisitedPlace} from './arrangement.ts';
import {type ClassroomState, initialClassroom} from './classroom.ts';
import {type Following, nothingFollowed} from './following.ts';
import {type FramesView, initialFrames} from './frames.ts';
import {type InjectionsState, noInjectionsYet} from './injections.ts';
import {type LabRecords, labOf} from './lab.ts';
import {type MachineRequest, type Machines, noMachines} from './machines.ts';
import type {Meters} from './meters.ts';
import type {Overlay} from './overlay.ts';
import type {OwnFileRequest} from './ownFiles.ts';
import {type Models, noModels, type PaneId} from './panes.ts';
import {noPicture, type Picture} from './picture.ts';
import {noProcesses, type Processes} from './processes.ts';
import type {Rewinding} from './rewinding.ts';

type ConnectionState =
	| {readonly state: 'connecting'}
	| {readonly state: 'live'}
	/** The target has not answered for a while, and nothing says that it is gone. */
	| {readonly state: 'silent'; readonly reason: string}
	| {readonly state: 'lost'; readonly reason: string};

export type TargetFacts = {
	readonly name: string;
	readonly kind: TargetKind;
	readonly writable: boolean;
	/** Whether root reads it. */
	readonly isRoot?: boolean | undefined;
};

type Click = {readonly column: number; readonly row: number; readonly atMs: number};

export type State = Arrangement & {
	readonly target: TargetFacts;
	readonly connection: ConnectionState;
	readonly overlay: Overlay | undefined;
	readonly notice: Notice | undefined;
	/** Where and when the mouse was clicked last, to tell a double click. */
	readonly clicked: Click | undefined;
	/** Where somebody was before, newest last. */
	readonly visited: readonly VisitedPlace[];
	readonly picture: Picture;
	readonly models: Models;
	readonly lab: LabRecords;
	/** The highest number of a finding that was on the screen. */
	readonly seenFinding: number;
	readonly meters: Meters;
	readonly injections: InjectionsState;
	readonly processes: Processes;
	readonly following: Following;
	readonly frames: FramesView;
	readonly differing: Differing;
	readonly unread: Unread;
	/** How one gets more of a target that fills only some panes; empty for others. */
	readonly advice: string;
	readonly rewinding: Rewinding | undefined;
	readonly machines: Machines;
	readonly classroom: ClassroomState;
};

/** Ids of rows that a machine beside this one has not; nothing where only one machine is looked at. */
export type Differing = ReadonlyMap<PaneId, ReadonlySet<string>>;

/** Sentences of panes about their files that are not in their format. */
export type Unread = Readonly<Partial<Record<PaneId, string>>>;

const nothingDiffers: Differing = new Map();

export type Message =
	| {readonly type: 'key'; readonly key: Key; readonly nowMs: number}
	/** @param hit what is drawn where the mouse is */
	| {readonly type: 'mouse'; readonly mouse: Mouse; readonly hit: Hit; readonly nowMs: number}
	| {readonly type: 'pasted'; readonly text: string; readonly nowMs: number}
	| {readonly type: 'resized'; readonly columns: number; readonly rows: number}
	| {readonly type: 'sampled'; readonly sample: Sample; readonly panes: readonly PaneId[]; readonly nowMs: number}
	| {readonly type: 'silent'; readonly silentMs: number}
	| {readonly type: 'lost'; readonly reason: string; readonly nowMs: number}
	| {readonly type: 'compared'; readonly differing: Differing}
	| {readonly type: 'machines'; readonly machines: Machines}
	/** What was asked for on another machine is injected here. @param text `name key=value …` */
	| {readonly type: 'wanted'; readonly text: string; readonly asksFirst: boolean; readonly nowMs: number}
	| {readonly type: 'told'; readonly text: string; readonly nowMs: number}
	| {readonly type: 'listed'; readonly path: string; readonly names: readonly string[]}
	| {readonly type: 'written'; readonly purpose: WritePurpose; readonly answer: string; readonly nowMs: number}
	| {readonly type: 'translated'; readonly text: string; readonly nowMs: number}
	/** What a path of the monitor's own host may become. */
	| {readonly type: 'completed'; readonly text: string; readonly paths: readonly string[]; readonly nowMs: number}
	| {readonly type: 'remembered'; readonly lines: readonly string[]}
	/** @param text undefined where there was no answer */
	| {readonly type: 'answered'; readonly path: string; readonly text: string | undefined}
	| {
			readonly type: 'refused';
			readonly what: string;
			readonly reason: string;
			readonly nowMs: number;
			/** Of what was to be injected. */
			readonly predicted?: number | undefined;
	  };

export type MessageOf<Type extends Message['type']> = Extract<Message, {type: Type}>;

/** What the mouse points at. Columns and rows are counted from 0 within a frame. */
export type Hit =
	/** A tab, or a key in the footer. */
	| {readonly kind: 'key'; readonly key: Key}
	/** The sentence in the footer. */
	| {readonly kind: 'notice'}
	| {readonly kind: 'pane'; readonly id: PaneId; readonly column: number; readonly row: number}
	| {readonly kind: 'overlay'; readonly row: number}
	| {readonly kind: 'nothing'};

/** What a write is for, so that its answer can be understood. */
type WritePurpose =
	| {readonly kind: 'inject'; readonly experiment: string; readonly predicted: number | undefined}
	| {readonly kind: 'clock'; readonly words: string}
	| {readonly kind: 'load'; readonly words: string};

/** What the reducer wants done; effects.ts does it. */
export type Effect =
	| {readonly type: 'write'; readonly path: string; readonly text: string; readonly purpose: WritePurpose}
	/** Of a recording: how it is played. */
	| {readonly type: 'play'; readonly words: string}
	| {readonly type: 'list'; readonly path: string}
	| {readonly type: 'translate'; readonly path: string}
	/** Reads what an overlay shows, once: samples bring it again. */
	| {readonly type: 'ask'; readonly path: string}
	| {readonly type: 'own'; readonly request: OwnFileRequest}
	| {readonly type: 'copy'; readonly text: string}
	| {readonly type: 'machines'; readonly request: MachineRequest}
	| {readonly type: 'redraw'}
	| {readonly type: 'suspend'}
	| {readonly type: 'quit'};

export type Update = {readonly state: State; readonly effects: readonly Effect[]};

export const initialState = (target: TargetFacts, columns: number, rows: number): State => ({
	...initialArrangement(columns, rows),
	target,
	connection: {state: 'connecting'},
	overlay: undefined,
	notice: undefined,
	clicked: undefined,
	visited: [],
	picture: noPicture,
	rewinding: undefined,
	models: noModels,
	lab: labOf({}),
	seenFinding: 0,
	meters: {},
	injections: noInjectionsYet(target),
	processes: noProcesses,
	following: nothingFollowed,
	frames: initialFrames,
	differing: nothingDiffers,
	unread: {},
	advice: '',
	machines: noMachines,
	classroom: initialClassroom,
});
