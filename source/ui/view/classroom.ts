/** How the lines of a class look above the panes. */

import {type ClassRow, classIndent, classRows} from '../overlays/classroom.ts';
import type {State} from '../state/state.ts';
import {type Line, line, padEnd, span} from '../terminal/lines.ts';
import type {Tone} from '../terminal/theme.ts';

const signs: Readonly<Record<ClassRow['kind'], readonly [sign: string, Tone]>> = {
	message: ['»', 'notice'],
	present: ['●', 'good'],
	frozen: ['‖', 'warning'],
	led: ['→', 'key'],
};

export const classLines = (state: State): readonly Line[] =>
	classRows(state).map(({kind, text}) => {
		const [sign, tone] = signs[kind];
		return line(span(padEnd(` ${sign}`, classIndent), tone), span(text, kind === 'message' ? 'strong' : tone));
	});
