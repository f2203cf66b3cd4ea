/** How the time line looks. */

import type {HappeningKind} from '../../../model/timeLine.ts';
import {markColumns, type TimeLineRow, timeLineRows} from '../../overlays/timeLine.ts';
import type {OverlayOf} from '../../state/overlay.ts';
import type {State} from '../../state/state.ts';
import {type Line, line, padStart, type Span, span, spreadLine, toned} from '../../terminal/lines.ts';
import {injectionTone, type Tone} from '../../terminal/theme.ts';

/** @param word for it in the legend */
const signs: Readonly<Record<HappeningKind, {readonly sign: string; readonly tone: Tone; readonly word: string}>> = {
	injection: {sign: '◆', tone: 'strong', word: 'injected'},
	step: {sign: '·', tone: 'strong', word: 'step'},
	error: {sign: '✗', tone: 'bad', word: 'error'},
	warning: {sign: '!', tone: 'warning', word: 'warning'},
	note: {sign: 'i', tone: 'dim', word: 'note'},
	pause: {sign: '‖', tone: 'status.paused', word: 'pause'},
	back: {sign: '◀', tone: 'status.paused', word: 'went back'},
	write: {sign: '○', tone: 'dim', word: 'written'},
};

function signSpan({kind, injection}: {readonly kind: HappeningKind; readonly injection?: number}): Span {
	const {sign, tone} = signs[kind];
	return span(sign, injection === undefined ? tone : injectionTone(injection));
}

function barSpans({now, cursor, columns}: Extract<TimeLineRow, {kind: 'bar'}>): readonly Span[] {
	return Array.from({length: columns}, (_, column) => {
		const text = column === now ? '┃' : column < now ? '━' : '─';
		return span(column === cursor ? '▲' : text, column === cursor ? 'key' : column <= now ? 'bar.full' : 'dim');
	});
}

const legendSpans = (kinds: readonly HappeningKind[]): readonly Span[] =>
	kinds.flatMap(kind => {
		const {sign, tone, word} = signs[kind];
		return [span(` ${sign}`, tone), span(` ${word} `, 'dim')];
	});

const timeColumns = markColumns - 4;

function rowLine(row: TimeLineRow, columns: number): Line {
	switch (row.kind) {
		case 'marks':
			return line(' ', ...row.cells.map(mark => (mark ? signSpan(mark) : span(' '))));
		case 'bar':
			return line(' ', ...barSpans(row));
		case 'scale': {
			const left = line(' ', span(row.from, 'dim'));
			const half = Math.floor((columns + row.middle.length) / 2);
			return spreadLine(
				spreadLine(left, line(span(row.middle, 'dim')), half),
				line(span(`${row.to} `, 'dim')),
				columns,
			);
		}
		case 'says':
			return line(` ${row.text}`);
		case 'mark': {
			const time = span(`${padStart(row.time, timeColumns)}  `, 'dim');
			const made = line(time, row.mark ? signSpan(row.mark) : ' ', ` ${row.text}`);
			return row.isAtCursor ? toned('row.selected', made) : made;
		}
		case 'legend':
			return line(...legendSpans(row.kinds));
	}
}

export const timeLineLines = (state: State, overlay: OverlayOf<'timeLine'>): readonly Line[] =>
	timeLineRows(state, overlay).map(row => rowLine(row, state.columns - 2));
