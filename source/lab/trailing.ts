/**
 * Machines that follow another one at a distance. A machine cannot run backwards and cannot be copied, so who goes back
 * in time gets one that is on its way to there anyway, and has little left to do.
 */
import {doNext, hasNext} from './again.ts';
import type {Running} from './running.ts';
import {eventsBefore, isSameWrite, type RewindGoal} from './session.ts';

/** How far behind they are, in virtual nanoseconds. */
export type Distances = {
	/** The one that is there before anybody has gone back. */
	readonly unasked: number;
	/** Those that are there afterwards, the nearest first; none is further behind than half of the leader's age. */
	readonly asked: readonly number[];
};

export const usualDistances: Distances = {unasked: 60e9, asked: [20e9, 60e9, 600e9]};

/** Where the machine stands that is followed. */
type Leader = Pick<Running, 'k' | 'session'>;

export class Trailing {
	readonly #switchesOn: () => Running;
	readonly #distances: Distances;
	/** The nearest first. Each has done a beginning of the leader's session. */
	#machines: Running[] = [];
	/**
	 * Virtual time of the last return plus the longest distance: until then all are kept, since a person who went back
	 * once often does it again.
	 */
	#interestedUntilNs = 0;
	#isHopeless = false;

	/** @param switchesOn one more machine like the leader */
	constructor(switchesOn: () => Running, distances: Distances) {
		this.#switchesOn = switchesOn;
		this.#distances = distances;
	}

	/**
	 * Lets them come after the leader.
	 * @param maxEvents events and writes at most; switching one on counts as all of them; 0 only looks
	 * @param unasked whether the nearest one is there before anybody has gone back
	 * @returns whether there is more to do now
	 */
	follow({k, session}: Leader, maxEvents: number, unasked: boolean): boolean {
		const {nowNs} = k.hw.timeline;
		const places = this.#places(nowNs, unasked);
		this.#machines.length = Math.min(this.#machines.length, places.length);
		for (const [index, placeNs] of places.entries()) {
			const machine = this.#machines[index];
			if (!machine) {
				if (maxEvents > 0) this.#machines.push(this.#switchesOn());
				return true;
			}
			try {
				for (let done = 0; hasNext(machine, session, placeNs); done++) {
					if (done === maxEvents) return true;
					doNext(machine, session, {timeNs: placeNs});
				}
			} catch {
				// It did not stop the leader, so the two differ: a bug of ours. Going back then does all from power-on.
				this.#machines = [];
				this.#isHopeless = true;
				return false;
			}
		}
		return false;
	}

	/** @returns virtual times that they should have come to */
	#places(nowNs: number, isOneUnasked: boolean): readonly number[] {
		const {asked, unasked} = this.#distances;
		if (this.#isHopeless) return [];
		// A young machine goes back quickly without them.
		if (nowNs <= (asked[0] ?? 0)) return [];
		if (nowNs < this.#interestedUntilNs) return asked.map(distanceNs => nowNs - Math.min(distanceNs, nowNs / 2));
		return isOneUnasked && nowNs > unasked ? [nowNs - unasked] : [];
	}

	/** The one that has the least left to do up to a goal in the leader's session, if there is one. It leaves. */
	take(goal: RewindGoal): Running | undefined {
		const index = this.#machines.findIndex(({k: {hw}}) =>
			'events' in goal ? hw.timeline.seq <= goal.events : hw.timeline.nowNs <= goal.timeNs,
		);
		return index < 0 ? undefined : this.#machines.splice(index, 1)[0];
	}

	/** Takes one that was on its way to a goal in the leader's session. */
	giveBack(machine: Running): void {
		this.#machines.push(machine);
		this.#machines.sort((a, b) => b.k.hw.timeline.seq - a.k.hw.timeline.seq);
	}

	/** Somebody has gone back: what is ahead of there is of another future. */
	wentBack(leader: Leader): void {
		this.#isHopeless = false;
		this.#interestedUntilNs = leader.k.hw.timeline.nowNs + (this.#distances.asked.at(-1) ?? 0);
		this.#machines = this.#machines.filter(machine => isBehind(machine, leader));
	}
}

/** Whether a machine stands at the leader's instant or one before it, with what was written up to there. */
function isBehind({k, session}: Running, leader: Leader): boolean {
	const {nowNs, seq} = k.hw.timeline;
	const next = leader.session[session.length];
	return (
		session.every((write, index) => isSameWrite(write, leader.session[index])) &&
		nowNs <= (next?.timeNs ?? leader.k.hw.timeline.nowNs) &&
		seq <= (next ? eventsBefore(next, session.length) : leader.k.hw.timeline.seq)
	);
}
