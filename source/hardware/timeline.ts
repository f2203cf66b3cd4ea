import TinyQueue from 'tinyqueue';

/** Handle of something that will happen; pass it to `cancel`. */
export type Event = {
	readonly timeNs: number;
	readonly order: number;
	action: (() => void) | undefined;
};

/**
 * Virtual time in integer nanoseconds and the one queue of what will happen, ordered by (time, order of asking).
 * Nothing else makes time pass: the same events in the same order give the same machine.
 */
export class Timeline {
	private now = 0;
	private asked = 0;
	private done = 0;
	private readonly queue = new TinyQueue<Event>([], (a, b) => a.timeNs - b.timeNs || a.order - b.order);

	get nowNs(): number {
		return this.now;
	}

	/** How many events have happened; grows with every change of the machine. */
	get seq(): number {
		return this.done;
	}

	/** @param timeNs absolute virtual time, not before now */
	at(timeNs: number, action: () => void): Event {
		if (!(timeNs >= this.now)) throw new RangeError(`event at ${timeNs} ns, but it is ${this.now} ns already`);
		const event: Event = {timeNs, order: this.asked++, action};
		this.queue.push(event);
		return event;
	}

	/** @param delayNs integer nanoseconds from now */
	after(delayNs: number, action: () => void): Event {
		return this.at(this.now + delayNs, action);
	}

	/** Makes it as if the event had never been asked for; harmless when it already happened. */
	cancel(event: Event): void {
		event.action = undefined;
	}

	/** Virtual time of the next event, or undefined when nothing will ever happen. */
	nextNs(): number | undefined {
		for (;;) {
			const event = this.queue.peek();
			if (event === undefined) return undefined;
			if (event.action !== undefined) return event.timeNs;
			this.queue.pop();
		}
	}

	/** Runs the next event if it lies at or before `limitNs`. @returns whether one ran */
	step(limitNs: number): boolean {
		const timeNs = this.nextNs();
		if (timeNs === undefined || timeNs > limitNs) return false;
		const event = this.queue.pop()!;
		this.now = event.timeNs;
		this.done++;
		const action = event.action!;
		event.action = undefined;
		action();
		return true;
	}

	/** Lets time pass up to `timeNs` when no event is left before it. */
	advanceTo(timeNs: number): void {
		const next = this.nextNs();
		if (next !== undefined && next <= timeNs) throw new Error(`an event at ${next} ns was passed over`);
		if (timeNs > this.now) this.now = timeNs;
	}
}
