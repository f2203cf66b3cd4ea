import {expect, test} from 'vitest';
import {formatCause} from '../../source/formats/debugfs/cause.ts';
import {formatMaps} from '../../source/formats/proc/maps.ts';
import {causePath} from '../../source/model/cause.ts';
import {path} from '../../source/model/paths.ts';
import {detailRows} from '../../source/ui/overlays/detail.ts';
import {wantedPaths} from '../../source/ui/panes/panes.ts';
import type {PaneId} from '../../source/ui/state/panes.ts';
import {lineText} from '../../source/ui/terminal/lines.ts';
import {textWidth} from '../../source/ui/terminal/width.ts';
import {detailLines} from '../../source/ui/view/overlays/detail.ts';
import {shownOverlay} from '../../source/ui/view/overlays/shown.ts';
import {createFakeTarget, type FakeTarget} from './support/fakeTarget.ts';
import {mapperMaps} from './support/records.ts';
import {startWatcher, type Watcher} from './support/watcher.ts';

async function watching(target: FakeTarget, columns = 120, rows = 40): Promise<Watcher> {
	const watcher = await startWatcher(target, columns, rows);
	await looks(watcher);
	return watcher;
}

async function looks({look, pass}: Watcher): Promise<void> {
	for (let time = 0; time < 3; time++) {
		pass(100);
		await look();
	}
}

function detailOf({state}: Watcher) {
	const {overlay} = state();
	return overlay?.kind === 'detail' ? overlay : undefined;
}

function textOf({state}: Watcher): string {
	const {overlay} = state();
	return overlay?.kind === 'detail' ? detailLines(state(), overlay).map(lineText).join('\n') : '';
}

test.each<[PaneId, readonly string[], string, string]>([
	['maps', ['1', 'down'], 'area 08048000 of mapper-112', '/bin/mapper'],
	['frames', ['2', 'down'], 'page frame 0x0', 'kind'],
	['kmap', ['3', 'down'], 'kmap_atomic slot 3 of cpu0', 'KM_TYPE3'],
	['dma', ['4', 'down'], 'DMA pool ehci_qtd of 0000:00:1d.7', 'dma_pool_create()'],
	['iocbs', ['5', 'down'], 'kiocb 41 of dbwriter-97', 'IOCB_CMD_PREAD'],
	['trace', ['6', 'up'], 'trace of 12.000050 s', 'mm_page_alloc'],
	['zones', ['7', 'down'], 'zone DMA', 'the first 16 MiB'],
	['page', ['8', '/', ...'6a31', 'enter', 'look', 'down'], 'page frame 0x6a31', 'PG_dirty'],
	['log', ['9', 'up'], 'message of 9.000000 s', 'KERN_ERR'],
])('Enter on a row of %s explains it, and says what prints its files', async (pane, keys, title, words) => {
	const watcher = await watching(createFakeTarget(), 200, 60);
	for (const key of keys) {
		if (key === 'look') await looks(watcher);
		else watcher.press(key);
	}
	await looks(watcher);
	watcher.press('enter');
	await looks(watcher);
	expect(detailOf(watcher)?.explanation.title).toBe(title);
	expect(textOf(watcher)).toContain(words);
	expect(textOf(watcher).replace(/\s+/g, ' ')).toContain('y copies this) mmtop cat -t lab /');
	expect(shownOverlay(watcher.state())?.title).toBe(title);
	watcher.press('enter');
	expect(watcher.state().overlay).toBeUndefined();
	expect(watcher.state().focus).toBe(pane);
});

test('Enter with nothing selected fills the screen, as z does, and back', async () => {
	const watcher = await watching(createFakeTarget());
	watcher.press('enter');
	expect(watcher.state()).toMatchObject({zoomed: true, overlay: undefined});
	watcher.press('z');
	expect(watcher.state().zoomed).toBe(false);
});

