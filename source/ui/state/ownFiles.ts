/** Files of the monitor's own host that are run or loaded on the machine; the command brings what does it. */
import type {Target} from '../../target/target.ts';

export type OwnFiles = {
	/** Lines that were run before, the newest first. */
	remembered(): readonly string[];
	/**
	 * What a path may become.
	 * @param text as it is typed
	 * @returns whole paths; folders end with a slash; none has a blank; none where there is nothing, or it cannot be read
	 */
	complete(text: string): Promise<readonly string[]>;
	/**
	 * Loads a module or runs a program, and remembers the line.
	 * @param line a path, and behind it parameters or arguments
	 * @returns the number of the injection that tells it
	 * @throws with a sentence
	 */
	start(target: Target, line: string): Promise<string>;
};

/** What is wanted of them. */
export type OwnFileRequest =
	| {readonly kind: 'remember'}
	| {readonly kind: 'complete'; readonly text: string}
	| {readonly kind: 'start'; readonly line: string};

/** The prompt for such a file. */
export type OwnFilePrompt = {
	readonly kind: 'own';
	readonly text: string;
	/** Lines of before, the newest first. */
	readonly remembered: readonly string[];
	/** Index of the one that is shown; -1 for what is typed. */
	readonly recalled: number;
	/** What was typed before lines were recalled. */
	readonly typed: string;
	/** What Tab found, if that was more than one. */
	readonly matches: readonly string[];
};

export const emptyPrompt: OwnFilePrompt = {kind: 'own', text: '', remembered: [], recalled: -1, typed: '', matches: []};
