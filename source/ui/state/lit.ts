/** Frames that light up in every pane. panes/lit.ts says which. */

import type {PageInfo} from '../../formats/debugfs/page.ts';
import type {SpaceAddress} from '../../formats/debugfs/translate.ts';

/** A run of frames: the first, and how many. */
export type Run = {readonly pfn: number; readonly frames: number};

export type Lit = {
	/** The frame that pane 8 shows: the followed one, else the first of what is selected. */
	readonly pfn: number | undefined;
	readonly runs: readonly Run[];
	/** User addresses of that frame. */
	readonly mappers: PageInfo['mappers'];
	/** The first address of a selected area that no frame is behind. */
	readonly untouched: SpaceAddress | undefined;
};

export const nothingLit: Lit = {pfn: undefined, runs: [], mappers: [], untouched: undefined};

export const oneFrame = (pfn: number): Run => ({pfn, frames: 1});

export const touches = (runs: readonly Run[], {pfn, frames}: Run): boolean =>
	runs.some(run => run.pfn < pfn + frames && pfn < run.pfn + run.frames);
