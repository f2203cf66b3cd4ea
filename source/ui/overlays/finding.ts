/** All of one finding, row by row: its sentence, what it is about, what it happened within, its report in the log. */

import {parseWholeFinding} from '../../formats/debugfs/lab/findings.ts';
import {seconds} from '../../formats/text.ts';
import {path} from '../../model/paths.ts';
import {readRecord} from '../../model/tree.ts';
import type {OverlayOf} from '../state/overlay.ts';
import type {State} from '../state/state.ts';
import {wrapText} from '../terminal/text.ts';
import {type CauseRow, causeColumns, changeRows} from './cause.ts';

type Whole = ReturnType<typeof parseWholeFinding>;

const quiet = (text: string, columns: number): readonly CauseRow[] =>
	wrapText(text, columns).map(row => ({kind: 'quiet', text: row}));

const blank: CauseRow = {kind: 'quiet', text: ''};

function factsOf({finding}: Whole): string {
	const {kind, severity, sinceUs, untilUs, times, task, driver, objects} = finding;
	const span = untilUs === null ? `since ${seconds(sinceUs)}, still so` : `${seconds(sinceUs)} to ${seconds(untilUs)}`;
	const often = times > 1 ? `, ${times} times` : '';
	const who = `${task.comm}-${task.pid}${driver === null ? '' : `, driver ${driver}`}`;
	const about = objects.length === 0 ? '' : ` · ${objects.join(' ')}`;
	return `${severity}, ${kind} · ${span}${often} · ${who}${about}`;
}

function rowsOf(whole: Whole, columns: number): readonly CauseRow[] {
	const {finding, log, changes} = whole;
	return [
		...wrapText(finding.says, columns).map((text): CauseRow => ({kind: 'event', lead: '', name: text, text: ''})),
		...quiet(factsOf(whole), columns),
		blank,
		...(changes.length > 0 ? changes.flatMap(change => changeRows(change, columns)) : [blank]),
		...log.flatMap(text => wrapText(text, columns).map((row): CauseRow => ({kind: 'rest', lead: '', text: row}))),
	];
}

function readingOf({picture}: State, {id, answer}: OverlayOf<'finding'>) {
	const given = answer === undefined ? undefined : {record: parseWholeFinding(answer)};
	return readRecord(picture.tree, path.finding(id), parseWholeFinding) ?? given;
}

/** Whether the target has answered. */
export const isFindingRead = (state: State, overlay: OverlayOf<'finding'>): boolean =>
	readingOf(state, overlay) !== undefined;

export function findingRows(state: State, overlay: OverlayOf<'finding'>): readonly CauseRow[] {
	const columns = Math.min(state.columns, causeColumns) - 3;
	const reading = readingOf(state, overlay);
	if (!reading) return [{kind: 'quiet', text: 'asking …'}];
	if ('error' in reading) return wrapText(reading.error, columns).map(text => ({kind: 'warning', text}));
	return rowsOf(reading.record, columns);
}
