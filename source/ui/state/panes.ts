/** Which panes there are, and the model that each has. */

import type {DmaModel} from '../../model/dma.ts';
import type {FindingsModel} from '../../model/findings.ts';
import type {FramesModel} from '../../model/frames.ts';
import type {IocbsModel} from '../../model/iocbs.ts';
import type {KmapModel} from '../../model/kmap.ts';
import {type Loaded, waiting} from '../../model/loaded.ts';
import type {LogModel} from '../../model/log.ts';
import type {MapsModel} from '../../model/maps.ts';
import type {PageModel} from '../../model/page.ts';
import type {TraceModel} from '../../model/trace.ts';
import type {ZonesModel} from '../../model/zones.ts';

export type PaneModels = {
	readonly maps: MapsModel;
	readonly frames: FramesModel;
	readonly kmap: KmapModel;
	readonly dma: DmaModel;
	readonly iocbs: IocbsModel;
	readonly trace: TraceModel;
	readonly zones: ZonesModel;
	readonly page: PageModel;
	readonly log: LogModel;
	readonly findings: FindingsModel;
};

export type PaneId = keyof PaneModels;

/** The position is the number of the key that goes there, counted from 1; the tenth key is 0. */
export const paneIds = [
	'maps',
	'frames',
	'kmap',
	'dma',
	'iocbs',
	'trace',
	'zones',
	'page',
	'log',
	'findings',
] as const satisfies readonly PaneId[];

export const numberOf = (id: PaneId): number => (paneIds.indexOf(id) + 1) % 10;

/** The pane that a digit goes to. */
export const paneNumbered = (digit: number): PaneId | undefined => paneIds[(digit + 9) % 10];

export const forEachPane = <T>(value: T): Record<PaneId, T> =>
	Object.fromEntries(paneIds.map(id => [id, value])) as Record<PaneId, T>;

export type Models = {readonly [Id in PaneId]: Loaded<PaneModels[Id]>};

export const noModels: Models = forEachPane(waiting);

/** The model that a pane shows, where there is one. */
export function modelIn<Id extends PaneId>({models}: {readonly models: Models}, id: Id): PaneModels[Id] | undefined {
	const loaded: Loaded<PaneModels[Id]> = models[id];
	return loaded.state === 'ready' ? loaded.model : undefined;
}
