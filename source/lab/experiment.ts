/** What an experiment is: a claim about Linux, parameters, and steps that make it happen on the live machine. */
import type {Kernel} from '../kernel/kernel.ts';
import type {Sleeps, Spends} from '../kernel/time.ts';

export type Parameter = {
	readonly name: string;
	readonly about: string;
	readonly least: number;
	readonly most: number;
	readonly usual: number;
	/** `pages`, `bytes`, `blocks`; empty for a plain number. */
	readonly unit: string;
};

export type Experiment = {
	/** As typed: `mremap-growth`. */
	readonly name: string;
	readonly title: string;
	/** The key of the monitor that injects it, or none. */
	readonly key?: string;
	/** One sentence that can turn out false. */
	readonly claim: string;
	/** Row of the mission, page of LDD3, or Linux file. */
	readonly source: string;
	readonly parameters: readonly Parameter[];
	/** States that its steps make visible, each on screen for a frame at least when watched. */
	readonly declares: readonly string[];
	/** Why it cannot run on this machine, in one sentence, or undefined. */
	readonly unfit?: (k: Kernel) => string | undefined;
	/** comm of the process that it runs as. */
	readonly comm: string;
	/** The steps, run as a process of its own. @returns what came of it, in one sentence */
	readonly run: (x: Bench) => Sleeps<string>;
};

/** What an experiment works with: the machine, its parameters, and a voice. */
export type Bench = {
	readonly k: Kernel;
	/** Value of a parameter. */
	readonly value: (name: string) => number;
	/** A line of narration. */
	readonly say: (text: string) => void;
	/** A declared state is there now: time passes in it, and a watcher is shown it. */
	readonly show: (state: string) => Spends<void>;
	/** An observation came true or did not. */
	readonly observe: (sentence: string, holds: boolean) => void;
};

/** Refused by the machine in the middle of an experiment; the injection ends as failed with this sentence. */
export class ExperimentFailed extends Error {}
