/** All panes. */

import type {PaneId} from '../state/panes.ts';
import {dmaPane} from './dma.ts';
import {findingsPane} from './findings.ts';
import {framesPane} from './frames.ts';
import {iocbsPane} from './iocbs.ts';
import {kmapPane} from './kmap.ts';
import {logPane} from './log.ts';
import {mapsPane} from './maps.ts';
import {pagePane} from './page.ts';
import type {PaneDefinition} from './pane.ts';
import {tracePane} from './trace.ts';
import {zonesPane} from './zones.ts';

const table: {readonly [Id in PaneId]: PaneDefinition<Id>} = {
	maps: mapsPane,
	frames: framesPane,
	kmap: kmapPane,
	dma: dmaPane,
	iocbs: iocbsPane,
	trace: tracePane,
	zones: zonesPane,
	page: pagePane,
	log: logPane,
	findings: findingsPane,
};

export const paneOf = <Id extends PaneId>(id: Id): PaneDefinition<Id> => table[id];
