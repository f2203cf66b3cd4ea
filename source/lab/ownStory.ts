/** A program or a module of one's own as an injection: its trace has a colour, and its output is the story. */
import {TaskExit, TaskKilled} from '../kernel/bug.ts';
import type {Kernel} from '../kernel/kernel.ts';
import type {Sleeps} from '../kernel/time.ts';
import {deathWords} from './experiments/steps.ts';
import {type Injection, type Injections, register} from './injections.ts';

/** So many lines of output are in the story, which is in every sample; lab/exec has more. */
const mostLines = 200;
const longestLine = 200;

type StoryPlace = {readonly k: Kernel; readonly injections: Injections};

/**
 * An injection whose steps are not an experiment's.
 * @param name as it was started: `./prog`
 * @param words behind it
 * @throws LabError EAGAIN where too many are under way
 */
export function beginOwnStory(place: StoryPlace, name: string, words: string, by: string): Injection {
	const injection = register(place, {name, parameters: [], declares: []}, {}, by, 'running');
	if (words !== '') injection.narration.push({timeNs: injection.timeNs, text: `${name} ${words}`});
	return injection;
}

type OutputTeller = {
	/** Takes bytes as they come. A story that is over tells nothing more: a child may still print. */
	readonly take: (bytes: Uint8Array) => void;
	/** Tells the last line, where no newline ended it. */
	readonly end: () => void;
};

/** Puts what a program prints into its story, line by line. */
export function outputTeller(k: Kernel, injection: Injection): OutputTeller {
	let line = '';
	let lines = 0;
	const put = (text: string) => injection.narration.push({timeNs: k.hw.timeline.nowNs, text});
	const endLine = () => {
		lines++;
		if (lines <= mostLines) put(line.length > longestLine ? `${line.slice(0, longestLine - 1)}…` : line);
		else if (lines === mostLines + 1) put('… and more, which lab/exec has');
		line = '';
	};
	return {
		take(bytes) {
			if (injection.status !== 'running') return;
			for (const byte of bytes) {
				if (byte === 10) endLine();
				else if (line.length <= longestLine) line += String.fromCharCode(byte);
			}
		},
		end() {
			if (line !== '') endLine();
		},
	};
}

/**
 * Does what the story is about, and ends it.
 * @param says what a result came to, in one sentence, and whether that is well
 * @param before called just before it ends
 */
export function* toldTo(
	injection: Injection,
	body: Sleeps<number>,
	says: (result: number) => readonly [isWell: boolean, sentence: string],
	before: () => void = () => {},
): Sleeps<number> {
	const end = (isWell: boolean, sentence: string) => {
		before();
		injection.status = isWell ? 'done' : 'failed';
		injection.result = sentence;
	};
	try {
		const result = yield* body;
		end(...says(result));
		return result;
	} catch (reason) {
		if (reason instanceof TaskExit) end(...says(reason.code >> 8));
		else end(false, reason instanceof TaskKilled ? `it was ${deathWords(reason)}` : String(reason));
		throw reason;
	}
}
