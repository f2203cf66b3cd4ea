import {couldNotMark} from '../../../formats/debugfs/lab/inject.ts';
import {parseTraceLine} from '../../../formats/debugfs/tracing/trace.ts';
import {seconds} from '../../../formats/text.ts';
import type {TraceEntry} from '../../../model/trace.ts';
import type {LessonRow} from '../../panes/pane.ts';
import {bodyText, observationSigns, toldParts} from '../../panes/trace.ts';
import {type Line, line, span} from '../../terminal/lines.ts';
import {injectionTone, type Tone} from '../../terminal/theme.ts';
import {lineOnce} from '../content.ts';
import type {PaneLook} from '../look.ts';

const taskColumns = 16;

function traceLine(text: string, injection: number | undefined): Line {
	const entry = parseTraceLine(text);
	const tone: Tone | undefined = injection === undefined ? undefined : injectionTone(injection);
	if (!('pid' in entry)) return line(span(bodyText(entry), tone));
	const task = `${entry.comm}-${entry.pid}`.padStart(taskColumns);
	const context = ` [${String(entry.cpu).padStart(3, '0')}] ${seconds(entry.timeUs).padStart(12)}: `;
	return line(span(task, tone ?? 'number'), span(context, 'dim'), span(bodyText(entry), tone));
}

const observationTones = {held: 'good', failed: 'bad', open: 'dim'} as const;

const endTones: Readonly<Record<string, Tone>> = {failed: 'bad', 'could-not-run': 'warning'};

function entryLine(entry: TraceEntry): Line {
	if (entry.kind === 'line') return traceLine(entry.text, entry.injection);
	const tone = injectionTone(entry.injection);
	const [first, second] = toldParts(entry);
	switch (entry.kind) {
		case 'started':
			return line(span(first, tone), span(second, 'dim'));
		case 'told':
		case 'called':
			return line(span(first, tone), span(second, tone));
		case 'observed':
			return line(span('│ ', tone), span(`${observationSigns[entry.state]} `, observationTones[entry.state]), second);
		case 'ended':
			return line(span(first, endTones[entry.of.status] ?? tone), span(second));
	}
}

function lessonLine({kind, pane, question, text, injection}: LessonRow): Line {
	const bar = span('│ ', injectionTone(injection));
	switch (kind) {
		case 'look':
			return line(bar, span('look at ', 'dim'), span(pane, 'key'), `: ${text}`);
		case 'predicted':
			return line(bar, span(`${question} you predict `, 'dim'), text);
		case 'right':
			return line(span('✓ ', 'good'), text);
		case 'undecided':
			return line(span(`${couldNotMark} `, 'warning'), text);
		case 'wrong':
			return line(span('✗ ', 'bad'), text);
	}
}

// Most lines of one sample were in the one before.
const rowLine = lineOnce((row: TraceEntry | LessonRow) => ('mark' in row ? entryLine(row) : lessonLine(row)));

export const traceLook: PaneLook<'trace'> = {
	inputs: ({injections: {followed, predictions}, lab: {experiments}}) => [followed, predictions, experiments],
	content(model, {state}) {
		const {followed} = state.injections;
		const name = model.inject?.injections.find(({id}) => id === followed)?.name;
		return {
			aside: name === undefined ? 'everything' : `following: ${name} · Esc shows everything`,
			head: [],
			line: row => rowLine(row),
			foot: [],
		};
	},
};
