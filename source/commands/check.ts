import {type ExerciseRecord, parseCheck} from '../formats/debugfs/lab/check.ts';
import {isOver, unfitReason} from '../formats/debugfs/lab/inject.ts';
import {files} from '../formats/files.ts';
import {didYouMean} from '../formats/nearest.ts';
import {parseKmsg} from '../formats/proc/kmsg.ts';
import {ERA_NAMES, type EraName} from '../kernel/era/behaviour.ts';
import {eraNamed} from '../kernel/era.ts';
import {modinfoOf, readModinfo, vermagicComplaint} from '../kernel/module/modinfo.ts';
import {ObjectError} from '../kernel/module/object.ts';
import {parseObject} from '../kernel/module/parse.ts';
import {TargetError} from '../target/target.ts';
import {indented} from './ask.ts';
import {onBench} from './bench.ts';
import {type CommandContext, type CommandFunction, print, printJson} from './context.ts';
import {Failure, UsageError} from './errors.ts';
import {
	exitCodes,
	injectionText,
	injectionUntilOver,
	type OpenDrivenTarget,
	type Outcome,
	readText,
	TookTooLong,
	verdictOf,
} from './injection.ts';
import {bytesOfFile, upload} from './upload.ts';

/** In the machine's time; a driver whose check takes longer does not come back. */
const longestCheckNs = 5e9;
/** Of what the kernel logged. */
const mostLogLines = 30;

/** `mmtop check EXERCISE DRIVER.o`, `mmtop check --list`: whether a driver of one's own does what an exercise asks. */
export const check: CommandFunction = async context => {
	const {args, flags} = context;
	const {exercises} = await import('../lab/exercises/list.ts');
	if (flags.list) {
		if (args.length > 0) throw new UsageError('check takes --list, or an exercise and an object');

		return list(context, exercises);
	}

	const [name, path, ...more] = args;
	if (name === undefined || path === undefined || more.length > 0) {
		throw new UsageError('check takes an exercise and an object, as mmtop check remap mydrv.o; --list names them');
	}

	const exercise = exercises.find(each => each.name === name);
	if (exercise === undefined) {
		const names = exercises.map(each => each.name);
		throw new UsageError(
			`there is no exercise ${JSON.stringify(name)}${didYouMean(name, names) || '; "mmtop check --list" names them'}`,
		);
	}

	const couldNotRun = exitCodes['could not run'];
	const bytes = await bytesOfFile(path, {missing: couldNotRun, unusable: couldNotRun});
	const era = eraOfObject(path, bytes);
	return checkObject(ownMachine(context, exercise, era), exercise.name, path, bytes);
};

async function list(
	{flags, stdout}: CommandContext,
	exercises: readonly {readonly name: string; readonly title: string; readonly task: string}[],
): Promise<number> {
	if (flags.json) {
		await printJson(
			stdout,
			exercises.map(({name, title, task}) => ({name, title, task})),
		);
		return 0;
	}

	for (const {name, title, task} of exercises) {
		await print(stdout, `${name}: ${title}\n${indented(task, '  ').join('\n')}\n`);
	}

	return 0;
}

/** The kernel that an object was built for. @throws Failure for what is not an object of any of ours */
function eraOfObject(path: string, bytes: Uint8Array): EraName {
	try {
		const modinfo = readModinfo(parseObject(bytes));
		const era = ERA_NAMES.find(each => vermagicComplaint(modinfo, eraNamed(each)) === undefined);
		if (era !== undefined) return era;

		const magic = modinfoOf(modinfo, 'vermagic');
		const built = magic === undefined ? 'it has no version magic' : `its version magic is ${JSON.stringify(magic)}`;
		throw new Failure(
			[`${path} is for no kernel that mmtop has: ${built}; build it with mmtop cc`],
			exitCodes['could not run'],
		);
	} catch (error) {
		if (!(error instanceof ObjectError)) throw error;

		throw new Failure([`${path} is not a driver: ${error.message}`], exitCodes['could not run']);
	}
}

/** Where no target is named: a quiet machine, with what the flags leave open as exercise and object need it. */
function ownMachine(context: CommandContext, {preset}: {readonly preset?: string}, era: EraName): CommandContext {
	const {flags} = context;
	if (flags.target !== undefined) return context;

	return {...context, flags: {era, load: 'quiet', ...(preset !== undefined && {machine: preset}), ...flags}};
}

async function checkObject(context: CommandContext, name: string, path: string, bytes: Uint8Array): Promise<number> {
	const {flags, stdout} = context;
	const {outcome, exercise, log} = await onBench(
		context,
		async bench => {
			const checked = await run(bench, name, path, bytes);
			const {exercises} = parseCheck(await readText(bench.target, files.check.path));
			const {lines} = parseKmsg(await readText(bench.target, files.kmsg.path));
			return {
				outcome: checked,
				exercise: exercises.find(each => each.name === name)!,
				log: lines.filter(({timeUs}) => timeUs >= checked.timeUs).map(({text}) => text),
			};
		},
		{longestNs: longestCheckNs},
	);
	const verdict = verdictOf(outcome);
	const hint = flags.hint ? (hintFor(outcome, exercise) ?? otherHint(log)) : undefined;
	const said = verdict === 'held' ? [] : log.slice(0, mostLogLines);
	if (flags.json) {
		await printJson(stdout, {...outcome, ...(flags.hint && {hint: hint ?? null}), log: said});
		return exitCodes[verdict];
	}

	await print(stdout, injectionText(outcome));
	if (said.length > 0) await print(stdout, `\nThe kernel's log of it:\n${said.map(line => `  ${line}\n`).join('')}`);
	if (verdict === 'did not hold') {
		const help = `mmtop check --hint ${name} ${path}`;
		await print(stdout, `\n${flags.hint ? indented(`Hint: ${hint}`, '').join('\n') : `A hint: ${help}`}\n`);
	}

	return exitCodes[verdict];
}

/** What helps where no observation failed: a call went wrong, or did not come back. */
const otherHint = (log: readonly string[]): string =>
	log.some(line => /Oops|BUG|panic/i.test(line))
		? 'The kernel stopped the driver: the log above has the function, and where it was built with -g the line.'
		: 'A call waits for what does not come: a lock that is taken already, a wait that nothing ends, an endless loop.';

/** What helps with the first observation that failed. */
function hintFor({observations}: Outcome, {hints}: ExerciseRecord): string | undefined {
	const failed = observations.find(({state}) => state === 'failed');
	return failed && hints.find(({at}) => failed.sentence.startsWith(at))?.says;
}

/** Carries the check out. A driver that does not come back has failed. */
async function run(bench: OpenDrivenTarget, name: string, path: string, bytes: Uint8Array): Promise<Outcome> {
	const number = await upload(bench.target, files.insmod.path, path, bytes);
	let id: number;
	try {
		id = Number(await bench.target.write(files.check.path, `${name} ${number}`));
	} catch (error) {
		const reason = error instanceof TargetError ? unfitReason(name, error) : undefined;
		if (reason === undefined) throw error;

		throw new Failure([`${name} cannot be checked here: ${reason}`], exitCodes['could not run']);
	}

	try {
		const outcome = await injectionUntilOver(bench, id, isOver);
		const stopped = bench.stopped();
		return stopped === undefined ? outcome : {...outcome, status: 'failed', result: stopped.sentence};
	} catch (error) {
		if (!(error instanceof TookTooLong)) throw error;

		const outcome = await injectionUntilOver(bench, id, () => true);
		const result = `a call into the driver did not come back within ${longestCheckNs / 1e9} virtual seconds`;
		return {...outcome, status: 'failed', result};
	}
}
