/** A session is done again on a fresh machine: event by event and write by write, as it went on another one. */
import {lookBehindEvent} from '../kernel/debug/debugger.ts';
import {type Running, reachUntil, writeTo} from './running.ts';
import {eventsBefore, ForeignSession, isDoneBy, type RewindGoal, type SessionWrite} from './session.ts';

const foreign = 'this session is not of this machine';

/**
 * Does what comes next of a session. A machine that stands anywhere in it can go on from there: so many writes as it
 * has had are the session's first.
 * @param session of another machine of the same options, from its first write on
 * @returns false when nothing is left to do before the goal
 * @throws ForeignSession when the machine has other events; LabError for a write that it refuses
 */
export function doNext(on: Running, session: readonly SessionWrite[], goal: RewindGoal): boolean {
	const {timeline} = on.k.hw;
	const done = on.session.length;
	const write = session[done];
	if (write && isDoneBy(write, done, goal)) {
		if (timeline.seq < eventsBefore(write, done)) {
			if ((timeline.nextNs() ?? 0) > write.timeNs) throw new ForeignSession(foreign);
			return doEvent(on);
		}
		comeTo(on, write.timeNs);
		writeTo(on, write.path, write.text, write.by);
		return true;
	}
	if ('events' in goal) return timeline.seq < goal.events && doEvent(on);
	return (timeline.nextNs() ?? Number.POSITIVE_INFINITY) <= goal.timeNs && doEvent(on);
}

/** Whether something is left to do of a session up to a virtual time. */
export function hasNext({k, session: done}: Running, session: readonly SessionWrite[], timeNs: number): boolean {
	const writeNs = session[done.length]?.timeNs ?? Number.POSITIVE_INFINITY;
	return Math.min(writeNs, k.hw.timeline.nextNs() ?? Number.POSITIVE_INFINITY) <= timeNs;
}

/** What a machine is at an instant that has no event left before it. @param timeNs virtual time */
export function comeTo(on: Running, timeNs: number): void {
	const {timeline} = on.k.hw;
	if (timeNs > timeline.nowNs) timeline.advanceTo(timeNs);
	reachUntil(on);
}

/** Its states are not held for anybody, steps are taken and the time of `until` is reached as they were. */
function doEvent(on: Running): true {
	const {clock, injections} = on;
	const {timeline} = on.k.hw;
	if (clock.untilNs !== undefined && (timeline.nextNs() ?? 0) > clock.untilNs) comeTo(on, clock.untilNs);
	if (!timeline.step(Number.POSITIVE_INFINITY)) throw new ForeignSession(foreign);
	if (on.k.debugger) lookBehindEvent(on.k, on.k.debugger);
	injections.holds.length = 0;
	if (clock.stepsWanted > 0) clock.stepsWanted--;
	return true;
}
