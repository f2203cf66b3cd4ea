/** The overlays that say what made a thing, and all of a finding. */

import {type CauseRow, causeRows} from '../../overlays/cause.ts';
import {findingRows} from '../../overlays/finding.ts';
import type {OverlayOf} from '../../state/overlay.ts';
import type {State} from '../../state/state.ts';
import {type Line, line, span} from '../../terminal/lines.ts';
import {injectionTone} from '../../terminal/theme.ts';

export function causeLine(row: CauseRow): Line {
	switch (row.kind) {
		case 'quiet':
			return line(span(row.text, 'dim'));
		case 'warning':
			return line(span(row.text, 'warning'));
		case 'event':
			return line(span(row.lead, 'dim'), span(row.name, 'strong'), span(row.text, 'dim'));
		case 'within':
			return line(span(row.lead, 'dim'), span(row.name, 'heading'), span(row.text, 'dim'));
		case 'rest':
			return line(row.lead, span(row.text, 'dim'));
		case 'origin': {
			const {injection} = row;
			return line(
				span('from ', 'dim'),
				span(row.text),
				...(injection === null
					? []
					: [span(` · injection ${injection.id}, ${injection.name}`, injectionTone(injection.id))]),
			);
		}
	}
}

export const causeLines = (state: State, overlay: OverlayOf<'cause'>): readonly Line[] =>
	causeRows(state, overlay).map(causeLine);

export const findingLines = (state: State, overlay: OverlayOf<'finding'>): readonly Line[] =>
	findingRows(state, overlay).map(causeLine);
