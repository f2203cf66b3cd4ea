import {togetherAs} from './asOne.ts';
import {type Leisure, spendLeisure} from './leisure.ts';
import type {TargetMachine} from './machine.ts';
import {MachineFiles} from './machineFiles.ts';
import {Pacer} from './pacer.ts';
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

/**
 * Gives machines to wall time, all of them at one virtual time. Questions that are asked of them at about the same time
 * are answered at the same instant, and what is written in one turn of the event loop is written at one.
 *
 * @param machines booted ones, run from here alone from now on, with the names that the status lines show
 */
export function machinesTogether(
	machines: readonly {readonly machine: TargetMachine; readonly name: string}[],
	wall: WallClock = systemClock,
): MachinesTogether {
	const watchers = new Watchers();
	/** A monitor of one shows all of them. */
	const reader = {};
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

	let callUnpin: (() => void) | undefined;
	/** One key writes to all: until the event loop has gone round nothing moves. */
	const standStill = (): void => {
		now();
		pacer.pin();
		callUnpin ??= wall.setTimer(() => {
			callUnpin = undefined;
			pacer.unpin();
			pacer.turn();
			if (waiting.size > 0 && callOff === undefined) answerAll();
		}, 0);
	};

	/** Questions that wait for those of the other machines: all are answered at one instant. */
	const waiting = new Set<() => void>();
	let callOff: (() => void) | undefined;
	const answerAll = (): void => {
		callOff?.();
		callOff = undefined;
		// What was written a moment ago is to be seen.
		if (callUnpin !== undefined) return;
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
		const watcher = watchers.join({reader});
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
				standStill();
				return own.write(path, text, 'monitor');
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
			callUnpin?.();
			callUnpin = undefined;
			goneBecause ??= new TargetError('EDISCONNECTED', 'the machines were stopped');
			answerAll();
		},
	};
}
