import {readFile} from 'node:fs/promises';
import {fileURLToPath} from 'node:url';
import {type CommandFunction, print} from './context.ts';
import {Failure, UsageError} from './errors.ts';

/** Begins the comment at the end of the bundle. @see build/licences.mjs */
const heading = '/* THIRD-PARTY NOTICES\n\n';

/** `mmtop licences`: what the file says at its end, where a build has put the licences of all that is in it. */
export const licences: CommandFunction = async ({args, stdout}) => {
	if (args.length > 0) throw new UsageError(`licences takes no arguments, got ${JSON.stringify(args[0])}`);
	const text = await readFile(fileURLToPath(import.meta.url), 'utf8');
	const start = text.lastIndexOf(heading);
	if (!text.endsWith('\n*/\n'))
		throw new Failure(['this mmtop is run from its sources; a built one has the licences in it']);
	await print(stdout, text.slice(start + heading.length, -'*/\n'.length));
	return 0;
};
