/** What a row says: its fields, then what made it, then the command that prints the files behind it. */

import type {ExplainedField} from '../../model/explain/explanation.ts';
import {catLine} from '../panes/panes.ts';
import type {OverlayOf} from '../state/overlay.ts';
import type {State} from '../state/state.ts';
import {wrapText} from '../terminal/text.ts';
import {type CauseRow, causeRows} from './cause.ts';

type DetailOverlay = OverlayOf<'detail'>;

export type DetailRow =
	/** A field's name, on its first line only, its value, and what stands beside it where there is room. */
	| {readonly kind: 'value'; readonly name: string; readonly text: string; readonly beside: string}
	| {readonly kind: 'says' | 'heading' | 'warning' | 'command'; readonly text: string}
	| {readonly kind: 'cause'; readonly row: CauseRow};

/** Widest that the overlay becomes. */
export const detailColumns = 100;
export const nameColumns = 13;

const blank: DetailRow = {kind: 'says', text: ''};

const gap = 3;

/** One sentence stands beside the value where there is room; several stand below it. */
function fieldRows({name, value, says}: ExplainedField, columns: number): readonly DetailRow[] {
	const room = columns - nameColumns;
	const [only] = says;
	const fits = says.length === 1 && value.length + gap + only!.length <= room;
	const values = wrapText(value, room);
	const sentences = says.flatMap(sentence => wrapText(sentence, room));
	if (fits || value === '') {
		const [first = '', ...rest] = sentences;
		return [
			{kind: 'value', name, text: value, beside: value === '' ? first : ' '.repeat(gap) + first},
			...rest.map((text): DetailRow => ({kind: 'says', text})),
		];
	}
	return [
		...values.map((text, index): DetailRow => ({kind: 'value', name: index === 0 ? name : '', text, beside: ''})),
		...sentences.map((text): DetailRow => ({kind: 'says', text})),
	];
}

function madeRows(state: State, {object, answer}: DetailOverlay, columns: number): readonly DetailRow[] {
	if (!object) return [];
	return [
		blank,
		{kind: 'heading', text: 'What made it'},
		...causeRows(state, {object, answer}, columns - 1).map((row): DetailRow => ({kind: 'cause', row})),
	];
}

function commandRows(state: State, columns: number): readonly DetailRow[] {
	const command = catLine(state, state.focus);
	if (command === undefined) return [];
	return [
		blank,
		{kind: 'heading', text: 'The files behind it (y copies this)'},
		...wrapText(command, columns - 1).map((text): DetailRow => ({kind: 'command', text})),
	];
}

export function detailRows(state: State, overlay: DetailOverlay): readonly DetailRow[] {
	const columns = Math.min(state.columns, detailColumns) - 3;
	const gone: readonly DetailRow[] = overlay.isGone
		? [{kind: 'warning', text: 'It is gone since; this is what it said last.'}, blank]
		: [];
	return [
		...gone,
		...overlay.explanation.fields.flatMap(field => fieldRows(field, columns)),
		...madeRows(state, overlay, columns),
		...commandRows(state, columns),
	];
}
