/** linux/string.h: what is looked for in a text, and copies of texts. */
import {kernelAddress, logicalAddress, userAddress} from '../../../hardware/address.ts';
import {E2BIG, EFAULT, EINVAL, ENOMEM} from '../../errno.ts';
import type {Kernel} from '../../kernel.ts';
import {kread32, kwrite8, kwrite32} from '../../mm/access.ts';
import {GFP_USER} from '../../mm/gfp.ts';
import {kfree, kmalloc} from '../../mm/slab.ts';
import {copy_from_user} from '../../mm/uaccess.ts';
import type {Sleeps} from '../../time.ts';
import type {Gate} from '../state.ts';
import {bytesAt, fillKernel, readKernel, textAtAddress, writeKernel, zeroEnded} from '../text.ts';
import {gate, gates} from './gate.ts';

const lower = (text: string) => text.replace(/[A-Z]/g, letter => letter.toLowerCase());

/** As C compares; letters are bytes. */
function compareTexts(a: string, b: string): number {
	for (let at = 0; at < Math.max(a.length, b.length); at++) {
		const difference = (a.charCodeAt(at) || 0) - (b.charCodeAt(at) || 0);
		if (difference !== 0) return difference;
	}
	return 0;
}

const isSpace = (byte: number) => byte === 32 || (byte >= 9 && byte <= 13) || byte === 160;

/** Where the first byte is that is wanted, or 0. */
function firstAt(k: Kernel, text: number, isWanted: (byte: number) => boolean): number {
	const at = bytesAt(k, text).findIndex(isWanted);
	return at < 0 ? 0 : text + at;
}

/** How many bytes at the start are so. */
function spanOf(k: Kernel, text: number, isSo: (byte: number) => boolean): number {
	const bytes = bytesAt(k, text);
	const end = bytes.findIndex(byte => !isSo(byte));
	return end < 0 ? bytes.length : end;
}

/** Cuts the next part off a text, whose place moves on. @returns the part, or 0 where there is none left */
function strsep(k: Kernel, place: number, separators: number): number {
	const text = kread32(k, kernelAddress(place));
	if (text === 0) return 0;
	const set = bytesAt(k, separators);
	const end = firstAt(k, text, byte => set.includes(byte));
	if (end !== 0) kwrite8(k, kernelAddress(end), 0);
	kwrite32(k, kernelAddress(place), end === 0 ? 0 : end + 1);
	return text;
}

/** Cuts blanks off the end. @returns where the text begins without blanks */
function strim(k: Kernel, text: number): number {
	const bytes = bytesAt(k, text);
	let end = bytes.length;
	while (end > 0 && isSpace(bytes[end - 1]!)) end--;
	if (end < bytes.length) kwrite8(k, kernelAddress(text + end), 0);
	return text + spanOf(k, text, isSpace);
}

/** Appends to a text in so much room. @returns how long it would be */
function strlcat(k: Kernel, to: number, from: number, room: number): number {
	const [had, more] = [bytesAt(k, to).length, bytesAt(k, from)];
	const fits = Math.max(0, Math.min(more.length, room - had - 1));
	if (room > had) writeKernel(k, to + had, Uint8Array.of(...more.subarray(0, fits), 0));
	return had + more.length;
}

/** New memory with these bytes. @returns its address, or 0 */
function* keep(k: Kernel, bytes: Uint8Array, gfp: number): Sleeps<number> {
	const at = yield* kmalloc(k, bytes.length, gfp | 0);
	if (at !== undefined) writeKernel(k, at, bytes);
	return at ?? 0;
}

/** New memory with a user's bytes. @returns its address, -ENOMEM, -EFAULT */
function* duplicate(k: Kernel, from: number, length: number, more: number): Sleeps<number> {
	const bytes = new Uint8Array(length + more);
	const at = yield* kmalloc(k, bytes.length, GFP_USER);
	if (at === undefined) return -ENOMEM;
	if ((yield* copy_from_user(k, bytes.subarray(0, length), userAddress(from))) > 0) {
		kfree(k, logicalAddress(at));
		return -EFAULT;
	}
	writeKernel(k, at, bytes);
	return at;
}

/** Bytes of a user's text up to its zero, at most so many. @returns undefined where they cannot be read */
function* userText(k: Kernel, from: number, most: number): Sleeps<Uint8Array | undefined> {
	const bytes: number[] = [];
	const one = new Uint8Array(1);
	while (bytes.length < most) {
		if ((yield* copy_from_user(k, one, userAddress(from + bytes.length))) > 0) return undefined;
		if (one[0] === 0) break;
		bytes.push(one[0]!);
	}
	return Uint8Array.from(bytes);
}

function* strndup_user(k: Kernel, from: number, most: number): Sleeps<number> {
	const text = yield* userText(k, from, most);
	if (!text) return -EFAULT;
	if (text.length >= most) return -EINVAL;
	return (yield* keep(k, Uint8Array.of(...text, 0), GFP_USER)) || -ENOMEM;
}

