import {setTimeout as pause} from 'node:timers/promises';
import {isDeepStrictEqual} from 'node:util';
import {fromSampled} from '../target/content.ts';
import {treePath} from '../target/path.ts';
import type {FileContent, Sample, Target} from '../target/target.ts';
import {type CommandContext, type CommandFunction, print, printJson, printRaw} from './context.ts';
import {Failure, UsageError} from './errors.ts';
import {parseSeconds} from './flags.ts';
import {chosenTarget, onChosen, withTarget} from './machine.ts';

/** `mmtop cat PATH…`: the files of one instant, one after the other, as bytes or as records. */
export const cat: CommandFunction = async context => {
	const {args} = context;
	if (args.length === 0) throw new UsageError('cat needs a path, as mmtop cat /proc/meminfo');

	const [first = ''] = args;
	if (context.flags.every !== undefined && /^[\d.]+$/.test(first))
		throw new UsageError(`the seconds of --watch stand behind =, as --watch=${first}`);

	const paths = args.map(treePath);
	return context.flags.every === undefined
		? onChosen(context, async target => printFiles(context, await target.sample({paths}), paths))
		: watch(context, context.flags.every, paths);
};

function watch(context: CommandContext, every: string, paths: readonly string[]): Promise<number> {
	const seconds = parseSeconds('every', every);
	if (context.flags.target === undefined)
		throw new UsageError('--watch needs a machine that runs; name it, as mmtop cat --watch -t lab0 /proc/meminfo');

	return withTarget(chosenTarget(context), target =>
		watchFiles(context, target, paths, () => pause(Math.round(seconds * 1000))),
	);
}

/** What makes a terminal empty, with the cursor in its corner. */
const clearScreen = '\u001B[H\u001B[2J';

/**
 * Prints files, and again whenever one of them changed: on a terminal in place of what was there, with --json a line
 * each time.
 *
 * @param wait lets time pass between two looks
 * @throws Failure, TargetError when a file cannot be read any more
 */
export async function watchFiles(
	context: CommandContext,
	target: Pick<Target, 'sample'>,
	paths: readonly string[],
	wait: () => Promise<void>,
): Promise<never> {
	let before: Sample['files'] | undefined;
	for (;;) {
		const sample = await target.sample({paths});
		if (!isDeepStrictEqual(sample.files, before)) {
			if (context.stdout.isTTY) await printRaw(context.stdout, clearScreen);
			await printFiles(context, sample, paths, '');
		}
		before = sample.files;
		await wait();
	}
}

/** @param indent of JSON; none: all in one line */
async function printFiles(
	{flags, stdout}: CommandContext,
	sample: Sample,
	paths: readonly string[],
	indent?: string,
): Promise<number> {
	const {found, failures} = sortOut(sample, paths);
	if (flags.json) {
		const records = await Promise.all(
			found.map(async ([path, content]) => [path, await parsed(path, content)] as const),
		);
		// One file is its record; several are told apart by their paths.
		if (paths.length > 1) {
			await printJson(stdout, Object.fromEntries(records), indent);
		} else if (records[0]) {
			await printJson(stdout, records[0][1], indent);
		}
	} else {
		for (const [, content] of found) {
			await print(stdout, content);
		}
	}

	if (failures.length > 0) throw new Failure(failures);

	return 0;
}

function sortOut(
	{files}: Sample,
	paths: readonly string[],
): {found: readonly (readonly [string, FileContent])[]; failures: readonly string[]} {
	const found: (readonly [string, FileContent])[] = [];
	const failures: string[] = [];
	for (const path of paths) {
		const file = files[path];
		const content = file && fromSampled(file);
		if (content !== undefined) {
			found.push([path, content]);
		} else {
			failures.push(file && 'error' in file ? file.error : `EIO: the target left out ${path}`);
		}
	}

	return {found, failures};
}

async function parsed(path: string, content: FileContent): Promise<unknown> {
	const {parserFor} = await import('../formats/parserFor.ts');
	const parse = parserFor(path);
	if (parse === undefined) {
		throw new Failure([`EOPNOTSUPP: ${path} has no documented format, so --json cannot print it; leave --json out`]);
	}

	try {
		return parse(content);
	} catch (error) {
		const reason = error instanceof Error ? error.message : String(error);
		throw new Failure([`EINVAL: ${path} is not in the format that --json knows: ${reason}`]);
	}
}
