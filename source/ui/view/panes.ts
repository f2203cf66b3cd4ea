/** The contents of all panes: their rows as lines, between lines that stay. */

import {isLit, type Scene, touchedBy} from '../panes/pane.ts';
import {rowsOf, sceneOf, tailsOf, unreadTexts} from '../panes/panes.ts';
import {paneOf} from '../panes/table.ts';
import type {Room} from '../state/layout.ts';
import {modelIn, type PaneId} from '../state/panes.ts';
import type {State} from '../state/state.ts';
import {line, span} from '../terminal/lines.ts';
import {type Content, listRows, message} from './content.ts';
import type {PaneLook} from './look.ts';
import {dmaLook} from './panes/dma.ts';
import {findingsLook} from './panes/findings.ts';
import {framesLook} from './panes/frames.ts';
import {iocbsLook} from './panes/iocbs.ts';
import {kmapLook} from './panes/kmap.ts';
import {logLook} from './panes/log.ts';
import {mapsLook} from './panes/maps.ts';
import {pageLook} from './panes/page.ts';
import {traceLook} from './panes/trace.ts';
import {zonesLook} from './panes/zones.ts';

const looks: {readonly [Id in PaneId]: PaneLook<Id>} = {
	maps: mapsLook,
	frames: framesLook,
	kmap: kmapLook,
	dma: dmaLook,
	iocbs: iocbsLook,
	trace: traceLook,
	zones: zonesLook,
	page: pageLook,
	log: logLook,
	findings: findingsLook,
};

const lookOf = <Id extends PaneId>(id: Id): PaneLook<Id> => looks[id];

function waitingText({connection, picture}: State): string {
	if (connection.state === 'lost') return 'not read before the target was lost';
	return picture.frozen ? 'not read before the picture was frozen' : 'reading …';
}

function contentIn<Id extends PaneId>(id: Id, scene: Scene): Content {
	const {state, room} = scene;
	const loaded = state.models[id];
	if (loaded.state === 'waiting') return message(waitingText(state), room.columns);
	if (loaded.state === 'unavailable') return message(loaded.reason, room.columns, 'warning');
	const model = modelIn(state, id)!;
	const {meaning} = paneOf(id);
	const unread = unreadTexts(state, id, room);
	const inner = unread.length === 0 ? scene : {...scene, room: {...room, rows: Math.max(1, room.rows - unread.length)}};
	const {line: lineOf, ...around} = lookOf(id).content(model, inner);
	return {
		...around,
		foot: [...around.foot, ...unread.map(text => line(' ', span(text, 'warning')))],
		rows: listRows(
			rowsOf(state, id, room),
			lineOf,
			(row, lit) => isLit(meaning, row, lit, model),
			(row, culprits) => touchedBy(meaning, row, culprits, model),
		),
		tails: tailsOf(state, id),
	};
}

/** What a pane shows, filtered and sorted. */
export function contentOf(state: State, id: PaneId, room?: Room): Content {
	const scene = sceneOf(state, id);
	return contentIn(id, room ? {...scene, room} : scene);
}

/** What a content follows from beside its room: it is the same while these are. Always as many. */
export const contentInputs = (state: State, id: PaneId): readonly unknown[] => [
	state.models[id],
	state.views[id].filter,
	state.views[id].sort,
	state.connection.state === 'lost',
	state.picture.frozen,
	sceneOf(state, id).lit,
	state.differing.get(id),
	state.unread[id],
	...(lookOf(id).inputs?.(state) ?? []),
];
