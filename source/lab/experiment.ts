/** What an experiment is: a claim about Linux, parameters, and steps that make it happen on the live machine. */
import {prefixedHex} from '../formats/text.ts';
import type {EraName} from '../kernel/era/behaviour.ts';
import type {Kernel} from '../kernel/kernel.ts';
import type {Sleeps, Spends} from '../kernel/time.ts';
import type {Board} from './drivers.ts';
import type {Background} from './lessons/background.ts';
import type {FileView} from './views.ts';

export type Parameter = {
	readonly name: string;
	readonly about: string;
	readonly least: number;
	readonly most: number;
	readonly usual: number;
	/** `pages`, `bytes`, `blocks`; empty for a plain number. */
	readonly unit: string;
};

/** Where the claim must not hold: another kernel, another machine or another value of a parameter. */
export type Control = {
	readonly era?: EraName;
	readonly preset?: string;
	readonly set?: Readonly<Record<string, number>>;
	/** How the sentence begins of the observation that fails there. */
	readonly fails: string;
};

/** Panes of the monitor, each with the files behind it. */
type PaneName = 'maps' | 'frames' | 'kmap' | 'dma' | 'iocbs' | 'trace' | 'zones' | 'page' | 'log';

/** What one predicts before the run. The run decides which answer is right: nothing here says it. */
export type Question = {
	readonly ask: string;
	readonly answers: readonly Answer[];
};

export type Answer = {
	readonly text: string;
	/**
	 * What makes it the right one: how sentences of observations begin, and for each whether it held, or what its file
	 * showed. All of them have to come true; an observation that was not made never does.
	 */
	readonly when: Readonly<Record<string, boolean | string>>;
};

/** The course, in the order of the book. */
export type Chapter = 'addresses' | 'mmap' | 'io' | 'dma' | 'bugs';

/** What a teacher says beside the run. */
type Lesson = {
	readonly chapter: Chapter;
	readonly background: Background;
	/** What is there before, and what the experiment will do, without what comes of it. */
	readonly setup: string;
	readonly question: Question;
	/** Where to look while it runs: a pane, and what in it. */
	readonly looks: readonly {readonly pane: PaneName; readonly says: string}[];
	/** What the book, or notes made from it, say otherwise than Linux does. */
	readonly corrections?: readonly string[];
	/** Kernels in which it comes out in another way; absent: it is the same in all. */
	readonly differences?: readonly {readonly eras: readonly EraName[]; readonly says: string}[];
};

export type Experiment = {
	/** As typed: `mremap-growth`. */
	readonly name: string;
	readonly title: string;
	/** The key of the monitor that injects it, or none. */
	readonly key?: string;
	/** One sentence that can turn out false. It gives the answer away: whoever is to predict is not shown it. */
	readonly claim: string;
	/** Page of LDD3, Linux file, or section of docs/sources.md. */
	readonly source: string;
	/** Rows of the mission that it makes happen. */
	readonly rows: readonly number[];
	readonly parameters: readonly Parameter[];
	/** States that its steps make visible, each on screen for a frame at least when watched. */
	readonly declares: readonly string[];
	/** The kernels of which the claim is true; absent: all. It runs in others too, to show the difference. */
	readonly eras?: readonly EraName[];
	/** The RAM from which on the claim is true; absent: any. It runs with less, too, to show the difference. */
	readonly leastRamBytes?: number;
	/** The preset that it needs; absent: the usual one does. */
	readonly preset?: string;
	/** Its damage stays: only a machine on which nothing was injected yet takes it. */
	readonly disposable?: boolean;
	/**
	 * Why it cannot run on this machine, in one sentence, or undefined. What more time or memory would mend is not asked
	 * here.
	 */
	readonly unfit?: (k: Kernel) => string | undefined;
	readonly control?: Control;
	readonly lesson: Lesson;
	/** comm of the process that it runs as. */
	readonly comm: string;
	/** The steps, run as a process of its own. @returns what came of it, in one sentence */
	readonly run: (x: Bench) => Sleeps<string>;
};

