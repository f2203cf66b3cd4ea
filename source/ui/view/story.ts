/** How a story looks: in the banner, and in its overlay. */

import {type InjectionRecord, statusWords} from '../../formats/debugfs/lab/inject.ts';
import {seconds} from '../../formats/text.ts';
import {observedWords} from '../../model/story.ts';
import {bannerRows, calledWith, type StoryRow, storyIndent, wholeStory} from '../overlays/story.ts';
import type {State} from '../state/state.ts';
import {storyOf} from '../state/story.ts';
import {blankLine, type Line, line, padEnd, type Span, span, spreadLine, toned} from '../terminal/lines.ts';
import {injectionTone, type Tone} from '../terminal/theme.ts';

const rowTones: Readonly<Record<Exclude<StoryRow['kind'], 'head' | 'hint'>, Tone | undefined>> = {
	told: undefined,
	held: undefined,
	failed: 'bad',
	open: 'dim',
	'could-not': 'warning',
	look: 'dim',
	result: 'strong',
	quiet: 'dim',
};

const signTones: Readonly<Partial<Record<StoryRow['kind'], Tone>>> = {
	held: 'good',
	failed: 'bad',
	'could-not': 'warning',
	look: 'key',
	result: 'strong',
};

const statusTones: Readonly<Partial<Record<InjectionRecord['status'], Tone>>> = {
	done: 'good',
	failed: 'bad',
	'could-not-run': 'warning',
};

/** The names of keys stand out: they are the first words between the dots. */
function hintSpans(text: string): readonly Span[] {
	return text.split(' · ').flatMap((part, index) => {
		const [key = '', ...rest] = part.split(' ');
		return [span(index === 0 ? '' : ' · ', 'dim'), span(key, 'key'), span(` ${rest.join(' ')}`, 'dim')];
	});
}

function rowLine(row: StoryRow, tone: Tone, columns: number): Line {
	const bar = span('▌ ', tone);
	switch (row.kind) {
		case 'head':
			return spreadLine(line(bar, span(row.text, tone)), line(...hintSpans(row.hint), ' '), columns);
		case 'hint':
			return line(bar, ...hintSpans(row.text));
		default:
			return line(
				bar,
				span(padEnd(row.sign, storyIndent - 2), signTones[row.kind] ?? 'dim'),
				span(row.text, rowTones[row.kind]),
			);
	}
}

/** As many lines as the state has kept room for, below those of a class. */
export function storyLines(state: State): readonly Line[] {
	const story = storyOf(state);
	if (!story) return [];
	const tone = injectionTone(story.injection.id);
	const lines = bannerRows(state).map(row => rowLine(row, tone, state.columns));
	const bar = line(span('▌', tone));
	return Array.from({length: state.bannerRows - state.classRows}, (_, row) => lines[row] ?? bar);
}

export const wholeStoryLines = (state: State, id: number, columns: number): readonly Line[] =>
	wholeStory(state, id).map(row =>
		row.kind !== 'head' && row.kind !== 'hint' && row.text === ''
			? blankLine
			: rowLine(row, injectionTone(id), columns),
	);

/** One line an injection: when, what, by whom, and what came of it. */
export function storiesLines(state: State, cursor: number): readonly Line[] {
	return (state.lab.inject?.injections ?? []).toReversed().map((injection, index) => {
		const {id, timeUs, by, status} = injection;
		const observed = observedWords(injection);
		const made = line(
			span(`${seconds(timeUs).padStart(12)}  `, 'dim'),
			span(padEnd(calledWith(injection), 44), injectionTone(id)),
			span(` ${statusWords(injection)}`, statusTones[status]),
			span(`${observed === '' ? '' : `, ${observed}`} · by ${by}`, 'dim'),
		);
		return index === cursor ? toned('row.selected', made) : made;
	});
}
