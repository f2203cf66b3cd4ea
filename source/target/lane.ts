import {type CallOff, TargetError} from './target.ts';
import type {WallClock} from './wallClock.ts';

/** A client takes a peer that is silent for five seconds for dead. */
const longestWaitMs = 3000;
const mostWaiting = 64;

type Waiting = {
	/** How long the last turn of this client took: who asks for little goes before who asks for much. */
	readonly lastMs: number;
	readonly enter: () => void;
	readonly refuse: (error: TargetError) => void;
};

/**
 * Large samples are printed one at a time, for the machine stands still meanwhile. After each of them it stays closed
 * for as long as that took: half of the time at least belongs to the machine, however much is asked.
 */
export class Lane {
	readonly #wall: WallClock;
	readonly #waiting = new Set<Waiting>();
	#isFree = true;
	#isClosed = false;
	#cancelRest: (() => void) | undefined;

	constructor(wall: WallClock) {
		this.#wall = wall;
	}

	get isFree(): boolean {
		return this.#isFree;
	}

	/**
	 * @param lastMs how long this client was in it the last time
	 * @returns leaves, and answers how long it took; when the machine stands still anyway, the lane opens at once
	 * @throws TargetError EAGAIN when too many wait, or when it does not get free in time; ECANCELED when `signal` says
	 * so
	 */
	async enter(lastMs: number, signal: CallOff | undefined): Promise<(standsStill: boolean) => number> {
		if (!this.#isFree) {
			await this.#wait(lastMs, signal);
		}

		this.#isFree = false;
		const startMs = this.#wall.nowMs();
		return standsStill => {
			const tookMs = this.#wall.nowMs() - startMs;
			if (standsStill || tookMs <= 0 || this.#isClosed) {
				this.#free();
			} else {
				this.#cancelRest = this.#wall.setTimer(() => this.#free(), tookMs);
			}

			return tookMs;
		};
	}

	/** Who waits is refused; no timer is left. */
	close(): void {
		this.#isClosed = true;
		this.#cancelRest?.();
		for (const {refuse} of this.#waiting) {
			refuse(new TargetError('EDISCONNECTED', 'the machine was stopped'));
		}
	}

	async #wait(lastMs: number, signal: CallOff | undefined): Promise<void> {
		if (this.#waiting.size >= mostWaiting) {
			throw new TargetError('EAGAIN', `${mostWaiting} large samples are asked for already; ask again in a second`);
		}

		let cancel = (): void => {};
		let waiting: Waiting | undefined;
		const leave = (): void => waiting?.refuse(new TargetError('ECANCELED', 'the sample is no longer wanted'));
		try {
			await new Promise<void>((enter, reject) => {
				const here: Waiting = {
					lastMs,
					enter,
					refuse: error => {
						// At once: it must not be let in any more.
						this.#waiting.delete(here);
						reject(error);
					},
				};
				waiting = here;
				this.#waiting.add(here);
				cancel = this.#wall.setTimer(() => {
					here.refuse(new TargetError('EAGAIN', 'others are being sent large samples; ask again in a second'));
				}, longestWaitMs);
				signal?.addEventListener('abort', leave);
			});
		} finally {
			cancel();
			signal?.removeEventListener('abort', leave);
		}
	}

	/** Lets the next one in, who finds it taken. */
	#free(): void {
		const next = [...this.#waiting].sort((a, b) => a.lastMs - b.lastMs)[0];
		this.#isFree = next === undefined;
		if (next) {
			this.#waiting.delete(next);
			next.enter();
		}
	}
}
