/** A monitor without a terminal: state, drawing and the pull loop over any screen. run.tsx puts it on a real one. */

import {render} from 'ink';
import type {Target} from '../target/target.ts';
import {wantedPaths} from './panes/panes.ts';
import {visiblePanes} from './state/layout.ts';
import {initialState, type Message, type State} from './state/state.ts';
import {createInkInput} from './terminal/inkInput.ts';
import {createInkOutput} from './terminal/inkOutput.ts';
import {createKeyboard} from './terminal/keyboard.ts';
import type {Screen} from './terminal/screen.ts';
import type {Key, Mouse} from './terminal/sequences.ts';
import {ThemeContext} from './terminal/surface.ts';
import type {Theme} from './terminal/theme.ts';
import {perform} from './update/effects.ts';
import {startSampler} from './update/sampler.ts';
import {update} from './update/update.ts';
import {LiveApp} from './view/app.tsx';
import {CanvasContext, createCanvas} from './view/canvas.ts';
import {hitAt} from './view/hit.ts';

type MonitorOptions = {
	readonly target: Target;
	readonly screen: Screen;
	readonly theme: Theme;
	readonly columns: number;
	readonly rows: number;
	/** Wall time in milliseconds, never going back. */
	readonly nowMs: () => number;
	/** Samples a second at most. */
	readonly refresh?: number;
	readonly onQuit: () => void;
	readonly onSuspend: () => void;
	/** The terminal has answered that it is well. */
	readonly onAnswer?: () => void;
	/** Our own fault: the monitor cannot go on. */
	readonly onCrash: (error: unknown) => void;
};

export type Monitor = {
	/** Takes what the terminal sent. */
	receive(bytes: string): void;
	/** As `receive` with what a terminal sends for a key. */
	press(key: Key): void;
	point(mouse: Mouse): void;
	/** Takes pasted text, one line of it. */
	paste(text: string): void;
	resize(columns: number, rows: number): void;
	/** Sends everything anew. */
	redraw(): void;
	state(): State;
	stop(): void;
};

/** What comes without anybody having asked for it just now. */
const happensByItself: ReadonlySet<Message['type']> = new Set<Message['type']>(['sampled', 'listed', 'silent', 'lost']);

export function startMonitor(options: MonitorOptions): Monitor {
	const {target, screen, theme, nowMs, refresh, onQuit, onSuspend, onAnswer, onCrash} = options;
	let state = initialState(target, options.columns, options.rows);
	let isStopped = false;
	let isDrawingDue = false;
	/** Is what was drawn about to be sent? */
	let isSending = false;
	/** Does a person wait for what is to be drawn? */
	let isUrgent = false;
	/** Files of the newest question. */
	let asked: readonly string[] = [];

	/** Nothing is asked while the picture is frozen. */
	const isStill = (): boolean => state.picture.frozen && state.connection.state === 'live';

	const input = createInkInput();
	const canvas = createCanvas(screen);
	const output = createInkOutput(
		() => state,
		frame => {
			screen.frame(frame);
			canvas.arranged();
		},
	);
	const onKey = (key: Key): void => dispatch({type: 'key', key, nowMs: nowMs()});
	const onStates = new Set<() => void>();
	const states = {
		newest: () => state,
		subscribe(onState: () => void) {
			onStates.add(onState);
			return () => void onStates.delete(onState);
		},
	};
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
	// A component that throws makes Ink unmount and report here.
	ink.waitUntilExit().catch(onCrash);

	const send = (): void => {
		isSending = false;
		if (isStopped) return;
		canvas.paint(state);
		screen.flush(isUrgent);
		isUrgent = false;
	};

	// What React has to do for a new state it does in a microtask, which is before the one that is asked for here.
	const draw = (): void => {
		isDrawingDue = false;
		isSending = true;
		for (const onState of onStates) {
			onState();
		}
		queueMicrotask(send);
	};

	// Messages of one turn are drawn once.
	const drawSoon = (): void => {
		if (!isDrawingDue) {
			isDrawingDue = true;
			queueMicrotask(draw);
		}
	};

	const redraw = (): void => {
		isUrgent = true;
		screen.reset(state.columns, state.rows);
		drawSoon();
	};

	const dispatch = (message: Message): void => {
		if (isStopped) return;
		const {state: next, effects} = update(state, message);
		const hasChanged = next !== state;
		state = next;
		for (const effect of effects) {
			perform(effect, context);
		}
		if (hasChanged) {
			isUrgent ||= !happensByItself.has(message.type);
			drawSoon();
		}
		// What a key opens shall not wait for the next turn.
		const isAction = message.type === 'key' || message.type === 'mouse';
		if (isAction && !isStill() && wantedPaths(state).some(path => !asked.includes(path))) {
			sampler.soon();
		}
	};

	const sampler = startSampler(
		{
			target,
			question() {
				if (isStill()) return undefined;
				asked = wantedPaths(state);
				return {paths: asked, panes: visiblePanes(state)};
			},
			onSample: (sample, panes) => dispatch({type: 'sampled', sample, panes, nowMs: nowMs()}),
			onLost: reason => dispatch({type: 'lost', reason, nowMs: nowMs()}),
			onSilent: silentMs => dispatch({type: 'silent', silentMs}),
			async drawn() {
				while (isDrawingDue || isSending) {
					await Promise.resolve();
				}
				await screen.settled();
			},
			nowMs,
			...(refresh !== undefined && {periodMs: 1000 / refresh}),
		},
		onCrash,
	);

	const context = {
		target,
		dispatch,
		nowMs,
		sampleSoon: () => sampler.soon(),
		copy: (text: string) => screen.copy(text),
		redraw,
		suspend: onSuspend,
		quit: onQuit,
	};

	const point = (mouse: Mouse): void =>
		dispatch({type: 'mouse', mouse, hit: hitAt(state, mouse, canvas.keyAt), nowMs: nowMs()});

	const paste = (text: string): void => dispatch({type: 'pasted', text, nowMs: nowMs()});

	const keyboard = createKeyboard(each => {
		if (each.kind === 'key') {
			input.press(each.key);
		} else if (each.kind === 'mouse') {
			point(each.mouse);
		} else if (each.kind === 'paste') {
			paste(each.text);
		} else {
			onAnswer?.();
		}
	});

	send();
	return {
		receive: keyboard.push,
		press: input.press,
		point,
		paste,
		resize(columns, rows) {
			dispatch({type: 'resized', columns, rows});
			redraw();
		},
		redraw,
		state: () => state,
		stop() {
			isStopped = true;
			keyboard.stop();
			sampler.stop();
			ink.unmount();
		},
	};
}
