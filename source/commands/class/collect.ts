/** `mmtop class collect DIR`: what each student did, a folder each, and one table of all. */
import {parseResults} from '../../formats/debugfs/lab/results.ts';
import {files} from '../../formats/files.ts';
import {serverFiles} from '../../formats/serverFiles.ts';
import {countOf} from '../../formats/words.ts';
import {fromSampled} from '../../target/content.ts';
import {asTargetError} from '../../target/sentence.ts';
import type {Target} from '../../target/target.ts';
import {type CommandContext, print} from '../context.ts';
import {UsageError} from '../errors.ts';
import {requireEmpty, withoutLeftovers, writeWholeDirectory} from '../wholeDirectory.ts';
import {askClass, onEach, type Taught, taughtClass} from './reach.ts';
import {type StudentStanding, standingIn, standingPaths} from './standing.ts';

/** Files of the machine that are kept, and their names in a student's folder. */
const kept: readonly (readonly [path: string, name: string])[] = [
	[files.kmsg.path, 'log'],
	[files.findings.path, 'findings'],
	[files.inject.path, 'experiments'],
	[serverFiles.class.path, 'class'],
];

/** What was handed in on a machine, a line of JSON each. */
const resultsPath = serverFiles.results.path;

type Result = {readonly sheet: string; readonly points: number; readonly of: number};

type Collected = {
	readonly standing: StudentStanding;
	readonly files: readonly (readonly [name: string, text: string])[];
	readonly results: readonly Result[];
};

/** The last result of each sheet; one without points, as another version may have it, is in the file only. */
function resultsIn(text: string): readonly Result[] {
	const last = new Map<string, Result>();
	for (const each of parseResults(text).results) {
		const {sheet, points, of} = each as Partial<Result>;
		if (typeof sheet !== 'string' || typeof points !== 'number' || typeof of !== 'number') continue;
		last.delete(sheet);
		last.set(sheet, {sheet, points, of});
	}
	return [...last.values()];
}

async function collected(target: Target, student: string, taught: Taught): Promise<Collected> {
	const paths = [...new Set([...standingPaths, ...kept.map(([path]) => path), resultsPath])];
	const sample = await target.sample({paths});
	const textOf = (path: string): string | undefined => {
		const file = sample.files[path];
		const content = file && fromSampled(file);
		return typeof content === 'string' ? content : undefined;
	};
	const {session = ''} = await askClass(taught, {do: 'session', student});
	const results = textOf(resultsPath);
	const texts = kept.flatMap(([path, name]) => {
		const text = textOf(path);
		return text === undefined ? [] : [[name, text] as const];
	});
	return {
		standing: standingIn(sample, student),
		files: [
			[`${student}.session`, session] as const,
			...texts,
			...(!results ? [] : [['results.jsonl', results] as const]),
		],
		results: !results ? [] : resultsIn(results),
	};
}

const headings = 'student,machine,era,time,experiments,held,failed,findings,sheet,points,of';

const emptyCells: readonly string[] = headings
	.split(',')
	.slice(1)
	.map(() => '');

/** RFC 4180; what a table program would take for a formula is text. */
function cell(value: string | number): string {
	const text = String(value);
	const safe = typeof value === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
	return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** A row for each sheet of a student, and one without where there is none. */
function rowsOf({standing, results}: Collected): readonly string[] {
	const {student, machine, era, timeNs, run, held, failed, findings} = standing;
	const before = [student, machine, era, (timeNs / 1e9).toFixed(3), run, held, failed, findings];
	const sheets = results.length > 0 ? results.map(each => [each.sheet, each.points, each.of]) : [['', '', '']];
	return sheets.map(sheet => [...before, ...sheet].map(cell).join(','));
}

/** Of a machine that does not answer there is its session, where the class has one. */
async function sessionOnly(student: string, taught: Taught): Promise<Collected['files']> {
	const {session} = await askClass(taught, {do: 'session', student}).catch(() => ({session: undefined}));
	return session === undefined ? [] : [[`${student}.session`, session]];
}

export async function classCollect(args: readonly string[], context: CommandContext): Promise<number> {
	const {env, flags, stdout, stderr} = context;
	const [directory, ...more] = args;
	if (directory === undefined || more.length > 0)
		throw new UsageError('class collect takes a directory that is not there');
	const taught = await taughtClass(env, flags.name);
	const made = await requireEmpty(directory);
	return withoutLeftovers(made, async () => {
		const outcomes = await onEach(taught, (target, {student}) => collected(target, student, taught));
		const contents: (readonly [string, string])[] = [];
		const rows: string[] = [];
		let missing = 0;
		for (const [index, {student}] of taught.machines.entries()) {
			const outcome = outcomes[index]!;
			const isThere = outcome.status === 'fulfilled';
			const files = isThere ? outcome.value.files : await sessionOnly(student, taught);
			contents.push(...files.map(([name, text]) => [`${student}/${name}`, text] as const));
			rows.push(...(isThere ? rowsOf(outcome.value) : [[student, ...emptyCells].map(cell).join(',')]));
			if (isThere) continue;
			missing++;
			await print(stderr, `mmtop: ${student} has its session only: ${asTargetError(outcome.reason).message}\n`);
		}
		const table = [headings, ...rows].map(row => `${row}\r\n`).join('');
		await writeWholeDirectory(directory, made.length > 0, contents, {last: ['class.csv', table]});
		await print(stdout, `${countOf(outcomes.length, 'machine')} of class ${taught.class} in ${directory}\n`);
		return missing > 0 ? 1 : 0;
	});
}
