/**
 * What a pane is: the files it reads, the model it makes of them, its rows and what they stand for, and what keys and
 * the mouse do in it. One file each in this room; how a pane looks is in a file of the same name in view/panes/.
 */

import type {CauseObject} from '../../formats/debugfs/cause.ts';
import type {MappingRow, PoolRow} from '../../model/dma.ts';
import type {FindingRow} from '../../model/findings.ts';
import type {Culprits} from '../../model/injections.ts';
import type {ContextRow, KiocbRow} from '../../model/iocbs.ts';
import type {SlotRow} from '../../model/kmap.ts';
import type {Loaded} from '../../model/loaded.ts';
import type {LogRow} from '../../model/log.ts';
import type {MapsRow} from '../../model/maps.ts';
import type {Moment} from '../../model/moment.ts';
import type {Rung} from '../../model/rung.ts';
import type {TraceEntry} from '../../model/trace.ts';
import type {SampledTree} from '../../model/tree.ts';
import type {ZoneRow} from '../../model/zones.ts';
import type {Command, CommandId} from '../state/commands.ts';
import type {AddressRange} from '../state/frames.ts';
import type {Room} from '../state/layout.ts';
import type {Fields} from '../state/list.ts';
import {type Lit, oneFrame, type Run, touches} from '../state/lit.ts';
import type {PaneId, PaneModels} from '../state/panes.ts';
import type {State, Update} from '../state/state.ts';

/**
 * What a row of each pane is. A row lives as long as the model that holds it, so that what is made of it can be kept.
 */
export type PaneRows = {
	readonly maps: MapsRow;
	readonly frames: never;
	readonly kmap: SlotRow;
	readonly dma: PoolRow | MappingRow | Heading;
	readonly iocbs: KiocbRow | ContextRow | Heading;
	readonly trace: TraceEntry | LessonRow;
	readonly zones: ZonesPaneRow;
	readonly page: LadderRow;
	readonly log: LogRow;
	readonly findings: FindingRow;
};

/** Stands among rows and cannot be selected. */
type Heading = {readonly id?: undefined; readonly pfn?: undefined};

export const heading: Heading = {};

/** Where to look, what was predicted, and whether it came true. */
export type LessonRow = {
	readonly id: string;
	readonly pfn?: undefined;
	readonly injection: number;
	readonly kind: 'look' | 'predicted' | 'right' | 'wrong' | 'undecided';
	/** A pane to look at; empty otherwise. */
	readonly pane: string;
	readonly text: string;
	/** Of the question, where it is said. */
	readonly question: string;
};

/** Columns of some orders of a zone, from the first on. */
export type OrderLayout = {
	/** So many digits of a count are written out. */
	readonly digits: number;
	readonly first: number;
	readonly widths: readonly number[];
};

export type ZonesPaneRow = {readonly id: string; readonly pfn?: undefined} & (
	| {readonly kind: 'free'; readonly zone: ZoneRow}
	| {readonly kind: 'marks'; readonly zone: ZoneRow; readonly marks: string}
	| {readonly kind: 'orders'; readonly zone: ZoneRow; readonly layout: OrderLayout}
	| {readonly kind: 'memory'; readonly cells: readonly (readonly [label: string, kilobytes: number])[]}
);

/** A line of a rung of the address ladder. */
export type LadderRow = {
	readonly id: string;
	readonly pfn: number | undefined;
	readonly rung: Rung;
	/** Its first line, one that goes on with it, or one of a sentence below it. */
	readonly part: 'head' | 'more' | 'says';
	readonly text: string;
	/** Does the line of the ladder go on below? */
	readonly goesOn: boolean;
	readonly isChanged: boolean;
};

type ColumnNote = {readonly name: string; readonly says: string};

export const note = (name: string, says: string): ColumnNote => ({name, says});

/** What a pane shows, for `?`. */
export type About = {
	/** One or two sentences for somebody who has never seen it. */
	readonly shows: string;
	/** What rows are sorted and filtered by (`field:value`); a test holds it against the fields of the rows. */
	readonly columns: readonly ColumnNote[];
	/** Letters and signs that stand for something. */
	readonly signs: readonly ColumnNote[];
};

/** What a pane is looked at with. */
export type Scene = {readonly state: State; readonly room: Room; readonly lit: Lit};

export type Derivation<M> = {
	readonly tree: SampledTree;
	readonly state: State;
	readonly lit: Lit;
	readonly at: Moment;
	readonly culprits: Culprits;
	/** Of the sample before; undefined when the pane was not shown then. */
	readonly older: Loaded<M> | undefined;
	/** Of the last sample that it was shown in: what is numbered there keeps its number, and so what is selected. */
	readonly known: Loaded<M>;
};

