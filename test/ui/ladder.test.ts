import {expect, test} from 'vitest';
import {formatPageInfo} from '../../source/formats/debugfs/page.ts';
import {formatPageMap} from '../../source/formats/debugfs/pageMap.ts';
import {formatTranslate, userPlace} from '../../source/formats/debugfs/translate.ts';
import {formatVmaFrames} from '../../source/formats/debugfs/vmaFrames.ts';
import {path} from '../../source/model/paths.ts';
import {ladderPlace} from '../../source/ui/panes/ladderPlace.ts';
import {litOf} from '../../source/ui/panes/lit.ts';
import {rowsOf} from '../../source/ui/panes/panes.ts';
import {modelIn} from '../../source/ui/state/panes.ts';
import {lineText} from '../../source/ui/terminal/lines.ts';
import {contentOf} from '../../source/ui/view/panes.ts';
import {createFakeTarget, type FakeTarget} from './support/fakeTarget.ts';
import {pageInfo, translateUser} from './support/pageRecords.ts';
import {pageMap} from './support/records.ts';
import {startWatcher, type Watcher} from './support/watcher.ts';

async function watching(target: FakeTarget, ...keys: readonly string[]): Promise<Watcher> {
	const watcher = await startWatcher(target, 120, 40);
	await watcher.look();
	watcher.press(...keys);
	await looks(watcher);
	return watcher;
}

/** What a look finds says what the next one has to ask for. */
async function looks({look, pass}: Watcher, times = 3): Promise<void> {
	for (let time = 0; time < times; time++) {
		pass(100);
		await look();
	}
}

const linesOf = ({state}: Watcher, columns = 78): readonly string[] => {
	const {rows} = contentOf(state(), 'page', {columns, rows: 40});
	return Array.from({length: rows.count}, (_, index) => lineText(rows.lineAt(index)));
};

const placeOf = ({state}: Watcher) => ladderPlace(state(), litOf(state()));

const typed = (words: string): readonly string[] => [...words].map(each => (each === ' ' ? 'space' : each));

test.each([38, 52, 78])('in %i columns every word of every rung is there', async columns => {
	const watcher = await watching(createFakeTarget(), '1', 'down', '8');
	const {rungs} = modelIn(watcher.state(), 'page')!;
	const lines = linesOf(watcher, columns);
	expect(lines.filter(line => line.length > columns || line.includes('…'))).toEqual([]);
	const words = lines
		.map(line => line.slice(13))
		.join(' ')
		.replace(/\s+/g, ' ');
	for (const {value, text, says} of rungs) {
		for (const part of [`${value} ${text}`.trim(), ...says]) expect(words).toContain(part);
	}
	expect(rungs.map(({id}) => id)).toEqual([
		'user',
		'pgd',
		'pte',
		'frame',
		'pin 0',
		'physical',
		'bus',
		'logical',
		'kmap',
		'atomic 0.3',
		'vmalloc',
	]);
});

test('an area that nothing was touched in is shown as far as its page tables go', async () => {
	const target = createFakeTarget();
	const [start, end] = [0x0804a000, 0x0804b000];
	target.files.set(path.vmaFrames(112, start, end), formatVmaFrames({pid: 112, start, end, present: 0, runs: []}));
	const place = userPlace(112, start);
	const reason = 'the pte entry is not present: nothing was touched there yet';
	const walk = translateUser(112, start, 0).walk.map(step =>
		step.level === 'pte' ? {...step, entry: '00000000'} : step,
	);
	target.files.set(path.translate(place), formatTranslate({query: place, answers: [{space: 'phys', reason}], walk}));
	const watcher = await watching(target, '1', 'down', 'down', '8');
	expect(placeOf(watcher)).toEqual(place);
	expect(linesOf(watcher).join('\n')).toContain('nothing was touched there yet');
	expect(litOf(watcher.state()).pfn).toBeUndefined();
});

test('an address that is typed is followed, to whatever frame is behind it', async () => {
	const target = createFakeTarget();
	const watcher = await watching(target, '8', '/', ...typed('40002004'), 'enter');
	expect(placeOf(watcher)).toEqual(userPlace(112, 0x40002004));
	expect(watcher.state().following).toMatchObject({pfn: 0x6a31, address: userPlace(112, 0x40002004)});
	expect(linesOf(watcher)).toContain(' ● physical  06a31004 = 0x6a31 << 12 + 0x4');
	// Copy on write puts another frame there.
	target.files.set(path.translate(placeOf(watcher)!), formatTranslate(translateUser(112, 0x40002004, 0x6b00)));
	await looks(watcher);
	expect(watcher.state().following.pfn).toBe(0x6b00);
	expect(linesOf(watcher)).toContain(' ● physical  06b00004 = 0x6b00 << 12 + 0x4');
	watcher.press('escape');
	expect(watcher.state().following).toMatchObject({pfn: undefined});
	expect(watcher.state().following.address).toBeUndefined();
});

