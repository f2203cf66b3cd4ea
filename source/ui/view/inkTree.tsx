/** A monitor's tree on a screen: what Ink draws, and what is painted beside it. */

import type {State} from '../state/state.ts';
import type {Screen} from '../terminal/screen.ts';
import type {Key, Mouse} from '../terminal/sequences.ts';
import type {Theme} from '../terminal/theme.ts';
import {LiveApp} from './app.tsx';
import {CanvasContext, createCanvas} from './canvas.ts';
import {type Ink, startInk} from './ink.tsx';

type InkTreeOptions = {
	readonly screen: Screen;
	readonly theme: Theme;
	readonly newest: () => State;
	readonly onKey: (key: Key) => void;
	/** A component threw, and Ink has unmounted. */
	readonly onCrash: (error: unknown) => void;
};

type InkTree = Ink & {
	/** Paints what Ink does not. */
	paint(): void;
	/** The key that stands under the mouse. */
	keyAt(mouse: Mouse): Key | undefined;
};

export function startInkTree({screen, theme, newest, onKey, onCrash}: InkTreeOptions): InkTree {
	const canvas = createCanvas(screen);
	const ink = startInk({
		theme,
		newest,
		app: states => (
			<CanvasContext.Provider value={canvas}>
				<LiveApp states={states} onKey={onKey} />
			</CanvasContext.Provider>
		),
		onFrame(frame) {
			screen.frame(frame);
			canvas.arranged();
		},
		onCrash,
	});
	return {...ink, paint: () => canvas.paint(newest()), keyAt: canvas.keyAt};
}
