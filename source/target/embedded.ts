import type {LabOptions} from '../lab/lab.ts';
import {type HeadlessMachine, headlessMachine} from './headless.ts';
import {Lane} from './lane.ts';
import {type Leisure, spendLeisure} from './leisure.ts';
import type {TargetMachine} from './machine.ts';
import {MachineFiles} from './machineFiles.ts';
import {Pacer} from './pacer.ts';
import {oneLine} from './sentence.ts';
import {printInSlices, printSlice} from './slices.ts';
import {type Sample, type SampleRequest, type Target, TargetError} from './target.ts';
import {type MachinesTogether, machinesTogether} from './together.ts';
import {systemClock, type WallClock} from './wallClock.ts';
import {Watchers} from './watchers.ts';

/** A machine in this process whose virtual time follows the wall clock. */
export type EmbeddedMachine = {
	/**
	 * A target of its own for one monitor or one connection: slow motion waits until each of them has drawn a held
	 * state, and the machine's log says who wrote what. Closing it leaves the machine running, and ends gdb's hold if
	 * this client had it.
	 *
	 * @param by who writes, as `lab/inject` shows it
	 * @param mayWrite false for a client that only observes: others do not wait for it, and it may get the same picture
	 * as all others
	 */
	client(by: string, mayWrite?: boolean): Target;
	/** While no monitor shows the machine: stops its time, though its clock runs. Else: lets it go on. */
	rest(isResting: boolean): void;
	/** Stops the machine's time. Its clients reject from then on. */
	stop(): void;
};

/** How long many readers are shown one picture: the pacer runs batches of that length anyway. */
const pictureMs = 20;
/** Up to so many readers are shown the machine as it is at the instant of their question. */
const mostAlone = 3;

type EmbeddedOptions = {
	/** Which machine it is, for clients that come back. */
	readonly id?: string;
	/** One person's machine: going back in time is quick from the first time on. Others prepare for it with the first. */
	readonly isOwn?: boolean;
	/** Called after each accepted write, before the writer has its answer. */
	readonly onWrite?: () => void;
};

/**
 * Gives a machine to wall time.
 *
 * @param machine a booted machine, which nobody else may run from now on
 * @param name as the status line shows it
 */
export function embeddedMachine(
	machine: TargetMachine,
	name: string,
	wall: WallClock,
	{id, isOwn = false, onWrite}: EmbeddedOptions = {},
): EmbeddedMachine {
	const files = new MachineFiles(machine);
	const watchers = new Watchers();
	const lane = new Lane(wall);
	let goneBecause: TargetError | undefined;
	let leisure: Leisure | undefined;
	/** The client that holds the machine for gdb, if it is known. Its name does not suffice: clients choose them. */
	let holder: object | undefined;
	/** When the machine ran last. */
	let turnMs = Number.NEGATIVE_INFINITY;
	const pacer = new Pacer({
		machine,
		wall,
		watchers,
		onChange: () => files.changed(),
		onTurn() {
			turnMs = wall.nowMs();
			leisure?.look();
		},
		onCrash(error) {
			const reason = oneLine(error instanceof Error ? error.message : String(error));
			goneBecause = new TargetError('EIO', `the simulated machine broke at ${machine.timeNs()} ns: ${reason}`);
			goneBecause.cause = error;
		},
	});

	const now = (): void => {
		pacer.turn();
		if (goneBecause !== undefined) throw goneBecause;
	};

	/**
	 * With many readers, or one that only observes, what falls due is run in batches, as without any: all questions in
	 * between are answered with one picture, which is printed once.
	 */
	const soon = (mayWrite: boolean): void => {
		const isCrowd = !mayWrite || watchers.count(wall.nowMs()).all > mostAlone;
		if (!isCrowd || wall.nowMs() - turnMs >= pictureMs) now();
		if (goneBecause !== undefined) throw goneBecause;
	};

	/**
	 * A sample that is more than a slice: the machine stands still until all of it is printed, while others read what
	 * they like. Should one of them write, it begins again.
	 */
	const printPinned = async (
		printing: Generator<number, Sample>,
		request: SampleRequest,
		done: (sample: Sample) => Sample,
	): Promise<Sample> => {
		pacer.pin();
		try {
			return done(await printInSlices(printing, request, wall.nowMs));
		} finally {
			pacer.unpin();
		}
	};

	const client = (by: string, mayWrite = true): Target => {
		const watcher = watchers.join({by, mayWrite});
		/** How long this client's last long sample took. */
		let lastLongMs = 0;
		const shown = (sample: Sample): Sample => {
			if (machine.clock().holding !== undefined) {
				watchers.shown(watcher);
			}

			return {...sample, behindNs: pacer.behindNs(), ...(id !== undefined && {machine: id})};
		};

		return {
			name,
			kind: 'embedded',
			writable: mayWrite,
			async sample(request) {
				watchers.asked(watcher, wall.nowMs());
				soon(mayWrite);
				let printing: Generator<number, Sample> | undefined = files.sampling(request);
				const sample = printSlice(printing, wall.nowMs);
				if (sample !== undefined) return shown(sample);

				if (!lane.isFree) {
					// Many may wait: none of them keeps what it has printed.
					printing = undefined;
				}

				const leave = await lane.enter(lastLongMs, request.signal);
				try {
					if (printing === undefined) {
						now();
					}

					return await printPinned(printing ?? files.sampling(request), request, shown);
				} finally {
					lastLongMs = leave(machine.clock().paused);
				}
			},
			async read(path, range) {
				soon(mayWrite);
				return files.read(path, range);
			},
			async list(path) {
				soon(mayWrite);
				return files.list(path);
			},
			async write(path, text) {
				if (!mayWrite) throw new TargetError('EACCES', 'this client only observes');

				now();
				const before = machine.holder?.();
				const answer = files.write(path, text, by);
				if (machine.holder?.() === by && (before !== by || holder === undefined)) holder = watcher;
				onWrite?.();
				pacer.turn();
				return answer;
			},
			async close() {
				watchers.leave(watcher);
				if (holder !== watcher) return;

				holder = undefined;
				if (goneBecause === undefined && machine.left?.(by)) {
					files.changed();
					onWrite?.();
					pacer.turn();
				}
			},
		};
	};

	// A session that is replayed may end while a client that is gone holds the machine.
	if (machine.left?.()) onWrite?.();
	pacer.turn();
	leisure = spendLeisure({machine, pacer, wall, unasked: isOwn});
	return {
		client,
		rest: isResting => pacer.rest(isResting),
		stop() {
			pacer.stop();
			leisure?.end();
			lane.close();
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
	return embeddedMachine(lab, name ?? lab.name, systemClock, {isOwn: true});
}

/**
 * Boots machines that follow the wall clock together.
 *
 * @throws LabError for options that no machine can have
 */
export async function bootTogether(
	wanted: readonly {readonly options: LabOptions; readonly name: string}[],
): Promise<MachinesTogether> {
	const {bootLab} = await import('../lab/lab.ts');
	return machinesTogether(wanted.map(({options, name}) => ({machine: bootLab(options), name})));
}

/**
 * Boots a machine and runs it to a virtual instant without any wall time.
 *
 * @param by who writes, as `lab/inject` shows it
 * @throws LabError for options that no machine can have
 */
export async function bootHeadless(options: LabOptions, untilNs: number, by: string): Promise<HeadlessMachine> {
	const {bootLab} = await import('../lab/lab.ts');
	const machine = headlessMachine(bootLab(options), by);
	machine.runUntil(untilNs);
	return machine;
}
