import type {TargetMachine} from './machine.ts';
import type {WallClock} from './wallClock.ts';
import type {Watchers} from './watchers.ts';

/** Longest stretch of simulation between two looks at input, in wall milliseconds. */
const turnBudgetMs = 8;
/** The same on the way back in time, of which little is to be seen; a key is answered after two of them. */
const rewindBudgetMs = 32;
/** How often it is shown how far that is. */
const rewindShowMs = 250;
/**
 * Events are run in batches this far apart at least: a clock that ticks for every event would cost more than they do.
 */
const batchMs = 20;
/** A machine that cannot keep up falls behind by this much wall time at most; what it lost beyond that, it lost. */
const longestBacklogMs = 1000;
/** How often a held state is looked at again. */
const holdCheckMs = 10;
/** A held state stays for a frame at least … */
const shortestHoldMs = 100;
/** … and is let go after this long even when a watcher does not ask again. */
const longestHoldMs = 1000;
/** How often a hold without an end is looked at: a write ends it at once. */
const waitCheckMs = 250;
/** Looking at the wall clock costs little beside an event, and an event may be long. */
const eventsPerRun = 16;

/** What of a machine its pacer needs. */
export type PacedMachine = Pick<
	TargetMachine,
	'timeNs' | 'run' | 'nextEventNs' | 'clock' | 'releaseHold' | 'awaits'
> & {
	/**
	 * While a state is held: runs a part of it that is on its way back in time. Absent: it has no parts.
	 *
	 * @param maxEvents at most
	 * @returns whether one is still on its way
	 */
	runHeld?(maxEvents: number): boolean;
};

type PacerOptions = {
	readonly machine: PacedMachine;
	readonly wall: WallClock;
	readonly watchers: Watchers;
	/** The machine did something, so what its files print may have changed. */
	readonly onChange: () => void;
	/** The simulation threw: it cannot go on. */
	readonly onCrash: (error: unknown) => void;
	/** A turn is over. */
	readonly onTurn?: () => void;
};

/**
 * Lets virtual time follow wall time × rate. This is the only place where the two meet.
 *
 * It sleeps until the machine's next event, runs what is due for at most {@link turnBudgetMs}, and lets the event loop
 * serve others in between. While the clock is paused only wanted steps run; while a state is held nothing does.
 */
export class Pacer {
	readonly #options: PacerOptions;
	/** Virtual time `#anchorNs` belongs to wall time `#anchorMs`; from there on time runs at `#rate`. */
	#anchorNs = 0;
	#anchorMs = 0;
	#rate = 0;
	#paused = false;
	#holdSinceMs: number | undefined;
	/** The state that is held, in words. */
	#held: string | undefined;
	/** As of the last turn's beginning: what fell due while it ran is the next turn's work, not a backlog. */
	#behindNs = 0;
	#cancelTimer: (() => void) | undefined;
	#stopped = false;
	/** The files of one instant are being printed. */
	#isPinned = false;
	/** When it was last said that the machine did something. */
	#changedMs = 0;
	/** No monitor shows it now. */
	#isResting = false;

	constructor(options: PacerOptions) {
		this.#options = options;
		this.#anchor();
	}

