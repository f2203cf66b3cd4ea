import {parseFindings} from '../../formats/debugfs/lab/findings.ts';
import {seconds} from '../../formats/text.ts';
import {findingCause} from '../../model/cause.ts';
import {type FindingRow, findingsModel} from '../../model/findings.ts';
import {load} from '../../model/loaded.ts';
import {path} from '../../model/paths.ts';
import {readRecord} from '../../model/tree.ts';
import {quiet} from '../state/answer.ts';
import {withOverlay} from '../state/overlay.ts';
import type {State, Update} from '../state/state.ts';
import {rowCause} from './causes.ts';
import {type About, note, type PaneDefinition, rowById} from './pane.ts';

const about: About = {
	shows:
		'What is wrong on this machine and what went wrong, the newest first: reports of the log, frames that only a ' +
		'pin holds, mappings, blocks, kmaps and requests that stay, what drivers left behind. Enter shows all of one.',
	columns: [
		note('id', 'its number since boot'),
		note('kind', 'what was found'),
		note(
			'severity',
			'error: the machine is not as it should be; warning: somebody made a mistake; note: it may be meant so',
		),
		note('since', 'when it began'),
		note('until', 'when it was over; empty while it is so'),
		note('who', 'process'),
		note('driver', 'driver or module'),
		note('says', 'it in a sentence'),
	],
	signs: [note('!', 'an error'), note('w', 'a warning'), note('n', 'a note'), note('×', 'how often it came')],
};

/** The sign carries the severity where colours do not. */
export const findingSigns: Readonly<Record<FindingRow['finding']['severity'], string>> = {
	error: '!',
	warning: 'w',
	note: 'n',
};

export const whoFound = ({finding: {task, driver}}: FindingRow): string =>
	`${task.comm}-${task.pid}${driver === null ? '' : ` ${driver}`}`;

/** When it began, and whether it is so. */
export const sinceFound = ({finding: {sinceUs, untilUs, times}}: FindingRow): string =>
	`${seconds(sinceUs)}${untilUs === null ? ' still' : times > 1 ? ` ×${times}` : ''}`;

function openSelected(state: State): Update | undefined {
	const {selected} = state.views.findings;
	if (selected === undefined) return undefined;
	const id = Number(selected);
	const opened = withOverlay(state, {kind: 'finding', id, top: 0, answer: undefined});
	return {...quiet(opened), effects: [{type: 'ask', path: path.finding(id)}]};
}

export const findingsPane: PaneDefinition<'findings'> = {
	id: 'findings',
	name: 'findings',
	about,
	paths: () => [path.findings],
	derive: ({tree, at, older}) =>
		load(readRecord(tree, path.findings, parseFindings), older, (files, model) => findingsModel(files, model, at)),
	rows: model => model.rows,
	meaning: {
		fields: ({finding: {id, kind, severity, sinceUs, untilUs, task, driver, says}}) => ({
			id,
			kind,
			severity,
			since: sinceUs,
			until: untilUs ?? '',
			who: `${task.comm}-${task.pid}`,
			driver: driver ?? '',
			says,
		}),
		text: row =>
			`${findingSigns[row.finding.severity]} ${sinceFound(row)} ${row.finding.kind} ${whoFound(row)} ${row.finding.says}`,
		isLit: ({finding}, lit) =>
			finding.frames.some(run =>
				lit.runs.some(({pfn, frames}) => pfn < run.pfn + run.frames && run.pfn < pfn + frames),
			),
	},
	margins: () => ({head: 0, foot: 0}),
	tails: false,
	cause: rowCause('findings', (model, id) => {
		const row = rowById(model.rows, id);
		return row && findingCause(row);
	}),
	frames: (model, id) => rowById(model.rows, id)?.finding.frames ?? [],
	commands: {explain: openSelected},
};
