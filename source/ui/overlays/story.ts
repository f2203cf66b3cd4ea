/** What a story says, row by row: the banner has the present step, an overlay of its own has all of them. */

import type {ExperimentRecord} from '../../formats/debugfs/lab/experiments.ts';
import {
	couldNotMark,
	type InjectionRecord,
	isOver,
	observationLine,
	statusWords,
} from '../../formats/debugfs/lab/inject.ts';
import {observedWords, type StoryStep, storySteps} from '../../model/story.ts';
import {comparison} from '../panes/comparison.ts';
import type {State} from '../state/state.ts';
import {isChoosing, type Story, storyOf} from '../state/story.ts';
import {wrapText} from '../terminal/text.ts';
import {textWidth} from '../terminal/width.ts';

export type StoryRow =
	| {readonly kind: 'head'; readonly text: string; readonly hint: string}
	| {readonly kind: 'hint'; readonly text: string}
	/** @param sign stands before the first row of a sentence only */
	| {
			readonly kind: 'told' | 'held' | 'failed' | 'open' | 'could-not' | 'look' | 'result' | 'quiet';
			readonly sign: string;
			readonly text: string;
	  };

type Sentence = {
	readonly kind: Exclude<StoryRow['kind'], 'head' | 'hint'>;
	readonly sign: string;
	readonly text: string;
};

const signs = {held: '✓', failed: '✗', open: '…'} as const;

const sentences = (step: StoryStep): readonly Sentence[] => [
	...step.told.map((text): Sentence => ({kind: 'told', sign: '', text})),
	...step.observations.map(
		(seen): Sentence => ({kind: seen.state, sign: signs[seen.state], text: observationLine(seen)}),
	),
];

/** Columns before the text: the bar at the left edge, a sign, and blanks. */
export const storyIndent = 4;

const wrapped = ({kind, sign, text}: Sentence, columns: number): readonly StoryRow[] =>
	wrapText(text, Math.max(10, columns - storyIndent)).map((row, index) => ({
		kind,
		sign: index === 0 ? sign : '',
		text: row,
	}));

const looksOf = (experiment: ExperimentRecord | undefined): readonly Sentence[] =>
	(experiment?.looks ?? []).map(({pane, says}) => ({kind: 'look', sign: '→', text: `look at ${pane}: ${says}`}));

/** What this kernel does otherwise than that of the claim. */
function differenceOf(state: State, experiment: ExperimentRecord | undefined): readonly Sentence[] {
	const era = state.lab.machine?.era;
	const said = experiment?.differences.find(({eras}) => era !== undefined && eras.includes(era));
	return said === undefined ? [] : [{kind: 'quiet', sign: '', text: `As it is in ${era}: ${said.says}`}];
}

function predictionOf(
	state: State,
	experiment: ExperimentRecord | undefined,
	injection: InjectionRecord,
): readonly Sentence[] {
	const predicted = state.injections.predictions.get(injection.id);
	if (predicted === undefined || !experiment) return [];
	const {sign, text} = comparison(experiment, injection, predicted);
	return [{kind: ({'✓': 'held', '✗': 'failed', [couldNotMark]: 'could-not'} as const)[sign], sign, text}];
}

function resultOf(injection: InjectionRecord): readonly Sentence[] {
	const {status, result} = injection;
	if (result === null) return [];
	const text = `${result.charAt(0).toUpperCase()}${result.slice(1)}.`;
	return status === 'could-not-run'
		? [{kind: 'could-not', sign: couldNotMark, text: `It could not run here: ${result}.`}]
		: [{kind: status === 'failed' ? 'failed' : 'result', sign: status === 'failed' ? '✗' : '■', text}];
}

const endOf = (
	state: State,
	experiment: ExperimentRecord | undefined,
	injection: InjectionRecord,
): readonly Sentence[] =>
	isOver(injection)
		? [...resultOf(injection), ...predictionOf(state, experiment, injection), ...differenceOf(state, experiment)]
		: [];

/** As it is typed behind `mmtop run`. */
export const calledWith = ({name, parameters}: InjectionRecord): string =>
	[name, ...parameters.map(each => `${each.name}=${each.value}`)].join(' ');

function headText({injection, experiment, step, stage}: Story): string {
	if (stage === 'over') {
		const observed = observedWords(injection);
		return `${injection.name}: ${statusWords(injection)}${observed === '' ? '' : `, ${observed}`}`;
	}
	const steps = experiment?.visible.length ?? 0;
	// A workload that shows its states more often has more steps than it declares.
	const of = steps >= step.number ? ` of ${steps}` : '';
	return `${injection.name}, step ${step.number}${of}${step.state === undefined ? '' : `: ${step.state}`}`;
}