	/** Runs what is due now and plans the next turn. To be called before a read, and after a write. */
	turn(): void {
		if (this.#stopped || this.#isPinned || this.#isResting) return;

		this.#cancel();
		try {
			this.#followClockFile();
			this.#holdOrRun();
			// What ran may have paused the clock or reached its `until`.
			this.#followClockFile();
			this.#plan();
			this.#options.onTurn?.();
		} catch (error) {
			this.stop();
			this.#options.onCrash(error);
		}
	}

	/** How far virtual time lags where wall time × rate says it should be, in nanoseconds; 0 while paused or holding. */
	behindNs(): number {
		return this.#behindNs;
	}

	/** Whether time is left over: nothing is due, nor is the machine on its way back, and its time stands still or not. */
	leisure(): 'none' | 'between' | 'still' {
		const {stepsWanted} = this.#options.machine.clock();
		if (this.#stopped || this.#isPinned || this.#isResting || this.#isRewinding()) return 'none';
		if (this.#behindNs > 0) return 'none';
		if (this.#paused) return stepsWanted > 0 ? 'none' : 'still';
		return this.#holdSinceMs === undefined ? 'between' : 'still';
	}

	/** Nothing runs until {@link unpin}, which must follow soon. What falls due meanwhile is run afterwards. */
	pin(): void {
		this.#isPinned = true;
		this.#cancel();
	}

	unpin(): void {
		this.#isPinned = false;
		if (!this.#stopped) {
			this.#cancelTimer = this.#options.wall.setTimer(() => this.turn(), 0);
		}
	}

	/** Virtual time stands still, whatever the clock file says, or goes on from where it stood. */
	rest(isResting: boolean): void {
		const {wall, watchers} = this.#options;
		this.#isResting = isResting;
		this.#cancel();
		this.#anchor();
		if (!isResting && this.#holdSinceMs !== undefined) {
			// The held state is shown once more, for its whole time.
			this.#holdSinceMs = wall.nowMs();
			watchers.holdBegins();
		}
		this.turn();
	}

	stop(): void {
		this.#stopped = true;
		this.#cancel();
	}

	#cancel(): void {
		this.#cancelTimer?.();
		this.#cancelTimer = undefined;
	}

	#anchor(): void {
		const {machine, wall} = this.#options;
		this.#anchorNs = machine.timeNs();
		this.#anchorMs = wall.nowMs();
	}

	/** Rate and pause are written to a file of the tree; time runs on from here when they changed. */
	#followClockFile(): void {
		const {rate, paused} = this.#options.machine.clock();
		if (rate !== this.#rate || paused !== this.#paused) {
			this.#rate = rate;
			this.#paused = paused;
			this.#anchor();
		}
	}

	#goalNs(): number {
		return this.#anchorNs + Math.floor((this.#options.wall.nowMs() - this.#anchorMs) * 1e6 * this.#rate);
	}

	#limitNs(): number {
		return Math.min(this.#goalNs(), this.#options.machine.clock().untilNs ?? Number.POSITIVE_INFINITY);
	}

	#holdOrRun(): void {
		this.#behindNs = 0;
		if (this.#holdSinceMs !== undefined) {
			if (this.#isStillHeld() && !this.#mayRelease()) {
				if (this.#isRewinding()) this.#runHeld();
				return;
			}

			this.#holdSinceMs = undefined;
			if (this.#isStillHeld()) {
				this.#options.machine.releaseHold();
			}
			this.#options.onChange();
			this.#anchor();
		}

		if (this.#paused) {
			this.#runSteps();
		} else {
			this.#runUntilDue();
		}
	}

