/** Two machines on one screen, as `mmtop compare` shows them, in an emulator. */

import {createRequire} from 'node:module';
import type {Terminal as TerminalType} from '@xterm/headless';
import {bootLab, type LabOptions} from '../source/lab/lab.ts';
import {runHeadless} from '../source/target/headless.ts';
import type {Target} from '../source/target/target.ts';
import {machinesTogether} from '../source/target/together.ts';
import {startPair} from '../source/ui/pair.ts';
import type {Key} from '../source/ui/terminal/sequences.ts';
import {createTheme, type ThemeName} from '../source/ui/terminal/theme.ts';
import {fakeClock} from '../test/target/support/fakeClock.ts';

const {Terminal} = createRequire(import.meta.url)('@xterm/headless') as {Terminal: typeof TerminalType};

const frameMs = 100;

type PairScenery = {
	readonly eras: readonly [NonNullable<LabOptions['era']>, NonNullable<LabOptions['era']>];
	readonly ageMs: number;
	readonly theme: ThemeName;
	readonly columns: number;
	readonly rows: number;
	/** Pressed one after the other, and how many frames go by after each. */
	readonly keys: readonly (readonly [key: Key, frames: number])[];
};

/** @returns the terminal after the last key */
export async function filmPair({eras, ageMs, theme, columns, rows, keys}: PairScenery): Promise<TerminalType> {
	const terminal = new Terminal({cols: columns, rows, allowProposedApi: true, scrollback: 0});
	const wall = fakeClock();
	const machines = eras.map(era => {
		const machine = bootLab({era});
		runHeadless(machine, ageMs * 1e6);
		return {machine, name: era};
	});
	const together = machinesTogether(machines, wall);
	let asked = 0;
	let onAsked = (): void => {};
	const [first, second] = together.targets as [Target, Target];
	const watched: Target = {
		...first,
		sample(request) {
			asked++;
			onAsked();
			wall.advance(frameMs);
			return first.sample(request);
		},
	};
	let nowMs = 0;
	const pair = startPair({
		targets: [watched, second],
		sink: (bytes, done) => terminal.write(bytes, done),
		mostBytes: () => Number.POSITIVE_INFINITY,
		theme: createTheme(theme, true),
		columns,
		rows,
		// Each sample is late, so that the next one follows at once.
		nowMs: () => {
			nowMs += 50;
			return nowMs;
		},
		onQuit() {},
		onSuspend() {},
		onCrash(error) {
			throw error;
		},
	});
	const frames = (count: number): Promise<void> =>
		new Promise(resolve => {
			const enough = asked + count;
			onAsked = () => {
				if (asked >= enough) resolve();
			};
		});
	await frames(8);
	for (const [key, count] of keys) {
		pair.press(key);
		// The event loop goes round: what the key wrote to both has its effect.
		wall.advance(0);
		await frames(count);
	}
	pair.stop();
	together.stop();
	await new Promise<void>(resolve => terminal.write('', resolve));
	return terminal;
}