test('a row that is gone is explained as it was, and cannot be opened any more', async () => {
	const target = createFakeTarget();
	const watcher = await watching(target);
	watcher.press('down', 'enter');
	target.files.set(path.maps(112), formatMaps({areas: mapperMaps.areas.slice(1)}));
	await looks(watcher);
	for (let wait = 0; wait < 20; wait++) {
		watcher.pass(1000);
		await watcher.look();
	}
	expect(detailOf(watcher)).toMatchObject({isGone: true, explanation: {title: 'area 08048000 of mapper-112'}});
	expect(textOf(watcher)).toContain('It is gone since');
	watcher.press('escape', 'enter');
	expect(watcher.state().overlay).toBeUndefined();
	expect(watcher.state().notice?.text).toContain('that row is gone');
});

test('what it says follows the row, and so does what made it, with arguments as constants', async () => {
	const target = createFakeTarget();
	const object = {kind: 'vma', pid: 112, address: 0x08048000} as const;
	const watcher = await watching(target);
	watcher.press('down', 'enter');
	expect(wantedPaths(watcher.state())).toContain(causePath(object));
	expect(wantedPaths(watcher.state())).toContain(path.aio);
	const step = {cpu: 0, task: {comm: 'mapper', pid: 112}, context: 'task'} as const;
	const text = 'addr: 0, len: 2000, prot: 5, flags: 2, fd: 3, pgoff: 0';
	target.files.set(
		causePath(object),
		formatCause({
			object,
			on: true,
			oldestUs: 0,
			lost: 0,
			changes: [
				{
					events: [{...step, timeUs: 2, name: 'vma_link', text: 'mm=9 08048000-0804a000', result: null}],
					more: 0,
					within: [{...step, timeUs: 1, name: 'sys_mmap2', text, result: '0xfffffff4'}],
					origin: 'syscall',
					injection: null,
				},
			],
			nothing: null,
		}),
	);
	const [first, ...others] = mapperMaps.areas;
	target.files.set(path.maps(112), formatMaps({areas: [{...first!, end: first!.end - 4096}, ...others]}));
	await looks(watcher);
	const said = textOf(watcher).replace(/\s+/g, ' ');
	expect(said).toContain('08048000-08049000');
	expect(said).toContain('prot: PROT_READ|PROT_EXEC, flags: MAP_PRIVATE, fd: 3, pgoff: 0) = -ENOMEM');
	// w says it in the same words.
	watcher.press('escape', 'w');
	await looks(watcher);
	const head = shownOverlay(watcher.state())!.content.head.map(lineText).join(' ').replace(/\s+/g, ' ');
	expect(head).toContain('flags: MAP_PRIVATE, fd: 3, pgoff: 0) = -ENOMEM');
});

test('y copies the command and leaves it open; it scrolls to its end and not beyond; other keys close it', async () => {
	const watcher = await watching(createFakeTarget(), 80, 24);
	watcher.press('down', 'enter', 'y');
	expect(detailOf(watcher)).toBeDefined();
	expect(watcher.state().notice?.text).toContain('mmtop cat -t lab /proc/112/maps');
	const count = detailRows(watcher.state(), detailOf(watcher)!).length;
	expect(count).toBeGreaterThan(20);
	watcher.press('G');
	expect(detailOf(watcher)?.top).toBe(count - 20);
	watcher.press('down');
	expect(detailOf(watcher)?.top).toBe(count - 20);
	watcher.press('g');
	expect(detailOf(watcher)?.top).toBe(0);
	watcher.press('q');
	expect(watcher.state().overlay).toBeUndefined();
});

test.each([40, 80, 120, 200])('nothing of it is cut in %i columns', async columns => {
	const watcher = await watching(createFakeTarget(), columns, 24);
	watcher.press('down', 'down', 'down', 'down', 'enter');
	await looks(watcher);
	const lines = textOf(watcher).split('\n');
	expect(lines.filter(line => line.includes('…') || textWidth(line) > Math.min(columns, 100) - 2)).toEqual([]);
	const said = lines
		.map(line => line.slice(13))
		.join(' ')
		.replace(/\s+/g, ' ');
	for (const {value, says} of detailOf(watcher)!.explanation.fields) {
		for (const part of [value, ...says]) expect(said.replaceAll(' ', '')).toContain(part.replaceAll(' ', ''));
	}
});
