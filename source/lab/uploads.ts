/** Files that come into the machine in pieces, by writes to files of `lab/`. */

import {countOf} from '../formats/words.ts';
import {LARGEST_PROGRAM_BYTES} from '../kernel/execve.ts';
import {fromBase64} from './base64.ts';
import {LabError} from './errors.ts';

/** Unfinished ones at a time; the oldest goes first. */
const mostUploads = 16;

export type Upload = {readonly name: string; readonly bytes: Uint8Array; received: number};
export type Uploads = {readonly all: Map<number, Upload>; next: number};

export const noUploads = (): Uploads => ({all: new Map(), next: 1});

/** @returns its number @throws LabError EINVAL, EFBIG */
export function beginUpload(uploads: Uploads, name: string, size: string): number {
	if (!/^[\w.+-]{1,64}$/.test(name))
		throw new LabError('EINVAL', `a file's name is 1 to 64 of A-Z a-z 0-9 . _ + -, got "${name}"`);
	const bytes = Number(size);
	if (!/^\d+$/.test(size)) throw new LabError('EINVAL', `a size is a whole number of bytes, got "${size}"`);
	if (bytes > LARGEST_PROGRAM_BYTES)
		throw new LabError(
			'EFBIG',
			`a file has at most ${LARGEST_PROGRAM_BYTES >> 20} MiB, ${name} has ${countOf(bytes, 'byte')}`,
		);
	const number = uploads.next++;
	uploads.all.set(number, {name, bytes: new Uint8Array(bytes), received: 0});
	const [oldest] = uploads.all.keys();
	if (uploads.all.size > mostUploads) uploads.all.delete(oldest!);
	return number;
}

function uploadOf({all}: Uploads, number: string): Upload {
	const found = all.get(Number(number));
	if (!found) throw new LabError('ENOENT', `nothing is being loaded under the number "${number}"`);
	return found;
}

/** @throws LabError EINVAL, ENOENT */
export function addToUpload(uploads: Uploads, number: string, text: string): void {
	const upload = uploadOf(uploads, number);
	const piece = fromBase64(text);
	if (!piece) throw new LabError('EINVAL', 'a piece of a file is base64');
	const {bytes, received, name} = upload;
	if (received + piece.length > bytes.length)
		throw new LabError('EINVAL', `${name} was said to have ${countOf(bytes.length, 'byte')}, and there are more`);
	bytes.set(piece, received);
	upload.received += piece.length;
}

/** @throws LabError where a part is missing */
export function completeUpload(uploads: Uploads, number: string): Upload {
	const upload = uploadOf(uploads, number);
	const {name, bytes, received} = upload;
	if (received < bytes.length)
		throw new LabError('EINVAL', `of ${name} only ${received} of ${countOf(bytes.length, 'byte')} came`);
	return upload;
}

export const forgetUpload = (uploads: Uploads, number: string): void => void uploads.all.delete(Number(number));
