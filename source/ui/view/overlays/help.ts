/** The help overlay: the keys, from their table, and what is on the screen. */

import {type PageMapLetter, pageMapMeanings} from '../../../formats/debugfs/pageMap.ts';
import {blankLine, type Line, line, padEnd, span, wrapText} from '../../terminal/lines.ts';
import {type CommandGroup, commands, experimentKeys, groupTitles, keyName, mouseTable} from '../../update/keymap.ts';
import type {State} from '../../update/state.ts';
import {about, type ColumnNote} from '../about.ts';
import {letterTones} from '../frameLegend.ts';
import {catLine, numberOf, paneOf, roomOf} from '../panes.ts';

const keyColumns = 20;
/** Widest that the overlay becomes. */
export const helpColumns = 100;

const widthOf = ({columns}: State): number => Math.min(columns, helpColumns) - 4;

const keyLines = (keys: string, title: string, width: number): readonly Line[] =>
	wrapText(title, width - keyColumns).map((text, index) =>
		line(' ', span(padEnd(index === 0 ? keys : '', keyColumns), 'key'), text),
	);

const headingLine = (text: string): Line => line(span(text, 'heading'));

const legend = (Object.entries(pageMapMeanings) as [PageMapLetter, string][]).map(([letter, meaning]) =>
	line(' ', span(padEnd(letter, 4), letterTones[letter]), meaning),
);

const noteColumns = 12;

const noteLine = ({name, says}: ColumnNote): Line => line(' ', span(padEnd(name, noteColumns), 'key'), says);

/** What one is looking at: the pane, its columns and signs, the files behind it and the command that prints them. */
const paneRows = (state: State): readonly Line[] => {
	const {shows, columns, signs} = about[state.focus];
	const pane = paneOf(state.focus);
	const width = widthOf(state);
	const files = pane.paths(state, roomOf(state, state.focus));
	const command = catLine(state, state.focus);
	return [
		headingLine(`Pane ${numberOf(state.focus)}, ${pane.name}`),
		...wrapText(shows, width).map(text => line(' ', text)),
		...columns.map(noteLine),
		...signs.map(noteLine),
		...files.map((file, index) => line(' ', span(padEnd(index === 0 ? 'made from' : '', noteColumns), 'dim'), file)),
		...(command === undefined
			? []
			: wrapText(command, width - noteColumns).map((text, index) =>
					line(' ', span(padEnd(index === 0 ? 'y copies' : '', noteColumns), 'dim'), text),
				)),
		blankLine,
	];
};

export const helpRows = (state: State): readonly Line[] => {
	const {experiments, target} = state;
	const width = widthOf(state);
	const injections = [...experimentKeys(experiments)].flatMap(([key, {name, title, claim}]) =>
		keyLines(keyName(key), `${title || name}: ${claim}`, width),
	);
	const inject = target.writable ? 'Inject' : 'Inject (not here: this target is read-only)';
	return [
		...paneRows(state),
		...(injections.length > 0 ? [headingLine(inject), ...injections, blankLine] : []),
		...(Object.keys(groupTitles) as CommandGroup[]).flatMap(group => [
			headingLine(groupTitles[group]),
			...commands
				.filter(command => command.group === group)
				.flatMap(({keys, title, panes}) =>
					keyLines(
						keys.length === 9 ? '1-9' : keys.map(keyName).join(' '),
						panes ? `${title} (${panes.join(', ')})` : title,
						width,
					),
				),
			blankLine,
		]),
		headingLine('Mouse'),
		...mouseTable.flatMap(({act, title}) => keyLines(act, title, width)),
		blankLine,
		headingLine('Marks in front of a row'),
		line(' + new or grown   - shrunk   * changed   → moved   ÷ split   = merged   × gone'),
		line(' The colour of a row is that of the injection whose process did it.'),
		blankLine,
		headingLine('Letters of the frames pane: the most telling kind in a cell'),
		...legend,
	];
};
