import {lstat, mkdir, stat} from 'node:fs/promises';
import {dirname} from 'node:path';

/**
 * Makes a directory and those above it that are missing, unless it is there. Node's own way of doing so never comes
 * back from a path below /proc.
 *
 * @param onMade called with each directory that was made, the uppermost first
 * @throws what the system says; EEXIST where something other than a directory lies
 */
export async function makeDirectory(
	path: string,
	mode: number,
	onMade: (directory: string) => void = () => {},
): Promise<void> {
	try {
		await mkdir(path, {mode});
	} catch (error) {
		const {code} = error as NodeJS.ErrnoException;
		if (code === 'EEXIST' && (await isDirectory(path))) return;

		if (code !== 'ENOENT' || (await isThere(dirname(path)))) throw error;

		await makeDirectory(dirname(path), mode, onMade);
		return makeDirectory(path, mode, onMade);
	}

	onMade(path);
}

async function isDirectory(path: string): Promise<boolean> {
	return stat(path).then(
		status => status.isDirectory(),
		() => false,
	);
}

async function isThere(path: string): Promise<boolean> {
	return lstat(path).then(
		() => true,
		() => false,
	);
}
