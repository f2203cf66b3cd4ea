/** What is selected in the pane in focus, as something that one can ask the target about: what made this? */

import type {CauseObject} from '../formats/debugfs/cause.ts';
import {
	areaCause,
	framesCause,
	kiocbCause,
	logCause,
	mappingCause,
	poolCause,
	slotCause,
	traceCause,
	zoneCause,
} from '../model/cause.ts';
import type {DmaModel} from '../model/dma.ts';
import {cellAt} from '../model/frameCells.ts';
import type {FramesModel} from '../model/frames.ts';
import type {IocbsModel} from '../model/iocbs.ts';
import type {KmapModel} from '../model/kmap.ts';
import type {LogModel} from '../model/log.ts';
import type {MapsModel} from '../model/maps.ts';
import type {Row} from '../model/moment.ts';
import type {TraceModel} from '../model/trace.ts';
import {marksId, ordersId, type ZonesModel} from '../model/zones.ts';
import {address, pfnText, seconds} from './format.ts';
import type {PaneId} from './layout.ts';
import {shownPfn} from './lit.ts';
import type {State} from './state.ts';

const find = <R extends Row>(rows: readonly R[], id: string): R | undefined => rows.find(row => row.id === id);

const ofZones = ({zones}: ZonesModel, id: string): CauseObject | undefined => {
	// The orders may be in several rows.
	const zone = zones.find(each => id === each.id || id === marksId(each) || id.startsWith(ordersId(each)));
	return zone && zoneCause(zone);
};

/** Rows that stand for a thing, by pane. */
const objectOf = (pane: PaneId, model: unknown, id: string): CauseObject | undefined => {
	switch (pane) {
		case 'maps': {
			const row = find((model as MapsModel).rows, id);
			return row && areaCause(model as MapsModel, row);
		}
		case 'kmap': {
			const row = find(
				(model as KmapModel).cpus.flatMap(({slots}) => slots),
				id,
			);
			return row && slotCause(row);
		}
		case 'dma': {
			const {mappings, pools} = model as DmaModel;
			const [mapping, pool] = [find(mappings, id), find(pools, id)];
			return mapping ? mappingCause(mapping) : pool && poolCause(pool);
		}
		case 'iocbs': {
			const row = find((model as IocbsModel).rows, id);
			return row && kiocbCause(row);
		}
		case 'trace': {
			const entry = find((model as TraceModel).entries, id);
			return entry && traceCause(entry);
		}
		case 'log': {
			const row = find((model as LogModel).rows, id);
			return row && logCause(row);
		}
		case 'zones':
			return ofZones(model as ZonesModel, id);
		default:
			return undefined;
	}
};

/** All frames of the cell under the cursor. */
const cellCause = (model: FramesModel, pfn: number): CauseObject => {
	const cell = cellAt(model, pfn);
	return cell ? framesCause(cell.pfn, cell.frames) : framesCause(pfn, 1);
};

/** @returns what is selected, or a sentence that says what to do first */
export const selectedCause = (state: State): CauseObject | string => {
	const {focus, views, models, cursorPfn} = state;
	const loaded = models[focus];
	const model = loaded.state === 'ready' ? loaded.model : undefined;
	if (focus === 'frames') {
		return cursorPfn === undefined || model === undefined
			? 'move to a cell with the arrow keys first'
			: cellCause(model as FramesModel, cursorPfn);
	}
	if (focus === 'page') {
		const pfn = shownPfn(state);
		return pfn === undefined ? 'select or follow a page frame first' : framesCause(pfn, 1);
	}
	const {selected} = views[focus];
	if (selected === undefined || model === undefined) {
		return 'select a row with the arrow keys first';
	}
	return objectOf(focus, model, selected) ?? 'nobody keeps count of what made this row';
};

/** What is asked about, as people say it. */
export const causeTitle = (object: CauseObject): string => {
	switch (object.kind) {
		case 'pfn':
			return `page frame ${pfnText(object.pfn)}${object.frames === 1 ? '' : ` and ${object.frames - 1} behind it`}`;
		case 'vma':
			return `area ${address(object.address)} of process ${object.pid}`;
		case 'slot':
			return `kmap_atomic slot ${object.slot} of cpu${object.cpu}`;
		case 'mapping':
			return `DMA mapping ${address(object.address)} of ${object.device}`;
		case 'pool':
			return `DMA pool ${object.name} of ${object.device}`;
		case 'iocb':
			return `kiocb ${object.id}`;
		case 'zone':
			return `zone ${object.name}`;
		case 'event':
			return `${object.name === 'console' ? 'the message' : object.name} of ${seconds(object.timeUs)}`;
	}
};
