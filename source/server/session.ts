import {sameSampled} from '../target/content.ts';
import type {Sample, SampledFile, SampleRequest, Target} from '../target/target.ts';
import type {ServerLimits} from './limits.ts';
import {Remembered} from './remembered.ts';
import {AnswerRoom} from './room.ts';
import {TracePipes} from './tracePipe.ts';
import {Turns} from './turns.ts';

/** What the clients of one socket share. */
export class SocketShare {
	readonly mayWrite: boolean;
	readonly limits: ServerLimits;
	readonly room: AnswerRoom;
	readonly remembered: Remembered;
	readonly turns = new Turns();
	readonly tracePipes = new TracePipes();

	constructor(mayWrite: boolean, limits: ServerLimits) {
		this.mayWrite = mayWrite;
		this.limits = limits;
		this.room = new AnswerRoom(limits.unsentBytes);
		this.remembered = new Remembered(limits.rememberedBytes);
	}
}

/** One connection: its view of the machine, and what it was shown last, for `since`. */
export class Session {
	readonly target: Target;
	readonly share: SocketShare;
	/** What it was sent last. */
	lastBytes = 0;
	/** It sent too much ahead: no further request of it is looked at. */
	isRefused = false;
	/** Requests that were not answered yet, and the end of the last of them. */
	#ahead = 0;
	#last: Promise<void> = Promise.resolve();

	constructor(target: Target, share: SocketShare) {
		this.target = target;
		this.share = share;
	}

	/**
	 * Does what a request asks for when the one before it was answered and the answer taken: a client that sends requests
	 * ahead and takes no answers makes nobody print.
	 *
	 * @returns false for one too many
	 */
	inOrder(answer: () => Promise<void>): boolean {
		if (this.#ahead > this.share.limits.mostAhead) return false;

		this.#ahead++;
		this.#last = this.#last.then(answer).finally(() => {
			this.#ahead--;
		});
		return true;
	}

	/**
	 * A sample with those files left out that this connection has already: it says so with `since`, the sequence number
	 * of its last sample. A number that is not of that sample is no reason to fail: everything is sent.
	 */
	async sample({since, ...request}: SampleRequest): Promise<Sample> {
		const {remembered, limits} = this.share;
		const sample = await this.target.sample({...request, limits: limits.sample});
		const before = remembered.of(this);
		remembered.keep(this, sample);
		if (since === undefined || since !== before?.seq) return sample;

		const files: Record<string, SampledFile> = {};
		for (const [path, file] of Object.entries(sample.files)) {
			const former = before.files[path];
			files[path] = former !== undefined && sameSampled(file, former) ? {unchanged: true} : file;
		}

		return {...sample, files};
	}

	close(): void {
		this.share.remembered.forget(this);
		void this.target.close();
	}
}
