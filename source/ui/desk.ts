/**
 * Several machines on one terminal, one at a time: each has a monitor of its own, which stays as it was left. Those
 * behind are not drawn, and those that were opened here stand still.
 */

import type {MachineKind} from '../model/fit.ts';
import type {Target} from '../target/target.ts';
import {type InTurn, screenInTurn, toBack, toFront} from './inTurn.ts';
import {type Monitor, startMonitor} from './monitor.tsx';
import type {PairOptions} from './pair.ts';
import type {MachineEntry, MachineRequest} from './state/machines.ts';
import type {State} from './state/state.ts';
import {sentenceOf} from './update/effects.ts';
import {machineSays} from './view/overlays/machines.ts';

/** A machine that the desk has opened, and ends. */
type OpenedMachine = {
	readonly target: Target;
	/** Its time stands still, or goes on. */
	readonly rest: (isResting: boolean) => void;
	readonly end: () => void;
};

/**
 * @param name as the status bar shows it
 * @throws for a kind of machine that cannot be
 */
export type OpenMachine = (kind: MachineKind, name: string) => Promise<OpenedMachine>;

export type DeskTargets = {
	/** The first one. The desk does not end it. */
	readonly target: Target;
	/** What stops and starts its time, where it is one's own. */
	readonly rest?: (isResting: boolean) => void;
	/** Without, there is one machine. */
	readonly open?: OpenMachine;
};

type DeskOptions = Omit<PairOptions, 'targets'> & DeskTargets;

/** More would take the memory of the computer. */
const mostMachines = 8;

type Place = InTurn<Monitor> & {
	readonly name: string;
	readonly rest: (isResting: boolean) => void;
	readonly end: (() => void) | undefined;
	/** What is to be injected when it has said which experiments there are. */
	wanted: {readonly text: string; readonly asksFirst: boolean} | undefined;
};

class Desk implements Pick<Monitor, 'receive' | 'press' | 'resize' | 'stop'> {
	readonly #options: DeskOptions;
	#places: readonly Place[];
	#front = 0;
	#before: number | undefined;
	#columns: number;
	#rows: number;
	#isOpening = false;
	#isStopped = false;

	constructor(options: DeskOptions) {
		const {target, rest = () => {}, columns, rows} = options;
		this.#options = options;
		this.#columns = columns;
		this.#rows = rows;
		this.#places = [this.#place(target, target.name, rest, undefined)];
		if (options.open) this.#tell();
	}

	/** Of the machine in front. */
	state(): State {
		return this.#inFront.shown.state();
	}

	receive(bytes: string): void {
		this.#inFront.shown.receive(bytes);
	}

	press(key: string): void {
		this.#inFront.shown.press(key);
	}

	resize(columns: number, rows: number): void {
		this.#columns = columns;
		this.#rows = rows;
		this.#inFront.shown.resize(columns, rows);
	}

	stop(): void {
		this.#isStopped = true;
		for (const {shown, end} of this.#places) {
			shown.stop();
			end?.();
		}
	}

	get #inFront(): Place {
		return this.#places[this.#front]!;
	}

	#place(target: Target, name: string, rest: Place['rest'], end: Place['end'], wanted?: Place['wanted']): Place {
		const {screen, output} = screenInTurn(this.#options, this.#columns, this.#rows);
		const place: Place = {
			name,
			rest,
			end,
			output,
			wanted,
			shown: startMonitor({
				...this.#options,
				target,
				columns: this.#columns,
				rows: this.#rows,
				screen,
				onMachines: request => void this.#act(request),
				onSampled: () => this.#injectWanted(place),
			}),
		};
		return place;
	}

	#injectWanted(place: Place): void {
		const {wanted, shown} = place;
		if (!wanted || shown.state().lab.experiments.length === 0) return;
		place.wanted = undefined;
		shown.inject(wanted.text, wanted.asksFirst);
	}

	async #act(request: MachineRequest): Promise<void> {
		if (request.kind === 'go') this.#go(request.index);
		else if (request.kind === 'end') this.#end(request.index);
		else if (request.kind === 'open') await this.#open(request);
		else this.#inFront.shown.say('a class is led from its own computer: mmtop class wall there');
	}

	async #open({fitting, text}: Extract<MachineRequest, {kind: 'open'}>): Promise<void> {
		const {shown} = this.#inFront;
		const {open} = this.#options;
		if (this.#isOpening || !open) return;
		if (this.#places.length >= mostMachines) {
			return shown.say(`${mostMachines} machines are open, which is the most; M ends one with x`);
		}
		this.#isOpening = true;
		const {asksFirst} = shown.state().injections;
		try {
			const name = this.#nameOf(fitting);
			const {target, rest, end} = await open(fitting, name);
			if (this.#isStopped) return end();
			this.#hide();
			this.#places = [...this.#places, this.#place(target, name, rest, end, {text, asksFirst})];
			this.#front = this.#places.length - 1;
			this.#tell();
			this.#inFront.shown.redraw();
		} catch (error) {
			shown.say(sentenceOf(error));
		} finally {
			this.#isOpening = false;
		}
	}

	/** Its preset and era; with a number where there is one like it. */
	#nameOf({preset, era}: MachineKind): string {
		const plain = `${preset}-${era}`;
		const taken = new Set(this.#places.map(({name}) => name));
		const names = [plain, ...Array.from({length: mostMachines}, (_, index) => `${plain}-${index + 2}`)];
		return names.find(name => !taken.has(name))!;
	}

	#hide(): void {
		this.#before = this.#front;
		toBack(this.#inFront);
		this.#inFront.rest(true);
	}

	#show(index: number): void {
		this.#front = index;
		this.#inFront.rest(false);
		toFront(this.#inFront, this.#columns, this.#rows);
		this.#tell();
	}

	#go(index: number): void {
		if (index === this.#front || !this.#places[index]) return;
		this.#hide();
		this.#show(index);
	}

	#end(index: number): void {
		const place = this.#places[index];
		if (!place?.end) return;
		const front = this.#inFront;
		place.output.isOpen = false;
		place.shown.stop();
		place.end();
		this.#places = this.#places.filter(each => each !== place);
		this.#before = undefined;
		if (front === place) this.#show(0);
		else {
			this.#front = this.#places.indexOf(front);
			this.#tell();
		}
	}

	/** Tells the monitor in front which machines there are. */
	#tell(): void {
		const all = this.#places.map(
			({name, shown, end}): MachineEntry => ({
				name,
				says: machineSays(shown.state()),
				mayEnd: end !== undefined,
			}),
		);
		this.#inFront.shown.list({all, here: this.#front, before: this.#before});
	}
}

export const startDesk = (options: DeskOptions): Desk => new Desk(options);
