/**
 * The session: everything that was ever written to a machine. Together with the machine's configuration and seed it is
 * all there is to know: doing it again gives the same bytes in every file.
 */

import type {Position, Search} from '../kernel/debug/debugger.ts';

/** One input. */
export type SessionWrite = {
	readonly timeNs: number;
	/** Events and writes before it. */
	readonly seq: number;
	readonly path: string;
	readonly text: string;
	readonly by: string;
};

/** So many writes a session may have, and so many characters in them: they are kept as long as the machine. */
export const mostWrites = 1_000_000;
export const mostCharacters = 256 * 1024 * 1024;

/** Where to go back to: a virtual time, or the instant after so many events; a debugger goes on from there. */
export type RewindGoal = {readonly timeNs: number} | {readonly events: number; readonly debug?: DebugGoal};

/** `at`: to a position in the next event, or in none. `search`: only to look for one, which is gone to then. */
export type DebugGoal = {readonly at: Position} | {readonly search: Wanted; readonly wholly: boolean};

/** What is looked for: the last of these before an instruction, else the first instruction of a thread. */
export type Wanted = Pick<Search, 'breakpoints' | 'tid' | 'beforeInstructions'>;

/** How far a machine has come. */
export type Instant = {readonly timeNs: number; readonly events: number};

/** The session is not of this machine: a write is refused, or the events run out. */
export class ForeignSession extends Error {}

/** @param writesBefore how many are before it in its session */
export const eventsBefore = ({seq}: SessionWrite, writesBefore: number): number => seq - writesBefore;

/**
 * Whether something had been written when the goal was reached.
 * @param writesBefore how many are before it in its session
 */
export const isDoneBy = (write: SessionWrite, writesBefore: number, goal: RewindGoal): boolean =>
	'events' in goal ? eventsBefore(write, writesBefore) <= goal.events : write.timeNs <= goal.timeNs;

/** Whether it is the same input, be it of the session of another machine. */
export const isSameWrite = (a: SessionWrite, b: SessionWrite | undefined): boolean =>
	a === b || (a.seq === b?.seq && a.timeNs === b.timeNs && a.path === b.path && a.text === b.text && a.by === b.by);