	/** False when somebody has let it go, be it that another state is held now. */
	#isStillHeld(): boolean {
		const {holding} = this.#options.machine.clock();
		return holding !== undefined && holding === this.#held;
	}

	#mayRelease(): boolean {
		const {machine, wall, watchers} = this.#options;
		const heldMs = wall.nowMs() - (this.#holdSinceMs ?? 0);
		const patienceMs = this.#patienceMs();
		if (patienceMs > 0) return heldMs >= Math.max(shortestHoldMs, patienceMs);

		const {heldBy} = machine.clock();
		return heldMs >= longestHoldMs || (heldMs >= shortestHoldMs && watchers.allHaveDrawn(wall.nowMs(), heldMs, heldBy));
	}

	/**
	 * For how long a held state waits for a reader: for ever if just one watches who may write, and so can say when it is
	 * over; not at all without a watcher. One of several does not delay the others, and an observer delays no one.
	 */
	#patienceMs(): number {
		const {machine, wall, watchers} = this.#options;
		const {pace = 'fast', readMs = 0, stays = false} = machine.clock();
		const watching = watchers.count(wall.nowMs());
		if (watching.all === 0 || (pace === 'fast' && !stays)) return 0;

		return watching.mayWrite === 1 && (pace === 'manual' || stays) ? Number.POSITIVE_INFINITY : readMs;
	}

	#runUntilDue(): void {
		const {machine, wall} = this.#options;
		const startMs = wall.nowMs();
		const limitNs = this.#limitNs();
		do {
			if (this.#run(limitNs, eventsPerRun) !== 'budget') return;
		} while (wall.nowMs() - startMs < turnBudgetMs);

		const longestNs = longestBacklogMs * 1e6 * this.#rate;
		this.#behindNs = Math.max(0, limitNs - machine.timeNs());
		if (this.#behindNs > longestNs) {
			this.#anchor();
			this.#anchorMs -= longestBacklogMs;
			this.#behindNs = longestNs;
		}
	}

	#isRewinding(): boolean {
		return this.#options.machine.clock().isRewinding === true;
	}

	/** A machine on its way back does not wait for a state that is held on another. */
	#runHeld(): void {
		const {machine, wall} = this.#options;
		const startMs = wall.nowMs();
		let isOnItsWay = true;
		while (isOnItsWay && wall.nowMs() - startMs < rewindBudgetMs) {
			isOnItsWay = machine.runHeld?.(eventsPerRun) ?? false;
		}

		this.#showWayBack(isOnItsWay);
	}

	/** @param isOnItsWay if so, all files but one are as before, and it is shown four times a second */
	#showWayBack(isOnItsWay: boolean): void {
		const {wall, onChange} = this.#options;
		if (isOnItsWay && wall.nowMs() - this.#changedMs < rewindShowMs) return;
		this.#changedMs = wall.nowMs();
		onChange();
	}

	/** The machine counts its wanted steps down itself, an event each. */
	#runSteps(): void {
		const {machine, wall} = this.#options;
		const startMs = wall.nowMs();
		const budgetMs = this.#isRewinding() ? rewindBudgetMs : turnBudgetMs;
		let wanted = machine.clock().stepsWanted;
		while (wanted > 0 && wall.nowMs() - startMs < budgetMs) {
			const outcome = this.#run(Number.MAX_SAFE_INTEGER, Math.min(wanted, eventsPerRun));
			if (outcome !== 'budget') return;

			wanted = machine.clock().stepsWanted;
		}
	}

	#run(limitNs: number, maxEvents: number): 'reached' | 'budget' | 'hold' {
		const {machine, wall, watchers} = this.#options;
		const wasRewinding = this.#isRewinding();
		const outcome = machine.run(limitNs, maxEvents);
		this.#showWayBack(wasRewinding && outcome === 'budget');
		if (outcome === 'hold') {
			this.#holdSinceMs = wall.nowMs();
			this.#held = machine.clock().holding;
			watchers.holdBegins();
		}

		return outcome;
	}

	#plan(): void {
		const delayMs = this.#delayMs();
		if (delayMs !== undefined && !this.#stopped) {
			this.#cancelTimer = this.#options.wall.setTimer(() => this.turn(), delayMs);
		}
	}

	/** Wall time to the next turn, or undefined when only a write can make something happen. */
	#delayMs(): number | undefined {
		const {machine, wall} = this.#options;
		if (this.#holdSinceMs !== undefined) {
			if (machine.runHeld && this.#isRewinding()) return 0;

			const heldMs = wall.nowMs() - this.#holdSinceMs;
			if (heldMs < shortestHoldMs) return shortestHoldMs - heldMs;

			const patienceMs = this.#patienceMs();
			return patienceMs > 0
				? Math.min(waitCheckMs, Math.max(holdCheckMs, patienceMs - heldMs))
				: Math.min(holdCheckMs, longestHoldMs - heldMs);
		}

		if (this.#paused) return machine.clock().stepsWanted > 0 && machine.nextEventNs() !== undefined ? 0 : undefined;

		if (this.#behindNs > 0) return 0;

		const nextNs = machine.nextEventNs();
		return nextNs === undefined || this.#rate <= 0
			? undefined
			: Math.max(batchMs, (nextNs - this.#goalNs()) / 1e6 / this.#rate);
	}
}
