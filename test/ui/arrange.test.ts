import {afterEach, expect, test} from 'vitest';
import {arrange} from '../../source/ui/panes/arrange.ts';
import {litOf} from '../../source/ui/panes/lit.ts';
import {fieldsOf, rowsOf, wantedPaths} from '../../source/ui/panes/panes.ts';
import {paneOf} from '../../source/ui/panes/table.ts';
import {type Fields, initialView, type ListView} from '../../source/ui/state/list.ts';
import {type PaneId, paneIds} from '../../source/ui/state/panes.ts';
import type {State} from '../../source/ui/state/state.ts';
import {contentOf} from '../../source/ui/view/panes.ts';
import {createFakeTarget} from './support/fakeTarget.ts';
import {type Session, startSession} from './support/session.ts';

let session: Session | undefined;

function start(...options: Parameters<typeof startSession>): Session {
	session = startSession(...options);
	return session;
}

afterEach(() => {
	session?.stop();
	expect(session?.crashes ?? []).toEqual([]);
	session = undefined;
});

type PoolRow = {readonly id?: string; readonly busy?: number | undefined};

/** A heading, and rows. */
const rows: readonly PoolRow[] = [
	{},
	{id: 'ehci_qtd', busy: 3},
	{id: 'buffer-32', busy: 10},
	{id: 'ehci_qh', busy: 3},
	{id: 'orphan', busy: undefined},
];

const meaning = {
	fields: ({id, busy}: PoolRow) => ({name: id, busy}),
	text: ({id, busy}: PoolRow) => `${id} ${busy ?? '-'}`,
};

const arranged = (view: Partial<ListView>): readonly PoolRow[] =>
	arrange(rows, meaning, {...initialView, ...view}, ['name', 'busy']);

const shown = (view: Partial<ListView>): readonly (string | undefined)[] => arranged(view).map(({id}) => id);

test.each([
	['ehci', ['ehci_qtd', 'ehci_qh']],
	['EHCI', ['ehci_qtd', 'ehci_qh']],
	['3', ['ehci_qtd', 'buffer-32', 'ehci_qh']],
	['busy:3', ['ehci_qtd', 'ehci_qh']],
	['!busy:3', ['buffer-32', 'orphan']],
	['!ehci', ['buffer-32', 'orphan']],
	['!', ['ehci_qtd', 'buffer-32', 'ehci_qh', 'orphan']],
	['colour:3', []],
])('the filter %s leaves %j', (filter, left) => {
	expect(shown({filter})).toEqual(left);
});

test('rows of one value keep their order, and those without a value come last either way', () => {
	expect(shown({sort: {field: 'busy', isDescending: true}})).toEqual(['buffer-32', 'ehci_qtd', 'ehci_qh', 'orphan']);
	expect(shown({sort: {field: 'busy', isDescending: false}})).toEqual(['ehci_qtd', 'ehci_qh', 'buffer-32', 'orphan']);
});

test('what was arranged so before is the same array, and so are rows that are not arranged at all', () => {
	const sort = {field: 'busy', isDescending: true};
	expect(arranged({})).toBe(rows);
	expect(arranged({filter: 'ehci', sort})).toBe(arranged({filter: 'ehci', sort}));
	expect(arranged({filter: 'ehci'})).not.toBe(arranged({filter: 'ehci', sort}));
});

const fieldsIn = <Id extends PaneId>(state: State, id: Id): readonly Fields[] =>
	rowsOf(state, id).map(row => paneOf(id).meaning.fields?.(row) ?? {});

test('every field of a row is a column that the help explains', async () => {
	const {monitor, waitForText} = start(createFakeTarget(), {columns: 200, rows: 60});
	await waitForText('ehci_qtd');
	for (const id of paneIds) {
		const names = fieldsIn(monitor.state(), id).flatMap(Object.keys);
		expect(fieldsOf(id)).toEqual(expect.arrayContaining([...new Set(names)]));
		expect(paneOf(id).about.shows).not.toBe('');
	}
});

