import type {ByteRange, FileContent, SampledFile} from './target.ts';

/** A file's bytes as a sample carries them. */
export function toSampled(content: FileContent): SampledFile {
	return typeof content === 'string' ? {text: content} : {base64: Buffer.from(content).toString('base64')};
}

/** The bytes of a sampled file; undefined for an error or an `unchanged` that nobody resolved. */
export function fromSampled(file: SampledFile): FileContent | undefined {
	if ('text' in file) {
		return file.text;
	}

	return 'base64' in file ? new Uint8Array(Buffer.from(file.base64, 'base64')) : undefined;
}

/** True when both are the same bytes. Equal strings that are one object compare in no time. */
export function sameSampled(a: SampledFile, b: SampledFile): boolean {
	if ('text' in a) {
		return 'text' in b && a.text === b.text;
	}

	return 'base64' in a && 'base64' in b && a.base64 === b.base64;
}

/** The part of a binary file that `range` names, shorter where the file ends; text files are always whole. */
export function sliceContent(content: FileContent, range: ByteRange | undefined): FileContent {
	return range === undefined || typeof content === 'string'
		? content
		: content.subarray(range.offset, range.offset + range.length);
}
