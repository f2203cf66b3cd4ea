import {readFileSync} from 'node:fs';
import {basename} from 'node:path';
import {compilerOf, runHere} from './compiler.ts';
import type {CommandFunction} from './context.ts';
import {Failure, UsageError} from './errors.ts';
import {driverFlags, eraOf, headersFolder, programFlags} from './headers.ts';

/** `mmtop cc FILE.c… [--era ERA] [-- FLAG…]`: drivers become objects, and what has a main becomes a program. */
export const cc: CommandFunction = async ({args, flags, env}) => {
	const files = args.filter(arg => !arg.startsWith('-'));
	const more = args.filter(arg => arg.startsWith('-'));
	if (files.length === 0) throw new UsageError('cc needs a file of C, as mmtop cc mydrv.c');

	const odd = files.find(file => !/\.[cS]$/.test(file));
	if (odd !== undefined) throw new UsageError(`cc takes files that end in .c, got ${JSON.stringify(odd)}`);

	const era = eraOf(flags.era);
	const headers = headersFolder(env);
	const compiler = compilerOf(env);
	for (const file of files) {
		const name = basename(file).replace(/\.[cS]$/, '');
		const how = isProgram(file)
			? [...programFlags(headers), ...more, '-o', name, file]
			: [...driverFlags(headers, era, name), ...more, '-c', '-o', `${name}.o`, file];
		const exitCode = await runHere([...compiler, ...how], env);
		if (exitCode !== 0) throw new Failure([`${compiler[0]} could not compile ${file}`]);
	}

	return 0;
};

/** A program has a main, and knows nothing of the kernel's headers. */
function isProgram(file: string): boolean {
	let text: string;
	try {
		text = readFileSync(file, 'utf8');
	} catch (error) {
		throw new Failure([`cannot read ${file}: ${(error as NodeJS.ErrnoException).code}`]);
	}

	return /\bmain\s*\(/.test(text) && !/#\s*include\s*<linux\/(?:module|init|kernel)\.h>/.test(text);
}
