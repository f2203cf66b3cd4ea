/** Frames that light up in every pane. panes/lit.ts says which. */

import type {PageInfo} from '../../formats/debugfs/page.ts';

/** A run of frames: the first, and how many. */
export type Run = {readonly pfn: number; readonly frames: number};

export type Lit = {
	/** The frame that pane 8 shows: the followed one, else the first of what is selected. */
	readonly pfn: number | undefined;
	readonly runs: readonly Run[];
	/** User addresses of that frame. */
	readonly mappers: PageInfo['mappers'];
};

export const nothingLit: Lit = {pfn: undefined, runs: [], mappers: []};

export const oneFrame = (pfn: number): Run => ({pfn, frames: 1});

export const touches = (runs: readonly Run[], {pfn, frames}: Run): boolean =>
	runs.some(run => run.pfn < pfn + frames && pfn < run.pfn + run.frames);
