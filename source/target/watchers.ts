/**
 * Who is looking at a machine, and whether they have all seen the state that is being held for them.
 *
 * A client asks, draws, asks: when it asks again after an answer that showed the held state, that state was on its
 * screen. A client that has asked only once (`cat`, `curl`) is not watching, and neither is one that fell silent.
 */

/** On a slow line or a busy computer a monitor may be silent for a while and still show the state. */
const silentAfterMs = 5000;

type Watcher = {
	/** Who reads what it shows. */
	readonly reader: object;
	asks: number;
	lastAskMs: number;
	/** While a state is held: how many answers showed it. */
	shown: number;
	/** While a state is held: the client asked again after such an answer. */
	hasDrawn: boolean;
};

const watches = ({asks, lastAskMs}: Watcher, nowMs: number): boolean => asks > 1 && nowMs - lastAskMs < silentAfterMs;

export class Watchers {
	readonly #watchers = new Set<Watcher>();

	/** @param reader who looks through it, where one looks through several */
	join(reader: object = {}): Watcher {
		const watcher: Watcher = {reader, asks: 0, lastAskMs: 0, shown: 0, hasDrawn: false};
		this.#watchers.add(watcher);
		return watcher;
	}

	leave(watcher: Watcher): void {
		this.#watchers.delete(watcher);
	}

	/** The client asks for a sample: whatever it was answered before is on its screen. */
	asked(watcher: Watcher, nowMs: number): void {
		watcher.asks++;
		watcher.lastAskMs = nowMs;
		watcher.hasDrawn ||= watcher.shown > 0;
	}

	/** The client is answered while a state is held. */
	shown(watcher: Watcher): void {
		watcher.shown++;
	}

	holdBegins(): void {
		for (const watcher of this.#watchers) {
			watcher.shown = 0;
			watcher.hasDrawn = false;
		}
	}

	/** How many readers watch. */
	count(nowMs: number): number {
		return new Set([...this.#watchers].filter(watcher => watches(watcher, nowMs)).map(({reader}) => reader)).size;
	}

	/** True when each client that watches has drawn the held state; also when nobody watches. */
	allHaveDrawn(nowMs: number): boolean {
		for (const watcher of this.#watchers) {
			if (watches(watcher, nowMs) && !watcher.hasDrawn) return false;
		}

		return true;
	}
}
