/**
 * The wall over any screen: a pull loop a machine, each by itself, so that one that does not answer keeps none of the
 * others; what was sampled is drawn a few times a second, what a key did at once.
 */

import {seatPaths} from '../../model/seat.ts';
import {createKeyboard} from '../terminal/keyboard.ts';
import type {Screen} from '../terminal/screen.ts';
import type {Input} from '../terminal/sequences.ts';
import type {Theme} from '../terminal/theme.ts';
import {sentenceOf} from '../update/effects.ts';
import {startSampler} from '../update/sampler.ts';
import {createDrawing} from '../view/drawing.ts';
import {type Ink, startInk} from '../view/ink.tsx';
import {WallConnection} from './connection.ts';
import {initialWall, updateWall, type Wall, type WallEffect, type WallMessage} from './wall.ts';
import {WallApp} from './wallApp.tsx';
import type {WallClass} from './wallClass.ts';

type WallOptions = {
	readonly classroom: WallClass;
	readonly screen: Screen;
	readonly theme: Theme;
	readonly columns: number;
	readonly rows: number;
	/** Wall time in milliseconds, never going back. */
	readonly nowMs: () => number;
	/** Whether there is a monitor to go back to. */
	readonly hasBefore: boolean;
	readonly onEnter: (index: number, as: 'observer' | 'helper') => void;
	readonly onLead: () => void;
	readonly onBack: () => void;
	readonly onQuit: () => void;
	readonly onSuspend: () => void;
	/** The terminal has answered that it is well. */
	readonly onAnswer?: () => void;
	readonly onCrash: (error: unknown) => void;
	/** Time between two questions to a machine, in milliseconds. */
	readonly periodMs?: number;
};

const usualPeriodMs = 1000;
/** Drawings of what came by itself are this far apart, in milliseconds. */
const drawMs = 250;

