import {readFile, stat} from 'node:fs/promises';
import {basename} from 'node:path';
import {LARGEST_PROGRAM_BYTES} from '../kernel/execve.ts';
import type {Target} from '../target/target.ts';
import {Failure} from './errors.ts';

/** How a command ends where a file is not there, and where it cannot be used. */
type FileExitCodes = {readonly missing: number; readonly unusable: number};

/** As a shell ends for a program. */
export const shellExitCodes: FileExitCodes = {missing: 127, unusable: 126};

/** Bytes of a file in one write; base64 makes a third more of them. */
const pieceBytes = 300 * 1024;

/**
 * A file of this host, to be sent to a machine.
 *
 * @param exitCodes of the failure
 * @throws Failure where it cannot be read or is too large
 */
export async function bytesOfFile(
	path: string,
	{missing, unusable}: FileExitCodes = {missing: 1, unusable: 1},
): Promise<Uint8Array> {
	try {
		const found = await stat(path);
		if (!found.isFile()) throw new Failure([`${path} is not a file`], unusable);

		if (found.size > LARGEST_PROGRAM_BYTES) {
			const most = LARGEST_PROGRAM_BYTES / 2 ** 20;
			throw new Failure([`${path} is too large: a file has at most ${most} MiB`], unusable);
		}

		return await readFile(path);
	} catch (error) {
		if (error instanceof Failure) throw error;

		const {code} = error as NodeJS.ErrnoException;
		if (code === 'ENOENT') throw new Failure([`there is no file ${path}`], missing);

		throw new Failure([`${path} cannot be read: ${code ?? String(error)}`], unusable);
	}
}

/** Brings a file into a machine, by writes to one of its files. @returns the number that the machine gave it */
export async function upload(target: Target, to: string, path: string, bytes: Uint8Array): Promise<string> {
	const name = basename(path)
		.replace(/[^\w.+-]/g, '_')
		.slice(0, 64);
	const number = await target.write(to, `load ${name} ${bytes.length}`);
	for (let at = 0; at < bytes.length; at += pieceBytes) {
		const piece = Buffer.from(bytes.subarray(at, at + pieceBytes)).toString('base64');
		await target.write(to, `data ${number} ${piece}`);
	}

	return number;
}
