/**
 * Who is looking at a machine, and whether they have all seen the state that is being held for them.
 *
 * A client asks, draws, asks: when it asks again after an answer that showed the held state, that state was on its
 * screen. A client that has asked only once (`cat`, `curl`) is not watching, and neither is one that fell silent.
 *
 * A state is held for the client that began it, and for the only one that may write. Others are waited for briefly, and
 * not at all while they are slow: one who looks on makes no story longer.
 */

/** On a slow line or a busy computer a monitor may be silent for a while and still show the state. */
const silentAfterMs = 5000;
/** How long a held state waits for one who only looks on. A monitor asks ten times a second. */
const briefMs = 250;
/** A client that let more time pass between two of its last questions is slow. */
const slowMs = 300;
const questionsRemembered = 8;

/** What a target knows of a client. */
type WatcherOptions = {
	/** Who reads what it shows, where one looks through several. */
	readonly reader?: object;
	/** False for one who only observes. */
	readonly mayWrite?: boolean;
	/** What it calls itself: its injections carry that name. */
	readonly by?: string;
};

type Watcher = Required<Pick<WatcherOptions, 'reader' | 'mayWrite'>> & {
	readonly by: string | undefined;
	asks: number;
	lastAskMs: number;
	/** Questions since it was slow. */
	quick: number;
	/** While a state is held: how many answers showed it. */
	shown: number;
	/** While a state is held: the client asked again after such an answer. */
	hasDrawn: boolean;
};

const watches = ({asks, lastAskMs}: Watcher, nowMs: number): boolean => asks > 1 && nowMs - lastAskMs < silentAfterMs;

export class Watchers {
	readonly #watchers = new Set<Watcher>();

	join({reader = {}, mayWrite = true, by}: WatcherOptions = {}): Watcher {
		const quick = questionsRemembered;
		const watcher = {reader, mayWrite, by, asks: 0, lastAskMs: 0, quick, shown: 0, hasDrawn: false};
		this.#watchers.add(watcher);
		return watcher;
	}

	leave(watcher: Watcher): void {
		this.#watchers.delete(watcher);
	}

	/** The client asks for a sample: whatever it was answered before is on its screen. */
	asked(watcher: Watcher, nowMs: number): void {
		const isSlow = watcher.asks > 0 && nowMs - watcher.lastAskMs > slowMs;
		watcher.quick = isSlow ? 0 : watcher.quick + 1;
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

	/** How many readers watch, and how many of them may write: only these can say that a state has stayed long enough. */
	count(nowMs: number): {readonly all: number; readonly mayWrite: number} {
		const watching = [...this.#watchers].filter(watcher => watches(watcher, nowMs));
		const readers = (of: readonly Watcher[]) => new Set(of.map(({reader}) => reader)).size;
		return {all: readers(watching), mayWrite: readers(watching.filter(({mayWrite}) => mayWrite))};
	}

	/**
	 * True when each client that is waited for has drawn the held state; also without a watcher.
	 *
	 * @param heldMs for how long it is held already
	 * @param heldBy the client that began it, as it calls itself
	 */
	allHaveDrawn(nowMs: number, heldMs: number, heldBy: string | undefined): boolean {
		const isAlone = this.count(nowMs).mayWrite === 1;
		for (const watcher of this.#watchers) {
			if (!watches(watcher, nowMs) || watcher.hasDrawn) continue;

			const isTheirs = watcher.mayWrite && (isAlone || (heldBy !== undefined && watcher.by === heldBy));
			if (isTheirs || (heldMs < briefMs && watcher.quick >= questionsRemembered)) return false;
		}

		return true;
	}
}