/** What rows stand for. */
type Meaning<M, R> = {
	/** Under the names of the columns; left out, there is nothing to sort by. */
	readonly fields?: (row: R) => Fields;
	/** What a filter looks for: all that the row says, however narrow the pane is. */
	readonly text: (row: R) => string;
	/** Left out, the row's own. */
	readonly pfn?: (row: R) => number | undefined;
	/** The injection that has touched what the row stands for. Left out, the one that has touched its frame. */
	readonly touchedBy?: (row: R, culprits: Culprits, model: M) => number | undefined;
	/** Has it to do with what is selected elsewhere? Left out, a row lights up by its frame. */
	readonly isLit?: (row: R, lit: Lit, model: M) => boolean;
};

export const pfnOf = <M, R extends {readonly pfn?: number | undefined}>(
	{pfn}: Meaning<M, R>,
	row: R,
): number | undefined => (pfn ? pfn(row) : row.pfn);

export function isLit<M, R extends {readonly pfn?: number | undefined}>(
	meaning: Meaning<M, R>,
	row: R,
	lit: Lit,
	model: M,
): boolean {
	if (meaning.isLit) return meaning.isLit(row, lit, model);
	const pfn = pfnOf(meaning, row);
	return pfn !== undefined && touches(lit.runs, oneFrame(pfn));
}

export function touchedBy<M, R extends {readonly pfn?: number | undefined}>(
	meaning: Meaning<M, R>,
	row: R,
	culprits: Culprits,
	model: M,
): number | undefined {
	if (meaning.touchedBy) return meaning.touchedBy(row, culprits, model);
	const pfn = pfnOf(meaning, row);
	return pfn === undefined ? undefined : culprits.byPfn.get(pfn);
}

export type PaneDefinition<Id extends PaneId> = {
	readonly id: Id;
	readonly name: string;
	readonly about: About;
	/** Files that it needs. */
	readonly paths: (scene: Scene) => readonly string[];
	readonly derive: (derivation: Derivation<PaneModels[Id]>) => Loaded<PaneModels[Id]>;
	/** In their own order. The same array as long as nothing in it changed. */
	readonly rows: (model: PaneModels[Id], scene: Pick<Scene, 'state' | 'room'>) => readonly PaneRows[Id][];
	readonly meaning: Meaning<PaneModels[Id], PaneRows[Id]>;
	/** Lines above and below the list. */
	readonly margins: (model: PaneModels[Id]) => {readonly head: number; readonly foot: number};
	/** Shows the end of the list while nothing is selected. */
	readonly tails: boolean;

	/** What is asked about with `w`, or a sentence that says what to do first. */
	readonly cause: (state: State, lit: Lit) => CauseObject | string;
	/** Frames behind a selected row. A pane that has it can light up the others. */
	readonly frames?: (model: PaneModels[Id], id: string) => readonly Run[];
	/** The part of an address space that a selected row is; its frames are read from the tree. */
	readonly area?: (model: PaneModels[Id], id: string) => AddressRange | undefined;
	/** The frame under a cursor of its own. */
	readonly pointer?: (state: State) => number | undefined;
	/** All that lights up with it. */
	readonly pointed?: (model: PaneModels[Id], pfn: number) => Run;
	/** Files that say which of its rows are lit, or light up others. */
	readonly litPaths?: (state: State, isSource: boolean, pfn: number | undefined) => readonly string[];

	/** Keys that only it has. */
	readonly keys?: readonly Command[];
	/** What commands do here; undefined, or left out, for what they do everywhere. */
	readonly commands?: {
		readonly [Id in CommandId]?: (state: State, nowMs: number, lit: Lit) => Update | undefined;
	};
	/** What `back` undoes when there is neither a filter, nor a sorting, nor a selection. */
	readonly undo?: (state: State) => State | undefined;
	/** Where a movement past an end of the list leads. @param by rows, Infinity for an end */
	readonly pastEnd?: (state: State, by: number) => State | undefined;
	/** The wheel, in place of moving the list. */
	readonly scroll?: (state: State, rows: number) => State;
	/** A click, in place of selecting a row. @param column and `row` within the frame, counted from 0 */
	readonly hit?: (state: State, column: number, row: number) => State;
};

/** Gives the rows of a model again while what else they follow from is the same. */
export function kept<M extends object, Inputs extends readonly unknown[], R>(
	make: (model: M, ...inputs: Inputs) => readonly R[],
): (model: M, ...inputs: Inputs) => readonly R[] {
	const made = new WeakMap<M, {readonly inputs: Inputs; readonly rows: readonly R[]}>();
	return (model, ...inputs) => {
		let known = made.get(model);
		if (!known || known.inputs.some((input, index) => input !== inputs[index])) {
			known = {inputs, rows: make(model, ...inputs)};
			made.set(model, known);
		}
		return known.rows;
	};
}

export const rowById = <R extends {readonly id?: string | undefined}>(rows: readonly R[], id: string): R | undefined =>
	rows.find(row => row.id === id);
