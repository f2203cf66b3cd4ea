import {sliceContent, toSampled} from './content.ts';
import type {Machine} from './machine.ts';
import {treePath} from './path.ts';
import {asTargetError} from './sentence.ts';
import type {ByteRange, FileContent, Sample, SampledFile} from './target.ts';
import {TargetError} from './target.ts';

/** Longest text that a write takes, in bytes: what the wire takes too. */
export const maxWriteBytes = 1024 * 1024;

/**
 * The files of a Machine as a Target's answers: paths cleaned, errors named, one instant per sample. What a file printed is
 * kept until the machine moves, so that several monitors (or a paused machine) do not print it again.
 */
export class MachineFiles {
	readonly #machine: Machine;
	readonly #printed = new Map<string, SampledFile>();

	constructor(machine: Machine) {
		this.#machine = machine;
	}

	/** To be called whenever the machine ran, was written to, or let go of a held state. */
	changed(): void {
		this.#printed.clear();
	}

	sample(paths: readonly string[]): Sample {
		const files: Record<string, SampledFile> = {};
		for (const path of paths) {
			let file = this.#printed.get(path);
			if (file === undefined) {
				file = this.#print(path);
				this.#printed.set(path, file);
			}

			files[path] = file;
		}

		return {version: 1, timeNs: this.#machine.timeNs(), seq: this.#machine.seq(), files};
	}

	read(path: string, range: ByteRange | undefined): FileContent {
		return this.#guard(() => sliceContent(this.#machine.read(treePath(path)), range));
	}

	list(path: string): readonly string[] {
		return this.#guard(() => this.#machine.list(treePath(path)));
	}

	write(path: string, text: string, by: string): string {
		const sizeBytes = Buffer.byteLength(text);
		if (sizeBytes > maxWriteBytes) {
			throw new TargetError('EFBIG', `a write takes at most ${maxWriteBytes} bytes, got ${sizeBytes}`);
		}

		try {
			return this.#guard(() => this.#machine.write(treePath(path), text, by));
		} finally {
			this.changed();
		}
	}

	#print(path: string): SampledFile {
		try {
			return toSampled(this.read(path, undefined));
		} catch (error) {
			return {error: asTargetError(error).message};
		}
	}

	#guard<T>(action: () => T): T {
		try {
			return action();
		} catch (error) {
			throw asTargetError(error);
		}
	}
}
