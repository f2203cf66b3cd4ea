/**
 * Every key in one table. The footer, the help overlay and docs/keys.md are made from it, and the reducer looks
 * commands up in it: what is not here does nothing but say so.
 *
 * Experiments bring keys of their own (`lab/experiments`); this table goes first.
 */

import type {ExperimentRecord} from '../../formats/debugfs/lab/experiments.ts';
import type {Command, CommandGroup, CommandId} from '../state/commands.ts';
import {type PaneId, paneIds} from '../state/panes.ts';
import type {Key} from '../terminal/sequences.ts';
import {paneOf} from './table.ts';

export const groupTitles: Readonly<Record<CommandGroup, string>> = {
	panes: 'Panes',
	lists: 'In a pane',
	time: 'Time',
	machine: 'Machine',
	monitor: 'Monitor',
};

/** Keys that are for one pane only. */
const ownKeys = (group: CommandGroup): readonly Command[] =>
	paneIds.flatMap(id =>
		(paneOf(id).keys ?? []).filter(command => command.group === group).map(command => ({...command, panes: [id]})),
	);

export const commands: readonly Command[] = [
	{
		id: 'focus',
		keys: ['1', '2', '3', '4', '5', '6', '7', '8', '9', '0'],
		shown: '0-9',
		group: 'panes',
		title: 'go to a pane by its number',
	},
	{id: 'next', keys: ['tab'], group: 'panes', title: 'go to the next pane'},
	{id: 'previous', keys: ['shift+tab'], group: 'panes', title: 'go to the pane before'},
	{
		id: 'zoom',
		keys: ['z'],
		group: 'panes',
		title: 'show the pane on the whole screen, or all again',
		footer: 'zoom',
	},
	...ownKeys('panes'),
	{id: 'up', keys: ['up', 'k'], group: 'lists', title: 'select the row above'},
	{id: 'down', keys: ['down', 'j'], group: 'lists', title: 'select the row below'},
	{
		id: 'explain',
		keys: ['enter'],
		group: 'lists',
		title: 'what the selected row or cell says, field by field, and what made it; with nothing selected as z',
		footer: 'explain',
	},
	...ownKeys('lists'),
	{id: 'pageUp', keys: ['pageup'], group: 'lists', title: 'a window up'},
	{id: 'pageDown', keys: ['pagedown'], group: 'lists', title: 'a window down'},
	{id: 'first', keys: ['home', 'g'], group: 'lists', title: 'to the first row'},
	{id: 'last', keys: ['end', 'G'], group: 'lists', title: 'to the last row'},
	{
		id: 'filter',
		keys: ['/'],
		group: 'lists',
		title:
			'rows with a text only; field:text: in one column; !text: without it; in frames: go to a pfn, or to ' +
			'the frames of a process or area',
		footer: 'filter',
	},
	{
		id: 'sort',
		keys: ['s'],
		group: 'lists',
		title: 'sort by the next column; after the last one as the pane does',
		footer: 'sort',
	},
	{id: 'reverse', keys: ['R'], group: 'lists', title: 'sort the other way round'},
	{id: 'copy', keys: ['y'], group: 'lists', title: 'copy the command that prints what the pane shows'},
	{
		id: 'follow',
		keys: ['f'],
		group: 'lists',
		title: 'follow the frame of the selected row: it stays lit in all panes',
		footer: 'follow',
	},
	{
		id: 'cause',
		keys: ['w'],
		group: 'lists',
		title: 'what made this? the call behind the last changes of the selected row or cell',
		footer: 'why',
	},
	{
		id: 'back',
		keys: ['escape', 'backspace'],
		shown: 'esc',
		group: 'lists',
		title: 'undo the first of: overlay, filter, sorting, selection, marks and kinds, cursor of frames, zoom, following',
	},
	{
		id: 'return',
		keys: ['b'],
		group: 'lists',
		title: 'go back to the pane and the followed frame before; with none, to the machine before',
	},
	{
		id: 'freeze',
		keys: ['space'],
		group: 'time',
		title: 'own machine or recording: its time stands still or goes on; attached: freeze this picture only',
		footer: 'freeze',
	},
	{id: 'pause', keys: ['P'], group: 'time', title: 'pause or run the machine for everybody', footer: 'pause'},
	{id: 'step', keys: ['.'], group: 'time', title: 'pause, and let one event happen', footer: 'step'},
	{
		id: 'stepBack',
		keys: [','],
		group: 'time',
		title: 'go back to before the last event, for everybody; what was done after it is undone',
	},
	{
		id: 'rewind',
		keys: ['['],
		group: 'time',
		title: 'go back by a second, for everybody; what was done after it is undone',
	},
	{
		id: 'timeLine',
		keys: ['T'],
		group: 'time',
		title: 'the time line: arrows move along what was injected, found and paused, Enter goes there',
	},
	{id: 'slower', keys: ['<'], group: 'time', title: 'halve the rate of virtual time'},
	{id: 'faster', keys: ['>'], group: 'time', title: 'double the rate of virtual time'},
	{
		id: 'palette',
		keys: [':'],
		group: 'machine',
		title: 'choose an experiment by name, with parameters',
		footer: 'experiments',
	},
	{
		id: 'own',
		keys: ['i'],
		group: 'machine',
		title: 'load a module or run a program of your own, by its path on this computer; Tab completes, ↑ recalls',
	},
	{
		id: 'load',
		keys: ['L'],
		group: 'machine',
		title: 'how much goes on by itself, for everybody: calm, busy, quiet in turn',
	},
	{
		id: 'stories',
		keys: ['S'],
		group: 'machine',
		title: 'the stories of what was injected: Enter reads one, r does it again',
	},
	{
		id: 'machines',
		keys: ['M'],
		group: 'machine',
		title: 'the machines that are open here: Enter goes to one, x ends it',
	},
	{
		id: 'wall',
		keys: ['W'],
		group: 'machine',
		title: 'of a class, for its teachers and helpers: the wall of all its machines',
	},
	{
		id: 'lead',
		keys: ['F'],
		group: 'machine',
		title: 'of a class, for its teacher: every monitor follows this one, its pane and its selection, or no longer',
	},
	{id: 'others', keys: ['V'], group: 'machine', title: 'show what others inject, beginning with the newest'},
	{id: 'processes', keys: ['p'], group: 'machine', title: 'choose the process that maps shows', footer: 'process'},
	{
		id: 'help',
		keys: ['?', 'f1'],
		shown: '?',
		group: 'monitor',
		title: 'what this pane shows, and what the keys do',
		footer: 'help',
	},
	{id: 'redraw', keys: ['ctrl+l'], group: 'monitor', title: 'draw the screen again'},
	{id: 'suspend', keys: ['ctrl+z'], group: 'monitor', title: 'stop the monitor, back to the shell; fg goes on'},
	{id: 'quit', keys: ['q', 'ctrl+c'], shown: 'q', group: 'monitor', title: 'leave', footer: 'quit'},
];

