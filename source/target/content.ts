import type {ByteRange, FileContent, SampledFile} from './target.ts';

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
