import type {Target} from '../target/target.ts';
import {type CommandFunction, print} from './context.ts';
import {UsageError} from './errors.ts';
import {onChosen} from './machine.ts';
import {gatherReport} from './report/gather.ts';
import {reportText} from './report/text.ts';
import {saveWhole} from './wholeFile.ts';

/** `mmtop report [TARGET]`: all about what went wrong on a machine, as one text. */
export const report: CommandFunction = async context => {
	const {args, flags, stdout} = context;
	const [name] = args;
	if (args.length > 1) throw new UsageError(`report takes one target, got ${args.length}`);
	if (name !== undefined && flags.target !== undefined)
		throw new UsageError('report takes the target as a word or with --target, not both');

	const chosen = name === undefined ? context : {...context, flags: {...flags, target: name}};
	return onChosen(chosen, async target => {
		if (flags.html !== undefined) {
			const {reportPage} = await import('./html/reportPage.ts');
			await saveWhole(flags.html, reportPage(reportText(await gatherReport(target))), 'the page');
		}

		if (flags.output !== undefined) await writeReport(target, flags.output);
		else if (flags.html === undefined) await print(stdout, reportText(await gatherReport(target)));
		return 0;
	});
};

/**
 * Writes a report of a target to a file, for this user only and in place of one that is there.
 *
 * @param command line that did what is reported
 * @throws Failure where the file cannot be written
 */
export async function writeReport(target: Target, path: string, command?: string): Promise<void> {
	await saveWhole(path, reportText(await gatherReport(target, command)), 'the report');
}
