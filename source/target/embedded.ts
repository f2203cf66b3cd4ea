import type {LabOptions} from '../lab/lab.ts';
import type {HeadlessMachine} from './headless.ts';
import {headlessMachine} from './headless.ts';
import type {Machine} from './machine.ts';
import {MachineFiles} from './machineFiles.ts';
import {Pacer} from './pacer.ts';
import {oneLine} from './sentence.ts';
import type {Target} from './target.ts';
import {TargetError} from './target.ts';
import {systemClock, type WallClock} from './wallClock.ts';
import {Watchers} from './watchers.ts';

/** A machine in this process whose virtual time follows the wall clock. */
export type EmbeddedMachine = {
	/**
	 * A target of its own for one monitor or one connection: slow motion waits until each of them has drawn a held
	 * state, and the machine's log says who wrote what. Closing it leaves the machine running.
	 *
	 * @param by who writes, as `lab/inject` shall show it
	 */
	client(by: string): Target;
	/** Stops the machine's time. Its clients reject from then on. */
	stop(): void;
};

/**
 * Gives a machine to wall time.
 *
 * @param machine a booted machine, which nobody else may run from now on
 * @param name as the status line shall show it
 */
export function embeddedMachine(machine: Machine, name: string, wall: WallClock): EmbeddedMachine {
	const files = new MachineFiles(machine);
	const watchers = new Watchers();
	let goneBecause: TargetError | undefined;
	const pacer = new Pacer({
		machine,
		wall,
		watchers,
		onChange: () => files.changed(),
		onCrash(error) {
			const reason = oneLine(error instanceof Error ? error.message : String(error));
			goneBecause = new TargetError('EIO', `the simulated machine broke at ${machine.timeNs()} ns: ${reason}`);
			goneBecause.cause = error;
		},
	});

	const now = (): void => {
		pacer.turn();
		if (goneBecause !== undefined) {
			throw goneBecause;
		}
	};

	const client = (by: string): Target => {
		const watcher = watchers.join();
		return {
			name,
			kind: 'embedded',
			writable: true,
			async sample(request) {
				watchers.asked(watcher, wall.nowMs());
				now();
				const sample = files.sample(request.paths);
				if (machine.clock().holding !== undefined) {
					watchers.shown(watcher);
				}

				return {...sample, behindNs: pacer.behindNs()};
			},
			async read(path, range) {
				now();
				return files.read(path, range);
			},
			async list(path) {
				now();
				return files.list(path);
			},
			async write(path, text) {
				now();
				const answer = files.write(path, text, by);
				pacer.turn();
				return answer;
			},
			async close() {
				watchers.leave(watcher);
			},
		};
	};

	pacer.turn();
	return {
		client,
		stop() {
			pacer.stop();
			goneBecause ??= new TargetError('EDISCONNECTED', `the machine ${name} was stopped`);
		},
	};
}

/**
 * Boots a machine that follows the wall clock. The simulator is loaded here and not before: a monitor that attaches
 * elsewhere never needs it.
 *
 * @throws LabError for options that no machine can have
 */
export async function bootEmbedded(options: LabOptions, name?: string): Promise<EmbeddedMachine> {
	const {bootLab} = await import('../lab/lab.ts');
	const lab = bootLab(options);
	return embeddedMachine(lab, name ?? lab.name, systemClock);
}

/**
 * Boots a machine and runs it to a virtual instant without any wall time.
 *
 * @param by who writes, as `lab/inject` shall show it
 * @throws LabError for options that no machine can have
 */
export async function bootHeadless(options: LabOptions, untilNs: number, by: string): Promise<HeadlessMachine> {
	const {bootLab} = await import('../lab/lab.ts');
	const machine = headlessMachine(bootLab(options), by);
	machine.runUntil(untilNs);
	return machine;
}
