import {systemClock, type WallClock} from '../target/wallClock.ts';

/** Who was sent this much the last time waits for a turn. */
const muchBytes = 64 * 1024;
/** For so long requests of one turn of the event loop are answered at once. */
const turnMs = 10;

/**
 * Requests of clients that were sent much go one after the other, each in a turn of the event loop of its own; so do
 * all that come when those of this turn have taken long. So the machine, the other socket and clients that ask for
 * little are served between two of them, however many there are.
 */
export class Turns {
	readonly #wall: Pick<WallClock, 'nowMs'>;
	#last: Promise<unknown> = Promise.resolve();
	/** What answering has taken in this turn of the event loop. */
	#spentMs = 0;
	#isNew = true;

	constructor(wall: Pick<WallClock, 'nowMs'> = systemClock) {
		this.#wall = wall;
	}

	/** @param lastBytes what the client was sent the last time */
	async wait(lastBytes: number): Promise<void> {
		if (lastBytes <= muchBytes && this.#spentMs < turnMs) return;

		this.#last = this.#last.then(() => new Promise(resolve => setImmediate(resolve)));
		await this.#last;
	}

	/** Does a part of an answer that takes time, and counts that; not what it returns and is waited for. */
	spend<T>(work: () => T): T {
		if (this.#isNew) {
			this.#isNew = false;
			setImmediate(() => {
				this.#isNew = true;
				this.#spentMs = 0;
			});
		}

		const startMs = this.#wall.nowMs();
		try {
			return work();
		} finally {
			this.#spentMs += this.#wall.nowMs() - startMs;
		}
	}
}
