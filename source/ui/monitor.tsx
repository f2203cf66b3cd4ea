/** A monitor without a terminal: state, drawing and the pull loop over any screen. run.tsx puts it on a real one. */

import type {Target} from '../target/target.ts';
import {wantedPaths} from './panes/panes.ts';
import {visiblePanes} from './state/layout.ts';
import type {MachineRequest, Machines} from './state/machines.ts';
import type {OwnFiles} from './state/ownFiles.ts';
import {type Differing, initialState, type Message, type State} from './state/state.ts';
import {createKeyboard} from './terminal/keyboard.ts';
import type {Screen} from './terminal/screen.ts';
import type {Input, Key, Mouse} from './terminal/sequences.ts';
import type {Theme} from './terminal/theme.ts';
import {type EffectContext, perform} from './update/effects.ts';
import {startSampler} from './update/sampler.ts';
import {update} from './update/update.ts';
import {createDrawing} from './view/drawing.ts';
import {hitAt} from './view/hit.ts';
import {startInkTree} from './view/inkTree.tsx';

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
	/** Files of this host, to be run or loaded. */
	readonly own?: OwnFiles | undefined;
	/** What is wanted of the machines that are open beside this one; without, there are none. */
	readonly onMachines?: (request: MachineRequest) => void;
	/** The state is another one. */
	readonly onChanged?: () => void;
	/** A sample was taken into the state. */
	readonly onSampled?: () => void;
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
	/** Sends everything again. */
	redraw(): void;
	/** Lights rows that the machine beside this one has not. */
	light(differing: Differing): void;
	/** Draws nothing and asks nothing while it is hidden. */
	hide(isHidden: boolean): void;
	/** Says which machines are open. */
	list(machines: Machines): void;
	/** Injects what was asked for elsewhere. @param text `name key=value …` */
	inject(text: string, asksFirst: boolean): void;
	say(text: string): void;
	state(): State;
	stop(): void;
};

/** What comes without anybody having asked for it just now. */
const happensByItself: ReadonlySet<Message['type']> = new Set<Message['type']>([
	'sampled',
	'compared',
	'listed',
	'silent',
	'lost',
]);

class LiveMonitor implements Monitor {
	readonly #options: MonitorOptions;
	readonly #tree: ReturnType<typeof startInkTree>;
	readonly #drawing = createDrawing(
		() => this.#tree.changed(),
		() => this.#send(),
	);
	readonly #sampler: ReturnType<typeof startSampler>;
	readonly #effects: EffectContext;
	readonly #keyboard = createKeyboard(input => this.#take(input));
	#state: State;
	#isStopped = false;
	#isHidden = false;
	/** Does a person wait for what is to be drawn? */
	#isUrgent = false;
	/** Files of the newest question. */
	#asked: readonly string[] = [];

	constructor(options: MonitorOptions) {
		const {target, screen, theme, columns, rows, nowMs, onQuit, onSuspend, onCrash} = options;
		this.#options = options;
		this.#state = initialState(target, columns, rows);
		this.#tree = startInkTree({
			screen,
			theme,
			newest: () => this.#state,
			onKey: key => this.#dispatch({type: 'key', key, nowMs: nowMs()}),
			onCrash,
		});
		this.#sampler = this.#startSampler();
		this.#effects = {
			target,
			dispatch: message => this.#dispatch(message),
			nowMs,
			sampleSoon: () => this.#sampler.soon(),
			copy: text => screen.copy(text),
			own: options.own,
			machines: request => options.onMachines?.(request),
			redraw: () => this.redraw(),
			suspend: onSuspend,
			quit: onQuit,
		};
		this.#send();
	}

	state(): State {
		return this.#state;
	}

	receive(bytes: string): void {
		this.#keyboard.push(bytes);
	}

	press(key: Key): void {
		this.#tree.press(key);
	}

	point(mouse: Mouse): void {
		const hit = hitAt(this.#state, mouse, this.#tree.keyAt);
		this.#dispatch({type: 'mouse', mouse, hit, nowMs: this.#options.nowMs()});
	}

	paste(text: string): void {
		this.#dispatch({type: 'pasted', text, nowMs: this.#options.nowMs()});
	}

	resize(columns: number, rows: number): void {
		this.#dispatch({type: 'resized', columns, rows});
		this.redraw();
	}

	redraw(): void {
		this.#isUrgent = true;
		this.#options.screen.reset(this.#state.columns, this.#state.rows);
		this.#drawing.soon();
	}

	light(differing: Differing): void {
		this.#dispatch({type: 'compared', differing});
	}

	hide(isHidden: boolean): void {
		this.#isHidden = isHidden;
		if (!isHidden) this.#sampler.soon();
	}

	list(machines: Machines): void {
		this.#dispatch({type: 'machines', machines});
	}

	inject(text: string, asksFirst: boolean): void {
		this.#dispatch({type: 'wanted', text, asksFirst, nowMs: this.#options.nowMs()});
	}

	say(text: string): void {
		this.#dispatch({type: 'told', text, nowMs: this.#options.nowMs()});
	}

	stop(): void {
		this.#isStopped = true;
		this.#keyboard.stop();
		this.#sampler.stop();
		this.#tree.stop();
	}

	#take(input: Input): void {
		if (input.kind === 'key') this.press(input.key);
		else if (input.kind === 'mouse') this.point(input.mouse);
		else if (input.kind === 'paste') this.paste(input.text);
		else this.#options.onAnswer?.();
	}

	#send(): void {
		if (this.#isStopped || this.#isHidden) return;
		this.#tree.paint();
		this.#options.screen.flush(this.#isUrgent);
		this.#isUrgent = false;
	}

	/** Nothing is asked while the picture is frozen, or hidden. */
	get #isStill(): boolean {
		return this.#isHidden || (this.#state.picture.frozen && this.#state.connection.state === 'live');
	}

	#dispatch(message: Message): void {
		if (this.#isStopped) return;
		const {state, effects} = update(this.#state, message);
		const hasChanged = state !== this.#state;
		this.#state = state;
		for (const effect of effects) perform(effect, this.#effects);
		if (hasChanged) {
			this.#isUrgent ||= !happensByItself.has(message.type);
			this.#drawing.soon();
			this.#options.onChanged?.();
		}
		// What a key opens must not wait for the next turn.
		const isAction = message.type === 'key' || message.type === 'mouse';
		if (isAction && !this.#isStill && wantedPaths(this.#state).some(path => !this.#asked.includes(path))) {
			this.#sampler.soon();
		}
	}

	#startSampler(): ReturnType<typeof startSampler> {
		const {target, screen, nowMs, refresh, onCrash, onSampled} = this.#options;
		return startSampler(
			{
				target,
				question: () => {
					if (this.#isStill) return undefined;
					this.#asked = wantedPaths(this.#state);
					return {paths: this.#asked, panes: visiblePanes(this.#state)};
				},
				onSample: (sample, panes) => {
					this.#dispatch({type: 'sampled', sample, panes, nowMs: nowMs()});
					onSampled?.();
				},
				onLost: reason => this.#dispatch({type: 'lost', reason, nowMs: nowMs()}),
				onSilent: silentMs => this.#dispatch({type: 'silent', silentMs}),
				drawn: async () => {
					while (this.#drawing.isUnderWay) await Promise.resolve();
					await screen.settled();
				},
				nowMs,
				...(refresh !== undefined && {periodMs: 1000 / refresh}),
			},
			onCrash,
		);
	}
}

export const startMonitor = (options: MonitorOptions): Monitor => new LiveMonitor(options);
