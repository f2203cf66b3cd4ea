/** What an exercise is: a driver that a reader writes in C, and steps that find out whether it does what it should. */
import type {Sleeps} from '../kernel/time.ts';
import type {Bench} from './experiment.ts';

/** The module that is looked at. */
export type Subject = {
	readonly module: string;
	/** Its node: the skeletons call their device as the module. */
	readonly node: string;
	/** Mappings that the lab's device had before: of drivers that did not give them back. */
	readonly mappingsBefore: number;
	/** And which they were: bus address and size. */
	readonly mappedBefore: ReadonlySet<string>;
};

export type Exercise = {
	/** As typed: `remap`. No experiment has that name. */
	readonly name: string;
	readonly title: string;
	/** Page of LDD3, or Linux file. */
	readonly source: string;
	/** What is to be written, in a few sentences. */
	readonly task: string;
	/** The preset that it needs; absent: the usual one does. */
	readonly preset?: string;
	/** It drives the lab's PCI device, which its usual driver gives up meanwhile. */
	readonly needsDevice?: boolean;
	/** What to look at in one's driver, by the beginning of the sentence of the observation that failed. */
	readonly hints: Readonly<Record<string, string>>;
	/** A state that the steps make visible. */
	readonly declares: readonly string[];
	/** With the module loaded. @returns what came of it, in one sentence */
	readonly steps: (x: Bench, subject: Subject) => Sleeps<string>;
	/** Observations when the module is gone. */
	readonly afterwards?: (x: Bench, subject: Subject) => void;
};
