/** The help overlay. */

import {type HelpRow, helpRows, keyColumns, noteColumns} from '../../overlays/help.ts';
import type {State} from '../../state/state.ts';
import {type Line, line, padEnd, span} from '../../terminal/lines.ts';
import {letterTones} from '../frameLegend.ts';

function rowLine(row: HelpRow): Line {
	switch (row.kind) {
		case 'heading':
			return line(span(row.text, 'heading'));
		case 'text':
			return line(row.text);
		case 'key':
			return line(' ', span(padEnd(row.name, keyColumns), 'key'), row.text);
		case 'sign':
			return line(' ', span(padEnd(row.name, noteColumns), 'key'), row.text);
		case 'file':
			return line(' ', span(padEnd(row.name, noteColumns), 'dim'), row.text);
		case 'letter':
			return line(' ', span(padEnd(row.name, 4), letterTones[row.name]), row.text);
	}
}

export const helpLines = (state: State): readonly Line[] => helpRows(state).map(rowLine);
