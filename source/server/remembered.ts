import {sampledLength} from '../target/content.ts';
import type {Sample} from '../target/target.ts';

/** A file that says no more than that it is not there takes room too. */
const entryBytes = 128;

type Kept = {readonly sample: Sample; readonly bytes: number};

/** What each client was sent last. Where that becomes too much, whoever asked longest ago is sent everything again. */
export class Remembered {
	readonly #limitBytes: number;
	/** By client, the one that asked longest ago first. */
	readonly #kept = new Map<object, Kept>();
	#usedBytes = 0;

	constructor(limitBytes: number) {
		this.#limitBytes = limitBytes;
	}

	of(client: object): Sample | undefined {
		return this.#kept.get(client)?.sample;
	}

	keep(client: object, sample: Sample): void {
		this.forget(client);
		let bytes = 0;
		for (const [path, file] of Object.entries(sample.files)) {
			bytes += entryBytes + path.length + sampledLength(file);
		}

		this.#kept.set(client, {sample, bytes});
		this.#usedBytes += bytes;
		for (const [oldest] of this.#kept) {
			if (this.#usedBytes <= this.#limitBytes) break;

			this.forget(oldest);
		}
	}

	forget(client: object): void {
		this.#usedBytes -= this.#kept.get(client)?.bytes ?? 0;
		this.#kept.delete(client);
	}
}