function hintText(state: State, {stage, stays}: Story): string {
	const {target} = state;
	const next = isChoosing(state) ? 'n' : 'Enter';
	const leave = isChoosing(state) ? [] : [' · Esc runs on'];
	if (stage === 'over') return `${next} closes · S lists the stories`;
	if (!target.writable) return '';
	const back = target.kind === 'embedded' ? [' · ⌫ back'] : [];
	if (stage === 'held') return [`${next} next`, ...(stays ? [] : [' · Space stay']), ...back, ...leave].join('');
	if (stage === 'stopped') return ['the machine has stopped', ...back].join('');
	return stage === 'paused' ? [`${next} goes on`, ...back].join('') : '';
}

/** Its name and its step, with the keys beside it or below. */
function headRows(state: State, story: Story, columns: number): readonly StoryRow[] {
	const text = headText(story);
	const hint = hintText(state, story);
	const isRoom = storyIndent + textWidth(text) + 3 + textWidth(hint) <= columns;
	if (hint === '' || isRoom) return [{kind: 'head', text, hint}];
	return [
		{kind: 'head', text, hint: ''},
		{kind: 'hint', text: hint},
	];
}

function storyRows(state: State, story: Story, columns: number): readonly StoryRow[] {
	const {injection, experiment, step, stage} = story;
	const looks = stage === 'over' ? [] : looksOf(experiment);
	const said = [...sentences(step), ...endOf(state, experiment, injection), ...looks];
	return [...headRows(state, story, columns), ...said.flatMap(each => wrapped(each, columns))];
}

/** Rows that the banner may have at most: the panes need the rest. */
export const mostRows = (rows: number): number => Math.max(3, Math.floor(rows * 0.4));

/** What the banner says. Where it has not enough rows, it says where the rest can be read. */
export function bannerRows(state: State): readonly StoryRow[] {
	const story = storyOf(state);
	if (!story) return [];
	const all = storyRows(state, story, state.columns);
	const most = mostRows(state.rows);
	if (all.length <= most) return all;
	const more = `… ${all.length - most + 1} more lines: S, Enter`;
	return [...all.slice(0, most - 1), {kind: 'quiet', sign: '', text: more}];
}

/** Widest that the overlay of a story becomes. */
export const storyColumns = 100;

const stepHead = ({number, state}: StoryStep): StoryRow => ({
	kind: 'head',
	text: state === undefined ? 'the end' : `step ${number}: ${state}`,
	hint: '',
});

/** Why it came out so, once the story is over: before, this would answer its question. */
function whyRows(
	experiment: ExperimentRecord | undefined,
	injection: InjectionRecord,
	columns: number,
): readonly StoryRow[] {
	if (!experiment || !isOver(injection)) return [];
	const {why, next, source} = experiment;
	const part = (head: string, text: string): readonly StoryRow[] => [
		{kind: 'quiet', sign: '', text: ''},
		{kind: 'head', text: head, hint: ''},
		...wrapped({kind: 'told', sign: '', text}, columns),
	];
	return [
		...(why === null ? [] : part('why', why)),
		...(next === null ? [] : part(`what next: ${next.run}`, next.says)),
		...(why === null ? [] : wrapped({kind: 'quiet', sign: '', text: `To read: ${source}.`}, columns)),
	];
}

/** All of a story, to be read at leisure. */
export function wholeStory(state: State, id: number): readonly StoryRow[] {
	const injection = state.lab.inject?.injections.find(each => each.id === id);
	if (!injection) return [{kind: 'quiet', sign: '', text: 'Time went back to before it began.'}];
	const columns = Math.min(state.columns, storyColumns) - 3;
	const experiment = state.lab.experiments.find(({name}) => name === injection.name);
	const setup: readonly Sentence[] = experiment?.setup ? [{kind: 'quiet', sign: '', text: experiment.setup}] : [];
	const blank: StoryRow = {kind: 'quiet', sign: '', text: ''};
	return [
		{kind: 'head', text: calledWith(injection), hint: `by ${injection.by}`},
		...setup.flatMap(each => wrapped(each, columns)),
		...looksOf(experiment).flatMap(each => wrapped(each, columns)),
		...storySteps(injection).flatMap(step => [
			blank,
			stepHead(step),
			...sentences(step).flatMap(each => wrapped(each, columns)),
		]),
		blank,
		...endOf(state, experiment, injection).flatMap(each => wrapped(each, columns)),
		...whyRows(experiment, injection, columns),
	];
}
