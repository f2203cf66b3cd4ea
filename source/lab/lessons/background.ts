/** What a lesson says when its run is over: why it came so, and where to go from there. */
import type {CodePlace} from './code.ts';
import type {DiagramName} from './diagrams.ts';

/**
 * How much one has to know: 1 the page of the book that is named; 2 the chapter up to there; 3 a look into the source
 * of the kernel, or a second machine beside this one.
 */
type Level = 1 | 2 | 3;

export type Background = {
	/** The mechanism, step by step, in two to five sentences: what the kernel does, and why it must. */
	readonly why: string;
	/** The lines that do it. */
	readonly code: readonly CodePlace[];
	/** A picture of the mechanism; several experiments may have one in common. */
	readonly diagram?: DiagramName;
	/** Sections of the book, documents and files of Linux. */
	readonly read: readonly string[];
	/** To predict, run it and its control, and look. */
	readonly minutes: number;
	readonly level: Level;
	/** A question that another run answers. @param run as typed behind `mmtop run --ask` */
	readonly next: {readonly ask: string; readonly run: string};
};
