import {expect, onTestFinished, test} from 'vitest';
import type {Mouse} from '../../source/ui/terminal/sequences.ts';
import {createFakeTarget} from './support/fakeTarget.ts';
import {type Session, startSession} from './support/session.ts';

async function start(columns = 120, rows = 40): Promise<Session> {
	const session = startSession(createFakeTarget(), {columns, rows});
	onTestFinished(() => {
		session.stop();
		expect(session.crashes).toEqual([]);
	});
	await session.waitFor(now => now.includes('112 mapper') && (columns < 120 || now.includes('ehci_qtd')));
	return session;
}

/** The cell where a text begins on the screen. */
function placeOf({screen}: Session, text: string): {column: number; row: number} {
	const lines = screen().split('\n');
	const row = lines.findIndex(line => line.includes(text));
	return {column: lines[row]!.indexOf(text), row};
}

const act = (session: Session, kind: Mouse['kind'], text: string): void =>
	session.monitor.point({kind, ...placeOf(session, text)});

const click = (session: Session, text: string): void => act(session, 'click', text);

test('a click focuses the pane under it and selects the row', async () => {
	const session = await start();
	click(session, 'ehci_qh');
	expect(session.monitor.state().focus).toBe('dma');
	expect(session.monitor.state().views.dma.selected).toContain('ehci_qh');
	click(session, '40000000-40004000');
	expect(session.monitor.state().focus).toBe('maps');
	session.press('f');
	await session.waitForText('0x');
	expect(session.monitor.state().notice?.text).not.toContain('select a row');
});

test('what is clicked stays under the pointer', async () => {
	const session = await start();
	const before = placeOf(session, 'buffer-512');
	click(session, 'buffer-512');
	session.press('Z');
	await session.waitForText('does nothing here');
	expect(placeOf(session, 'buffer-512')).toEqual(before);
});

test('a click in the map of frames puts the cursor on the cell, and a double click fills the screen', async () => {
	const session = await start();
	const band = placeOf(session, 'HighMem');
	const {column} = band;
	const row = band.row + 1;
	// Eight columns of label, and then a cell for so many frames.
	session.monitor.point({kind: 'click', column: column + 8 + 3, row});
	const {focus, frames} = session.monitor.state();
	const {cursorPfn} = frames;
	expect(focus).toBe('frames');
	expect(cursorPfn! >= 16384).toBe(true);
	await session.waitForText(`pfn 0x${cursorPfn!.toString(16)}`);
	session.monitor.point({kind: 'click', column: column + 8 + 3, row});
	expect(session.monitor.state().zoomed).toBe(true);
});

test('two clicks with time between them, or on two cells, are not a double click', async () => {
	const session = await start();
	const {column, row} = placeOf(session, 'ehci_qtd');
	session.monitor.point({kind: 'click', column, row});
	session.monitor.point({kind: 'click', column: column + 1, row});
	expect(session.monitor.state().zoomed).toBe(false);
	// The session's clock goes on by a millisecond with each look at it.
	for (let ms = 0; ms < 500; ms++) {
		session.press('f13');
	}
	session.monitor.point({kind: 'click', column: column + 1, row});
	expect(session.monitor.state().zoomed).toBe(false);
});

test('a click on a key in the footer presses it', async () => {
	const session = await start();
	await session.waitForText(': experiments');
	click(session, ': experiments');
	expect(session.monitor.state().overlay?.kind).toBe('palette');
});

test('a click on a tab goes to its pane', async () => {
	const session = await start(80, 24);
	click(session, '5 iocbs');
	await session.waitForText('dbwriter');
	expect(session.monitor.state().focus).toBe('iocbs');
});

test('a click on a notice takes it away', async () => {
	const session = await start();
	session.press('Z');
	await session.waitForText('does nothing here');
	click(session, 'does nothing here');
	expect(session.monitor.state().notice).toBeUndefined();
});

test('the wheel scrolls the pane under the pointer, and the focus stays', async () => {
	const session = await start(80, 12);
	expect(placeOf(session, '08048000').row).toBeGreaterThan(0);
	act(session, 'wheelDown', '08048000');
	await session.waitFor(now => !now.includes('08048000-'));
	act(session, 'wheelUp', 'bffeb000');
	await session.waitForText('08048000-');
	expect(session.monitor.state().focus).toBe('maps');
});

test('the wheel moves in an overlay, a click beside it closes it, and a double click chooses', async () => {
	const session = await start();
	session.press('p');
	await session.waitForText('Enter shows its maps');
	act(session, 'wheelDown', 'VmSize');
	const {column, row} = placeOf(session, ' 1 init');
	session.monitor.point({kind: 'click', column, row});
	session.monitor.point({kind: 'click', column, row});
	expect(session.monitor.state()).toMatchObject({processes: {chosenPid: 1}, overlay: undefined});

	session.press('?');
	await session.waitForText('any other key closes');
	const top = session.monitor.state().overlay;
	act(session, 'wheelDown', 'any other key closes');
	expect(session.monitor.state().overlay).not.toEqual(top);
	session.monitor.point({kind: 'click', column: 0, row: 0});
	expect(session.monitor.state().overlay).toBeUndefined();
});

test.each([
	['the help', ['?']],
	['the palette', [':']],
	['the processes', ['p']],
	['what made it', ['down', 'w']],
	['a question', [':', 'ctrl+p', ...'mremap', 'enter']],
])('a wheel at an end of %s turns idly and says nothing', async (_, keys) => {
	const session = await start();
	await session.waitForText(': experiments');
	session.press(...keys);
	const {overlay} = session.monitor.state();
	expect(overlay).toBeDefined();
	for (const kind of ['wheelDown', 'wheelUp'] as const) {
		for (let notch = 0; notch < 40; notch++) {
			session.monitor.point({kind, column: 60, row: 20});
		}
		expect(session.monitor.state().notice).toBeUndefined();
	}
	expect(session.monitor.state().overlay?.kind).toBe(overlay?.kind);
});

test('a wheel at an end of a pane turns idly too', async () => {
	const session = await start(80, 24);
	for (const key of ['1', '2', '3', '4', '5', '6', '7', '8', '9', '0']) {
		session.press(key, 'z');
		for (const kind of ['wheelDown', 'wheelUp'] as const) {
			for (let notch = 0; notch < 40; notch++) {
				session.monitor.point({kind, column: 20, row: 10});
			}
			expect(session.monitor.state().notice, key).toBeUndefined();
		}
		session.press('z');
	}
});
