/** All panes, by the number that goes to them, and what follows from having them in a table. */

import {causePath} from '../../model/cause.ts';
import {path} from '../../model/paths.ts';
import {arrangeContent} from '../update/filter.ts';
import {type Layout, type LayoutChoice, layOut, type PaneId} from '../update/layout.ts';
import {litPaths} from '../update/lit.ts';
import {isWorthShowing, type State} from '../update/state.ts';
import {about} from './about.ts';
import type {Content} from './content.ts';
import type {AnyPane, Room} from './pane.ts';
import {dmaPane} from './panes/dma.ts';
import {framesPane} from './panes/frames.ts';
import {iocbsPane} from './panes/iocbs.ts';
import {kmapPane} from './panes/kmap.ts';
import {logPane} from './panes/log.ts';
import {mapsPane} from './panes/maps.ts';
import {pagePane} from './panes/page.ts';
import {tracePane} from './panes/trace.ts';
import {zonesPane} from './panes/zones.ts';

/** The position is the number, counted from 1. */
export const panes: readonly AnyPane[] = [
	mapsPane,
	framesPane,
	kmapPane,
	dmaPane,
	iocbsPane,
	tracePane,
	zonesPane,
	pagePane,
	logPane,
];

export const paneOf = (id: PaneId): AnyPane => panes.find(pane => pane.id === id)!;

export const numberOf = (id: PaneId): number => panes.findIndex(pane => pane.id === id) + 1;

let lastChoice: LayoutChoice | undefined;
let lastLayout: Layout | undefined;

/** The same object as long as nothing that it follows from has changed. */
export const layoutOf = ({columns, rows, focus, companion, zoomed}: State): Layout => {
	const isSame =
		lastChoice?.columns === columns &&
		lastChoice.rows === rows &&
		lastChoice.focus === focus &&
		lastChoice.companion === companion &&
		lastChoice.zoomed === zoomed;
	if (!lastLayout || !isSame) {
		lastChoice = {columns, rows, focus, companion, zoomed};
		lastLayout = layOut(lastChoice);
	}
	return lastLayout;
};

/** Room within a pane's frame; that of a whole small screen for a pane that is not shown. */
export const roomOf = (state: State, id: PaneId): Room => {
	const layout = layoutOf(state);
	const placed = layout.kind === 'panes' ? layout.panes.find(pane => pane.id === id) : undefined;
	return placed
		? {columns: Math.max(1, placed.rect.columns - 2), rows: Math.max(1, placed.rect.rows - 2)}
		: {columns: 78, rows: 20};
};

export const visiblePanes = (state: State): readonly PaneId[] => {
	const layout = layoutOf(state);
	return layout.kind === 'panes' ? layout.panes.map(({id}) => id) : [];
};

/** Names that rows of a pane can be sorted and filtered by. */
export const fieldsOf = (id: PaneId): readonly string[] => about[id].columns.map(({name}) => name);

/** What a pane shows, filtered and sorted. */
export const contentOf = (state: State, id: PaneId): Content =>
	arrangeContent(paneOf(id).content(state, roomOf(state, id)), state.views[id], fieldsOf(id));

/** As a word of a shell. */
const quoted = (text: string): string => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

/** How the target is named on a command line: a path without a "/" would be a machine's name, and a "-" a flag. */
const targetWord = ({name, kind}: State['target']): string =>
	quoted(kind === 'recording' && !/^\.{0,2}\//.test(name) ? `./${name}` : name);

/** The command line that prints the files of a pane, those that there are; undefined when it reads none. */
export const catLine = (state: State, id: PaneId): string | undefined => {
	const isThere = (each: string): boolean => !('error' in (state.tree[each] ?? {}));
	const paths = paneOf(id).paths(state, roomOf(state, id)).filter(isThere);
	const target = state.target.kind === 'embedded' ? [] : ['-t', targetWord(state.target)];
	return paths.length === 0 ? undefined : ['mmtop cat', ...target, ...paths.map(quoted)].join(' ');
};

/** Whether the process list has to be read: while it is shown, and until there is a process worth showing. */
const needsProcesses = (state: State): boolean =>
	state.overlay?.kind === 'processes' || !isWorthShowing(state.likelyPid) || state.processEnded;

/** The files that the visible panes and the lines around them need, and no other. */
export const wantedPaths = (state: State): readonly string[] => {
	const around = [path.clock, path.machine, path.experiments, path.inject, path.meminfo, path.vmstat];
	const processes = needsProcesses(state) ? (state.pids ?? []).map(path.status) : [];
	const shown = visiblePanes(state).flatMap(id => paneOf(id).paths(state, roomOf(state, id)));
	const asked = state.overlay?.kind === 'cause' ? [causePath(state.overlay.object)] : [];
	return [...new Set([...around, ...shown, ...litPaths(state), ...processes, ...asked])];
};
