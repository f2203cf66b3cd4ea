/** What the help says, row by row: the pane in focus, the keys from their table, and what is on the screen. */

import {type PageMapLetter, pageMapMeanings} from '../../formats/debugfs/pageMap.ts';
import {commands, experimentKeys, groupTitles, keyName, keysText, mouseTable} from '../panes/keymap.ts';
import {catLine, pathsOf} from '../panes/panes.ts';
import {paneOf} from '../panes/table.ts';
import type {CommandGroup} from '../state/commands.ts';
import {numberOf} from '../state/panes.ts';
import type {State} from '../state/state.ts';
import {wrapText} from '../terminal/text.ts';

export type HelpRow =
	| {readonly kind: 'heading' | 'text'; readonly text: string}
	/** Something and what it means; a row that goes on with the one above has no name. */
	| {readonly kind: 'key' | 'sign' | 'file'; readonly name: string; readonly text: string}
	| {readonly kind: 'letter'; readonly name: PageMapLetter; readonly text: string};

export const keyColumns = 20;
export const noteColumns = 12;
/** Widest that the overlay becomes. */
export const helpColumns = 100;

const heading = (text: string): HelpRow => ({kind: 'heading', text});
const blank: HelpRow = {kind: 'text', text: ''};

/** A name once, beside as many lines as its text needs. */
const named = (kind: 'key' | 'file', name: string, texts: readonly string[]): readonly HelpRow[] =>
	texts.map((text, index) => ({kind, name: index === 0 ? name : '', text}));

const keyRows = (keys: string, title: string, width: number): readonly HelpRow[] =>
	named('key', keys, wrapText(title, width - keyColumns));

/** What one is looking at: the pane, its columns and signs, the files behind it and the command that prints them. */
function paneRows(state: State, width: number): readonly HelpRow[] {
	const {focus} = state;
	const {name, about} = paneOf(focus);
	const command = catLine(state, focus);
	return [
		heading(`Pane ${numberOf(focus)}, ${name}`),
		...wrapText(about.shows, width).map((text): HelpRow => ({kind: 'text', text: ` ${text}`})),
		...[...about.columns, ...about.signs].map(
			({name: sign, says}): HelpRow => ({kind: 'sign', name: sign, text: says}),
		),
		...named('file', 'made from', pathsOf(state, focus)),
		...(command === undefined ? [] : named('file', 'y copies', wrapText(command, width - noteColumns))),
		blank,
	];
}

const groupRows = (group: CommandGroup, width: number): readonly HelpRow[] => [
	heading(groupTitles[group]),
	...commands
		.filter(command => command.group === group)
		.flatMap(({keys, title, panes}) =>
			keyRows(keysText(keys), panes ? `${title} (${panes.join(', ')})` : title, width),
		),
	blank,
];

export function helpRows(state: State): readonly HelpRow[] {
	const {lab, target} = state;
	const width = Math.min(state.columns, helpColumns) - 4;
	const injections = [...experimentKeys(lab.experiments)].flatMap(([key, {name, title, claim}]) =>
		keyRows(keyName(key), `${title || name}: ${claim}`, width),
	);
	const inject = target.writable ? 'Inject' : 'Inject (not here: this target is read-only)';
	return [
		...paneRows(state, width),
		...(injections.length > 0 ? [heading(inject), ...injections, blank] : []),
		...(Object.keys(groupTitles) as CommandGroup[]).flatMap(group => groupRows(group, width)),
		heading('Mouse'),
		...mouseTable.flatMap(({act, title}) => keyRows(act, title, width)),
		blank,
		heading('Marks in front of a row'),
		{kind: 'text', text: ' + new or grown   - shrunk   * changed   → moved   ÷ split   = merged   × gone'},
		{kind: 'text', text: ' The colour of a row is that of the injection whose process did it.'},
		blank,
		heading('Letters of the frames pane: the most telling kind in a cell'),
		...(Object.entries(pageMapMeanings) as [PageMapLetter, string][]).map(
			([name, text]): HelpRow => ({kind: 'letter', name, text}),
		),
	];
}
