import {parseClass} from './debugfs/lab/class.ts';
import {parseResults} from './debugfs/lab/results.ts';
import {ours} from './fileRow.ts';
import {debug} from './files.ts';

/** Files that a server has beside those of the machine: they change nothing of it, and are not in its session. */
export const serverFiles = {
	class: ours(
		`${debug}/lab/class`,
		parseClass,
		'the class that the machine belongs to: whose it is, messages, who is there, who froze it, what all are to look at',
		{
			takes:
				'from a teacher `message TEXT`, `freeze`, `thaw`, `follow PANE [SELECTION]`, `unfollow`, `enter`, `leave`; ' +
				'from a helper `message TEXT`, `enter`, `leave`',
		},
	),
	results: ours(
		`${debug}/lab/results`,
		parseResults,
		'what students handed in, a line of JSON each, the 64 newest; there once something was handed in',
		{takes: 'a JSON object in one line, as `sheet run` writes it'},
	),
} as const;
