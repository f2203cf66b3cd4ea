import {randomBytes} from 'node:crypto';
import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir, userInfo} from 'node:os';
import {join} from 'node:path';
import {didYouMean} from '../../formats/nearest.ts';
import {problemsOf, type Schema} from '../../formats/schema.ts';
import {serverFiles} from '../../formats/serverFiles.ts';
import {countOf} from '../../formats/words.ts';
import {asTargetError} from '../../target/sentence.ts';
import type {Target} from '../../target/target.ts';
import {systemClock} from '../../target/wallClock.ts';
import {type CommandContext, type CommandFunction, print, printJson} from '../context.ts';
import {Failure, UsageError} from '../errors.ts';
import {type FlagName, type Flags, machineFlags, spelled} from '../flags.ts';
import {codeOf} from '../journal.ts';
import {saveWhole} from '../wholeFile.ts';
import {askSheet} from './ask.ts';
import {ownBench, refusalOf, type SheetBench, targetBench} from './bench.ts';
import {forgetProgress, keepProgress, type Progress, progressOf} from './progress.ts';
import {type ReadSheet, readSheetFile, type SheetProblem} from './read.ts';
import {junitOfSheet, resultLine, type SheetResult, type TaskResult} from './result.ts';
import {type Act, actSchema, publishedSchema, type Sheet} from './schema.ts';
import {digestOf, resultOf, TaskAtHand} from './sitting.ts';
import {skeletonOf} from './skeleton.ts';
import {solve} from './solve.ts';
import {contentOf, parseShort, readShort} from './yaml.ts';

/** `mmtop sheet new NAME | check FILE… | run FILE | replay RESULT | schema` */
export const sheet: CommandFunction = async context => {
	const [what, ...words] = context.args;
	const parts = {new: newSheet, check: checkSheets, run: runSheet, replay, schema};
	if (what === undefined || !Object.hasOwn(parts, what)) {
		const names = Object.keys(parts);
		const meant = what === undefined ? '' : `, got ${JSON.stringify(what)}${didYouMean(what, names)}`;
		throw new UsageError(`sheet takes one of ${names.join(', ')}${meant}`);
	}
	const stray = strayFlag(what as keyof typeof parts, context.flags);
	if (stray !== undefined) throw new UsageError(`sheet ${what} takes no ${spelled(stray)}`);
	return parts[what as keyof typeof parts](context, words);
};

const partFlags = {
	new: [],
	schema: [],
	replay: [],
	check: ['json', 'solve', ...machineFlags],
	run: ['target', 'json', 'answers', 'fresh', 'output', 'junit', 'record', ...machineFlags],
} as const satisfies Readonly<Record<string, readonly FlagName[]>>;

/** What `sheet` does. */
export const sheetVerbs: readonly string[] = Object.keys(partFlags);

const strayFlag = (part: keyof typeof partFlags, flags: Flags): FlagName | undefined =>
	(Object.keys(flags) as FlagName[]).find(
		name => flags[name] !== undefined && !(partFlags[part] as readonly FlagName[]).includes(name),
	);

/** @throws UsageError unless there is exactly one */
function onlyWord(words: readonly string[], usage: string): string {
	const [word, ...more] = words;
	if (word === undefined || more.length > 0) throw new UsageError(`sheet takes ${usage}`);
	return word;
}

async function newSheet({stdout}: CommandContext, words: readonly string[]): Promise<number> {
	const name = onlyWord(words, 'new NAME, as mmtop sheet new faults').replace(/\.ya?ml$/, '');
	if (!/^[A-Za-z0-9][\w-]{0,59}$/.test(name))
		throw new UsageError(`a name has letters, digits, _ and -, at most 60; got ${JSON.stringify(name)}`);
	const path = `${name}.yaml`;
	try {
		await writeFile(path, skeletonOf(name), {flag: 'wx'});
	} catch (error) {
		const why = codeOf(error) === 'EEXIST' ? `${path} is there already` : `cannot write ${path}`;
		throw new Failure([`${codeOf(error)}: ${why}`]);
	}
	await print(stdout, `${path} is a sheet that works; next: mmtop sheet run ${path}\n`);
	return 0;
}

async function schema({stdout}: CommandContext, words: readonly string[]): Promise<number> {
	if (words.length > 0) throw new UsageError('sheet schema takes no words');
	await printJson(stdout, publishedSchema);
	return 0;
}

const problemLine = (path: string, {line, column, says}: SheetProblem) => `${path}:${line}:${column}: ${says}`;

