import {mkdir, readdir, readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {type CommandFunction, print} from './context.ts';
import {Failure, UsageError} from './errors.ts';
import {headersFolder} from './headers.ts';

/** `mmtop new driver|program NAME`: a folder with something that works. */
export const newFolder: CommandFunction = async ({args, env, stdout}) => {
	const [kind, name] = args;
	if ((kind !== 'driver' && kind !== 'program') || name === undefined || args.length > 2) {
		throw new UsageError('new takes what to make and its name, as mmtop new driver mydrv');
	}

	// It becomes a name in C, of a file and of a device.
	if (!/^[a-z_][a-z0-9_]{0,29}$/i.test(name)) {
		throw new UsageError(
			`a name has letters, digits and _, at most 30, and begins with no digit; got ${JSON.stringify(name)}`,
		);
	}

	const templates = join(headersFolder(env), 'new', kind);
	await makeNew(name);
	for (const file of await readdir(templates)) {
		const text = await readFile(join(templates, file), 'utf8');
		await writeFile(join(name, file.replace('NAME', name)), text.replaceAll('NAME', name));
	}

	await print(stdout, `${name}/${name}.c is a ${kind} that works; next: cd ${name} && make\n`);
	return 0;
};

async function makeNew(folder: string): Promise<void> {
	try {
		await mkdir(folder);
	} catch (error) {
		const {code} = error as NodeJS.ErrnoException;
		throw new Failure([
			code === 'EEXIST'
				? `${folder} is there already; choose another name`
				: `cannot make the folder ${folder}: ${code}`,
		]);
	}
}
