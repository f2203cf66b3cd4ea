/** The page frames behind what is selected in the pane in focus, which the frames pane lights up. */

import type {DmaModel} from '../model/dma.ts';
import type {IocbsModel} from '../model/iocbs.ts';
import type {KmapModel} from '../model/kmap.ts';
import type {State} from './state.ts';

const pageBytes = 4096;

/** A run of frames: the first, and how many. */
export type Run = {readonly pfn: number; readonly frames: number};

const mappingRuns = (model: DmaModel, id: string): readonly Run[] =>
	model.mappings
		.filter(row => row.id === id)
		.map(({mapping: {physicalAddress, lengthBytes}}) => {
			const pfn = Math.floor(physicalAddress / pageBytes);
			return {pfn, frames: Math.floor((physicalAddress + Math.max(1, lengthBytes) - 1) / pageBytes) - pfn + 1};
		});

const pinnedRuns = (model: IocbsModel, id: string): readonly Run[] =>
	model.rows.filter(row => row.id === id).flatMap(({kiocb}) => kiocb.pinned.map(({pfn}) => ({pfn, frames: 1})));

const slotRuns = (model: KmapModel, id: string): readonly Run[] =>
	model.cpus
		.flatMap(({slots}) => slots)
		.flatMap(row => (row.id === id && row.pfn !== undefined ? [{pfn: row.pfn, frames: 1}] : []));

/** What `litRuns` looks at. */
export const litInputs = ({focus, views, models}: State): readonly [selected: string | undefined, model: unknown] => {
	const {selected} = views[focus];
	return [selected, selected === undefined ? undefined : models[focus]];
};

/** Nothing for a pane whose rows do not name frames: maps knows how many pages an area has, not which. */
export const litRuns = ({focus, views, models}: State): readonly Run[] => {
	const {selected} = views[focus];
	const loaded = models[focus];
	if (selected === undefined || loaded.state !== 'ready') {
		return [];
	}
	switch (focus) {
		case 'dma':
			return mappingRuns(loaded.model as DmaModel, selected);
		case 'iocbs':
			return pinnedRuns(loaded.model as IocbsModel, selected);
		case 'kmap':
			return slotRuns(loaded.model as KmapModel, selected);
		default:
			return [];
	}
};
