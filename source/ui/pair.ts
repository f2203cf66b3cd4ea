/** Two monitors on one terminal, of two machines: keys go to both, and what differs is lit in each and listed below. */

import type {Target} from '../target/target.ts';
import {type Monitor, startMonitor} from './monitor.tsx';
import {type PaneDifference, paneDifferences} from './panes/differences.ts';
import {layOutPair} from './state/pairLayout.ts';
import type {Differing, State} from './state/state.ts';
import {createKeyboard} from './terminal/keyboard.ts';
import {line, span} from './terminal/lines.ts';
import type {Sink} from './terminal/screen.ts';
import type {Input, Key, Mouse} from './terminal/sequences.ts';
import {createSplitScreen} from './terminal/splitScreen.ts';
import type {Rect} from './terminal/surface.ts';
import type {Theme} from './terminal/theme.ts';
import {differenceLines} from './view/differenceLines.ts';

export type PairOptions = {
	readonly targets: readonly [Target, Target];
	readonly sink: Sink;
	/** After how many bytes the rest of a frame is left for the next piece. */
	readonly mostBytes: () => number;
	readonly theme: Theme;
	readonly columns: number;
	readonly rows: number;
	/** Wall time in milliseconds, never going back. */
	readonly nowMs: () => number;
	/** Samples a second at most. */
	readonly refresh?: number;
	readonly onQuit: () => void;
	readonly onSuspend: () => void;
	readonly onAnswer?: () => void;
	readonly onCrash: (error: unknown) => void;
};

type Pair = Pick<Monitor, 'receive' | 'press' | 'resize' | 'stop'> & {
	readonly states: () => readonly [State, State];
};

const holds = ({column, row, columns, rows}: Rect, at: Mouse): boolean =>
	at.column >= column && at.column < column + columns && at.row >= row && at.row < row + rows;

const isSame = (a: ReadonlySet<string>, b: ReadonlySet<string> | undefined): boolean =>
	a.size === b?.size && [...a].every(each => b.has(each));

/** The ids of a machine's own rows; what is as before stays the same object. */
function differingOf(panes: readonly PaneDifference[], side: 0 | 1, before: Differing): Differing {
	const next = new Map(
		panes.map(({id, own}) => {
			const ids = new Set(own[side].keys());
			return [id, isSame(ids, before.get(id)) ? before.get(id)! : ids] as const;
		}),
	);
	return next.size === before.size && [...next].every(([id, ids]) => before.get(id) === ids) ? before : next;
}

/** Whether two pictures are of one instant. While both stand still they are, whatever their times. */
function isOneInstant(a: State, b: State): boolean {
	const isPaused = ({lab: {clock}}: State) => clock?.state === 'paused';
	return a.picture.at.timeNs === b.picture.at.timeNs || (isPaused(a) && isPaused(b));
}

class LivePair implements Pair {
	readonly #options: PairOptions;
	readonly #screen: ReturnType<typeof createSplitScreen>;
	readonly #monitors: readonly [Monitor, Monitor];
	readonly #keyboard = createKeyboard(input => this.#take(input));
	/** Sides that wanted to quit at this key: an overlay of one may have taken it. */
	readonly #quitting = new Set<number>();
	#layout: ReturnType<typeof layOutPair>;

	constructor(options: PairOptions) {
		const {sink, theme, columns, rows, mostBytes} = options;
		this.#options = options;
		this.#layout = layOutPair(columns, rows);
		this.#screen = createSplitScreen({sink, theme, columns, rows, places: this.#layout.parts, mostBytes});
		this.#putDivider();
		this.#monitors = [this.#start(0), this.#start(1)];
	}

	states(): readonly [State, State] {
		return [this.#monitors[0].state(), this.#monitors[1].state()];
	}

	receive(bytes: string): void {
		this.#keyboard.push(bytes);
	}

	press(key: Key): void {
		this.#act(monitor => monitor.press(key));
	}

	resize(columns: number, rows: number): void {
		this.#layout = layOutPair(columns, rows);
		const {parts} = this.#layout;
		this.#screen.resize(columns, rows, parts);
		this.#screen.whole.remove('list');
		this.#putDivider();
		for (const [side, part] of parts.entries()) this.#monitors[side]!.resize(part.columns, part.rows);
	}

	stop(): void {
		this.#keyboard.stop();
		for (const monitor of this.#monitors) monitor.stop();
	}

	#start(side: 0 | 1): Monitor {
		const {targets, theme, nowMs, refresh, onSuspend, onCrash} = this.#options;
		const {columns, rows} = this.#layout.parts[side];
		return startMonitor({
			target: targets[side],
			screen: this.#screen.parts[side]!,
			theme,
			columns,
			rows,
			nowMs,
			...(refresh !== undefined && {refresh}),
			onQuit: () => this.#wantsToQuit(side),
			// Keys go to both, and once is enough.
			onSuspend: side === 0 ? onSuspend : () => {},
			onSampled: () => this.#compare(),
			onCrash,
		});
	}

	#wantsToQuit(side: 0 | 1): void {
		this.#quitting.add(side);
		if (this.#quitting.size === this.#monitors.length) this.#options.onQuit();
	}

	#act(call: (monitor: Monitor) => void): void {
		this.#quitting.clear();
		for (const monitor of this.#monitors) call(monitor);
	}

	/** The same place in both, counted from the corner of the one under the mouse. */
	#point(mouse: Mouse): void {
		const part = this.#layout.parts.find(rect => holds(rect, mouse));
		if (!part) return;
		const own = {...mouse, column: mouse.column - part.column, row: mouse.row - part.row};
		this.#act(monitor => monitor.point(own));
	}

	#take(input: Input): void {
		if (input.kind === 'key') this.press(input.key);
		else if (input.kind === 'mouse') this.#point(input.mouse);
		else if (input.kind === 'paste') this.#act(monitor => monitor.paste(input.text));
		else this.#options.onAnswer?.();
	}

	/** Lights and lists what differs, where both pictures are of one instant. */
	#compare(): void {
		const [a, b] = this.states();
		if (!isOneInstant(a, b)) return;
		const panes = paneDifferences(a, b);
		for (const [side, {differing: before}] of [a, b].entries()) {
			const differing = differingOf(panes, side as 0 | 1, before);
			if (differing !== before) this.#monitors[side]!.light(differing);
		}
		const {whole} = this.#screen;
		const {list} = this.#layout;
		whole.put('list', {rect: list, height: 0, lines: differenceLines(panes, [a, b], list)});
		whole.flush();
	}

	#putDivider(): void {
		const {whole} = this.#screen;
		const {divider} = this.#layout;
		if (!divider) return whole.remove('divider');
		const lines = Array.from({length: divider.rows}, () => line(span('│', 'frame')));
		whole.put('divider', {rect: divider, height: 0, lines});
	}
}

export const startPair = (options: PairOptions): Pair => new LivePair(options);
