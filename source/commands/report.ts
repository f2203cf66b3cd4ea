import {encodeText} from '../target/content.ts';
import type {Target} from '../target/target.ts';
import {type CommandFunction, print} from './context.ts';
import {Failure, UsageError} from './errors.ts';
import {codeOf} from './journal.ts';
import {onChosen} from './machine.ts';
import {gatherReport} from './report/gather.ts';
import {reportText} from './report/text.ts';
import {writeWholeFile} from './wholeFile.ts';

/** `mmtop report [TARGET]`: all about what went wrong on a machine, as one text. */
export const report: CommandFunction = async context => {
	const {args, flags, stdout} = context;
	const [name] = args;
	if (args.length > 1) throw new UsageError(`report takes one target, got ${args.length}`);
	if (name !== undefined && flags.target !== undefined)
		throw new UsageError('report takes the target as a word or with --target, not both');

	const chosen = name === undefined ? context : {...context, flags: {...flags, target: name}};
	return onChosen(chosen, async target => {
		if (flags.output === undefined) await print(stdout, reportText(await gatherReport(target)));
		else await writeReport(target, flags.output);
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
	const text = reportText(await gatherReport(target, command));
	try {
		await writeWholeFile(path, encodeText(text));
	} catch (error) {
		const why = codeOf(error) === 'ELOOP' ? ', which is a link: name the file itself' : '';
		throw new Failure([`${codeOf(error)}: the report cannot be written to ${path}${why}`]);
	}
}
