/**
 * The session: everything that was ever written to a machine. Together with the machine's configuration and seed it is
 * all there is to know: doing it again gives the same bytes in every file.
 */
import type {Timeline} from '../hardware/timeline.ts';

/** One input. */
export type SessionWrite = {
	readonly timeNs: number;
	/** Events and writes before it. */
	readonly seq: number;
	readonly path: string;
	readonly text: string;
	readonly by: string;
};

/** Where to go back to: a virtual time, or the instant after so many events. */
export type RewindGoal = {readonly timeNs: number} | {readonly events: number};

/** How far a machine has come. */
export type Instant = {readonly timeNs: number; readonly events: number};

/** The session is not of this machine: a write is refused, or the events run out. */
export class ForeignSession extends Error {}

const eventsBefore = ({seq}: SessionWrite, writesBefore: number) => seq - writesBefore;

/** What had been written when the goal was reached. */
export const writesUntil = (session: readonly SessionWrite[], goal: RewindGoal): readonly SessionWrite[] =>
	session.filter((write, index) =>
		'events' in goal ? eventsBefore(write, index) <= goal.events : write.timeNs <= goal.timeNs,
	);

/**
 * Does on a fresh machine what was done on another one until it reached the goal. Yields after each event.
 * @param writes of the other machine, from its first on
 * @param act carries one of them out
 */
export function* doAgain(
	writes: readonly SessionWrite[],
	goal: RewindGoal,
	timeline: Timeline,
	act: (write: SessionWrite) => void,
): Generator<void, void> {
	function* runEvents(events: number) {
		while (timeline.seq < events) {
			if (!timeline.step(Number.POSITIVE_INFINITY)) throw new ForeignSession('this session is not of this machine');
			yield;
		}
	}

	for (const [index, write] of writes.entries()) {
		yield* runEvents(eventsBefore(write, index));
		if (write.timeNs > timeline.nowNs) timeline.advanceTo(write.timeNs);
		act(write);
	}
	if ('events' in goal) {
		yield* runEvents(goal.events);
		return;
	}
	while (timeline.step(goal.timeNs)) yield;
	timeline.advanceTo(goal.timeNs);
}
