/**
 * The wall of a class and the monitors behind its tiles on one terminal, one at a time: the wall, the machine that
 * somebody went into from there, and the monitor that was there before, if there was one.
 */

import {path} from '../model/paths.ts';
import type {Target} from '../target/target.ts';
import {type InTurn, screenInTurn, toBack, toFront} from './inTurn.ts';
import {type Monitor, startMonitor} from './monitor.tsx';
import type {PairOptions} from './pair.ts';
import {placeWords} from './state/classroom.ts';
import type {MachineRequest, Machines} from './state/machines.ts';
import {sentenceOf} from './update/effects.ts';
import {LiveWall} from './wall/liveWall.tsx';
import type {WallClass} from './wall/wallClass.ts';

export type ClassDeskOptions = Omit<PairOptions, 'targets'> & {
	/** The monitor that is there first; without, the wall is. The desk does not end it. */
	readonly target?: Target | undefined;
	readonly classroom: WallClass;
	/** Time between two questions of the wall to a machine, in milliseconds. */
	readonly periodMs?: number;
};

type MonitorPlace = InTurn<Monitor> & {
	readonly target: Target;
	readonly isHelping: boolean;
	/** Whether the target is closed with it. */
	readonly isOwn: boolean;
};

class ClassDesk implements Pick<Monitor, 'receive' | 'press' | 'resize' | 'stop'> {
	readonly #options: ClassDeskOptions;
	#columns: number;
	#rows: number;
	readonly #first: MonitorPlace | undefined;
	#wall: InTurn<LiveWall> | undefined;
	#inside: MonitorPlace | undefined;
	#front: InTurn<Monitor | LiveWall>;
	/** Where all monitors were led to; undefined while they are not led. */
	#led: {words: string} | undefined;
	/** By machine what is written to it next, while something is: places in between are left out. */
	readonly #writing = new Map<number, {next: string | undefined}>();
	/** Counts goings in: the last one wins, for a machine may take long to answer. */
	#entering = 0;
	#isStopped = false;

	constructor(options: ClassDeskOptions) {
		const {target, columns, rows} = options;
		this.#options = options;
		this.#columns = columns;
		this.#rows = rows;
		this.#first = target && this.#monitor(target, false, false);
		this.#front = this.#first ?? this.#theWall();
		this.#front.output.isOpen = true;
		this.#front.shown.hide(false);
	}

	receive(bytes: string): void {
		this.#front.shown.receive(bytes);
	}

	press(key: string): void {
		this.#front.shown.press(key);
	}

	resize(columns: number, rows: number): void {
		this.#columns = columns;
		this.#rows = rows;
		this.#front.shown.resize(columns, rows);
	}

	stop(): void {
		this.#isStopped = true;
		this.#first?.shown.stop();
		this.#inside?.shown.stop();
		if (this.#inside) this.#end(this.#inside);
		// Its connections end with it, and with them what everybody was led to.
		this.#wall?.shown.stop();
	}

	#theWall(): InTurn<LiveWall> {
		if (this.#wall) return this.#wall;
		const {classroom, theme, nowMs, onQuit, onSuspend, onAnswer, onCrash, periodMs} = this.#options;
		const {screen, output} = screenInTurn(this.#options, this.#columns, this.#rows);
		this.#wall = {
			output,
			shown: new LiveWall({
				classroom,
				screen,
				theme,
				columns: this.#columns,
				rows: this.#rows,
				nowMs,
				hasBefore: this.#first !== undefined,
				onEnter: (index, as) => void this.#enter(index, as),
				onLead: () => this.#lead(),
				onBack: () => this.#first && this.#show(this.#first),
				onQuit,
				onSuspend,
				...(onAnswer && {onAnswer}),
				onCrash,
				...(periodMs !== undefined && {periodMs}),
			}),
		};
		toBack(this.#wall);
		return this.#wall;
	}

	#monitor(target: Target, isHelping: boolean, isOwn: boolean): MonitorPlace {
		const {screen, output} = screenInTurn(this.#options, this.#columns, this.#rows);
		const shown = startMonitor({
			...this.#options,
			target,
			columns: this.#columns,
			rows: this.#rows,
			screen,
			onMachines: request => this.#act(request),
			onChanged: () => this.#tellPlace(),
		});
		return {shown, output, target, isHelping, isOwn};
	}

	#show(place: InTurn<Monitor | LiveWall>): void {
		const before = this.#front;
		if (before === place) return;
		toBack(before);
		this.#front = place;
		toFront(place, this.#columns, this.#rows);
		this.#tellPlace();
	}

	/** Back to the wall, out of the machine that was entered from there. */
	#toWall(): void {
		const inside = this.#inside;
		this.#inside = undefined;
		this.#show(this.#theWall());
		if (!inside) return;
		inside.shown.stop();
		this.#end(inside);
	}

	/** The connection is the presence: with it ends what the student's screen says. */
	#end({target, isOwn}: MonitorPlace): void {
		if (isOwn) void target.close().catch(() => {});
	}