test.each([
	['6a31', {pfn: 0x6a31}],
	['0x0006a31', {pfn: 0x6a31}],
	['40002000', {address: userPlace(112, 0x40002000)}],
	['0x40002000', {address: userPlace(112, 0x40002000)}],
	['bfffffff', {address: userPlace(112, 0xbfffffff)}],
	['c0000000', {address: {space: 'virt', owner: null, address: 0xc0000000}}],
	['user 1 8048000', {address: userPlace(1, 0x8048000)}],
	['user:1:0x08048000', {address: userPlace(1, 0x8048000)}],
	['phys 6a31000', {address: {space: 'phys', owner: null, address: 0x6a31000}}],
	['bus 0000:00:1d.7 117c000', {address: {space: 'bus', owner: '0000:00:1d.7', address: 0x117c000}}],
])('on the ladder one goes to %s', async (words, expected) => {
	const {state} = await watching(createFakeTarget(), '8', '/', ...typed(words), 'enter');
	expect(state().following).toMatchObject(expected);
	expect(state().overlay).toBeUndefined();
});

test.each([
	['8000', /there is no page frame 0x8000: memory ends with 0x7fff/],
	['123456789', /cannot go to "123456789"/],
	['user 8', /cannot go to/],
	['nowhere', /cannot go to "nowhere"/],
])('"%s" is refused in a sentence', async (words, sentence) => {
	const watcher = await watching(createFakeTarget(), '8');
	watcher.press('/', ...typed(words), 'enter');
	expect(watcher.state().notice?.text).toMatch(sentence);
	expect(watcher.state().following.address).toBeUndefined();
});

test('a page that several processes map shows each of them in turn, and says where the turn ends', async () => {
	const target = createFakeTarget();
	const info = pageInfo(0x6a31);
	const mappers = [...info.mappers, {...info.mappers[0]!, pid: 1, comm: 'init', address: 0x08049000}];
	target.files.set(path.page(0x6a31), formatPageInfo({...info, mappers}));
	const watcher = await watching(target, '1', 'down', 'f', '8');
	expect(linesOf(watcher)[0]).toContain('40002000 mapper-112');
	watcher.press('right');
	await looks(watcher);
	expect(linesOf(watcher)[0]).toContain('08049000 init-1');
	expect(linesOf(watcher).join('\n')).toContain('0x08049000 >> 22 = 32');
	watcher.press('right');
	expect(watcher.state().notice?.text).toBe('this is the last of its user addresses');
	watcher.press('left', 'left');
	expect(watcher.state().notice?.text).toBe('this is the first of its user addresses');
	// An address that is followed gives way to the one that is stepped to.
	watcher.press('/', ...typed('40002000'), 'enter');
	await looks(watcher);
	watcher.press('right');
	expect(watcher.state().following.address).toEqual(userPlace(1, 0x08049000));
});

test('a page without a process begins at its kernel address', async () => {
	const target = createFakeTarget();
	const bare = {...pageInfo(0x6a31), mappers: [], kmapAtomic: []};
	const place = async (change: object) => {
		target.files.set(path.page(0x6a31), formatPageInfo({...bare, ...change}));
		return placeOf(await watching(target, '8', '/', ...typed('6a31'), 'enter'));
	};
	expect(await place({})).toMatchObject({space: 'pfn', address: 0x6a31});
	expect(await place({logical: {address: 0xc6a31000}})).toMatchObject({space: 'virt', address: 0xc6a31000});
	expect(await place({kmap: {address: 0xff80d000}})).toMatchObject({space: 'virt', address: 0xff80d000});
	expect(await place({kmapAtomic: pageInfo(0).kmapAtomic, kmap: {address: 0xff80d000}})).toMatchObject({
		address: 0xfffb4000,
	});
});

test.each([
	['K'.repeat(64) + 'P'.repeat(64), 64, 'P'],
	['MdDKK'.padEnd(128, 'A'), 2, 'D'],
	['AMdA'.padEnd(128, 'A'), 2, 'd'],
	['.AMA'.padEnd(128, 'A'), 2, 'M'],
	['..FAA'.padEnd(128, '.'), 2, 'F'],
	['.'.repeat(128), 0, 'free'],
])('of a cell of many frames the most telling opens, else the first in use', async (letters, at, kind) => {
	const target = createFakeTarget();
	const cell = pageMap({startPfn: 0, frames: 128, cells: 128}, pfn => letters[pfn]!);
	target.files.set(path.pageMapWindow(0, 128, 128), formatPageMap(cell));
	const watcher = await watching(target, '2', 'down');
	expect(litOf(watcher.state()).pfn).toBe(at);
	// What is lit is the whole cell, and the map itself is still the map.
	expect(litOf(watcher.state()).runs).toEqual([{pfn: 0, frames: 128}]);
	expect(modelIn(watcher.state(), 'frames')?.framesPerCell).toBe(128);
	watcher.press('f', '8');
	await looks(watcher);
	expect(watcher.state().following.pfn).toBe(at);
	expect(rowsOf(watcher.state(), 'page')[0]?.pfn).toBe(at);
	watcher.press('escape', '2', 'down', 'up');
	expect(watcher.state().frames.cursorPfn).toBe(0);
	await looks(watcher);
	const {aside} = contentOf(watcher.state(), 'page');
	expect(aside).toBe(`frame 0x${at.toString(16)}, first ${kind} of 128`);
});
