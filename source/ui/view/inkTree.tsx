/** Ink's tree on a screen: states go in, frames and keys come out. */

import {render} from 'ink';
import type {State} from '../state/state.ts';
import {createInkInput} from '../terminal/inkInput.ts';
import {createInkOutput} from '../terminal/inkOutput.ts';
import type {Screen} from '../terminal/screen.ts';
import type {Key, Mouse} from '../terminal/sequences.ts';
import {ThemeContext} from '../terminal/surface.ts';
import type {Theme} from '../terminal/theme.ts';
import {LiveApp} from './app.tsx';
import {CanvasContext, createCanvas} from './canvas.ts';

type InkTreeOptions = {
	readonly screen: Screen;
	readonly theme: Theme;
	readonly newest: () => State;
	readonly onKey: (key: Key) => void;
	/** A component threw, and Ink has unmounted. */
	readonly onCrash: (error: unknown) => void;
};

type InkTree = {
	/** There is a newer state. What React has to do for it, it does in a microtask. */
	changed(): void;
	/** Paints what Ink does not. */
	paint(): void;
	press(key: Key): void;
	/** The key that stands under the mouse. */
	keyAt(mouse: Mouse): Key | undefined;
	stop(): void;
};

export function startInkTree({screen, theme, newest, onKey, onCrash}: InkTreeOptions): InkTree {
	const input = createInkInput();
	const canvas = createCanvas(screen);
	const output = createInkOutput(newest, frame => {
		screen.frame(frame);
		canvas.arranged();
	});
	const onStates = new Set<() => void>();
	const subscribe = (onState: () => void) => {
		onStates.add(onState);
		return () => void onStates.delete(onState);
	};
	const states = {newest, subscribe};
	const tree = (
		<ThemeContext.Provider value={theme}>
			<CanvasContext.Provider value={canvas}>
				<LiveApp states={states} onKey={onKey} />
			</CanvasContext.Provider>
		</ThemeContext.Provider>
	);
	const ink = render(tree, {
		stdout: output,
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
		paint: () => canvas.paint(newest()),
		press: input.press,
		keyAt: canvas.keyAt,
		stop: () => ink.unmount(),
	};
}
