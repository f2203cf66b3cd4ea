/** Lines as text with SGR sequences, for where no surface paints them: `--once` and component tests. */

import {asciiText} from './ascii.ts';
import type {Line, Span} from './lines.ts';
import {laidOver, type Theme, type Tone, tones} from './theme.ts';
import {printableText} from './width.ts';

const styled = (text: string, parameters: string): string =>
	parameters === '' || text === '' ? text : `\u001B[${parameters}m${text}\u001B[0m`;

const join = (under: string, over: string): string => (under !== '' && over !== '' ? `${under};${over}` : under + over);

function spanAnsi(part: Span, lineTone: Tone | undefined, theme: Theme): string {
	const under = lineTone === undefined ? '' : theme.sgr[lineTone];
	const shown = printableText(part.text);
	const text = theme.unicode ? shown : asciiText(shown);
	if (!part.cells) return styled(text, join(under, laidOver(theme, lineTone, part.tone ?? 'plain')));
	let result = '';
	let start = 0;
	for (let index = 1; index <= text.length; index++) {
		if (index === text.length || part.cells[index] !== part.cells[start]) {
			result += styled(text.slice(start, index), join(under, theme.sgr[tones[part.cells[start]!]!]));
			start = index;
		}
	}
	return result;
}

export function lineAnsi(whole: Line, theme: Theme): string {
	return whole.spans.map(part => spanAnsi(part, whole.tone, theme)).join('');
}
