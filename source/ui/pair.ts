/** Two monitors on one terminal, of two machines: keys go to both, and what differs is lit in each and listed below. */

import type {InjectionRecord} from '../formats/debugfs/lab/inject.ts';
import type {Target} from '../target/target.ts';
import {type Monitor, startMonitor} from './monitor.tsx';
import {type PaneDifference, paneDifferences} from './panes/differences.ts';
import type {OwnFiles} from './state/ownFiles.ts';
import {layOutPair} from './state/pairLayout.ts';
import type {Differing, State} from './state/state.ts';
import {createKeyboard} from './terminal/keyboard.ts';
import {line, span} from './terminal/lines.ts';
import type {Sink} from './terminal/screen.ts';
import type {Input, Key, Mouse} from './terminal/sequences.ts';
import {createSplitScreen} from './terminal/splitScreen.ts';
import type {Rect} from './terminal/surface.ts';
import type {Theme} from './terminal/theme.ts';
import {apartLines, differenceLines} from './view/differenceLines.ts';

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
	/** Files of this host, to be run or loaded. */
	readonly own?: OwnFiles | undefined;
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

/** The state of a workload that a machine stands at: one that is held, or that it went back to. */
function standsAt({lab: {clock, inject}, picture}: State): string | undefined {
	if (clock?.state !== 'paused') return clock?.holding ?? undefined;
	const timeUs = Math.floor(picture.at.timeNs / 1000);
	const isNow = ({states}: InjectionRecord) => states.at(-1)?.timeUs === timeUs;
	const injection = inject?.injections.findLast(isNow);
	return injection && `${injection.name}: ${injection.states.at(-1)!.state}`;
}

/** Whether two pictures are of one instant, or of one state, which each machine has at a time of its own. */
function isOneMoment(a: State, b: State): boolean {
	const state = standsAt(a);
	return a.picture.at.timeNs === b.picture.at.timeNs || (state !== undefined && state === standsAt(b));
}

class LivePair implements Pair {
	readonly #options: PairOptions;
	readonly #screen: ReturnType<typeof createSplitScreen>;
	readonly #monitors: readonly [Monitor, Monitor];
	readonly #keyboard = createKeyboard(input => this.#take(input));
	/** Sides that wanted to quit at this key: an overlay of one may have taken it. */
	readonly #quitting = new Set<number>();
	#layout: ReturnType<typeof layOutPair>;
	/** The times of the last two pictures, where they were not of one moment. */
	#apart: string | undefined;

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

	/** Lights and lists what differs, where both pictures are of one moment. */
	#compare(): void {
		const [a, b] = this.states();
		const isOne = isOneMoment(a, b);
		const apart = isOne ? undefined : `${a.picture.at.timeNs} ${b.picture.at.timeNs}`;
		const isStill = apart !== undefined && apart === this.#apart;
		this.#apart = apart;
		// One of two new pictures is the first, and the other one will follow; unless both machines stand still.
		if (!isOne && !isStill) return;
		const panes = isOne ? paneDifferences(a, b) : undefined;
		this.#light(panes ?? []);
		const {whole} = this.#screen;
		const {list} = this.#layout;
		const lines = panes ? differenceLines(panes, [a, b], list) : apartLines([a, b], list);
		whole.put('list', {rect: list, height: 0, lines});
		whole.flush();
	}

	#light(panes: readonly PaneDifference[]): void {
		for (const [side, {differing: before}] of this.states().entries()) {
			const differing = differingOf(panes, side as 0 | 1, before);
			if (differing !== before) this.#monitors[side]!.light(differing);
		}
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
