import {expect, test} from 'vitest';
import {appliesTo, commandOf, commands, experimentKeys, keyTable, mouseTable} from '../../source/ui/panes/keymap.ts';
import {paneOf} from '../../source/ui/panes/table.ts';
import {paneIds} from '../../source/ui/state/panes.ts';
import {initialState, type State} from '../../source/ui/state/state.ts';
import {lineText} from '../../source/ui/terminal/lines.ts';
import {textWidth} from '../../source/ui/terminal/width.ts';
import {update} from '../../source/ui/update/update.ts';
import {helpLines} from '../../source/ui/view/overlays/help.ts';
import {contentOf} from '../../source/ui/view/panes.ts';
import {createFakeTarget} from './support/fakeTarget.ts';
import {experiments} from './support/records.ts';
import {startWatcher} from './support/watcher.ts';

test.each(paneIds)('no key is given twice in pane %s, and each does what the table says of it there', pane => {
	const here = commands.filter(command => appliesTo(command, pane));
	const keys = here.flatMap(command => command.keys);
	expect(keys).toEqual([...new Set(keys)]);
	expect(here.filter(command => command.keys.some(key => commandOf(key, pane) !== command))).toEqual([]);
});

test('a key that only other panes have is known by what it does there', () => {
	expect(commandOf('left', 'frames')?.title).toContain('cell');
	expect(commandOf('left', 'page')?.title).toContain('address');
	expect(commandOf('left', 'maps')?.panes).toEqual(['frames']);
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

test('every pane is found under its id', () => {
	expect(paneIds.map(id => paneOf(id).id)).toEqual(paneIds);
});

test('Esc says what it undoes, in the order in which it does', async () => {
	const {state, press} = await startWatcher(createFakeTarget(), 120, 40);
	press('1', 'down');
	const maps: State = {
		...state(),
		overlay: {kind: 'help', top: 0},
		zoomed: true,
		frames: {
			...state().frames,
			marked: {pid: 112, start: 0, end: 4096},
			onlyLetters: 'D',
			cursorPfn: 16,
		},
		following: {pfn: 0x6a31, before: []},
		focus: 'dma',
	};
	const {rows} = contentOf(maps, 'dma');
	let at: State = {
		...maps,
		views: {
			...maps.views,
			dma: {selected: rows.idAt(0), offset: 0, filter: 'e', sort: {field: 'size', isDescending: true}},
			frames: maps.views.frames,
		},
	};
	const parts: Readonly<Record<string, (state: State) => unknown>> = {
		overlay: ({overlay}) => overlay,
		filter: ({views}) => views.dma.filter || undefined,
		sorting: ({views}) => views.dma.sort,
		selection: ({views}) => views.dma.selected,
		'marks and kinds': ({frames}) => frames.marked ?? frames.onlyLetters,
		'cursor of frames': ({frames}) => frames.cursorPfn,
		zoom: ({zoomed}) => zoomed || undefined,
		following: ({following}) => following.pfn,
	};
	const undone: string[] = [];
	while (Object.values(parts).some(part => part(at) !== undefined)) {
		const before = at;
		// The cursor is undone in its own pane.
		at = {...at, focus: undone.includes('marks and kinds') ? 'frames' : 'dma'};
		at = update(at, {type: 'key', key: 'escape', nowMs: 0}).state;
		undone.push(
			...Object.keys(parts).filter(name => parts[name]!(before) !== undefined && parts[name]!(at) === undefined),
		);
	}
	expect(commands.find(({id}) => id === 'back')?.title).toBe(`undo the first of: ${undone.join(', ')}`);
});

test.each([60, 80, 120])('the help says what every key does to the end, %i columns wide', columns => {
	const state = initialState(createFakeTarget(), columns, 24);
	const texts = helpLines(state).map(lineText);
	const words = texts.join(' ').replace(/\s+/g, ' ');
	for (const {title} of [...commands, ...mouseTable]) {
		expect(words).toContain(title);
	}
	const keys = texts.slice(texts.indexOf('Panes'), texts.indexOf('Marks in front of a row'));
	expect(keys.filter(text => textWidth(text) > columns - 2)).toEqual([]);
});

test('the table for people names every command once', () => {
	expect(keyTable().map(({title}) => title)).toEqual(commands.map(({title}) => title));
	expect(keyTable().find(({title}) => title.includes('by its number'))?.keys).toBe('0-9');
});