/** Exit code 0: all are sheets, and hold; 1: one is not, or does not; 3: one could not be read or tried. */
async function checkSheets(context: CommandContext, words: readonly string[]): Promise<number> {
	const {flags, stdout} = context;
	if (words.length === 0) throw new UsageError('sheet check needs a file, as mmtop sheet check faults.yaml');
	const checked: {file: string; problems: readonly SheetProblem[]}[] = [];
	for (const path of words) {
		const read = await readSheetFile(path);
		const problems = read.sheet && flags.solve ? await solve(read, read.sheet, flags) : read.problems;
		checked.push({file: path, problems});
		if (flags.json) continue;
		const tasks = read.sheet?.tasks.length ?? 0;
		const good = flags.solve ? 'hold with the solution, and fail without it' : 'can be asked';
		const lines = problems.map(each => problemLine(path, each));
		await print(
			stdout,
			problems.length === 0 ? `${path}: ${countOf(tasks, 'task')} ${good}\n` : `${lines.join('\n')}\n`,
		);
	}
	if (flags.json) await printJson(stdout, checked);
	return checked.some(({problems}) => problems.length > 0) ? 1 : 0;
}

/** @throws Failure with exit code 3 for what is not a sheet, with every place */
async function sheetIn(path: string): Promise<ReadSheet & {readonly sheet: Sheet}> {
	const read = await readSheetFile(path);
	if (!read.sheet)
		throw new Failure(
			read.problems.map(each => problemLine(path, each)),
			3,
		);
	return {...read, sheet: read.sheet};
}

function loginOf(env: NodeJS.ProcessEnv): string {
	try {
		return userInfo().username;
	} catch {
		return env.USER ?? 'nobody';
	}
}

async function runSheet(context: CommandContext, words: readonly string[]): Promise<number> {
	const {flags, env, stdout, stderr} = context;
	const path = onlyWord(words, 'run FILE, as mmtop sheet run faults.yaml');
	const given = machineFlags.find(name => flags[name] !== undefined);
	if (flags.target !== undefined && given !== undefined)
		throw new UsageError(`${spelled(given)} describes a fresh machine and cannot go together with --target`);
	if (flags.target !== undefined && flags.record !== undefined)
		throw new UsageError('--record keeps the session of a machine of the sheet itself; leave --target out');
	const {sheet, text} = await sheetIn(path);
	const answers = flags.answers === undefined ? undefined : await answersIn(flags.answers, sheet);
	const student = loginOf(env);
	const place = {digest: digestOf(text), target: flags.target ?? null};
	const before = flags.fresh || answers ? undefined : progressOf(env, place);
	const began = before?.began ?? new Date().toISOString();
	const bench =
		flags.target === undefined
			? await ownBench(sheet, flags, student, before?.session ?? undefined)
			: await targetBench(sheet, context, before === undefined);
	const {nowMs} = systemClock;
	try {
		const screen = flags.json ? stderr : stdout;
		if (!answers) await begin(screen, sheet, before);
		const keep = (tasks: readonly TaskResult[]) =>
			keepProgress(env, place, {began, tasks, session: bench.session() ?? null});
		const at = {context, sheet, bench, nowMs};
		const tasks = answers ? await answerSheet(at, answers) : await askSheet({...at, done: before?.tasks ?? [], keep});
		const about = {...place, file: path, student, began, ended: new Date().toISOString()};
		const result = resultOf(sheet, tasks, {...about, session: bench.session() ?? null});
		await handIn(context, bench, result);
		if (!answers && result.complete) forgetProgress(env, place);
		return result.points === result.of && result.complete ? 0 : 1;
	} finally {
		await bench.target.close();
	}
}

async function begin(
	screen: NodeJS.WriteStream,
	{title, about, tasks}: Sheet,
	before: Progress | undefined,
): Promise<void> {
	await print(screen, `${title}\n${about === undefined ? '' : `${about.trim()}\n`}`);
	const done = before?.tasks.length ?? 0;
	if (done > 0 && done < tasks.length)
		await print(screen, `Going on where you left it, with task ${done + 1}; --fresh begins again.\n`);
}

/** Where the result goes: files, the machine of a class, and the screen. */
async function handIn(
	{flags, stdout, stderr}: CommandContext,
	{target}: SheetBench,
	result: SheetResult,
): Promise<void> {
	const {points, of, complete, session} = result;
	const writing = (path: string, text: string) => saveWhole(path, text, 'the result');
	if (flags.output !== undefined) await writing(flags.output, `${JSON.stringify(result, undefined, '\t')}\n`);
	if (flags.junit !== undefined) await writing(flags.junit, junitOfSheet(result));
	if (flags.record !== undefined && session !== null) await writing(flags.record, session);
	if (flags.target !== undefined && target.writable) await keptBy(target, result, stderr);
	if (flags.json) await printJson(stdout, result);
	const later = complete ? '' : '; the same command goes on';
	await print(flags.json ? stderr : stdout, `\n${points} of ${of} points${later}\n`);
}

