/** The overlay that explains a row. */

import {type DetailRow, detailRows, nameColumns} from '../../overlays/detail.ts';
import type {OverlayOf} from '../../state/overlay.ts';
import type {State} from '../../state/state.ts';
import {type Line, line, padEnd, span} from '../../terminal/lines.ts';
import {causeLine} from './cause.ts';

const indent = ' '.repeat(nameColumns);

function rowLine(row: DetailRow): Line {
	switch (row.kind) {
		case 'value':
			return line(span(padEnd(` ${row.name}`, nameColumns), 'key'), span(row.text, 'strong'), span(row.beside, 'dim'));
		case 'says':
			return line(indent, span(row.text, 'dim'));
		case 'heading':
			return line(' ', span(row.text, 'heading'));
		case 'warning':
			return line(' ', span(row.text, 'warning'));
		case 'command':
			return line(' ', row.text);
		case 'cause':
			return {...causeLine(row.row), spans: [{text: ' '}, ...causeLine(row.row).spans]};
	}
}

export const detailLines = (state: State, overlay: OverlayOf<'detail'>): readonly Line[] =>
	detailRows(state, overlay).map(rowLine);
