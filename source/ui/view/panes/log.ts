import {seconds} from '../../../formats/text.ts';
import type {LogRow} from '../../../model/log.ts';
import {plural} from '../../panes/format.ts';
import {severitySigns} from '../../panes/log.ts';
import {type Line, line, span} from '../../terminal/lines.ts';
import type {Tone} from '../../terminal/theme.ts';
import type {PaneLook} from '../look.ts';

const tones: Readonly<Record<LogRow['severity'], Tone | undefined>> = {
	bad: 'bad',
	warning: 'warning',
	usual: undefined,
};

function logLine({line: {timeUs, text}, severity, mark}: LogRow): Line {
	const tone = tones[severity];
	return line(
		span(severitySigns[severity], tone),
		span(` [${seconds(timeUs).padStart(12)}] `, 'dim'),
		span(text, tone ?? (mark ? 'mark.new' : undefined)),
	);
}

export const logLook: PaneLook<'log'> = {
	content: ({rows, bad, warnings}) => ({
		aside: bad + warnings === 0 ? plural(rows.length, 'line') : `${bad} bad, ${plural(warnings, 'warning')}`,
		head: [],
		line: logLine,
		foot: [],
	}),
};
