/**
 * What a target needs of a machine. `lab/lab.ts` boots one; only embedded.ts knows that, so that everything else here
 * works, and is tested, without a simulator.
 */
export type TargetMachine = {
	/** As the status line shall call it. */
	readonly name: string;
	/** Virtual time in nanoseconds. */
	timeNs(): number;
	/** Number of the last change; grows with every event and every write. */
	seq(): number;
	/**
	 * Runs events up to virtual time `limitNs`, inclusive. While paused it takes wanted steps only, an event each.
	 *
	 * @returns `budget` after `maxEvents` events, `hold` when a state begins that is to be seen, else `reached`
	 */
	run(limitNs: number, maxEvents: number): 'reached' | 'budget' | 'hold';
	/** Virtual time of the next event, or undefined when nothing will ever happen by itself. */
	nextEventNs(): number | undefined;
	clock(): {
		/** Virtual seconds per wall second. */
		readonly rate: number;
		readonly paused: boolean;
		/** Events still to run while paused. */
		readonly stepsWanted: number;
		/** Where the machine pauses by itself. */
		readonly untilNs: number | undefined;
		/** The state that is being held for those who watch. */
		readonly holding: string | undefined;
		/** The client that began what holds it, as it calls itself. Absent: not known. */
		readonly heldBy?: string | undefined;
		/**
		 * How long: `fast` until those who watch have drawn it, `read` at least `readMs`, `manual` until somebody writes
		 * that it is over. Absent: `fast`.
		 */
		readonly pace?: 'fast' | 'read' | 'manual';
		/** Wall milliseconds that one needs to read what is said of it. */
		readonly readMs?: number;
		/** This one is held as if the pace were `manual`. */
		readonly stays?: boolean;
		/** It is on its way to an earlier time: what it shows stays as it is until then, but for how far it is. */
		readonly isRewinding?: boolean;
	};
	/**
	 * Whether a state of that name, as `holding` has it, may still come and be held here: a workload that is under way
	 * declares it and has not shown it. Absent: none.
	 */
	awaits?(state: string): boolean;
	/** Why nothing of it runs any more, if that is so: a sentence, and what was thrown. Its files can still be read. */
	stopped?(): {readonly sentence: string; readonly cause: unknown} | undefined;
	/**
	 * For idle time: does something, invisible, that makes going back in time take less. Absent: there is nothing to do.
	 *
	 * @param maxEvents how much of it at most; 0 only looks
	 * @param unasked also before anybody has gone back
	 * @returns whether there is more to do now
	 */
	follow?(maxEvents: number, unasked: boolean): boolean;
	/** The client that has the machine for itself alone, as it calls itself. Absent: clients always share it. */
	holder?(): string | undefined;
	/**
	 * A client is gone: if it had the machine for itself alone, that ends. Absent: clients always share it.
	 *
	 * @param by as it calls itself; absent: any client, since none is there
	 * @returns whether it had the machine, the end of which counts as a write
	 */
	left?(by?: string): boolean;
	/** The held state has been on screen long enough. */
	releaseHold(): void;
	/** The one spelling of a clean path where a name in it can be written in several ways. Absent: each is the one. */
	spelling?(path: string): string;
	/** @throws an Error with an errno name as `code`, and as the first word of its message; so do the next two */
	read(path: string): string | Uint8Array;
	list(path: string): readonly string[];
	/** @param by who writes @returns what the file answers, often nothing */
	write(path: string, text: string, by: string): string;
};
