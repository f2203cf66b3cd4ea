/** What follows from having all panes in a table. */

import type {Loaded} from '../../model/loaded.ts';
import {path} from '../../model/paths.ts';
import {unreadIn} from '../../model/tree.ts';
import {lackingIn} from '../state/lacking.ts';
import {type Room, roomOf, visiblePanes} from '../state/layout.ts';
import {askedPath} from '../state/overlay.ts';
import {type Models, modelIn, type PaneId, type PaneModels, paneIds} from '../state/panes.ts';
import {needsProcesses} from '../state/processes.ts';
import type {State, Unread} from '../state/state.ts';
import {storyPanes} from '../state/story.ts';
import {wrapText} from '../terminal/text.ts';
import {arrange} from './arrange.ts';
import {ladderPlace} from './ladderPlace.ts';
import {litOf, litPaths} from './lit.ts';
import {type PaneRows, type Scene, touchedBy} from './pane.ts';
import {paneOf} from './table.ts';

export const sceneOf = (state: State, id: PaneId): Scene => ({state, room: roomOf(state, id), lit: litOf(state)});

export const pathsOf = (state: State, id: PaneId): readonly string[] => paneOf(id).paths(sceneOf(state, id));

/** Names that rows of a pane can be sorted and filtered by. */
export const fieldsOf = (id: PaneId): readonly string[] => paneOf(id).about.columns.map(({name}) => name);

/**
 * The rows of a pane as they are filtered and sorted, without their lines. The same array while nothing changed in it.
 */
export function rowsOf<Id extends PaneId>(state: State, id: Id, room = roomOf(state, id)): readonly PaneRows[Id][] {
	const model = modelIn(state, id);
	if (!model) return [];
	const {rows, meaning} = paneOf(id);
	return arrange(rows(model, {state, room}), meaning, state.views[id], fieldsOf(id));
}

/** Id of the first row of a pane that the story has touched; undefined in a pane that the story does not name. */
export function toldRow<Id extends PaneId>(state: State, id: Id): string | undefined {
	const model = modelIn(state, id);
	if (!model || tailsOf(state, id) || !storyPanes(state)?.has(id)) return undefined;
	const {story, culprits} = state.injections;
	const {meaning} = paneOf(id);
	return rowsOf(state, id).find(row => touchedBy(meaning, row, culprits, model) === story)?.id;
}

/** Shows a list its end while nothing is selected? A sorted one has its own order. */
export const tailsOf = ({views}: State, id: PaneId): boolean => paneOf(id).tails && !views[id].sort;

/** Lines above the list of a pane, and rows that the list has room for. */
export function listPlace<Id extends PaneId>(state: State, id: Id): {readonly head: number; readonly height: number} {
	const model = modelIn(state, id);
	const {head, foot} = model ? paneOf(id).margins(model) : {head: 0, foot: 0};
	const room = roomOf(state, id);
	return {head, height: Math.max(1, room.rows - head - foot - unreadTexts(state, id, room).length)};
}

function derived<Id extends PaneId>(state: State, id: Id): Loaded<PaneModels[Id]> {
	const {tree, at, panes} = state.picture;
	const known: Loaded<PaneModels[Id]> = state.models[id];
	return paneOf(id).derive({
		tree,
		state,
		lit: litOf(state),
		at,
		culprits: state.injections.culprits,
		// What changed while nobody looked is not news.
		older: panes.includes(id) ? known : undefined,
		known,
	});
}

/** The models of panes, from the files of the newest sample. */
export const deriveModels = (state: State, shown: readonly PaneId[]): Models => ({
	...state.models,
	...Object.fromEntries(shown.map(id => [id, derived(state, id)])),
});

/** What the shown panes say of files that are not in their format. The same object as long as that is the same. */
export function unreadAfter(state: State, shown: readonly PaneId[]): Unread {
	const sentences = shown.flatMap(id => {
		const reasons = state.models[id].state === 'ready' ? unreadIn(state.picture.tree, pathsOf(state, id)) : [];
		return reasons.length === 0 ? [] : [[id, reasons.join(' · ')] as const];
	});
	const unread: Unread = Object.fromEntries(sentences);
	const ids = Object.keys(unread) as PaneId[];
	const isSame = ids.length === Object.keys(state.unread).length && ids.every(id => unread[id] === state.unread[id]);
	return isSame ? state.unread : unread;
}

/** Most rows of a pane that say why it lacks a file. */
const unreadRows = 3;

/** The sentence about files that are not in their format, in rows of a pane. */
export const unreadTexts = ({unread}: Pick<State, 'unread'>, id: PaneId, {columns}: Room): readonly string[] =>
	unread[id] === undefined ? [] : wrapText(unread[id], Math.max(1, columns - 2)).slice(0, unreadRows);

/** As a word of a shell. */
const quoted = (text: string): string => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

/** How the target is named on a command line: a path without a "/" would be a machine's name, and a "-" a flag. */
const targetWord = ({name, kind}: State['target']): string =>
	quoted(kind === 'recording' && !/^\.{0,2}\//.test(name) ? `./${name}` : name);

/** The command line that prints the files of a pane, those that there are; undefined when it reads none. */
export function catLine(state: State, id: PaneId): string | undefined {
	const paths = pathsOf(state, id).filter(each => !('error' in (state.picture.tree[each] ?? {})));
	const target = state.target.kind === 'embedded' ? [] : ['-t', targetWord(state.target)];
	return paths.length === 0 ? undefined : ['mmtop cat', ...target, ...paths.map(quoted)].join(' ');
}

/** Files that an explanation needs beside those of its pane. */
function detailPaths(state: State): readonly string[] {
	if (state.overlay?.kind !== 'detail') return [];
	if (state.focus === 'maps') return [path.aio];
	const place = state.focus === 'frames' ? ladderPlace(state, litOf(state)) : undefined;
	return place ? [path.translate(place)] : [];
}

/** A real Linux is asked for the files of all panes until it is known which panes it has something for. */
const isProbing = ({target, lacking}: State): boolean => target.kind === 'host' && lacking === undefined;

/** Notes what a real Linux lacks, once its answers say so; the same state elsewhere. */
export function withLacking(state: State): State {
	if (!isProbing(state) || state.processes.pids === undefined) return state;
	const {tree} = state.picture;
	const isAsked = paneIds.every(id => pathsOf(state, id).every(each => each in tree));
	if (!isAsked) return state;
	const {panes, advice} = lackingIn(
		tree,
		paneIds.filter(id => derived(state, id).state === 'unavailable'),
		id => pathsOf(state, id),
		state.target.isRoot === true,
	);
	return {...state, lacking: panes, advice};
}

/** Classes have their machines behind sockets. */
const mayBeOfClass = ({target: {kind}}: State): boolean => kind === 'socket' || kind === 'ssh';

/** The files that the visible panes and the lines around them need, and no other. */
export function wantedPaths(state: State): readonly string[] {
	const {load, findings, meminfo, vmstat} = path;
	const ofClass = mayBeOfClass(state) ? [path.class] : [];
	const around = [...ofClass, path.clock, path.machine, load, path.experiments, path.inject, findings, meminfo, vmstat];
	const processes = needsProcesses(state) ? (state.processes.pids ?? []).map(path.status) : [];
	const shown = (isProbing(state) ? paneIds : visiblePanes(state)).flatMap(id => pathsOf(state, id));
	const asked = askedPath(state.overlay);
	const paths = [...around, ...shown, ...litPaths(state), ...processes, ...(asked === undefined ? [] : [asked])];
	return [...new Set([...paths, ...detailPaths(state)])];
}
