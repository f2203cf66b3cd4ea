/** Who was sent this much the last time waits for a turn. */
const muchBytes = 64 * 1024;

/**
 * Requests of clients that were sent much go one after the other, each in a turn of the event loop of its own. So
 * whoever asks for little is served between two of them, however many there are.
 */
export class Turns {
	#last: Promise<unknown> = Promise.resolve();

	/** @param lastBytes what the client was sent the last time */
	async wait(lastBytes: number): Promise<void> {
		if (lastBytes > muchBytes) {
			this.#last = this.#last.then(() => new Promise(resolve => setImmediate(resolve)));
			await this.#last;
		}
	}
}
