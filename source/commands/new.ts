import {mkdir, readdir, readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {didYouMean} from '../formats/nearest.ts';
import {type CommandContext, type CommandFunction, print} from './context.ts';
import {Failure, UsageError} from './errors.ts';
import {headersFolder} from './headers.ts';

/** `mmtop new driver|program NAME`: a folder with something that works; with --lab, with a part to be written. */
export const newFolder: CommandFunction = async ({args, flags, env, stdout}) => {
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

	if (flags.lab !== undefined) {
		if (kind !== 'driver') throw new UsageError('--lab makes drivers, as mmtop new driver mine --lab remap');

		return newExercise(name, flags.lab, join(headersFolder(env), 'new/exercise'), stdout);
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

/** A driver with a part to be written, and what it has to do. */
async function newExercise(
	name: string,
	lab: string,
	templates: string,
	stdout: CommandContext['stdout'],
): Promise<number> {
	const {exercises} = await import('../lab/exercises/list.ts');
	const exercise = exercises.find(each => each.name === lab);
	if (exercise === undefined) {
		const names = exercises.map(each => each.name);
		throw new UsageError(
			`there is no exercise ${JSON.stringify(lab)}${didYouMean(lab, names) || `; there are ${names.join(', ')}`}`,
		);
	}

	const words = {NAME: name, LAB: lab, TITLE: exercise.title, SOURCE: exercise.source, TASK: exercise.task};
	const filled = (text: string) => text.replace(/NAME|\b(?:LAB|TITLE|SOURCE|TASK)\b/g, word => words[word as 'NAME']);
	await makeNew(name);
	const skeleton = await readFile(join(templates, 'skeletons', `${lab}.c`), 'utf8');
	await writeFile(join(name, `${name}.c`), skeleton.replaceAll('NAME', name));
	for (const file of ['Makefile', 'README.md']) {
		await writeFile(join(name, file), filled(await readFile(join(templates, file), 'utf8')));
	}

	await print(stdout, `${name}/${name}.c has a part for you to write; next: cd ${name} && make check\n`);
	return 0;
}

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
