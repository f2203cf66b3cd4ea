/** How long a person needs for what a held state puts on the screen. */
import type {Injection, Observation} from './injections.ts';

/** Until the eye is there. */
const leastMs = 1_500;
/** 240 words a minute … */
const wordMs = 250;
/** … where a word has five letters and a blank: names and numbers are longer. */
const characterMs = 40;
const mostMs = 40_000;

const sentenceMs = (sentence: string): number =>
	Math.max(wordMs * sentence.split(' ').length, characterMs * sentence.length);

/** Where it was seen is read, too. */
const observed = ({sentence, from, seen, quote}: Observation): string =>
	`${sentence} (${from ? `${from.path} ${from.field ?? ''}: ` : ''}${quote ?? seen})`;

/** What was said since the state before, and with the first state where to look. @returns wall milliseconds */
export function readingMs({experiment, narration, observations, states}: Injection): number {
	const beforeNs = states.at(-2)?.timeNs ?? -1;
	const {looks = []} = states.length > 1 ? {} : (experiment.lesson ?? {});
	const said = [
		`${experiment.name}, step ${states.length} of ${experiment.declares.length}: ${states.at(-1)?.state}`,
		...looks.map(({pane, says}) => `look at ${pane}: ${says}`),
		...narration.filter(({timeNs}) => timeNs > beforeNs).map(({text}) => text),
		...observations.filter(({timeNs}) => timeNs > beforeNs).map(observed),
	];
	return Math.min(
		mostMs,
		said.reduce((sum, sentence) => sum + sentenceMs(sentence), leastMs),
	);
}
