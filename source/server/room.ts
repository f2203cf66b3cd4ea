import {TargetError} from '../target/target.ts';

/** Answers up to here are always given: there is one a client at most, and clients are counted. */
const smallBytes = 64 * 1024;

/** Room for the answers that are made and not yet taken by the clients of one socket. */
export class AnswerRoom {
	readonly #limitBytes: number;
	#usedBytes = 0;

	constructor(limitBytes: number) {
		this.#limitBytes = limitBytes;
	}

	/**
	 * One answer is always let in, however large.
	 *
	 * @returns gives the room back
	 * @throws TargetError EAGAIN when there is none left
	 */
	take(bytes: number): () => void {
		if (bytes <= smallBytes) return () => {};

		if (this.#usedBytes > 0 && this.#usedBytes + bytes > this.#limitBytes) {
			throw new TargetError('EAGAIN', 'clients have not taken their large answers yet; ask again in a second');
		}

		this.#usedBytes += bytes;
		return () => {
			this.#usedBytes -= bytes;
			bytes = 0;
		};
	}
}
