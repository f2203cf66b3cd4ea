/** The story in the banner: a workload that is watched, told step by step, until somebody closes it. */

import type {ExperimentRecord} from '../../formats/debugfs/lab/experiments.ts';
import {type InjectionRecord, isOver} from '../../formats/debugfs/lab/inject.ts';
import {type StoryStep, storySteps} from '../../model/story.ts';
import {type PaneId, paneIds} from './panes.ts';
import type {State} from './state.ts';

export type Story = {
	readonly injection: InjectionRecord;
	readonly experiment: ExperimentRecord | undefined;
	/** The present step. */
	readonly step: StoryStep;
	/**
	 * `held`: its state is kept on the screen; `paused`: the machine stands still; `going`: the next step is on its way;
	 * `stopped`: nothing of the machine runs any more; `over`: nothing more will come.
	 */
	readonly stage: 'held' | 'paused' | 'going' | 'stopped' | 'over';
	/** A held state stays until somebody goes on. */
	readonly stays: boolean;
};

function stageOf({lab: {clock}}: State, injection: InjectionRecord): Story['stage'] {
	if (isOver(injection)) return 'over';
	if (clock?.holding === `${injection.name}: ${injection.states.at(-1)?.state}`) return 'held';
	if (clock?.state === 'panic' || clock?.state === 'broken') return 'stopped';
	return clock?.state === 'paused' ? 'paused' : 'going';
}

export function storyOf(state: State): Story | undefined {
	const {lab, injections} = state;
	const injection = lab.inject?.injections.find(({id}) => id === injections.story);
	if (!injection) return undefined;
	const {clock} = lab;
	return {
		injection,
		experiment: lab.experiments.find(({name}) => name === injection.name),
		step: storySteps(injection).at(-1)!,
		stage: stageOf(state, injection),
		stays: clock?.stays === true || clock?.pace === 'manual',
	};
}

/** Whether a row or a cell is chosen, which Enter then explains and Esc leaves: the story has another key meanwhile. */
export const isChoosing = ({focus, views, frames}: State): boolean =>
	focus === 'frames' ? frames.cursorPfn !== undefined : views[focus].selected !== undefined;

const isPane = (name: string): name is PaneId => paneIds.some(id => id === name);

/** Panes that the story says to look at, until it is over; undefined when all are alike. */
export function storyPanes(state: State): ReadonlySet<PaneId> | undefined {
	const story = storyOf(state);
	if (!story || story.stage === 'over') return undefined;
	const panes = (story.experiment?.looks ?? []).map(({pane}) => pane).filter(isPane);
	return panes.length === 0 ? undefined : new Set(panes);
}