/** @returns its length; `most` where it had no room for the zero; -EFAULT */
function* strncpy_from_user(k: Kernel, to: number, from: number, most: number): Sleeps<number> {
	const text = yield* userText(k, from, most);
	if (!text) return -EFAULT;
	writeKernel(k, to, text.length < most ? Uint8Array.of(...text, 0) : text);
	return text.length;
}

/** A text without the newline that a shell leaves at its end. */
const withoutNewline = (text: string) => text.replace(/\n$/, '');

function match_string(k: Kernel, array: number, count: number, text: number): number {
	const wanted = textAtAddress(k, text);
	for (let n = 0; n < count; n++) {
		const item = kread32(k, kernelAddress(array + 4 * n));
		if (item === 0) break;
		if (textAtAddress(k, item) === wanted) return n;
	}
	return -EINVAL;
}

function find(k: Kernel, at: number, wanted: number, length: number): number {
	const found = readKernel(k, at, length).indexOf(wanted & 0xff);
	return found < 0 ? -1 : at + found;
}

export const textExports: readonly Gate[] = [
	gate('strlen', (k, text) => bytesAt(k, text).length),
	gate('strncat', (k, to, from, most) => {
		writeKernel(k, to + bytesAt(k, to).length, Uint8Array.of(...bytesAt(k, from, most), 0));
		return to;
	}),
	gate('strlcat', strlcat),
	gate('strcasecmp', (k, a, b) => compareTexts(lower(textAtAddress(k, a)), lower(textAtAddress(k, b)))),
	...gates(['strncasecmp', 'strnicmp'], (k, a, b, most) =>
		compareTexts(lower(textAtAddress(k, a, most)), lower(textAtAddress(k, b, most))),
	),
	gate('strrchr', (k, text, wanted) => {
		const bytes = bytesAt(k, text);
		const at = (wanted & 0xff) === 0 ? bytes.length : bytes.lastIndexOf(wanted & 0xff);
		return at < 0 ? 0 : text + at;
	}),
	gate('strnchr', (k, text, most, wanted) => {
		const at = bytesAt(k, text, most).indexOf(wanted & 0xff);
		return at < 0 ? 0 : text + at;
	}),
	gate('strstr', (k, text, part) => {
		const at = textAtAddress(k, text).indexOf(textAtAddress(k, part));
		return at < 0 ? 0 : text + at;
	}),
	gate('strpbrk', (k, text, set) => {
		const wanted = bytesAt(k, set);
		return firstAt(k, text, byte => wanted.includes(byte));
	}),
	gate('strspn', (k, text, set) => {
		const wanted = bytesAt(k, set);
		return spanOf(k, text, byte => wanted.includes(byte));
	}),
	gate('strcspn', (k, text, set) => {
		const unwanted = bytesAt(k, set);
		return spanOf(k, text, byte => !unwanted.includes(byte));
	}),
	gate('strsep', strsep),
	gate('strim', strim),
	gate('skip_spaces', (k, text) => text + spanOf(k, text, isSpace)),
	gate('strscpy_pad', (k, to, from, room) => {
		const text = bytesAt(k, from, room);
		const fits = text.subarray(0, Math.max(0, room - 1));
		if (room > 0)
			writeKernel(
				k,
				to,
				Uint8Array.from({length: room}, (_, n) => fits[n] ?? 0),
			);
		return room === 0 || fits.length < text.length ? -E2BIG : fits.length;
	}),
	gate('memchr', (k, at, wanted, length) => Math.max(0, find(k, at, wanted, length))),
	gate('memscan', (k, at, wanted, length) => {
		const found = find(k, at, wanted, length);
		return found < 0 ? at + length : found;
	}),
	gate('memzero_explicit', (k, at, length) => fillKernel(k, at, 0, length)),
	gate('kstrdup', (k, text, gfp) => (text === 0 ? 0 : keep(k, zeroEnded(textAtAddress(k, text)), gfp))),
	gate('kstrndup', (k, text, most, gfp) => (text === 0 ? 0 : keep(k, zeroEnded(textAtAddress(k, text, most)), gfp))),
	gate('kmemdup', (k, from, length, gfp) => keep(k, readKernel(k, from, length), gfp)),
	gate('memdup_user', (k, from, length) => duplicate(k, from, length, 0)),
	gate('memdup_user_nul', (k, from, length) => duplicate(k, from, length, 1)),
	gate('strndup_user', strndup_user),
	gate('strncpy_from_user', strncpy_from_user),
	gate('strnlen_user', function* (k, text, most) {
		const found = yield* userText(k, text, most);
		return found ? found.length + 1 : 0;
	}),
	gate('sysfs_streq', (k, a, b) =>
		withoutNewline(textAtAddress(k, a)) === withoutNewline(textAtAddress(k, b)) ? 1 : 0,
	),
	gate('match_string', match_string),
];
