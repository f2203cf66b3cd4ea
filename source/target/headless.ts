import type {TargetMachine} from './machine.ts';
import {MachineFiles} from './machineFiles.ts';
import {printInSlices} from './slices.ts';
import type {Target} from './target.ts';
import {systemClock} from './wallClock.ts';

const eventsPerRun = 65_536;

/**
 * Runs a machine to a virtual instant, as fast as this computer can. No wall time takes part: the same machine stands
 * at the same point afterwards, always. States that would be held on screen are let go at once, for nobody looks.
 *
 * @param untilNs virtual time; the machine has done every event up to and including it
 */
export function runHeadless(machine: TargetMachine, untilNs: number): void {
	for (;;) {
		const outcome = machine.run(untilNs, eventsPerRun);
		if (outcome === 'reached') return;

		if (outcome === 'hold') {
			machine.releaseHold();
		}
	}
}

export type HeadlessMachine = {
	readonly target: Target;
	timeNs(): number;
	/** Why it did not come as far as it should, if that is so. */
	stopped(): ReturnType<NonNullable<TargetMachine['stopped']>>;
	/** See {@link runHeadless}. The target reads the machine as it then stands. */
	runUntil(untilNs: number): void;
	/** The same, but stops where a state is held, until the next run. @returns whether one is held now */
	runToHold(untilNs: number): boolean;
};

/** A machine whose time stands still between calls of `runUntil`: what `cat`, `export`, `run` and `--once` read. */
export function headlessMachine(machine: TargetMachine, by: string): HeadlessMachine {
	// A session that is replayed may end while a client that is gone holds the machine.
	machine.left?.();
	const files = new MachineFiles(machine);
	return {
		target: {
			name: machine.name,
			kind: 'embedded',
			writable: true,
			// How long printing takes decides when others are served, and nothing else.
			sample: request => printInSlices(files.sampling(request), request, systemClock.nowMs),
			read: async (path, range) => files.read(path, range),
			list: async path => files.list(path),
			write: async (path, text) => files.write(path, text, by),
			close: async () => {},
		},
		timeNs: () => machine.timeNs(),
		stopped: () => machine.stopped?.(),
		runUntil(untilNs) {
			runHeadless(machine, untilNs);
			files.changed();
		},
		runToHold(untilNs) {
			if (machine.clock().holding !== undefined) machine.releaseHold();
			let outcome: ReturnType<TargetMachine['run']>;
			do outcome = machine.run(untilNs, eventsPerRun);
			while (outcome === 'budget');
			files.changed();
			return outcome === 'hold';
		},
	};
}
