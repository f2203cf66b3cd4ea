import {type CommandFunction, print} from './context.ts';
import {UsageError} from './errors.ts';
import {chosenTarget, withTarget} from './machine.ts';

/** `mmtop write -t TARGET PATH TEXT` */
export const write: CommandFunction = async context => {
	const {args, flags, stdout} = context;
	const [path, ...words] = args;
	if (path === undefined || words.length === 0) {
		throw new UsageError('write needs a path and a text, as mmtop write -t lab0 /sys/kernel/debug/lab/clock pause');
	}

	if (flags.target === undefined) {
		throw new UsageError('write needs --target: a fresh machine would be gone before anyone saw what was written');
	}

	const answer = await withTarget(chosenTarget(context), target => target.write(path, words.join(' ')));
	await print(stdout, answer === '' || answer.endsWith('\n') ? answer : `${answer}\n`);
	return 0;
};