/** A machine without such a file, as that of a session, keeps nothing. */
async function keptBy(target: Target, result: SheetResult, stderr: NodeJS.WriteStream): Promise<void> {
	try {
		await target.write(serverFiles.results.path, resultLine(result));
	} catch (error) {
		const {code, message} = asTargetError(error);
		if (code !== 'ENOENT') await print(stderr, `mmtop: ${target.name} does not keep the result: ${message}\n`);
	}
}

type GivenAnswer = string | number | null | {readonly answer?: string | number; readonly acts?: readonly Act[]};

const answersSchema: Schema = {
	type: 'array',
	description: 'the answers, one for each task',
	maxItems: 50,
	items: {
		anyOf: [
			{type: 'string', maxLength: 2000},
			{type: 'number'},
			{
				type: 'object',
				properties: {
					answer: {anyOf: [{type: 'string', maxLength: 2000}, {type: 'number'}]},
					acts: {type: 'array', items: actSchema, maxItems: 50},
				},
				additionalProperties: false,
			},
		],
	},
};

/** @throws Failure for a file that is not a list of answers */
async function answersIn(path: string, sheet: Sheet): Promise<readonly GivenAnswer[]> {
	const parsed = parseShort(await readShort(path, 'list of answers'));
	const cannot = (reason = '') => new Failure([`cannot read the answers in ${path}: ${reason}`], 3);
	if ('faults' in parsed) throw cannot(parsed.faults[0]?.says);
	let value: unknown;
	try {
		value = contentOf(parsed.document);
	} catch (error) {
		throw cannot(error instanceof Error ? error.message : String(error));
	}
	// One that is left out is written ~.
	const answers = Array.isArray(value) ? value.map(each => each ?? {}) : value;
	const [problem] = problemsOf(answers, answersSchema);
	if (problem)
		throw new Failure(
			[`${path}: ${problem.path.length > 0 ? `answer ${Number(problem.path[0]) + 1}: ` : ''}${problem.says}`],
			3,
		);
	const given = answers as readonly GivenAnswer[];
	if (given.length > sheet.tasks.length)
		throw new Failure(
			[`${path} has ${countOf(given.length, 'answer')}, the sheet ${countOf(sheet.tasks.length, 'task')}`],
			3,
		);
	return given;
}

type At = {
	readonly sheet: Sheet;
	readonly bench: SheetBench;
	readonly nowMs: () => number;
	readonly context: CommandContext;
};

/** Every task once, as a file answers. */
async function answerSheet(at: At, answers: readonly GivenAnswer[]): Promise<readonly TaskResult[]> {
	const {flags, stdout, stderr} = at.context;
	const done: TaskResult[] = [];
	for (const index of at.sheet.tasks.keys()) {
		const task = await TaskAtHand.begin(at, index + 1);
		const given = answers[index] ?? {};
		const {answer, acts = []} = typeof given === 'object' ? given : {answer: given};
		try {
			for (const each of acts) await task.act(each);
		} catch (error) {
			// An act that is refused costs this task, not the others.
			await print(stderr, `mmtop: task ${index + 1}: ${refusalOf(error)}\n`);
		}
		if (answer !== undefined || acts.length > 0) await task.try(answer === undefined ? null : String(answer));
		const result = await task.result();
		done.push(result);
		const mark = {held: '✓', 'did not hold': '✗', skipped: '⊘'}[result.verdict];
		if (!flags.json) await print(stdout, `${mark} task ${index + 1}: ${result.points} of ${result.of}\n`);
	}
	return done;
}

/** Opens the machine of a result as it was when that was handed in; its time line leads back. */
async function replay(context: CommandContext, words: readonly string[]): Promise<number> {
	const path = onlyWord(words, 'replay RESULT, as mmtop sheet replay result.json');
	let result: unknown;
	try {
		result = JSON.parse(await readFile(path, 'utf8'));
	} catch (error) {
		const reason = error instanceof SyntaxError ? 'it is not JSON' : codeOf(error);
		throw new Failure([`cannot read the result in ${path}: ${reason}`], 3);
	}
	const session = (result as {session?: unknown} | null)?.session;
	if (typeof session !== 'string')
		throw new Failure([`${path} has no session: it was done on a served machine, or is not a result`], 3);
	const directory = await mkdtemp(join(tmpdir(), `mmtop-${randomBytes(4).toString('hex')}-`));
	try {
		const file = join(directory, 'sheet.session');
		await writeFile(file, session, {mode: 0o600});
		const {attach} = await import('../attach.ts');
		return await attach({...context, args: [file]});
	} finally {
		await rm(directory, {recursive: true, force: true});
	}
}
