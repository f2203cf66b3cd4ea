import {sampledLength, toSampled} from './content.ts';
import type {FileContent, SampledFile} from './target.ts';

/** What may be kept of what files printed, in bytes: every file that a monitor shows, and two of the largest. */
const keptBytes = 32 * 1024 * 1024;
/** A file that is not there costs room too. */
const entryBytes = 256;

/** What a file printed, or why it could not. */
export type Printed = {
	/** Undefined where it could not be printed. */
	readonly content: FileContent | undefined;
	/** As samples carry it: one object, which all of them share. */
	readonly sampled: SampledFile;
};

export function printedContent(content: FileContent): Printed {
	return {content, sampled: toSampled(content)};
}

export function printedError(error: string): Printed {
	return {content: undefined, sampled: {error}};
}

/** Room that an entry takes. A binary file may be asked for its base64 later, which is longer than its bytes. */
function roomOf(path: string, {content, sampled}: Printed): number {
	const bytes = content === undefined || typeof content === 'string' ? 0 : content.length;
	return entryBytes + path.length + bytes + sampledLength(sampled);
}

/** What files printed at one instant, by their one spelling. Where there is too much of it, the oldest makes room. */
export class PrintedFiles {
	readonly #byPath = new Map<string, Printed>();
	#usedBytes = 0;

	get(path: string): Printed | undefined {
		return this.#byPath.get(path);
	}

	/** @param path not kept yet */
	keep(path: string, printed: Printed): void {
		const neededBytes = roomOf(path, printed);
		if (neededBytes > keptBytes) return;

		for (const [oldPath, old] of this.#byPath) {
			if (this.#usedBytes + neededBytes <= keptBytes) break;

			this.#byPath.delete(oldPath);
			this.#usedBytes -= roomOf(oldPath, old);
		}

		this.#byPath.set(path, printed);
		this.#usedBytes += neededBytes;
	}

	clear(): void {
		this.#byPath.clear();
		this.#usedBytes = 0;
	}
}
