import {type Leisure, spendLeisure} from './leisure.ts';
import type {TargetMachine} from './machine.ts';
import {MachineFiles} from './machineFiles.ts';
import {type PacedMachine, Pacer} from './pacer.ts';
import {oneLine} from './sentence.ts';
import {printSlice} from './slices.ts';
import {type Sample, type SampleRequest, type Target, TargetError} from './target.ts';
import {systemClock, type WallClock} from './wallClock.ts';
import {Watchers} from './watchers.ts';

/** Machines in this process that share one time, so that what they show at an instant can be compared. */

/** How long a question waits for those of the other machines, in wall milliseconds. */
const patienceMs = 150;

export type MachinesTogether = {
	/** One for each machine. */
	readonly targets: readonly Target[];
	stop(): void;
};

function canRun(machine: PacedMachine): boolean {
	const {paused, stepsWanted} = machine.clock();
	return !paused || stepsWanted > 0;
}

/**
 * Several machines as one of whose time a pacer decides: whatever is due first happens first, whichever machine it is
 * of. A state that is held on one holds all. One that stopped, or is on its way back in time, does not keep the others.
 */
export function togetherAs(machines: readonly PacedMachine[]): PacedMachine {
	const running = () => {
		const able = machines.filter(canRun);
		return able.length > 0 ? able : machines;
	};

	/** The next event of those that may run, up to an instant, and whose it is. */
	const soonest = (limitNs: number): {readonly machine: PacedMachine; readonly atNs: number} | undefined => {
		let first: {readonly machine: PacedMachine; readonly atNs: number} | undefined;
		for (const machine of machines) {
			const atNs = machine.nextEventNs();
			if (atNs === undefined || atNs > limitNs || (first && first.atNs <= atNs) || !canRun(machine)) continue;
			first = {machine, atNs};
		}

		return first;
	};

	const clock: PacedMachine['clock'] = () => {
		const clocks = machines.map(machine => machine.clock());
		const leading = clocks.find(({paused}) => !paused) ?? clocks[0]!;
		const untils = clocks.flatMap(({untilNs}) => (untilNs === undefined ? [] : [untilNs]));
		return {
			rate: leading.rate,
			paused: leading.paused,
			stepsWanted: Math.max(...clocks.map(({stepsWanted}) => stepsWanted)),
			isRewinding: clocks.every(({paused}) => paused) && clocks.some(({isRewinding = false}) => isRewinding),
			untilNs: untils.length > 0 ? Math.min(...untils) : undefined,
			holding: clocks.find(({holding}) => holding !== undefined)?.holding,
		};
	};

	const isHeld = () => machines.some(machine => machine.clock().holding !== undefined);

	/** The others come up to the instant at which one is held: nothing of theirs is due before it. */
	const hold = (): 'hold' => {
		const atNs = Math.max(...machines.filter(canRun).map(machine => machine.timeNs()));
		for (const machine of machines.filter(canRun)) {
			const isFree = machine.clock().holding === undefined && (machine.nextEventNs() ?? Infinity) > atNs;
			if (isFree && machine.timeNs() < atNs) machine.run(atNs, 1);
		}

		return 'hold';
	};

	return {
		timeNs: () => Math.min(...running().map(machine => machine.timeNs())),
		clock,
		run(limitNs, maxEvents) {
			for (let events = 0; events < maxEvents; events++) {
				const next = soonest(limitNs);
				if (isHeld()) return 'hold';
				if (!next) break;
				if (next.machine.run(Math.max(next.atNs, next.machine.timeNs()), 1) === 'hold') return hold();
			}

			if (soonest(limitNs)) return 'budget';
			for (const machine of machines.filter(canRun)) {
				// One that took steps of its own may be ahead.
				if (machine.timeNs() <= limitNs && machine.run(limitNs, 1) === 'hold') return 'hold';
			}

			return 'reached';
		},
		nextEventNs() {
			const times = running().flatMap(machine => machine.nextEventNs() ?? []);
			return times.length > 0 ? Math.min(...times) : undefined;
		},
		releaseHold() {
			for (const machine of machines) {
				if (machine.clock().holding !== undefined) machine.releaseHold();
			}
		},
	};
}

/**
 * Gives machines to wall time, all of them at one virtual time. Questions that are asked of them at about the same time
 * are answered at the same instant.
 *
 * @param machines booted ones, run from here alone from now on, with the names that the status lines show
 */
export function machinesTogether(
	machines: readonly {readonly machine: TargetMachine; readonly name: string}[],
	wall: WallClock = systemClock,
): MachinesTogether {
	const watchers = new Watchers();
	const paced = togetherAs(machines.map(({machine}) => machine));
	const files = machines.map(({machine}) => new MachineFiles(machine));
	let goneBecause: TargetError | undefined;
	const leisures: Leisure[] = [];
	const changed = () => {
		for (const each of files) each.changed();
	};
	const pacer = new Pacer({
		machine: paced,
		wall,
		watchers,
		onChange: changed,
		onTurn() {
			for (const {look} of leisures) look();
		},
		onCrash(error) {
			const reason = oneLine(error instanceof Error ? error.message : String(error));
			goneBecause = new TargetError('EIO', `the simulated machines broke at ${paced.timeNs()} ns: ${reason}`);
			goneBecause.cause = error;
		},
	});
	const now = (): void => {
		pacer.turn();
		if (goneBecause !== undefined) throw goneBecause;
	};

	/** Questions that wait for those of the other machines: all are answered at one instant. */
	const waiting = new Set<() => void>();
	let callOff: (() => void) | undefined;
	const answerAll = (): void => {
		callOff?.();
		callOff = undefined;
		const answers = [...waiting];
		waiting.clear();
		pacer.turn();
		for (const answer of answers) answer();
	};

	const print = (own: MachineFiles, request: SampleRequest): Sample => {
		const printing = own.sampling(request);
		for (;;) {
			const sample = printSlice(printing, wall.nowMs);
			if (sample !== undefined) return {...sample, behindNs: pacer.behindNs()};
		}
	};

	const targetOf = (index: number): Target => {
		const watcher = watchers.join();
		const own = files[index]!;
		return {
			name: machines[index]!.name,
			kind: 'embedded',
			writable: true,
			sample: request =>
				new Promise((resolve, reject) => {
					watchers.asked(watcher, wall.nowMs());
					waiting.add(() => {
						try {
							if (goneBecause !== undefined) throw goneBecause;
							const sample = print(own, request);
							if (paced.clock().holding !== undefined) watchers.shown(watcher);
							resolve(sample);
						} catch (error) {
							reject(error);
						}
					});
					if (waiting.size === machines.length) answerAll();
					else callOff ??= wall.setTimer(answerAll, patienceMs);
				}),
			async read(path, range) {
				now();
				return own.read(path, range);
			},
			async list(path) {
				now();
				return own.list(path);
			},
			async write(path, text) {
				now();
				const answer = own.write(path, text, 'monitor');
				pacer.turn();
				return answer;
			},
			async close() {
				watchers.leave(watcher);
			},
		};
	};

	const targets = machines.map((_, index) => targetOf(index));
	pacer.turn();
	leisures.push(...machines.map(({machine}) => spendLeisure({machine, pacer, wall, unasked: false})));
	return {
		targets,
		stop() {
			pacer.stop();
			for (const {end} of leisures) end();
			callOff?.();
			goneBecause ??= new TargetError('EDISCONNECTED', 'the machines were stopped');
			answerAll();
		},
	};
}
