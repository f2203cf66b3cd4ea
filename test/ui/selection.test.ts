/** What is selected stays what it is, whatever comes and goes while its pane is not on the screen. */

import {expect, test} from 'vitest';
import {formatPageInfo} from '../../source/formats/debugfs/page.ts';
import {formatTrace} from '../../source/formats/debugfs/tracing/trace.ts';
import {formatMaps} from '../../source/formats/proc/maps.ts';
import {path} from '../../source/model/paths.ts';
import {indexOfId} from '../../source/ui/state/list.ts';
import type {PaneId} from '../../source/ui/state/panes.ts';
import {lineText} from '../../source/ui/terminal/lines.ts';
import {contentOf} from '../../source/ui/view/panes.ts';
import {createFakeTarget, type FakeTarget} from './support/fakeTarget.ts';
import {pageInfo} from './support/pageRecords.ts';
import {area, mapperMaps, traceOf} from './support/records.ts';
import {startWatcher, type Watcher} from './support/watcher.ts';

function selected(watcher: Watcher, id: PaneId): string | undefined {
	const state = watcher.state();
	const {rows} = contentOf(state, id);
	const index = indexOfId(rows, state.views[id].selected);
	return index < 0 ? undefined : lineText(rows.lineAt(index)).trimEnd();
}

function traces(target: FakeTarget, ...numbers: readonly number[]): void {
	const events = numbers.map(number => ({pid: 5, text: `event ${number}`, timeUs: 12_000_000 + number}));
	target.files.set(path.trace, formatTrace(traceOf(events)));
}

/** A small screen with room for two panes, `shows` among them. */
async function watching(target: FakeTarget, ...shows: readonly string[]): Promise<Watcher> {
	const watcher = await startWatcher(target, 80, 24);
	watcher.press(...shows);
	await watcher.look();
	return watcher;
}

/** The pane is hidden, something happens, and it is shown again. */
async function away(watcher: Watcher, key: string, happens: () => void): Promise<void> {
	watcher.press('4', '5');
	watcher.pass(100);
	await watcher.look();
	happens();
	watcher.pass(100);
	await watcher.look();
	watcher.press(key);
	watcher.pass(100);
	await watcher.look();
}

test('a line of the trace, while others come', async () => {
	const target = createFakeTarget();
	traces(target, 1, 2, 3);
	const watcher = await watching(target, '6');
	watcher.press('end', 'up');
	expect(selected(watcher, 'trace')).toContain('event 2');
	await away(watcher, '6', () => traces(target, 2, 3, 4, 5));
	expect(selected(watcher, 'trace')).toContain('event 2');
});

test('a line of the trace that is gone leaves no other selected', async () => {
	const target = createFakeTarget();
	traces(target, 1, 2, 3);
	const watcher = await watching(target, '6');
	watcher.press('end', 'up');
	await away(watcher, '6', () => traces(target, 10, 11, 12));
	expect(selected(watcher, 'trace')).toBeUndefined();
});

test('a line of the trace, after time went back', async () => {
	const target = createFakeTarget();
	traces(target, 1, 2, 3);
	const watcher = await watching(target, '6');
	traces(target, 2, 3, 4, 5);
	watcher.pass(100);
	await watcher.look();
	watcher.press('end', 'up', 'up');
	expect(selected(watcher, 'trace')).toContain('event 3');
	traces(target, 2, 3);
	watcher.pass(-2000);
	await watcher.look();
	expect(selected(watcher, 'trace')).toContain('event 3');
});

test('an area, while another comes before it; what became of it meanwhile is not news', async () => {
	const target = createFakeTarget();
	const watcher = await watching(target, '1');
	watcher.press('down', 'down', 'down', 'down');
	expect(selected(watcher, 'maps')).toContain('/dev/simple1');
	await away(watcher, '1', () => {
		const areas = mapperMaps.areas.map(each => (each.inode === 812 ? {...each, end: each.end + 0x4000} : each));
		target.files.set(path.maps(112), formatMaps({areas: [area(0x1000, 0x2000, 'r--p', null), ...areas]}));
	});
	expect(selected(watcher, 'maps')).toMatch(/^ {2}40000000-40008000 rw-s.*\/dev\/simple1/);
});

test('an area of one process is none of another', async () => {
	const target = createFakeTarget();
	const watcher = await watching(target, '1');
	watcher.press('down');
	expect(selected(watcher, 'maps')).toContain('08048000');
	target.removeProcess(112);
	target.addProcess(113, 'other', {areas: mapperMaps.areas.slice(1)});
	watcher.tell({type: 'listed', path: path.processes, names: await target.list(path.processes)});
	for (let look = 0; look < 3; look++) {
		watcher.pass(100);
		await watcher.look();
	}
	expect(contentOf(watcher.state(), 'maps').aside).toContain('113 other');
	expect(selected(watcher, 'maps')).toBeUndefined();
});

test('a fact about a page, when another user address comes', async () => {
	const target = createFakeTarget();
	const watcher = await watching(target, '1');
	watcher.press('down');
	await watcher.look();
	watcher.press('f', '8');
	await watcher.look();
	for (let row = 0; row < 20 && !selected(watcher, 'page')?.includes('physical'); row++) watcher.press('down');
	expect(selected(watcher, 'page')).toContain('physical');
	const followedPfn = watcher.state().following.pfn;
	const info = pageInfo(followedPfn!);
	const mappers = [...info.mappers, {...info.mappers[0]!, pid: 113, comm: 'other', address: 0x5000}];
	target.files.set(path.page(followedPfn!), formatPageInfo({...info, mappers}));
	watcher.pass(100);
	await watcher.look();
	expect(selected(watcher, 'page')).toContain('physical');
});
