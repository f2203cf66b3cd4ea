/** What lies above the panes, or is being typed in the footer. */

import type {CauseObject} from '../../formats/debugfs/cause.ts';
import type {ExperimentRecord} from '../../formats/debugfs/lab/experiments.ts';
import {causePath} from '../../model/cause.ts';
import type {Explanation} from '../../model/explain/explanation.ts';
import type {Misfit} from '../../model/fit.ts';
import {path} from '../../model/paths.ts';
import type {ListView} from './list.ts';
import type {OwnFilePrompt} from './ownFiles.ts';
import type {PaneId} from './panes.ts';
import type {State} from './state.ts';

export type Overlay =
	| {readonly kind: 'help'; readonly top: number}
	/** What made a thing. @param answer of the target when it was asked; newer ones come with the samples */
	| {readonly kind: 'cause'; readonly object: CauseObject; readonly top: number; readonly answer: string | undefined}
	/** What a row says, field by field, and what made it. */
	| {
			readonly kind: 'detail';
			readonly explanation: Explanation;
			/** The row is not there any more. */
			readonly isGone: boolean;
			/** Undefined for what the target keeps no record of. */
			readonly object: CauseObject | undefined;
			readonly answer: string | undefined;
			readonly top: number;
	  }
	/** All of a finding. @param answer as above */
	| {readonly kind: 'finding'; readonly id: number; readonly top: number; readonly answer: string | undefined}
	| {readonly kind: 'palette'; readonly text: string; readonly cursor: number}
	/** What somebody predicts before `text` is injected. */
	| {readonly kind: 'question'; readonly experiment: ExperimentRecord; readonly text: string}
	/** What was injected, newest first. */
	| {readonly kind: 'stories'; readonly cursor: number}
	/** All of one injection. */
	| {readonly kind: 'story'; readonly id: number; readonly top: number}
	/** The experiment `text` is about another machine. */
	| {readonly kind: 'offer'; readonly text: string; readonly misfit: Misfit}
	/**
	 * The time line. @param atNs place of the cursor; undefined where the picture is @param answer what was written to
	 * the machine @param asking `once` while that is being asked, `again` if it is to be asked once more
	 */
	| {
			readonly kind: 'timeLine';
			readonly atNs: number | undefined;
			readonly answer: string | undefined;
			readonly asking?: 'once' | 'again' | undefined;
	  }
	| {readonly kind: 'machines'; readonly cursor: number}
	| {readonly kind: 'processes'; readonly view: ListView}
	/** Where to go in the frame map is being typed. */
	| {readonly kind: 'jump'; readonly text: string}
	/** A file of one's own is being typed, to be run or loaded. */
	| OwnFilePrompt
	| {readonly kind: 'filter'; readonly pane: PaneId; readonly before: string};

export type OverlayOf<Kind extends Overlay['kind']> = Extract<Overlay, {kind: Kind}>;

export const withOverlay = (state: State, overlay: Overlay): State => ({...state, overlay});

export const closed = (state: State): State => ({...state, overlay: undefined});

/** The file that an overlay shows, beside those of the panes. */
export function askedPath(overlay: Overlay | undefined): string | undefined {
	if (overlay?.kind === 'cause' || overlay?.kind === 'detail') return overlay.object && causePath(overlay.object);
	return overlay?.kind === 'finding' ? path.finding(overlay.id) : undefined;
}

/** The file that an overlay reads once, when it is opened. */
const openedPath = (overlay: Overlay): string | undefined =>
	overlay.kind === 'timeLine' ? path.session : askedPath(overlay);

/** The answer to a question that is still open. */
export function answered(state: State, asked: string, answer: string): State {
	const {overlay} = state;
	return overlay && 'answer' in overlay && openedPath(overlay) === asked
		? {...state, overlay: {...overlay, answer}}
		: state;
}