test('s sorts by one column after the other and the title says by which; R turns it round; Esc ends it', async () => {
	const {press, waitForText, waitFor} = start(createFakeTarget());
	await waitForText('ehci_qtd');
	press('4', 's');
	await waitForText('4 dma ↑name');
	press('s');
	await waitForText('4 dma ↓busy');
	press('R');
	await waitForText('4 dma ↑busy');
	press('escape');
	await waitFor(screen => screen.includes('4 dma ─') && !screen.includes('↑busy'));
});

test('a filter by field stands in the title of its pane', async () => {
	const {press, waitForText, waitFor} = start(createFakeTarget());
	await waitForText('ehci_qtd');
	press('4', '/', ...'!name:ehci', 'enter');
	await waitForText('4 dma /!name:ehci');
	await waitFor(screen => !screen.includes('ehci_qtd'));
});

test('y gives the terminal the command line that prints what the pane shows', async () => {
	const {press, waitForText, sent} = start(createFakeTarget());
	await waitForText('ehci_qtd');
	sent();
	press('3', 'y');
	const screen = await waitForText('copied');
	const copied = /\u001B\]52;c;([^\u0007]*)\u0007/.exec(sent())?.[1] ?? '';
	const command = Buffer.from(copied, 'base64').toString();
	expect(command).toMatch(/^mmtop cat .*\/sys\/kernel\/debug\/kmap_atomic \/sys\/kernel\/debug\/pkmap$/);
	expect(screen).toContain(command.slice(0, 20));
});

test('? says what the pane in focus shows, column by column, and the files that it is made from', async () => {
	const {press, waitForText} = start(createFakeTarget());
	await waitForText('ehci_qtd');
	press('5', '?');
	const screen = await waitForText('Pane 5, iocbs');
	expect(screen).toMatch(/pins +user pages that it holds in memory/);
	expect(screen).toMatch(/made from +\/sys\/kernel\/debug\/aio/);
	expect(screen).toContain('mmtop cat');
});

test('b goes back to the pane and the followed frame before, until there is nothing to go back to', async () => {
	const {press, waitForText, monitor} = start(createFakeTarget());
	await waitForText('ehci_qtd');
	press('2', 'down', 'f', '5');
	const {pfn} = monitor.state().following;
	expect(pfn).toBeTypeOf('number');
	press('b');
	expect(monitor.state()).toMatchObject({focus: 'frames', following: {pfn}});
	press('b');
	expect(monitor.state()).toMatchObject({focus: 'frames', following: {pfn: undefined}});
	press('b');
	expect(monitor.state().focus).toBe('maps');
	press('b');
	await waitForText('nothing to go back to');
});

test('in frames / goes to a page frame by its number, and says where memory ends', async () => {
	const {press, waitForText, monitor} = start(createFakeTarget());
	await waitForText('HighMem');
	press('2', '/', ...'6a31');
	await waitForText('go to 6a31');
	press('enter');
	expect(monitor.state().frames.cursorPfn).toBe(0x6a31);
	press('/', ...'fffff', 'enter');
	await waitForText('memory ends with 0x7fff');
	expect(monitor.state().frames.cursorPfn).toBe(0x6a31);
});

test('the frames of the selected mapping light up in the frames pane', async () => {
	const {press, waitForText, monitor} = start(createFakeTarget());
	await waitForText('ehci_qtd');
	press('4', 'down', 'down', 'down', 'down', 'down');
	expect(litOf(monitor.state()).runs).toEqual([{pfn: 0x2000, frames: 2}]);
	press('escape');
	expect(litOf(monitor.state()).runs).toEqual([]);
});

/** Ids of the rows of a pane that are lit now. */
function litRows(state: State, id: PaneId): readonly (string | undefined)[] {
	const {rows} = contentOf(state, id);
	return Array.from({length: rows.count}, (_, index) => index)
		.filter(index => rows.isLitAt(index, litOf(state)))
		.map(index => rows.idAt(index));
}

