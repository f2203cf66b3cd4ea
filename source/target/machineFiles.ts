import {sampledLength, sliceContent} from './content.ts';
import type {TargetMachine} from './machine.ts';
import {treePath} from './path.ts';
import {type Printed, PrintedFiles, printedContent, printedError} from './printed.ts';
import {asTargetError} from './sentence.ts';
import {
	type ByteRange,
	type FileContent,
	type Sample,
	type SampledFile,
	type SampleRequest,
	TargetError,
} from './target.ts';

/** Longest text that a write takes, in bytes: what the wire takes too. */
export const maxWriteBytes = 1024 * 1024;

/**
 * The files of a TargetMachine as a Target's answers: paths cleaned, errors named, one instant per sample. What a file
 * printed is kept until the machine moves, so that several monitors (or a paused machine) do not print it again: under
 * the one spelling of its path, and not without bound.
 */
export class MachineFiles {
	readonly #machine: TargetMachine;
	readonly #printed = new PrintedFiles();
	/** Which instant was printed: the number of it here, and the machine's time and sequence number. */
	#instant = 0;
	#timeNs = 0;
	#seq = 0;

	constructor(machine: TargetMachine) {
		this.#machine = machine;
	}

	/** To be called whenever the machine ran, was written to, or let go of a held state. */
	changed(): void {
		this.#instant++;
		this.#timeNs = this.#machine.timeNs();
		this.#seq = this.#machine.seq();
		this.#printed.clear();
	}

	/**
	 * Prints a sample file by file. Others may be served wherever it yields; should the machine change then, it begins
	 * again, so that all files are of one instant, that at which it returns.
	 *
	 * @yields how much it just printed: nothing where the file had been printed before
	 * @throws TargetError EFBIG past the limit in bytes
	 */
	*sampling({paths, limits}: Pick<SampleRequest, 'paths' | 'limits'>): Generator<number, Sample> {
		let instant: number;
		let files: Map<string, SampledFile>;
		do {
			instant = this.#thisInstant();
			files = new Map();
			let totalBytes = 0;
			let largestBytes = 0;
			for (const path of new Set(paths)) {
				const {file, freshBytes} = this.#sampled(path);
				files.set(path, file);
				const bytes = sampledLength(file);
				totalBytes += bytes;
				largestBytes = Math.max(largestBytes, bytes);
				if (limits !== undefined && totalBytes - largestBytes > limits.bytes) {
					throw new TargetError(
						'EFBIG',
						`one sample holds ${limits.bytes} bytes beside its largest file; ask for fewer`,
					);
				}

				yield freshBytes;
				if (instant !== this.#thisInstant()) break;
			}
		} while (instant !== this.#thisInstant());
		return {version: 1, timeNs: this.#machine.timeNs(), seq: this.#machine.seq(), files: Object.fromEntries(files)};
	}

	read(path: string, range: ByteRange | undefined): FileContent {
		return this.#guard(() => {
			this.#thisInstant();
			const name = this.#spelling(path);
			let content = this.#printed.get(name)?.content;
			if (content === undefined) {
				content = this.#machine.read(name);
				this.#keep(name, printedContent(content));
			}

			return sliceContent(content, range);
		});
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

	/** Forgets what was printed when the machine has moved without a word, as one does that others have files of too. */
	#thisInstant(): number {
		if (this.#machine.timeNs() !== this.#timeNs || this.#machine.seq() !== this.#seq) {
			this.changed();
		}

		return this.#instant;
	}

	/** The one place where a path gets its one spelling. */
	#spelling(path: string): string {
		const clean = treePath(path);
		return this.#machine.spelling?.(clean) ?? clean;
	}

	#sampled(path: string): {readonly file: SampledFile; readonly freshBytes: number} {
		let name: string;
		try {
			name = this.#spelling(path);
		} catch (error) {
			const {message} = asTargetError(error);
			return {file: {error: message}, freshBytes: message.length};
		}

		const known = this.#printed.get(name);
		if (known !== undefined) return {file: known.sampled, freshBytes: 0};

		const printed = this.#print(name);
		this.#keep(name, printed);
		return {file: printed.sampled, freshBytes: sampledLength(printed.sampled)};
	}

	#print(name: string): Printed {
		try {
			return printedContent(this.#machine.read(name));
		} catch (error) {
			return printedError(asTargetError(error).message);
		}
	}

	#keep(name: string, printed: Printed): void {
		if (this.#printed.get(name) === undefined) {
			this.#printed.keep(name, printed);
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
