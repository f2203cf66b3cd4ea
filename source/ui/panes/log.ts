import {parseKmsg} from '../../formats/proc/kmsg.ts';
import {seconds} from '../../formats/text.ts';
import {logCause} from '../../model/cause.ts';
import {load} from '../../model/loaded.ts';
import {type LogRow, logModel} from '../../model/log.ts';
import {path} from '../../model/paths.ts';
import {readRecord} from '../../model/tree.ts';
import {rowCause} from './causes.ts';
import {type About, note, type PaneDefinition, rowById} from './pane.ts';

const about: About = {
	shows: 'The kernel log (dmesg). What Linux catches a driver doing wrong is printed here in its own words.',
	columns: [note('level', '0 emergency … 3 error, 4 warning, 6 information'), note('text', 'the message')],
	signs: [note('!', 'an error or BUG'), note('w', 'a warning')],
};

/** The sign carries the severity where colours do not. */
export const severitySigns: Readonly<Record<LogRow['severity'], string>> = {bad: '!', warning: 'w', usual: ' '};

export const logPane: PaneDefinition<'log'> = {
	id: 'log',
	name: 'log',
	about,
	paths: () => [path.kmsg],
	derive: ({tree, at, older}) =>
		load(readRecord(tree, path.kmsg, parseKmsg), older, (kmsg, model) => logModel(kmsg, model, at)),
	rows: model => model.rows,
	meaning: {
		fields: ({line}) => ({level: line.level & 7, text: line.text}),
		text: ({line: {timeUs, text}, severity}) => `${severitySigns[severity]} [ ${seconds(timeUs)}] ${text}`,
	},
	margins: () => ({head: 0, foot: 0}),
	tails: true,
	cause: rowCause('log', (model, id) => {
		const row = rowById(model.rows, id);
		return row && logCause(row);
	}),
};