test(
	'a selected slot lights up its frame, the requests that pin it, the trace that names it and the area ' + 'it is in',
	async () => {
		const {press, waitForText, waitFor, monitor} = start(createFakeTarget(), {columns: 200, rows: 60});
		await waitForText('/bin/mapper');
		press('3', 'down');
		await waitForText('frame 0x6a31');
		await waitFor(() => litRows(monitor.state(), 'maps').length > 0);
		const state = monitor.state();
		expect(litOf(state).runs).toEqual([{pfn: 0x6a31, frames: 1}]);
		expect(litRows(state, 'iocbs')).toEqual(['kiocb 41']);
		const [lit] = litRows(state, 'maps');
		expect(rowsOf(state, 'maps').find(({id}) => id === lit)?.area.start).toBe(0x40000000);
	},
);

test(
	'a selected area lights up the frames behind it; f follows the first, and another pane keeps the ' + 'light',
	async () => {
		const {press, waitForText, waitFor, monitor} = start(createFakeTarget());
		await waitForText('/bin/mapper');
		press('1', 'down', 'down');
		await waitFor(() => litOf(monitor.state()).runs.length > 0);
		expect(litOf(monitor.state()).runs).toEqual([{pfn: 0x6a71, frames: 2}]);
		press('2');
		expect(litOf(monitor.state()).runs).toEqual([{pfn: 0x6a71, frames: 2}]);
		press('1', 'f');
		expect(monitor.state().following.pfn).toBe(0x6a71);
	},
);

test(
	'a selected pool lights up its page and the mapping that this is; f follows it, and the pool is lit ' + 'by it',
	async () => {
		const {press, waitForText, waitFor, monitor} = start(createFakeTarget(), {columns: 200, rows: 60});
		await waitForText('ehci_qtd');
		press('4', 'down');
		await waitFor(() => litOf(monitor.state()).runs.length > 0);
		expect(litOf(monitor.state()).runs).toEqual([{pfn: 0x1000, frames: 1}]);
		const coherent = '0000:00:1d.7 coherent 1000000+4096';
		expect(litRows(monitor.state(), 'dma')).toEqual(['0000:00:1d.7 ehci_qtd', coherent]);
		press('f', 'escape');
		expect(monitor.state()).toMatchObject({following: {pfn: 0x1000}, views: {dma: {selected: undefined}}});
		expect(litRows(monitor.state(), 'dma')).toEqual(['0000:00:1d.7 ehci_qtd', coherent]);
	},
);

test('a frame under the cursor lights up the mappings and requests that lie in its cell', async () => {
	const {press, waitForText, waitFor, monitor} = start(createFakeTarget());
	await waitForText('/bin/mapper');
	press('2', '/', ...'2001', 'enter');
	await waitFor(() => litRows(monitor.state(), 'dma').length > 0);
	expect(litRows(monitor.state(), 'dma')).toEqual(['0000:00:03.0 coherent 2000000+8192']);
});

test.each([
	['pid 112', 'the frames of process 112 are lit'],
	['pid 7', 'there is no process 7'],
	['vma 40001000', 'the frames of the area at 40000000 of 112 are lit'],
	['vma 1', 'pane 1 shows no area that holds 1'],
	['only DP', 'only DP is shown'],
	['only xyz', 'kinds of frame are RKSTAaFfDPMBVdw.'],
	['nowhere', 'cannot go to "nowhere"'],
])('in frames / takes the words "%s" and answers: %s', async (words, answer) => {
	const {press, waitForText} = start(createFakeTarget());
	await waitForText('/bin/mapper');
	press('2', '/', ...[...words].map(character => (character === ' ' ? 'space' : character)), 'enter');
	await waitForText(answer);
});

test('kinds that alone are shown are asked of the target; Esc shows all again', async () => {
	const {press, waitForText, monitor} = start(createFakeTarget());
	await waitForText('/bin/mapper');
	press('2', '/', ...'only', 'space', ...'DP', 'enter');
	expect(wantedPaths(monitor.state()).find(each => each.includes('page_map'))).toMatch(/\/DP$/);
	press('escape');
	expect(wantedPaths(monitor.state()).find(each => each.includes('page_map'))).toMatch(/\d$/);
});