	#act(request: MachineRequest): void {
		const monitor = (this.#inside ?? this.#first)!.shown;
		switch (request.kind) {
			case 'wall':
			case 'go':
				return this.#toWall();
			case 'lead':
				return this.#lead();
			default:
				return monitor.say('beside a class no other machine is opened; mmtop in another terminal does');
		}
	}

	async #enter(index: number, as: 'observer' | 'helper'): Promise<void> {
		const wall = this.#theWall().shown;
		const {student, open} = this.#options.classroom.machines[index]!;
		const entering = ++this.#entering;
		let target: Target | undefined;
		try {
			target = await open(as);
			// The student's screen says so before the first picture is here.
			if (as === 'helper') await target.write(path.class, 'enter');
			if (this.#isStopped || entering !== this.#entering) return void target.close();
			const place = this.#monitor(target, as === 'helper', true);
			this.#inside = place;
			this.#show(place);
			place.shown.list(toWall);
		} catch (error) {
			void target?.close().catch(() => {});
			wall.say(`${student}: ${sentenceOf(error)}`);
		}
	}

	/** Everybody's monitor follows this one from now on, or no longer. */
	#lead(): void {
		const wall = this.#theWall().shown;
		const isBegun = this.#led === undefined;
		this.#led = isBegun ? {words: ''} : undefined;
		wall.leads(isBegun);
		const said = isBegun
			? 'everybody’s monitor follows yours: pane and selection; F ends that'
			: 'everybody is free again';
		this.#say(said);
		if (isBegun) this.#tellPlace();
		else this.#writeToAll('unfollow');
	}

	#say(text: string): void {
		if (this.#front.shown instanceof LiveWall) this.#front.shown.say(text, false);
		else this.#front.shown.say(text);
	}

	/** Where the monitor in front is, to all machines, when that is somewhere else than before. */
	#tellPlace(): void {
		const led = this.#led;
		const {shown} = this.#front;
		if (!led || shown instanceof LiveWall) return;
		const words = placeWords(shown.state());
		if (words === led.words) return;
		led.words = words;
		this.#writeToAll(`follow ${words}`);
	}

	#writeToAll(text: string): void {
		for (const index of this.#options.classroom.machines.keys()) void this.#writeTo(index, text);
	}

	/** One after the other, so that the last one stays; a machine that does not answer keeps none of the others. */
	async #writeTo(index: number, text: string): Promise<void> {
		const under = this.#writing.get(index);
		if (under) {
			under.next = text;
			return;
		}
		for (let words: string | undefined = text; words !== undefined && !this.#isStopped; ) {
			const writing: {next: string | undefined} = {next: undefined};
			this.#writing.set(index, writing);
			await this.#theWall().shown.write([index], words);
			words = writing.next;
		}
		this.#writing.delete(index);
	}
}

/** `b` of a monitor goes to the wall. */
const toWall: Machines = {all: [], here: 0, before: 0};

export const startClassDesk = (options: ClassDeskOptions): ClassDesk => new ClassDesk(options);
