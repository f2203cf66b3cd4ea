/** Writes a file that a person names as a whole or not at all. */
import {lstat, open, rename, rm, stat, writeFile} from 'node:fs/promises';
import {encodeText} from '../target/content.ts';
import {Failure} from './errors.ts';
import {codeOf} from './journal.ts';

/**
 * The file is for this user only, and takes the place of one that is there. What is not a file, as a pipe or a
 * terminal, is written to. A link to a file is refused: another user may
 * have put it there, to have a file of this one replaced.
 *
 * @throws what the system says, and then what was there is as it was; ELOOP for a link to a file
 */
export async function writeWholeFile(path: string, text: string | Uint8Array): Promise<void> {
	const there = await lstat(path).catch((error: NodeJS.ErrnoException) => {
		if (error.code === 'ENOENT') return undefined;
		throw error;
	});
	if (there && !there.isFile()) {
		if (there.isSymbolicLink() && (await isFileOrNothing(path)))
			throw Object.assign(new Error('it is a link'), {code: 'ELOOP'});
		return writeFile(path, text, {flag: 'w'});
	}
	const part = `${path}.${process.pid}.part`;
	const file = await open(part, 'wx', 0o600);
	try {
		try {
			await file.writeFile(text);
			await file.sync();
		} finally {
			await file.close();
		}
		await rename(part, path);
	} catch (error) {
		await rm(part, {force: true});
		throw error;
	}
}

const isFileOrNothing = (path: string): Promise<boolean> =>
	stat(path).then(
		status => status.isFile(),
		() => true,
	);

/** As writeWholeFile, for a text. @param what it is, in the sentence about a failure @throws Failure */
export async function saveWhole(path: string, text: string, what: string): Promise<void> {
	try {
		await writeWholeFile(path, encodeText(text));
	} catch (error) {
		const why = codeOf(error) === 'ELOOP' ? ', which is a link: name the file itself' : '';
		throw new Failure([`${codeOf(error)}: ${what} cannot be written to ${path}${why}`]);
	}
}
