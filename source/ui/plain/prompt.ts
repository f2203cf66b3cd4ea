/** Overlays for somebody who listens: a prompt that echoes what is typed, or a list read row by row. */

import {isAnswered} from '../overlays/cause.ts';
import {isFindingRead} from '../overlays/finding.ts';
import {storyColumns} from '../overlays/story.ts';
import {goHint} from '../panes/jump.ts';
import {indexOfId} from '../state/list.ts';
import type {State} from '../state/state.ts';
import type {Line} from '../terminal/lines.ts';
import {causeLines, findingLines} from '../view/overlays/cause.ts';
import {detailLines} from '../view/overlays/detail.ts';
import {shownOverlay} from '../view/overlays/shown.ts';
import {wholeStoryLines} from '../view/story.ts';
import {spoken, spokenLine} from './words.ts';

function typedText(state: State): string | undefined {
	const {overlay} = state;
	switch (overlay?.kind) {
		case 'palette':
		case 'jump':
			return overlay.text;
		case 'filter':
			return state.views[overlay.pane].filter;
		default:
			return undefined;
	}
}

const prompts = {
	palette: 'experiment, with name=value; Tab completes, Down hears the next: ',
	jump: `go to, as ${spoken(goHint)}: `,
	filter: 'filter: ',
} as const;

const promptOf = ({overlay}: State): string =>
	overlay && overlay.kind in prompts ? prompts[overlay.kind as keyof typeof prompts] : '';

/** The row that an overlay's list is on. */
function rowText(state: State): string | undefined {
	const shown = shownOverlay(state);
	if (!shown) return undefined;
	const {rows, head} = shown.content;
	const index = indexOfId(rows, shown.view.selected);
	const chosen = head.find(({tone}) => tone === 'row.selected');
	return index >= 0 ? `${spokenLine(rows.lineAt(index))}, ${index + 1} of ${rows.count}` : chosen && spokenLine(chosen);
}

function answerLines(state: State): readonly Line[] | undefined {
	const {overlay} = state;
	switch (overlay?.kind) {
		case 'cause':
			return isAnswered(state, overlay) ? causeLines(state, overlay) : undefined;
		case 'finding':
			return isFindingRead(state, overlay) ? findingLines(state, overlay) : undefined;
		default:
			return undefined;
	}
}

/** The answer to what made a thing, or all of a finding, when it has come. */
const answerText = (state: State): string | undefined =>
	answerLines(state)
		?.map(spokenLine)
		.filter(text => text !== '')
		.join('\n');

/** Arrows move what is on a screen, which is not heard. */
const goesOn = 'Escape goes on.';

/** A text that scrolls on a screen is heard to its end. */
const heard = (title: string, lines: readonly Line[], aside: string): string =>
	`${[title, ...lines.map(spokenLine), aside].filter(Boolean).join('\n')}\n`;

function opened(state: State): string {
	const typed = typedText(state);
	const shown = shownOverlay(state);
	if (shown && state.overlay?.kind === 'detail') return heard(shown.title, detailLines(state, state.overlay), goesOn);
	if (shown && state.overlay?.kind === 'story') {
		return heard(shown.title, wholeStoryLines(state, state.overlay.id, storyColumns), goesOn);
	}
	// A question is heard with all its answers.
	if (shown && state.overlay?.kind === 'question') return heard(shown.title, shown.content.head, shown.content.aside);
	if (typed !== undefined) return promptOf(state) + typed;
	const answer = answerText(state);
	return `${shown?.title ?? ''}. ${rowText(state) ?? ''}\n${answer === undefined ? '' : `${answer}\n${goesOn}\n`}`;
}

/**
 * What to write when the overlay changed: a prompt is one line, ended when it is left.
 * @returns text to write as it is, with its line feeds
 */
export function promptChange(older: State, newer: State): string {
	const [before, now] = [typedText(older), typedText(newer)];
	if (older.overlay?.kind !== newer.overlay?.kind) {
		return (before === undefined ? '' : '\n') + (newer.overlay ? opened(newer) : '');
	}
	if (now !== undefined && before !== undefined && now !== before) {
		return now.startsWith(before) ? now.slice(before.length) : `\n${promptOf(newer)}${now}`;
	}
	const answer = answerText(newer);
	// Newer answers come with the samples: one that is being listened to is not begun again.
	if (answer !== undefined && answerText(older) === undefined) return `${answer}\n${goesOn}\n`;
	const row = rowText(newer);
	const heard = newer.notice && newer.notice !== older.notice ? newer.notice.text : row;
	const isNews = newer.overlay !== undefined && heard !== undefined && (heard !== row || row !== rowText(older));
	return isNews ? (now === undefined ? `${heard}\n` : `\n${heard}\n${promptOf(newer)}${now}`) : '';
}
