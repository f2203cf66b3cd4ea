import {expect, test} from 'vitest';
import {commands, experimentKeys, keyTable} from '../../source/ui/keymap.ts';
import {paneIds} from '../../source/ui/layout.ts';
import {panes} from '../../source/ui/panes.ts';
import {experiments} from './support/records.ts';

test('no key is given twice', () => {
	const keys = commands.flatMap(command => command.keys);
	expect(keys).toEqual([...new Set(keys)]);
});

test('the keys that experiments use by agreement are free', () => {
	const taken = new Set(commands.flatMap(command => command.keys));
	expect([...'mdctao'].filter(key => taken.has(key))).toEqual([]);
});

test('the keys that the documentation promises are there', () => {
	const keys = new Set(commands.flatMap(command => command.keys));
	const promised = [...'123456789z/fP.<>:?pqhjkl', 'tab', 'shift+tab', 'enter', 'space', 'up', 'down', 'left', 'right'];
	expect([...promised, 'pageup', 'pagedown', 'home', 'end'].filter(key => !keys.has(key))).toEqual([]);
});

test('an experiment whose key a command has is left to the palette', () => {
	const [first] = experiments.experiments;
	const keys = experimentKeys([
		{...first!, key: 'q'},
		{...first!, key: 'm'},
		{...first!, key: null},
	]);
	expect([...keys.keys()]).toEqual(['m']);
});

test('panes have the numbers of the layout’s order', () => {
	expect(panes.map(({id}) => id)).toEqual(paneIds);
});

test('the table for people names every command once', () => {
	expect(keyTable().map(({title}) => title)).toEqual(commands.map(({title}) => title));
	expect(keyTable().find(({title}) => title.includes('by its number'))?.keys).toBe('1-9');
});
