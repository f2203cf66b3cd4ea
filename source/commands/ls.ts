import {type CommandFunction, print, printJson} from './context.ts';
import {UsageError} from './errors.ts';
import {onChosen} from './machine.ts';

/** `mmtop ls [PATH]` */
export const ls: CommandFunction = async context => {
	const {args, flags, stdout} = context;
	if (args.length > 1) throw new UsageError(`ls takes one path, got ${args.length}`);

	return onChosen(context, async target => {
		const names = await target.list(args[0] ?? '/');
		await (flags.json ? printJson(stdout, names) : print(stdout, names.map(name => `${name}\n`).join('')));
		return 0;
	});
};
