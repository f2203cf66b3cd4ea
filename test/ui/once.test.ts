import {expect, test} from 'vitest';
import {renderOnce} from '../../source/ui/once.tsx';
import {createTheme} from '../../source/ui/terminal/theme.ts';
import {createFakeTarget} from './support/fakeTarget.ts';

const once = (columns = 120, rows = 40, target = createFakeTarget()) =>
	renderOnce({target, columns, rows, theme: createTheme('plain', true)});

test('one screen shows all five panes with rows in them, and the trace', async () => {
	const screen = await once();
	expect(screen).toContain('40000000-40004000 rw-s');
	expect(screen).toContain('HighMem');
	expect(screen).toMatch(/cpu0 .*0\/3/);
	expect(screen).toContain('ehci_qtd');
	expect(screen).toMatch(/97 dbwriter\s+PREAD/);
	expect(screen).toContain('mm_page_alloc: pfn=0x2af4');
});

test('the same machine gives the same bytes', async () => {
	expect(await once()).toBe(await once());
});

test.each([
	[80, 24],
	[100, 30],
	[120, 40],
	[200, 60],
	[40, 10],
	[30, 5],
])('at %ix%i no line is wider and the screen no taller than that', async (columns, rows) => {
	const lines = (await once(columns, rows)).split('\n');
	expect(lines.length).toBeLessThanOrEqual(rows);
	expect(Math.max(...lines.map(line => [...line].length))).toBeLessThanOrEqual(columns);
});

test('without colour there is no escape sequence; with colour there is', async () => {
	expect(await once()).not.toContain('\u001B');
	const theme = createTheme('dark', true);
	expect(await renderOnce({target: createFakeTarget(), columns: 120, rows: 40, theme})).toContain('\u001B[');
});

test('a terminal that has only ASCII gets no other characters', async () => {
	const theme = createTheme('plain', false);
	const screen = await renderOnce({target: createFakeTarget(), columns: 120, rows: 40, theme});
	expect(screen).toMatch(/^[\n -~]+$/);
	expect(screen).toContain('1 maps');
});

test('a pane whose file the target lacks says which file, and why', async () => {
	const target = createFakeTarget();
	target.files.delete('/sys/kernel/debug/kmap_atomic');
	const screen = await once(120, 40, target);
	expect(screen).toContain('/sys/kernel/debug/kmap_atomic:');
	expect(screen).toContain('ENOENT: no such file');
});

test('a pane that lacks one of its files because it is not in its format says so, with the line', async () => {
	const target = createFakeTarget();
	const path = '/proc/zoneinfo';
	target.files.set(path, 'Node 0, zone DMA\nnonsense\n');
	const screen = (await once(200, 60, target)).replaceAll(/[│┃\s]+/g, ' ');
	expect(screen).toContain('/proc/zoneinfo is not in a format');
	expect(await once(200, 60)).not.toContain('is not in a format');
	// A target that has no such file is no news.
	target.files.delete(path);
	expect(await once(200, 60, target)).not.toContain('zoneinfo');
});
