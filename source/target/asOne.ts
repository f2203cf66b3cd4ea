/** Several machines as one of whose time a pacer decides. */
import type {PacedMachine} from './pacer.ts';

/**
 * A state that is held waits for the same one of another machine at most this much virtual time. Of 230 states on pairs
 * of eras and of presets, the latest came 2.2 ms after its twin, half of them within 60 µs.
 */
const longestWaitNs = 10e6;

/** From the least patient to the most. */
const paces = ['fast', 'read', 'manual'] as const;

/** The next step of a machine: up to an instant, an event at most. */
type Move = {readonly machine: PacedMachine; readonly toNs: number};

const isHeldOne = (machine: PacedMachine): boolean => machine.clock().holding !== undefined;

function canRun(machine: PacedMachine): boolean {
	const {paused, stepsWanted} = machine.clock();
	return !paused || stepsWanted > 0;
}

/** Steps and the way back have a time of their own. */
const followsTime = (machine: PacedMachine): boolean => !machine.clock().paused;

const isOnItsWayBack = (machine: PacedMachine): boolean => machine.clock().isRewinding === true;

const take = ({machine, toNs}: Move) => machine.run(Math.max(toNs, machine.timeNs()), 1);

/** The clock of all: that of one that runs, with the most patience that a held state asks for. */
function clockOf(machines: readonly PacedMachine[]): ReturnType<PacedMachine['clock']> {
	const clocks = machines.map(machine => machine.clock());
	const leading = clocks.find(({paused}) => !paused) ?? clocks[0]!;
	const untils = clocks.flatMap(({untilNs}) => (untilNs === undefined ? [] : [untilNs]));
	const held = clocks.filter(({holding}) => holding !== undefined);
	const allStand = held.length > 0 || clocks.every(({paused}) => paused);
	return {
		rate: leading.rate,
		paused: leading.paused,
		stepsWanted: Math.max(...clocks.map(({stepsWanted}) => stepsWanted)),
		isRewinding: allStand && clocks.some(({isRewinding = false}) => isRewinding),
		untilNs: untils.length > 0 ? Math.min(...untils) : undefined,
		holding: held[0]?.holding,
		pace: paces.findLast(each => held.some(({pace}) => pace === each)) ?? 'fast',
		readMs: Math.max(0, ...held.map(({readMs = 0}) => readMs)),
		stays: held.some(({stays}) => stays === true),
	};
}

/**
 * Whatever is due first happens first, whichever machine it is of. A state that is held on one holds all: the others
 * come up to its instant, and those that await the same state go on to theirs, for {@link longestWaitNs} at most. One
 * that is paused, has stopped, or is on its way back in time, does not delay the others, and one that is held does not
 * delay another one on its way back.
 */
export function togetherAs(machines: readonly PacedMachine[]): PacedMachine {
	const running = () => {
		const able = machines.filter(canRun);
		return able.length > 0 ? able : machines;
	};

	/** The next event of those that may run, up to an instant. */
	const soonest = (limitNs: number, may = canRun): Move | undefined => {
		let first: Move | undefined;
		for (const machine of machines) {
			const toNs = machine.nextEventNs();
			if (toNs === undefined || toNs > limitNs || (first && first.toNs <= toNs) || !may(machine)) continue;
			first = {machine, toNs};
		}

		return first;
	};

	/** The next step of one that is not yet where another one is held. */
	const follower = (): Move | undefined => {
		const held = machines.filter(isHeldOne);
		const atNs = Math.max(...held.map(machine => machine.timeNs()));
		const states = held.map(machine => machine.clock().holding!);
		for (const machine of machines) {
			if (!followsTime(machine) || isHeldOne(machine)) continue;
			const limitNs = states.some(state => machine.awaits?.(state)) ? atNs + longestWaitNs : atNs;
			const toNs = machine.nextEventNs() ?? Number.POSITIVE_INFINITY;
			if (toNs <= limitNs) return {machine, toNs};
			if (machine.timeNs() < atNs) return {machine, toNs: atNs};
		}

		return undefined;
	};

	/** What is due at the instant of the last event is run, and those that have nothing to do come up to it. */
	const meet = (atNs: number): void => {
		for (let next = soonest(atNs, followsTime); next; next = soonest(atNs, followsTime)) {
			take(next);
			if (machines.some(isHeldOne)) return;
		}

		for (const machine of machines.filter(followsTime)) {
			if (machine.timeNs() < atNs) take({machine, toNs: atNs});
		}
	};

	return {
		timeNs: () => Math.min(...running().map(machine => machine.timeNs())),
		clock: () => clockOf(machines),
		run(limitNs, maxEvents) {
			let lastNs = 0;
			for (let events = 0; events < maxEvents; events++) {
				const isHeld = machines.some(isHeldOne);
				const next = isHeld ? follower() : soonest(limitNs);
				if (!next && isHeld) return 'hold';
				if (!next) break;
				take(next);
				lastNs = next.toNs;
			}

			if (!machines.some(isHeldOne) && soonest(limitNs)) meet(lastNs);
			if (machines.some(isHeldOne)) return follower() ? 'budget' : 'hold';
			if (soonest(limitNs)) return 'budget';
			for (const machine of machines.filter(canRun)) {
				// One that went on to a state of its own, or took steps, may be ahead.
				if (machine.timeNs() <= limitNs) take({machine, toNs: limitNs});
			}

			return 'reached';
		},
		nextEventNs() {
			const times = running().flatMap(machine => machine.nextEventNs() ?? []);
			return times.length > 0 ? Math.min(...times) : undefined;
		},
		runHeld(maxEvents) {
			const back = machines.find(isOnItsWayBack);
			back?.run(Number.MAX_SAFE_INTEGER, maxEvents);
			return machines.some(isOnItsWayBack);
		},
		releaseHold() {
			for (const machine of machines.filter(isHeldOne)) machine.releaseHold();
		},
	};
}
