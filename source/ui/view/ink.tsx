/** Ink over a screen: states go in, frames and keys come out. */

import {render} from 'ink';
import type {ReactNode} from 'react';
import {createInkInput} from '../terminal/inkInput.ts';
import {createInkOutput} from '../terminal/inkOutput.ts';
import type {Key} from '../terminal/sequences.ts';
import {ThemeContext} from '../terminal/surface.ts';
import type {Theme} from '../terminal/theme.ts';

/** States that follow each other. */
export type States<State> = {
	readonly newest: () => State;
	/** @returns ends the subscription */
	readonly subscribe: (onState: () => void) => () => void;
};

type InkOptions<State> = {
	readonly theme: Theme;
	/** It says how large the terminal is, too. */
	readonly newest: () => State;
	readonly app: (states: States<State>) => ReactNode;
	/** Takes a frame, synchronously. */
	readonly onFrame: (frame: string) => void;
	/** A component threw, and Ink has unmounted. */
	readonly onCrash: (error: unknown) => void;
};

export type Ink = {
	/** There is a newer state. What React has to do for it, it does in a microtask. */
	changed(): void;
	press(key: Key): void;
	stop(): void;
};

export function startInk<State extends {readonly columns: number; readonly rows: number}>({
	theme,
	newest,
	app,
	onFrame,
	onCrash,
}: InkOptions<State>): Ink {
	const input = createInkInput();
	const onStates = new Set<() => void>();
	const subscribe = (onState: () => void) => {
		onStates.add(onState);
		return () => void onStates.delete(onState);
	};
	const ink = render(<ThemeContext.Provider value={theme}>{app({newest, subscribe})}</ThemeContext.Provider>, {
		stdout: createInkOutput(newest, onFrame),
		stdin: input.stdin,
		debug: true,
		exitOnCtrlC: false,
		patchConsole: false,
	});
	ink.waitUntilExit().catch(onCrash);
	return {
		changed() {
			for (const onState of onStates) onState();
		},
		press: input.press,
		stop: () => ink.unmount(),
	};
}
