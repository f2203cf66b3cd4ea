import type {WallClock} from './wallClock.ts';

/** In how many steps the time is counted. */
const steps = 20;

/**
 * Waits for a peer to fall silent. Only time in which this process ran counts: one that was stopped, or that others
 * kept from the CPU, has heard nothing of what the peer said meanwhile. So time is counted in steps, of which none is
 * more than one however late it comes, and what has arrived by then is read first.
 */
export class Silence {
	readonly #wall: WallClock;
	readonly #stepMs: number;
	readonly #onSilence: () => void;
	#left = steps;
	#cancel: () => void;

	/** @param patienceMs how long the peer may say nothing */
	constructor(wall: WallClock, patienceMs: number, onSilence: () => void) {
		this.#wall = wall;
		this.#stepMs = patienceMs / steps;
		this.#onSilence = onSilence;
		this.#cancel = wall.setTimer(() => this.#step(), this.#stepMs);
	}

	/** The peer has said something. */
	heard(): void {
		this.#left = steps;
	}

	stop(): void {
		this.#cancel();
	}

	#step(): void {
		// At the last step once more through the event loop, which reads what has arrived.
		if (this.#left === 0) return this.#onSilence();
		this.#left--;
		this.#cancel = this.#wall.setTimer(() => this.#step(), this.#left === 0 ? 0 : this.#stepMs);
	}
}
