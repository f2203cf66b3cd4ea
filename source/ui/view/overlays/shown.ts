/** What an overlay shows, and where: for the components that draw it and for the mouse. */

import {causeColumns} from '../../overlays/cause.ts';
import {detailColumns} from '../../overlays/detail.ts';
import {helpColumns} from '../../overlays/help.ts';
import {overlayHeight, overlayRect} from '../../overlays/place.ts';
import {storyColumns} from '../../overlays/story.ts';
import {causeTitle} from '../../panes/causes.ts';
import {initialView, type ListView} from '../../state/list.ts';
import type {Overlay} from '../../state/overlay.ts';
import type {State} from '../../state/state.ts';
import type {Line} from '../../terminal/lines.ts';
import type {Rect} from '../../terminal/surface.ts';
import {type Content, noRows} from '../content.ts';
import {storiesLines, wholeStoryLines} from '../story.ts';
import {causeLines, findingLines} from './cause.ts';
import {detailLines} from './detail.ts';
import {helpLines} from './help.ts';
import {machineColumns, machinesLines, offerLines} from './machines.ts';
import {processContent} from './processes.ts';
import {questionLines} from './question.ts';
import {timeLineLines} from './timeLine.ts';

export type ShownOverlay = {
	readonly title: string;
	readonly rect: Rect;
	readonly content: Content;
	readonly view: ListView;
};

const questionColumns = 84;

const still = (lines: Content['head'], aside: string): Content => ({
	aside,
	head: lines,
	rows: noRows,
	foot: [],
	tails: false,
});

type Shown = Omit<ShownOverlay, 'rect'> & {
	readonly columns: number;
	readonly lines: number;
	/** At the lower edge of the panes, so that one sees what it changes. */
	readonly isBelow?: boolean;
};

/** A text of which as much is shown as there is room for. */
function scrolled(
	title: string,
	columns: number,
	rows: readonly Line[],
	wanted: number,
	height: number,
	keys = '',
): Shown {
	const top = Math.max(0, Math.min(wanted, rows.length - height));
	const below = rows.length - top - height;
	const aside = `${below > 0 ? `↓ ${below} more · ` : ''}${keys}any other key closes`;
	return {title, columns, lines: rows.length, content: still(rows.slice(top, top + height), aside), view: initialView};
}

function show(state: State, overlay: Overlay): Shown | undefined {
	const height = overlayHeight(state.rows);
	switch (overlay.kind) {
		case 'help':
			return scrolled('help', helpColumns, helpLines(state), overlay.top, height);
		case 'cause': {
			const title = `what made ${causeTitle(overlay.object)}?`;
			return scrolled(title, causeColumns, causeLines(state, overlay), overlay.top, height);
		}
		case 'detail': {
			const {explanation, top} = overlay;
			return scrolled(explanation.title, detailColumns, detailLines(state, overlay), top, height, 'y copies · ');
		}
		case 'finding':
			return scrolled(`finding ${overlay.id}`, causeColumns, findingLines(state, overlay), overlay.top, height);
		case 'palette': {
			const aside = state.injections.asksFirst
				? 'Enter asks · Tab completes · Ctrl-P asks no more'
				: 'Enter injects · Tab completes · Ctrl-P predicts first';
			// What is typed stays where it is, however many experiments it finds.
			return {title: 'experiments', columns: 100, lines: height, content: still([], aside), view: initialView};
		}
		case 'question': {
			const {experiment, text} = overlay;
			const lines = questionLines(experiment, text, Math.min(state.columns, questionColumns) - 4);
			const aside = `1-${experiment.answers.length} predicts and injects · Enter injects · Esc does not`;
			const content = still(lines, aside);
			return {title: 'what will happen?', columns: questionColumns, lines: lines.length, content, view: initialView};
		}
		case 'stories': {
			const lines = storiesLines(state, overlay.cursor);
			const top = Math.max(0, Math.min(overlay.cursor - Math.floor(height / 2), lines.length - height));
			const content = still(lines.slice(top, top + height), 'Enter reads · r does it again · Esc closes');
			return {
				title: 'stories, the newest first',
				columns: storyColumns,
				lines: lines.length,
				content,
				view: initialView,
			};
		}
		case 'story': {
			const columns = Math.min(state.columns, storyColumns) - 2;
			const rows = wholeStoryLines(state, overlay.id, columns);
			return scrolled('a story: r does it again · ⌫ the list', storyColumns, rows, overlay.top, height);
		}
		case 'timeLine': {
			const lines = timeLineLines(state, overlay);
			const content = still(lines, '← → ↑ ↓ Home End · Enter goes there · Esc');
			return {
				title: 'time line',
				columns: state.columns,
				lines: lines.length,
				content,
				view: initialView,
				isBelow: true,
			};
		}
		case 'machines': {
			const lines = machinesLines(state, overlay.cursor);
			const content = still(lines, 'Enter goes there · x ends it · Esc closes');
			return {title: 'machines', columns: machineColumns, lines: lines.length, content, view: initialView};
		}
		case 'offer': {
			const lines = offerLines(state, overlay, Math.min(state.columns, machineColumns) - 4);
			const content = still(lines, 'Enter opens it · i injects here · Esc');
			return {title: 'another machine', columns: machineColumns, lines: lines.length, content, view: initialView};
		}
		case 'processes': {
			const content = processContent(state);
			const lines = content.head.length + Math.max(1, content.rows.count);
			return {title: 'processes', columns: 64, lines, content, view: overlay.view};
		}
		case 'filter':
		case 'jump':
		case 'own':
			return undefined;
	}
}

/** @returns undefined when nothing lies above the panes: prompts are in the footer, so that one sees what they leave */
export function shownOverlay(state: State): ShownOverlay | undefined {
	const shown = state.overlay && show(state, state.overlay);
	if (!shown) return undefined;
	const {title, columns, lines, content, view, isBelow = false} = shown;
	return {title, rect: overlayRect(state.columns, state.rows, columns, lines, isBelow), content, view};
}
