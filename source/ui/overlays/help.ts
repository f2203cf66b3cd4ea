/** The help overlay: the keys, from their table, and what is on the screen. */

import {type PageMapLetter, pageMapMeanings} from '../../formats/debugfs/pageMap.ts';
import {commands, experimentKeys, keyName} from '../keymap.ts';
import {blankLine, type Line, line, padEnd, span} from '../lines.ts';
import {letterTones} from '../panes/frames.ts';
import type {State} from '../state.ts';

const keyColumns = 20;

const keyLine = (keys: string, title: string): Line => line(' ', span(padEnd(keys, keyColumns), 'key'), title);

const groups = {
	panes: 'Panes',
	lists: 'In a pane',
	time: 'Time',
	machine: 'Machine',
	monitor: 'Monitor',
} as const;

const headingLine = (text: string): Line => line(span(text, 'heading'));

const legend = (Object.entries(pageMapMeanings) as [PageMapLetter, string][]).map(([letter, meaning]) =>
	line(' ', span(padEnd(letter, 4), letterTones[letter]), meaning),
);

export const helpRows = ({experiments, target}: State): readonly Line[] => {
	const injections = [...experimentKeys(experiments)].map(([key, {name, title, claim}]) =>
		keyLine(keyName(key), `${title || name}: ${claim}`),
	);
	const inject = target.writable ? 'Inject' : 'Inject (not here: this target is read-only)';
	return [
		...(injections.length > 0 ? [headingLine(inject), ...injections, blankLine] : []),
		...(Object.keys(groups) as (keyof typeof groups)[]).flatMap(group => [
			headingLine(groups[group]),
			...commands
				.filter(command => command.group === group)
				.map(({keys, title, panes}) =>
					keyLine(
						keys.length === 9 ? '1-9' : keys.map(keyName).join(' '),
						panes ? `${title} (${panes.join(', ')})` : title,
					),
				),
			blankLine,
		]),
		headingLine('Marks in front of a row'),
		line(' + new or grown   - shrunk   * changed   → moved   ÷ split   = merged   × gone'),
		line(' The colour of a row is that of the injection whose process did it.'),
		blankLine,
		headingLine('Letters of the frames pane: the most telling kind in a cell'),
		...legend,
	];
};
