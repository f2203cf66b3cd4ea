/** How what was done to a machine is done again, as lines for a shell. */
import type {SessionRecord} from '../../formats/debugfs/lab/session.ts';
import {files} from '../../formats/files.ts';

const clockPath = files.clock.path;

/** A longer text is an uploaded file, of which a shell has a better way. */
const longestText = 400;

const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;

type Write = SessionRecord['writes'][number];

function writeLine({timeNs, path, text}: Write): string {
	if (text.length <= longestText) return `at ${timeNs}ns ${path} ${quoted(text)}`;
	const words = text.slice(0, 60).split(' ').slice(0, 2).join(' ');
	return `# at ${timeNs}ns ${path}: "${words} …", ${text.length} characters, are left out; upload that file yourself`;
}

/**
 * Lines that make a machine like the one of a session, and do the same to it at the same times. What was written to
 * the clock changes no machine and is left out.
 */
export function replayLines({machine, writes, timeNs}: SessionRecord): readonly string[] {
	const acts = writes.filter(({path}) => path !== clockPath);
	const until = `${timeNs}ns`;
	if (acts.length === 0) return [`mmtop report ${machine} --until ${until}`];
	return [
		`mmtop serve --name replay --fresh ${machine} &`,
		`clock=${clockPath}`,
		'wait_for() { until mmtop cat -t replay $clock 2>/dev/null | grep -q "^state: $1"; do sleep 0.1; done; }',
		'go() { mmtop write -t replay $clock "until $1" 2>/dev/null && wait_for paused; }',
		'at() { go "$1"; mmtop write -t replay "$2" "$3"; }',
		'wait_for running',
		'mmtop write -t replay $clock "watch off" && mmtop write -t replay $clock "rewind 0s" && wait_for paused',
		...acts.map(writeLine),
		`go ${until}; mmtop report replay`,
	];
}
