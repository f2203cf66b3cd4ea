import {parseKmsg} from '../../formats/proc/kmsg.ts';
import {load} from '../../model/loaded.ts';
import {type LogModel, type LogRow, logModel} from '../../model/log.ts';
import {path} from '../../model/paths.ts';
import {readRecord} from '../../model/tree.ts';
import {type Content, listRows} from '../content.ts';
import {plural, seconds} from '../format.ts';
import {type Line, line, span} from '../lines.ts';
import {definePane} from '../pane.ts';
import type {Tone} from '../theme.ts';

// The sign carries the severity where colours do not.
const looks: Readonly<Record<LogRow['severity'], readonly [string, Tone | undefined]>> = {
	bad: ['!', 'bad'],
	warning: ['w', 'warning'],
	usual: [' ', undefined],
};

const logLine = ({line: {timeUs, text}, severity, mark}: LogRow): Line => {
	const [sign, tone] = looks[severity];
	return line(
		span(sign, tone),
		span(` [${seconds(timeUs).padStart(12)}] `, 'dim'),
		span(text, tone ?? (mark ? 'mark.new' : undefined)),
	);
};

const logContent = (model: LogModel): Content => ({
	aside:
		model.bad + model.warnings === 0
			? plural(model.rows.length, 'line')
			: `${model.bad} bad, ${plural(model.warnings, 'warning')}`,
	head: [],
	rows: listRows(
		model.rows.map(row => ({
			id: row.id,
			pfn: row.pfn,
			line: () => logLine(row),
			fields: () => ({level: row.line.level & 7, text: row.line.text}),
		})),
	),
	foot: [],
	tails: true,
});

export const logPane = definePane<LogModel>({
	id: 'log',
	name: 'log',
	paths: () => [path.kmsg],
	derive: ({tree, at, older}) =>
		load(readRecord(tree, path.kmsg, parseKmsg), older, (kmsg, model) => logModel(kmsg, model, at)),
	content: model => logContent(model),
	inputs: () => [],
});