export const appliesTo = (command: Command, pane: PaneId): boolean => command.panes?.includes(pane) ?? true;

/** What only a machine of mmtop does. */
export const ofMachines: ReadonlySet<CommandId> = new Set<CommandId>([
	'palette',
	'pause',
	'step',
	'stepBack',
	'rewind',
	'slower',
	'faster',
	'load',
	'stories',
	'follow',
	'cause',
]);

const byKey = new Map<Key, readonly Command[]>();
for (const command of commands) {
	for (const key of command.keys) byKey.set(key, [...(byKey.get(key) ?? []), command]);
}

/** What a key does in a pane; for a key that other panes have, what it does there. */
export function commandOf(key: Key, pane?: PaneId): Command | undefined {
	const known = byKey.get(key);
	return known?.find(command => pane !== undefined && appliesTo(command, pane)) ?? known?.[0];
}

/** Experiments that a key injects, in the order of their list: those whose key is free. */
export const experimentKeys = (experiments: readonly ExperimentRecord[]): ReadonlyMap<Key, ExperimentRecord> =>
	new Map(
		experiments.flatMap(experiment =>
			experiment.key !== null && !byKey.has(experiment.key) ? [[experiment.key, experiment] as const] : [],
		),
	);

const keyNames: Readonly<Record<string, string>> = {
	up: '↑',
	down: '↓',
	left: '←',
	right: '→',
	pageup: 'PgUp',
	pagedown: 'PgDn',
	home: 'Home',
	end: 'End',
	enter: 'Enter',
	escape: 'Esc',
	backspace: 'Backspace',
	tab: 'Tab',
	'shift+tab': 'Shift-Tab',
	space: 'Space',
};

/** A key as people write it: `Shift-Tab`, `Ctrl-L`, `F1`. */
export const keyName = (key: Key): string =>
	keyNames[key] ??
	key.replace(/^ctrl\+(.)$/, (_, letter: string) => `Ctrl-${letter.toUpperCase()}`).replace(/^f(\d+)$/, 'F$1');

/** Keys of a command, as the tables for people show them. */
export const keysText = (keys: readonly Key[]): string => (keys.length === 10 ? '0-9' : keys.map(keyName).join(' '));

/** The table as people read it, for the help overlay and the documentation. */
export const keyTable = (): readonly {
	readonly keys: string;
	readonly title: string;
	readonly group: CommandGroup;
	readonly panes: string;
}[] =>
	commands.map(({keys, title, group, panes}) => ({
		keys: keysText(keys),
		title,
		group,
		panes: panes?.join(', ') ?? '',
	}));

/** What the mouse does, for people. */
export const mouseTable: readonly {readonly act: string; readonly title: string}[] = [
	{act: 'click', title: 'go to a pane and select the row or cell; on a tab or a key in the footer, press it'},
	{act: 'double click', title: 'show the pane on the whole screen, or all again; in the list of processes, choose one'},
	{act: 'wheel', title: 'move what is under the pointer'},
	{act: 'with Shift', title: 'the terminal selects text as ever; --no-mouse leaves the mouse to it'},
];
