/**
 * A monitor on a real machine, frame after frame. The time of both is the test's: it passes between two frames and
 * never while something is read or drawn, so that the same keys give the same pictures every time.
 */

import {setImmediate as served} from 'node:timers/promises';
import {bootLab, type LabOptions} from '../../../source/lab/lab.ts';
import {embeddedMachine} from '../../../source/target/embedded.ts';
import {runHeadless} from '../../../source/target/headless.ts';
import type {Target} from '../../../source/target/target.ts';
import {wantedPaths} from '../../../source/ui/panes/panes.ts';
import {visiblePanes} from '../../../source/ui/state/layout.ts';
import {initialState, type Message, type State} from '../../../source/ui/state/state.ts';
import type {Key} from '../../../source/ui/terminal/sequences.ts';
import {type EffectContext, perform} from '../../../source/ui/update/effects.ts';
import {update} from '../../../source/ui/update/update.ts';
import {fakeClock} from '../../target/support/fakeClock.ts';

/** As often as a monitor looks by itself. */
const frameMs = 100;

export type Reader = {
	readonly state: () => State;
	/** The machine as another program would read it, at the instant of the last frame. */
	readonly target: Target;
	/** Presses a key, and looks once more. */
	press(key: Key): Promise<void>;
	/** So many frames go by. */
	frames(count: number): Promise<void>;
	/** Frames go by until the monitor's state is as wanted. @throws when it is not after so many frames */
	until(isThere: (state: State) => boolean, mostFrames?: number): Promise<void>;
	stop(): void;
};

type ReaderOptions = {
	readonly lab?: LabOptions;
	/** How long the machine has run when the monitor begins to look at it, in virtual milliseconds. */
	readonly ageMs?: number;
	readonly columns?: number;
	readonly rows?: number;
	/** Called after each frame, with the reader's time in milliseconds since it began. */
	readonly onFrame?: (state: State, nowMs: number) => void;
};

export async function startReader(options: ReaderOptions = {}): Promise<Reader> {
	const {lab: labOptions = {pace: 'read'}, ageMs = 5_000, columns = 120, rows = 40, onFrame} = options;
	const lab = bootLab(labOptions);
	runHeadless(lab, ageMs * 1e6);
	const wall = fakeClock();
	const machine = embeddedMachine(lab, 'lab', wall);
	const target = machine.client('monitor');
	const beganMs = wall.nowMs();
	let state = initialState(target, columns, rows);
	const nowMs = (): number => wall.nowMs() - beganMs;

	const tell = (message: Message): void => {
		const {state: next, effects} = update(state, message);
		state = next;
		for (const effect of effects) perform(effect, context);
	};
	const ignore = (): void => {};
	const context: EffectContext = {
		target,
		dispatch: tell,
		nowMs,
		sampleSoon: ignore,
		copy: ignore,
		redraw: ignore,
		suspend: ignore,
		quit: ignore,
	};

	const frame = async (): Promise<void> => {
		wall.advance(frameMs);
		if (!state.picture.frozen) {
			const panes = visiblePanes(state);
			const sample = await target.sample({paths: wantedPaths(state)});
			tell({type: 'sampled', sample, panes, nowMs: nowMs()});
		}
		// What this asked for is answered without waiting for anything outside.
		await served();
		onFrame?.(state, nowMs());
	};

	const frames = async (count: number): Promise<void> => {
		for (let index = 0; index < count; index++) await frame();
	};

	await frames(5);
	return {
		state: () => state,
		target,
		async press(key) {
			tell({type: 'key', key, nowMs: nowMs()});
			await served();
			await frame();
		},
		frames,
		async until(isThere, mostFrames = 1_000) {
			for (let index = 0; !isThere(state); index++) {
				if (index === mostFrames) throw new Error(`not there after ${mostFrames} frames`);
				await frame();
			}
		},
		stop: machine.stop,
	};
}