export class LiveWall {
	readonly #options: WallOptions;
	readonly #connections: readonly WallConnection[];
	readonly #samplers: ReturnType<typeof startSampler>[] = [];
	readonly #timers = new Set<NodeJS.Timeout>();
	readonly #keyboard = createKeyboard(input => this.#take(input));
	readonly #ink: Ink;
	readonly #drawing = createDrawing(
		() => this.#ink.changed(),
		() => this.#send(),
	);
	#wall: Wall;
	#isDrawingDue = false;
	#isHidden = false;
	#isStopped = false;

	constructor(options: WallOptions) {
		const {classroom, screen, theme, columns, rows, nowMs, hasBefore, onCrash} = options;
		this.#options = options;
		const {name, role, machines} = classroom;
		const students = machines.map(({student}) => student);
		this.#wall = initialWall({name, role, students}, {columns, rows, hasBefore, nowMs: nowMs()});
		this.#connections = machines.map(machine => new WallConnection(machine));
		this.#ink = startInk({
			theme,
			newest: () => this.#wall,
			app: states => <WallApp states={states} onKey={key => this.#dispatch({type: 'key', key, nowMs: nowMs()})} />,
			onFrame: frame => screen.frame(frame),
			onCrash,
		});
		for (const index of this.#connections.keys()) this.#start(index);
		this.#drawing.soon();
	}

	receive(bytes: string): void {
		this.#keyboard.push(bytes);
	}

	press(key: string): void {
		this.#ink.press(key);
	}

	resize(columns: number, rows: number): void {
		this.#dispatch({type: 'resized', columns, rows});
		this.redraw();
	}

	redraw(): void {
		this.#options.screen.reset(this.#wall.columns, this.#wall.rows);
		this.#drawing.soon();
	}

	/** Draws nothing and asks nothing while it is hidden. */
	hide(isHidden: boolean): void {
		this.#isHidden = isHidden;
		if (!isHidden) for (const sampler of this.#samplers) sampler.soon();
	}

	say(text: string, isError = true): void {
		this.#dispatch({type: 'told', text, isError, nowMs: this.#options.nowMs()});
	}

	leads(leads: boolean): void {
		this.#dispatch({type: 'leads', leads});
	}

	/**
	 * Writes to lab/class of machines, of each by itself.
	 *
	 * @returns sentences of those that did not take it, each with its student
	 */
	async write(indices: readonly number[], text: string): Promise<readonly string[]> {
		const tried = indices.map(async index => {
			try {
				await this.#connections[index]!.write(text);
				return [];
			} catch (error) {
				return [`${this.#wall.tiles[index]!.student}: ${sentenceOf(error)}`];
			}
		});
		return (await Promise.all(tried)).flat();
	}

	stop(): void {
		this.#isStopped = true;
		this.#keyboard.stop();
		for (const timer of this.#timers) clearTimeout(timer);
		for (const sampler of this.#samplers) sampler.stop();
		for (const connection of this.#connections) connection.close();
		this.#ink.stop();
	}

	#after(ms: number, call: () => void): void {
		const timer = setTimeout(() => {
			this.#timers.delete(timer);
			call();
		}, ms);
		this.#timers.add(timer);
	}

	/** Questions to the machines are spread over the time between two of them. */
	#start(index: number): void {
		const {periodMs = usualPeriodMs, nowMs, onCrash} = this.#options;
		const connection = this.#connections[index]!;
		const begin = (): void => {
			const sampler = startSampler(
				{
					target: {sample: request => connection.sample(request)},
					question: () => (this.#isHidden ? undefined : {paths: seatPaths(this.#wall.counts), panes: []}),
					onSample: sample => this.#dispatch({type: 'sampled', index, sample, nowMs: nowMs()}),
					onLost: reason => this.#dispatch({type: 'lost', index, reason}),
					onSilent: () => this.#dispatch({type: 'silent', index}),
					drawn: async () => {},
					nowMs,
					periodMs,
					retryMs: periodMs,
				},
				onCrash,
			);
			this.#samplers.push(sampler);
		};
		this.#after((index * periodMs) / this.#connections.length, begin);
	}

	#take(input: Input): void {
		const nowMs = this.#options.nowMs();
		if (input.kind === 'key') this.press(input.key);
		else if (input.kind === 'mouse') this.#dispatch({type: 'mouse', mouse: input.mouse, nowMs});
		else if (input.kind === 'paste') this.#dispatch({type: 'pasted', text: input.text, nowMs});
		else this.#options.onAnswer?.();
	}

	#dispatch(message: WallMessage): void {
		if (this.#isStopped) return;
		const {wall, effects} = updateWall(this.#wall, message);
		const hasChanged = wall !== this.#wall;
		this.#wall = wall;
		for (const each of effects) this.#perform(each);
		if (!hasChanged) return;
		if (message.type !== 'sampled' && message.type !== 'lost' && message.type !== 'silent') {
			this.#drawing.soon();
		} else if (!this.#isDrawingDue) {
			this.#isDrawingDue = true;
			this.#after(drawMs, () => {
				this.#isDrawingDue = false;
				this.#drawing.soon();
			});
		}
	}

	#perform(effect: WallEffect): void {
		const {onEnter, onLead, onBack, onQuit, onSuspend} = this.#options;
		switch (effect.type) {
			case 'enter':
				return onEnter(effect.index, effect.as);
			case 'write':
				return void this.#writeAloud(effect);
			case 'lead':
				return onLead();
			case 'back':
				return onBack();
			case 'redraw':
				return this.redraw();
			case 'suspend':
				return onSuspend();
			case 'quit':
				return onQuit();
		}
	}

	async #writeAloud({indices, text, said}: Extract<WallEffect, {type: 'write'}>): Promise<void> {
		const [first, ...others] = await this.write(indices, text);
		const more = others.length > 0 ? `; and ${others.length} more` : '';
		this.say(first === undefined ? said : `${first}${more}`, first !== undefined);
		for (const index of indices) this.#samplers[index]?.soon();
	}

	#send(): void {
		if (this.#isStopped || this.#isHidden) return;
		this.#options.screen.flush(true);
	}
}
