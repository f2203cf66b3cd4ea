import {fromSampled} from '../target/content.ts';
import {treePath} from '../target/path.ts';
import type {FileContent, Sample} from '../target/target.ts';
import {type CommandContext, type CommandFunction, print, printJson} from './context.ts';
import {Failure, UsageError} from './errors.ts';
import {onChosen} from './machine.ts';

/** `mmtop cat PATH…`: the files of one instant, one after the other, as bytes or as records. */
export const cat: CommandFunction = async context => {
	const {args} = context;
	if (args.length === 0) throw new UsageError('cat needs a path, as mmtop cat /proc/meminfo');

	const paths = args.map(treePath);
	return onChosen(context, async target => printFiles(context, await target.sample({paths}), paths));
};

async function printFiles({flags, stdout}: CommandContext, sample: Sample, paths: readonly string[]): Promise<number> {
	const {found, failures} = sortOut(sample, paths);
	if (flags.json) {
		const records = await Promise.all(
			found.map(async ([path, content]) => [path, await parsed(path, content)] as const),
		);
		// One file is its record; several are told apart by their paths.
		if (paths.length > 1) {
			await printJson(stdout, Object.fromEntries(records));
		} else if (records[0]) {
			await printJson(stdout, records[0][1]);
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
	const {parserFor} = await import('../formats/files.ts');
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