/** What can be injected: an experiment, or the check of a driver. */
export type Workload = Pick<
	Experiment,
	'name' | 'parameters' | 'declares' | 'unfit' | 'disposable' | 'comm' | 'run'
> & {
	/** None where nothing is to be predicted. */
	readonly lesson?: Pick<Lesson, 'question' | 'looks'>;
};

/** What a picked value has to be. Data, so that expected and seen can be told side by side. */
export type Check<V> =
	| {readonly equals: V}
	| {readonly not: V}
	/** Of a text. */
	| {readonly contains: V & string}
	| {readonly lacks: V & string}
	| {readonly atLeast: V & number}
	| {readonly atMost: V & number};

/** What an experiment works with: the machine, its parameters, and a voice. */
export type Bench = {
	readonly k: Kernel;
	/** What is plugged in, and the drivers that have it. */
	readonly board: Board;
	/** Value of a parameter. */
	readonly value: (name: string) => number;
	/** A line of narration. */
	readonly say: (text: string) => void;
	/**
	 * A declared state is there now: time passes in it, and a watcher is shown it. A fatal signal ends the steps here.
	 */
	readonly show: (state: string) => Spends<void>;
	/** Reads a file of the machine as any client would. */
	readonly read: <T>(view: FileView<T>) => T;
	/** Compares what a file shows at this instant. A file that is not there shows nothing that was expected. */
	readonly expect: <T, V extends Seen>(
		sentence: string,
		view: FileView<T>,
		pick: (record: T) => V,
		check: Check<V>,
	) => void;
	/** Compares what no file shows: the result of a call, bytes that a program or a device read. */
	readonly observe: <V extends Seen>(sentence: string, seen: V, check: Check<V>) => void;
	/**
	 * Puts down how something that a driver took is given back: what its release method does when the file is closed,
	 * should the steps not come so far. Last taken, first given back.
	 * @returns gives it back now
	 */
	readonly later: <R extends void | Sleeps<unknown>>(giveBack: () => R) => () => R;
};

/** What can be compared and printed. */
export type Seen = number | string | boolean | null | undefined;

/** Whether a value passes. */
export function passes<V extends Seen>(seen: V, check: Check<V>): boolean {
	if ('equals' in check) return seen === check.equals;
	if ('not' in check) return seen !== check.not;
	if ('contains' in check) return typeof seen === 'string' && seen.includes(check.contains);
	if ('lacks' in check) return typeof seen === 'string' && !seen.includes(check.lacks);
	if (typeof seen !== 'number') return false;
	return 'atLeast' in check ? seen >= check.atLeast : seen <= check.atMost;
}

/** What a check asks for, in words. */
export function wanted<V extends Seen>(check: Check<V>): string {
	if ('equals' in check) return show(check.equals);
	if ('not' in check) return `other than ${show(check.not)}`;
	if ('contains' in check) return `with ${check.contains}`;
	if ('lacks' in check) return `without ${check.lacks}`;
	return 'atLeast' in check ? `at least ${check.atLeast}` : `at most ${check.atMost}`;
}

/** What is printed of a value: a field may be a whole table. */
const mostShown = 1000;

/** A value as an observation prints it; addresses are more legible in hex. */
export function show(value: Seen): string {
	if (value === undefined || value === null) return 'nothing';
	if (typeof value === 'number' && value >= 0x10_0000 && Number.isSafeInteger(value)) return prefixedHex(value);
	const text = String(value);
	return text.length > mostShown ? `${text.slice(0, mostShown - 1)}…` : text;
}

/**
 * The machine does not have, or refuses, what the steps need. Says nothing of the claim: the injection ends as
 * could-not-run with this sentence. What a claim is about is observed instead, whatever comes of it.
 */
export class CouldNotRun extends Error {}
