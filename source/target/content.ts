import {isUtf8} from 'node:buffer';
import type {ByteRange, FileContent, SampledFile} from './target.ts';

/** Bytes of one character of UTF-8 that has more than one, as characters of Latin-1. */
const wide = [
	// Two bytes. C0 and C1 would begin a longer spelling of ASCII.
	'[\xc2-\xdf][\x80-\xbf]',
	// Three bytes, from U+0800 on: below that two are enough.
	'\xe0[\xa0-\xbf][\x80-\xbf]',
	'[\xe1-\xec\xee\xef][\x80-\xbf]{2}',
	// U+D800 to U+DFFF are half characters.
	'\xed[\x80-\x9f][\x80-\xbf]',
	// Four bytes, from U+10000 on: below that three are enough.
	'\xf0[\x90-\xbf][\x80-\xbf]{2}',
	'[\xf1-\xf3][\x80-\xbf]{3}',
	// U+10FFFF is the last character.
	'\xf4[\x80-\x8f][\x80-\xbf]{2}',
].join('|');
/** Such a character, or a byte that belongs to none. */
const wideOrStray = new RegExp(`(${wide})|[\x80-\xff]`, 'g');

/** First of the half characters that stand for bytes. */
const strayByte = 0xdc00;
const stray = /[\udc80-\udcff]/u;
const strayByEach = /([\udc80-\udcff])/u;

/**
 * Bytes of a text file, which a kernel does not promise to be UTF-8: a name is whatever bytes a program gave. A byte
 * that cannot be decoded becomes the half character U+DC80 to U+DCFF, as in Python (PEP 383), so that `encodeText`
 * gives the same bytes again.
 */
export function decodeText(bytes: Uint8Array): string {
	const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	if (isUtf8(buffer)) return buffer.toString('utf8');

	return buffer
		.toString('latin1')
		.replace(wideOrStray, (found, character: string | undefined) =>
			character === undefined
				? String.fromCharCode(strayByte | found.charCodeAt(0))
				: Buffer.from(character, 'latin1').toString('utf8'),
		);
}

/** The bytes that `decodeText` made this text of; the text itself where UTF-8 is enough. */
export function encodeText(text: string): string | Uint8Array {
	if (!stray.test(text)) return text;

	const pieces = text
		.split(strayByEach)
		.map((piece, index) => (index % 2 === 0 ? Buffer.from(piece) : Buffer.of(piece.charCodeAt(0) & 0xff)));
	return Buffer.concat(pieces);
}

/** Bytes of sampled files that were binary in this process: base64 is made of them only for who looks at it. */
const binary = new WeakMap<SampledFile, Uint8Array>();

/** A file's bytes as a sample carries them. */
export function toSampled(content: FileContent): SampledFile {
	if (typeof content === 'string') return {text: content};

	let base64: string | undefined;
	const file: SampledFile = {
		get base64() {
			base64 ??= toBase64(content);
			return base64;
		},
	};
	binary.set(file, content);
	return file;
}

/** The bytes of a sampled file; undefined for an error or an `unchanged` that nobody resolved. */
export function fromSampled(file: SampledFile): FileContent | undefined {
	if ('text' in file) return file.text;

	return 'base64' in file ? (bytesBehind(file) ?? new Uint8Array(Buffer.from(file.base64, 'base64'))) : undefined;
}

/** The bytes that a sampled file was made of in this process. */
export function bytesBehind(file: SampledFile): Uint8Array | undefined {
	return binary.get(file);
}

export function toBase64(bytes: Uint8Array): string {
	return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

/** Four characters stand for three bytes, or for the rest. */
export function base64Length(bytes: Uint8Array): number {
	return Math.ceil(bytes.length / 3) * 4;
}

/** How long the text of a sampled file is. */
export function sampledLength(file: SampledFile): number {
	if ('text' in file) return file.text.length;

	if ('base64' in file) {
		const bytes = bytesBehind(file);
		return bytes === undefined ? file.base64.length : base64Length(bytes);
	}

	return 'error' in file ? file.error.length : 0;
}

/** True when both are the same bytes. Equal strings that are one object compare in no time. */
export function sameSampled(a: SampledFile, b: SampledFile): boolean {
	if (a === b) return !('error' in a || 'unchanged' in a);

	if ('text' in a) return 'text' in b && a.text === b.text;

	if (!('base64' in a && 'base64' in b)) return false;

	const [left, right] = [bytesBehind(a), bytesBehind(b)];
	return left && right ? Buffer.compare(left, right) === 0 : a.base64 === b.base64;
}

/** The part of a binary file that `range` names, shorter where the file ends; text files are always whole. */
export function sliceContent(content: FileContent, range: ByteRange | undefined): FileContent {
	return range === undefined || typeof content === 'string'
		? content
		: content.subarray(range.offset, range.offset + range.length);
}
