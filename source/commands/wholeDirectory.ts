/** A directory that is written whole or not at all. */
import {chmod, mkdir, mkdtemp, readdir, realpath, rename, rm, rmdir, stat, writeFile} from 'node:fs/promises';
import {basename, dirname, join} from 'node:path';
import {encodeText} from '../target/content.ts';
import {makeDirectory} from '../target/makeDirectory.ts';
import {Failure} from './errors.ts';
import {codeOf} from './journal.ts';

/** @param made directories to remove again where it fails, the uppermost first */
export async function withoutLeftovers(made: readonly string[], work: () => Promise<number>): Promise<number> {
	try {
		return await work();
	} catch (error) {
		for (const each of made.toReversed()) await rmdir(each).catch(() => {});
		throw error;
	}
}

/** A new file, for this user only. */
const ours = {flag: 'wx', mode: 0o600} as const;

type WholeOptions = {
	/** The file that comes last: where it is, all are. */
	readonly last: readonly [name: string, text: string];
	/** Called before each file with its number. */
	readonly onFile?: (index: number) => Promise<void>;
	/** Called when the files are written, with the directory that they are in so far. */
	readonly finish?: (directory: string) => Promise<void>;
};

/**
 * Writes all into a directory beside the wanted one, which then takes its place. One that was there already may be a
 * mount point or the working directory: what was written inside is moved up in it, the last file last. What could not
 * be written whole is removed.
 *
 * @param isNew whether the directory was made for this
 * @param files by their paths in it
 * @throws Failure where a disk is full or the like
 */
export async function writeWholeDirectory(
	directory: string,
	isNew: boolean,
	files: readonly (readonly [path: string, content: string | Uint8Array])[],
	{last: [lastName, lastText], onFile, finish}: WholeOptions,
): Promise<void> {
	let partial: string | undefined;
	const moved: string[] = [];
	try {
		// One that is a link stays one.
		const place = await realpath(directory);
		partial = await mkdtemp(isNew ? join(dirname(place), `.${basename(place)}.partial-`) : join(place, '.partial-'));
		for (const [index, [path, content]] of files.entries()) {
			await onFile?.(index);
			const file = join(partial, path);
			await mkdir(dirname(file), {recursive: true, mode: 0o700});
			await writeFile(file, typeof content === 'string' ? encodeText(content) : content, ours);
		}
		await finish?.(partial);
		await writeFile(join(partial, lastName), lastText, ours);
		if (isNew) {
			await chmod(partial, (await stat(place)).mode & 0o7777);
			await rename(partial, place);
			return;
		}

		const names = (await readdir(partial)).filter(name => name !== lastName);
		for (const name of [...names, lastName]) {
			const up = join(place, name);
			await rename(join(partial, name), up);
			moved.push(up);
		}
		await rmdir(partial);
	} catch (error) {
		for (const each of [...moved, ...(partial === undefined ? [] : [partial])])
			await rm(each, {recursive: true, force: true});
		const code = codeOf(error);
		const why = code === 'ENOSPC' ? 'no space is left' : code;
		throw new Failure([`${code}: the files cannot be written to ${directory}, and none is there: ${why}`]);
	}
}

/** @returns the directories that were made, the uppermost first @throws Failure */
export async function requireEmpty(directory: string): Promise<readonly string[]> {
	const made: string[] = [];
	let names: readonly string[];
	try {
		await makeDirectory(directory, 0o700, each => made.push(each));
		names = await readdir(directory);
	} catch {
		throw new Failure([`cannot make the directory ${directory}; name one whose parent can be written`]);
	}

	if (names.length > 0) {
		throw new Failure([
			`${directory} is not empty; name a new directory, so that no file of another instant stays in it`,
		]);
	}
	return made;
}
