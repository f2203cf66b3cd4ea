/** docs/keys.md, made from the table of keys. */

import {groupTitles, keyTable, mouseTable} from '../panes/keymap.ts';
import type {CommandGroup} from '../state/commands.ts';

// A bar would end the cell of the table.
const cell = (text: string): string => text.replaceAll('|', '\\|');

const groupSection = (group: CommandGroup): string[] => [
	`## ${groupTitles[group]}`,
	'',
	'| keys | what it does | where |',
	'|---|---|---|',
	...keyTable()
		.filter(row => row.group === group)
		.map(({keys, title, panes}) => `| ${cell(keys)} | ${cell(title)} | ${panes === '' ? 'everywhere' : panes} |`),
	'',
];

export const keysDocument = (): string =>
	[
		'# Keys',
		'',
		'Made from the table in `source/ui/panes/keymap.ts` by `npm run docs`; a test keeps the two in step.',
		'',
		...(Object.keys(groupTitles) as CommandGroup[]).flatMap(groupSection),
		'## Mouse',
		'',
		'| mouse | what it does |',
		'|---|---|',
		...mouseTable.map(({act, title}) => `| ${act} | ${cell(title)} |`),
		'',
		'## Experiments',
		'',
		'Further letters inject experiments. The machine brings them: `mmtop cat /sys/kernel/debug/lab/experiments` lists',
		'each with its key, and so does `?`. An experiment whose letter has another meaning above is reached by `:`.',
		'',
	].join('\n');
