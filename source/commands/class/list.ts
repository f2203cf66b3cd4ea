/** `mmtop class list`: a row a student. */
import {asTargetError} from '../../target/sentence.ts';
import {type CommandContext, print, printJson} from '../context.ts';
import {askClass, onEach, taughtClass} from './reach.ts';
import {type StudentStanding, standingOf} from './standing.ts';

const seconds = (ns: number): string => `${(ns / 1e9).toFixed(0)}s`;
const mebibytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MiB`;

const verdicts: Readonly<Record<string, string>> = {
	done: 'held',
	failed: 'did not hold',
	'could-not-run': 'could not run',
};

function cellsOf({
	student,
	machine,
	era,
	timeNs,
	state,
	frozenBy,
	monitors,
	experiment,
}: StudentStanding): readonly string[] {
	const how = frozenBy === null ? state : `frozen by ${frozenBy}`;
	const last = experiment ? `${experiment.name}: ${verdicts[experiment.status] ?? experiment.status}` : '-';
	return [student, machine, era, seconds(timeNs), how, String(monitors), last];
}

const headings = ['student', 'machine', 'era', 'time', 'state', 'monitors', 'last experiment'] as const;

function tableOf(rows: readonly (readonly string[])[]): string {
	const widths = headings.map((_, column) => Math.max(...rows.map(row => row[column]?.length ?? 0)));
	return rows
		.map(
			row =>
				`${row
					.map((cell, column) => cell.padEnd(widths[column]!))
					.join('  ')
					.trimEnd()}\n`,
		)
		.join('');
}

export async function classList({env, flags, stdout}: CommandContext): Promise<number> {
	const taught = await taughtClass(env, flags.name);
	const {status} = await askClass(taught, {do: 'status'});
	const outcomes = await onEach(taught, (target, {student}) => standingOf(target, student));
	const machines = outcomes.map((outcome, index) => {
		const student = taught.machines[index]!.student;
		if (outcome.status === 'fulfilled') return outcome.value;
		return {student, error: status?.failures[student] ?? asTargetError(outcome.reason).message};
	});
	const there = new Set(taught.machines.map(({student}) => student));
	for (const [student, error] of Object.entries(status?.failures ?? {})) {
		if (!there.has(student)) machines.push({student, error});
	}
	const notes = status?.notes ?? {};
	const rssBytes = status?.hosts.map(host => host.rssBytes) ?? [];
	if (flags.json) {
		await printJson(stdout, {class: taught.class, hosts: status?.hosts ?? [], notes, machines});
		return 0;
	}
	const memory = rssBytes.map(mebibytes).join(' and ');
	await print(stdout, `class ${taught.class}, ${memory} of memory\n`);
	const rows = machines.map(each => ('error' in each ? [each.student, each.error] : cellsOf(each)));
	const whole = rows.filter(row => row.length === headings.length);
	await print(stdout, tableOf([headings, ...whole]));
	for (const [student, error] of rows.filter(row => row.length === 2)) await print(stdout, `${student}: ${error}\n`);
	for (const note of Object.values(notes)) await print(stdout, `${note}\n`);
	return 0;
}
