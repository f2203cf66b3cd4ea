/** What the time line says, row by row. */

import {parseFindings} from '../../formats/debugfs/lab/findings.ts';
import {parseInject} from '../../formats/debugfs/lab/inject.ts';
import {parseSession, type SessionRecord} from '../../formats/debugfs/lab/session.ts';
import {FormatError, remembering} from '../../formats/text.ts';
import {path} from '../../model/paths.ts';
import {type Happening, type HappeningKind, machineLine, recordedMarks, type TimeLine} from '../../model/timeLine.ts';
import {recordIn} from '../../model/tree.ts';
import type {Playback} from '../../target/target.ts';
import {virtualTime} from '../panes/format.ts';
import type {OverlayOf} from '../state/overlay.ts';
import type {State} from '../state/state.ts';
import {wrapText} from '../terminal/text.ts';

export type TimeLineRow =
	/** The most telling mark of each column. */
	| {readonly kind: 'marks'; readonly cells: readonly (Happening | undefined)[]}
	/** Columns of the picture and of the cursor. */
	| {readonly kind: 'bar'; readonly now: number; readonly cursor: number; readonly columns: number}
	| {readonly kind: 'scale'; readonly from: string; readonly middle: string; readonly to: string}
	| {readonly kind: 'says'; readonly text: string}
	/** A row that goes on with the one above has no mark. */
	| {
			readonly kind: 'mark';
			readonly mark: Happening | undefined;
			readonly time: string;
			readonly text: string;
			readonly isAtCursor: boolean;
	  }
	/** The kinds that there are. */
	| {readonly kind: 'legend'; readonly kinds: readonly HappeningKind[]};

/** Columns before what a mark says: its time, and its sign. */
export const markColumns = 19;

/** Columns of the bar: a frame and a blank at each side. */
export const barColumns = ({columns}: State): number => Math.max(1, columns - 4);

const noWrites: SessionRecord['writes'] = [];

const writesIn = remembering((text: string): SessionRecord['writes'] => {
	try {
		return parseSession(text).writes;
	} catch (error) {
		if (!(error instanceof FormatError)) throw error;
		return noWrites;
	}
}, 1);

const marksOf = new WeakMap<Playback['last'], readonly Happening[]>();

/** A recording does not change. */
function marksIn({last, instants}: Playback): readonly Happening[] {
	const known = marksOf.get(last);
	if (known) return known;
	const injections = recordIn(last, path.inject, parseInject)?.injections ?? [];
	const findings = recordIn(last, path.findings, parseFindings)?.findings ?? [];
	const marks = recordedMarks({injections, findings}, instants);
	marksOf.set(last, marks);
	return marks;
}

/** @returns undefined for a target that has no time line */
export function timeLineOf({picture, lab}: State, answer: string | undefined): TimeLine | undefined {
	const {playback, at} = picture;
	if (playback) {
		const [nowNs, endNs] = [playback.atMs, playback.endMs].map(ms => Math.round(ms * 1e6)) as [number, number];
		return {nowNs, endNs, marks: marksIn(playback)};
	}
	if (!lab.clock) return undefined;
	const happened = {injections: lab.inject?.injections ?? [], findings: lab.findings};
	return machineLine(happened, answer === undefined ? noWrites : writesIn(answer), at.timeNs);
}

/** Of several marks in a column the first of these is shown. */
const order: readonly HappeningKind[] = ['error', 'warning', 'injection', 'back', 'step', 'pause', 'note', 'write'];

const columnOf = ({endNs}: TimeLine, atNs: number, columns: number): number =>
	endNs === 0 ? 0 : Math.min(columns - 1, Math.round((atNs / endNs) * (columns - 1)));

function cellsOf(line: TimeLine, columns: number): readonly (Happening | undefined)[] {
	const cells = new Array<Happening | undefined>(columns).fill(undefined);
	for (const mark of line.marks) {
		const column = columnOf(line, mark.atNs, columns);
		const there = cells[column];
		if (!there || order.indexOf(mark.kind) < order.indexOf(there.kind)) cells[column] = mark;
	}
	return cells;
}

/** `12.345 s` */
const lineTime = (ns: number): string => `${(ns / 1e9).toFixed(3)} s`;

/** What Enter would do at the cursor, or why it does nothing. */
function sayAt({target, picture}: State, {nowNs, endNs}: TimeLine, atNs: number): string {
	const here = virtualTime(atNs);
	if (picture.playback) {
		const of = `${lineTime(atNs)} of ${lineTime(endNs)}`;
		const stands = picture.playback.paused ? 'it stands still: Space plays on' : 'it plays';
		return atNs === nowNs ? `${of}: here ${stands}` : `${of}: Enter goes there, where it stands still`;
	}
	if (atNs >= nowNs) return `${here}: now. What comes later is not known yet`;
	const away = `${here}, ${((nowNs - atNs) / 1e9).toFixed(1)} s before now`;
	if (!target.writable) return `${away}. ${target.name} is read-only: it cannot go back from here`;
	const everybody = target.kind === 'embedded' ? '' : ', for everybody';
	return `${away}. Enter goes back there${everybody}: what was done since is undone`;
}

/** Marks that are listed at most. */
const listedMarks = (rows: number): number => (rows < 36 ? 4 : rows < 50 ? 8 : 12);

function listed({marks}: TimeLine, atNs: number, rows: number, columns: number): readonly TimeLineRow[] {
	const most = listedMarks(rows);
	const near = marks.findLastIndex(mark => mark.atNs <= atNs);
	const top = Math.max(0, Math.min(near - Math.floor(most / 2), marks.length - most));
	if (marks.length === 0) return [{kind: 'says', text: 'Nothing was injected, found or paused yet.'}];
	return marks.slice(top, top + most).flatMap(mark => {
		const isAtCursor = mark.atNs === atNs;
		// The mark at the cursor is shown in full.
		const texts = isAtCursor ? wrapText(mark.says, Math.max(10, columns - markColumns)) : [mark.says];
		return texts.map((text, index): TimeLineRow => {
			const first = index === 0;
			return {
				kind: 'mark',
				mark: first ? mark : undefined,
				time: first ? virtualTime(mark.atNs) : '',
				text,
				isAtCursor,
			};
		});
	});
}

/** Where the cursor is: with the picture until somebody moves it, and never past the end. */
export const cursorNs = ({nowNs, endNs}: TimeLine, {atNs}: Pick<OverlayOf<'timeLine'>, 'atNs'>): number =>
	Math.min(atNs ?? nowNs, endNs);

export function timeLineRows(state: State, overlay: OverlayOf<'timeLine'>): readonly TimeLineRow[] {
	const line = timeLineOf(state, overlay.answer);
	if (!line) return [{kind: 'says', text: 'asking …'}];
	const columns = barColumns(state);
	const atNs = cursorNs(line, overlay);
	const kinds = order.filter(kind => line.marks.some(mark => mark.kind === kind));
	return [
		{kind: 'marks', cells: cellsOf(line, columns)},
		{
			kind: 'bar',
			now: columnOf(line, line.nowNs, columns),
			cursor: columnOf(line, atNs, columns),
			columns,
		},
		{kind: 'scale', from: '0', middle: lineTime(line.endNs / 2), to: lineTime(line.endNs)},
		...wrapText(sayAt(state, line, atNs), columns).map((text): TimeLineRow => ({kind: 'says', text})),
		...listed(line, atNs, state.rows, columns),
		...(kinds.length > 0 ? [{kind: 'legend', kinds} as const] : []),
	];
}
