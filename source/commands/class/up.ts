/** `mmtop class up ROSTER`: a machine for each student. */
import {spawn} from 'node:child_process';
import {closeSync, openSync, readFileSync} from 'node:fs';
import {join, resolve} from 'node:path';
import {countOf} from '../../formats/words.ts';
import {makeDirectory} from '../../target/makeDirectory.ts';
import {type CommandContext, print} from '../context.ts';
import {Failure, UsageError} from '../errors.ts';
import {codeOf} from '../journal.ts';
import {stopSignal} from '../stopSignal.ts';
import {type ClassPlan, classNameOf, classState, planClass} from './plan.ts';
import {checkedOptions, parseRoster} from './roster.ts';
import {type ClassStatus, superviseClass} from './supervisor.ts';

/** What the process that runs a class says to the one that started it. */
type Word = {readonly status?: ClassStatus; readonly failed?: readonly string[]};

/** @throws Failure, UsageError, LabError */
async function planOf({args, flags, env}: CommandContext): Promise<ClassPlan> {
	const [roster, ...more] = args;
	if (roster === undefined || more.length > 0)
		throw new UsageError('class up takes one roster, as mmtop class up os.txt');
	const name = classNameOf(roster, flags.name);
	let text: string;
	try {
		text = readFileSync(roster, 'utf8');
	} catch (error) {
		throw new Failure([`${codeOf(error)}: cannot read the roster ${roster}`]);
	}
	const defaults = checkedOptions(flags);
	return planClass(env, name, parseRoster(text, roster, flags), defaults, flags.fresh === true);
}

export async function classUp(context: CommandContext): Promise<number> {
	const plan = await planOf(context);
	return context.flags.foreground ? inForeground(plan, context) : inBackground(plan, context);
}

/** @returns the exit code: 1 where a student has no machine */
async function sayHowItIs(plan: ClassPlan, status: ClassStatus, {stdout, stderr}: CommandContext): Promise<number> {
	const {failures, notes} = status;
	for (const [student, why] of Object.entries(failures))
		await print(stderr, `mmtop: ${student} has no machine: ${why}\n`);
	for (const note of Object.values(notes)) await print(stderr, `mmtop: ${note}\n`);
	const count = plan.machines.length - Object.keys(failures).length;
	await print(stdout, `class ${plan.class} is up: ${countOf(count, 'machine')} in ${plan.directory}\n`);
	return Object.keys(failures).length > 0 ? 1 : 0;
}

async function inForeground(plan: ClassPlan, context: CommandContext): Promise<number> {
	const stop = stopSignal();
	const tell = (word: Word): Promise<void> =>
		new Promise(resolve => {
			if (process.connected) process.send?.(word, undefined, undefined, () => resolve());
			else resolve();
		});
	try {
		await superviseClass(plan, stop, async status => {
			if (process.send) await tell({status});
			else await sayHowItIs(plan, status, context);
		});
	} catch (error) {
		if (!process.send || !(error instanceof Failure)) throw error;
		await tell({failed: error.sentences});
		return 1;
	} finally {
		stop.release();
	}
	return 0;
}

/** The same command runs the class, with what it says going to a file; it is left alone when the machines are there. */
async function inBackground(plan: ClassPlan, context: CommandContext): Promise<number> {
	const {args, flags, env} = context;
	const state = classState(env, plan.class);
	const logPath = join(state, 'class.log');
	let log: number;
	try {
		await makeDirectory(state, 0o700);
		log = openSync(logPath, 'a', 0o600);
	} catch (error) {
		throw new Failure([`${codeOf(error)}: cannot write ${logPath}; set XDG_STATE_HOME to another directory`]);
	}
	const words = (['machine', 'era', 'seed', 'load'] as const).flatMap(name => {
		const value = flags[name];
		return value === undefined ? [] : [`--${name}=${value}`];
	});
	const child = spawn(
		process.execPath,
		[
			...process.execArgv,
			...[process.argv[1] ?? '', 'class', 'up', '--foreground', `--name=${plan.class}`],
			...(plan.fresh ? ['--fresh'] : []),
			...words,
			...['--', resolve(args[0]!)],
		],
		{detached: true, stdio: ['ignore', log, log, 'ipc'], env, cwd: '/'},
	);
	closeSync(log);
	const word = await new Promise<Word>(resolve => {
		child.once('message', (said: Word) => resolve(said));
		child.once('error', () => resolve({}));
		child.once('exit', () => resolve({}));
	});
	child.unref();
	if (child.connected) child.disconnect();
	if (word.failed) throw new Failure(word.failed);
	if (!word.status) throw new Failure([`the process that runs class ${plan.class} has ended; ${logPath} says why`]);
	return sayHowItIs(plan, word.status, context);
}
