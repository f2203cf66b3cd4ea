import {expect, test} from 'vitest';
import {parsePageMap} from '../../source/formats/debugfs/pageMap.ts';
import {dmaModel} from '../../source/model/dma.ts';
import {framesModel} from '../../source/model/frames.ts';
import {findCulprits, nobody} from '../../source/model/injections.ts';
import {iocbsModel} from '../../source/model/iocbs.ts';
import {kmapModel} from '../../source/model/kmap.ts';
import {logModel} from '../../source/model/log.ts';
import {lingerMs} from '../../source/model/moment.ts';
import {likelyProcess, processRows} from '../../source/model/processes.ts';
import {addReading, ratePerSecond, type Series} from '../../source/model/rate.ts';
import {lastLines, traceLines, traceModel} from '../../source/model/trace.ts';
import {mergeSample, readRecord} from '../../source/model/tree.ts';
import {zonesModel} from '../../source/model/zones.ts';
import {
	aio,
	dmaDump,
	injection,
	injectOf,
	kiocb,
	kmapAtomic,
	mapping,
	pageMap,
	pkmap,
	pools,
} from '../ui/support/records.ts';

const at = (movedMs: number, timeNs = movedMs * 1e6) => ({timeNs, movedMs});

test('a slot that is taken is marked new, one that was used and left is marked changed with the number of uses', () => {
	const idle = kmapModel(kmapAtomic({'0.3': {used: 5}}), pkmap, undefined, at(0), nobody);
	const held = kmapModel(
		kmapAtomic({'0.3': {used: 6, pfn: 0x10, holder: {comm: 'a', pid: 1}}, '1.2': {used: 4, lastPfn: 0x11}}),
		pkmap,
		idle,
		at(100),
		{...nobody, byPid: new Map([[1, 3]])},
	);
	expect(held.busy.map(({id, mark, usesSince}) => [id, mark?.kind, mark?.injection, usesSince])).toEqual([
		['cpu0 slot 3', 'new', 3, 1],
		['cpu1 slot 2', 'changed', undefined, 4],
	]);
	expect(held.cpus[0]?.depth).toBe(1);
	expect([held.pkmapUsed, held.pkmapStale]).toEqual([1, 1]);
});

test('uses per second are counted in virtual time over the last second', () => {
	let series: Series = [];
	for (let tenth = 0; tenth <= 30; tenth++) {
		series = addReading(series, tenth * 1e8, tenth < 20 ? tenth * 10 : 200 + (tenth - 20) * 50);
	}
	expect(ratePerSecond(series)).toBe(500);
	expect(series.length).toBeLessThan(13);
	expect(ratePerSecond(addReading([], 0, 7))).toBeUndefined();
	expect(addReading(series, 0, 1)).toEqual([{timeNs: 0, value: 1}]);
});

test('free blocks that changed are marked while the machine stands still, and for a while when it goes on', () => {
	const files = (...freeBlocks: readonly number[]) => ({
		buddyinfo: {zones: [{node: 0, zone: 'DMA', freeBlocks}]},
		zoneinfo: undefined,
		meminfo: undefined,
	});
	const now = files(1, 4);
	const changed = zonesModel(now, zonesModel(files(3, 3), undefined, at(0)), at(100));
	expect(changed.zones[0]?.changes).toEqual([-2, 1]);
	expect(zonesModel(now, changed, at(100))).toBe(changed);
	expect(zonesModel(now, changed, at(99 + lingerMs))).toBe(changed);
	const later = zonesModel(now, changed, at(100 + lingerMs));
	expect(later.zones[0]?.changes).toEqual([0, 0]);
	expect(zonesModel(now, later, at(9000))).toBe(later);
});

test('a kiocb that is queued is new, one whose state changes is changed, one that completes stays in sight', () => {
	const files = (...kiocbs: Parameters<typeof aio>) => ({aio: aio(...kiocbs), aioNr: 128, aioMaxNr: 65536});
	const none = iocbsModel(files([]), undefined, at(0), nobody);
	const queued = iocbsModel(files([kiocb(7, {state: 'queued'})]), none, at(100), nobody);
	const device = iocbsModel(files([kiocb(7, {state: 'device'})]), queued, at(200), nobody);
	const done = iocbsModel(files([]), device, at(300), nobody);
	expect([queued, device, done].map(({rows}) => rows.map(({mark}) => mark?.kind))).toEqual([
		['new'],
		['changed'],
		['gone'],
	]);
	expect(done.pending).toBe(0);
	expect(iocbsModel(files([]), done, at(300 + lingerMs), nobody).rows).toEqual([]);
});

test('a ring tells how many completions wait in it, also when the tail has wrapped', () => {
	const wrapped = aio([]);
	const context = {...wrapped.contexts[0]!, ringNr: 255, head: 250, tail: 3};
	const model = iocbsModel({aio: {...wrapped, contexts: [context]}, aioNr: 0, aioMaxNr: 1}, undefined, at(0), nobody);
	expect(model.contexts[0]?.ready).toBe(8);
});

test('a coherent allocation adds a marked row and a marked total', () => {
	const files = {pools: [['0000:00:1d.7', pools] as const], dump: dmaDump, swiotlb: undefined};
	const before = dmaModel(files, undefined, at(0), nobody);
	expect(before.mappings.every(({mark}) => mark === undefined)).toBe(true);
	const more = {...dmaDump, mappings: [...dmaDump.mappings, mapping(0x11aa000, {lengthBytes: 5000})]};
	const culprits = {...nobody, byAddress: new Map([[0x11aa000, 3]])};
	const after = dmaModel({...files, dump: more}, before, at(100), culprits);
	const row = after.mappings.find(({mapping: {busAddress}}) => busAddress === 0x11aa000);
	expect([row?.mark?.kind, row?.mark?.injection, row?.pfn]).toEqual(['new', 3, 0x11aa]);
	expect(after.coherent).toMatchObject({
		count: 3,
		bytes: 4096 + 8192 + 5000,
		change: 5000,
		mark: {kind: 'grown', injection: 3},
	});
	const gone = dmaModel(files, after, at(200), nobody);
	expect(gone.mappings.find(({id}) => id === row?.id)?.mark?.kind).toBe('gone');
	expect(gone.coherent).toMatchObject({count: 2, change: -5000});
});

test('of the mappings that are undone the last sixteen stay in sight, by address', () => {
	const pages = Array.from({length: 40}, (_, index) => mapping(0x100000 + 4096 * index));
	const dumpOf = (mappings: typeof pages) => ({pools: [], dump: {...dmaDump, mappings}, swiotlb: undefined});
	const goneAfter = (count: number) => {
		const all = dmaModel(dumpOf(pages.slice(0, count)), undefined, at(0), nobody);
		const none = dmaModel(dumpOf([]), all, at(100), nobody);
		return none.mappings.map(({mapping: {busAddress}, mark}) => [mark?.kind, (busAddress - 0x100000) / 4096]);
	};
	expect(goneAfter(16)).toEqual(Array.from({length: 16}, (_, index) => ['gone', index]));
	expect(goneAfter(40)).toEqual(Array.from({length: 16}, (_, index) => ['gone', 24 + index]));
});

test('pools that are there when devices are first asked are not new, those that come later are', () => {
	const marks = (first: Parameters<typeof dmaModel>[0]['pools']) => {
		const files = {dump: undefined, swiotlb: undefined};
		const before = dmaModel({...files, pools: first}, undefined, at(0), nobody);
		const {pools: rows} = dmaModel({...files, pools: [['dev', pools]]}, before, at(100), nobody);
		return rows.map(({mark}) => mark?.kind);
	};
	expect(marks([])).toEqual([undefined, undefined, undefined]);
	expect(marks([['dev', undefined]])).toEqual(['new', 'new', 'new']);
	expect(marks([['another', pools]])).toEqual(['new', 'new', 'new']);
});

test('a pool counts what its pages hold and nobody uses', () => {
	const {pools: rows} = dmaModel(
		{pools: [['dev', pools]], dump: undefined, swiotlb: undefined},
		undefined,
		at(0),
		nobody,
	);
	expect(rows.map(({idleBytes}) => idleBytes)).toEqual([4096 - 37 * 96, 4096 - 12 * 128, 4096]);
});

test('cells that take another letter are dated, and by whom if the trace names the frame', () => {
	const window = {startPfn: 0, frames: 64, cells: 64};
	const before = framesModel(
		pageMap(window, () => '.'),
		undefined,
		undefined,
		at(0),
		nobody,
	);
	const source = pageMap(window, pfn => (pfn === 5 || pfn === 9 ? 'A' : '.'));
	const after = framesModel(source, undefined, before, at(700), {...nobody, byPfn: new Map([[9, 2]])});
	const zone = after.zones[0]!;
	expect([...zone.changedMs.keys()].filter(cell => zone.changedMs[cell] === 700)).toEqual([5, 9]);
	expect([zone.injections[5], zone.injections[9]]).toEqual([0, 2]);
	expect(after.legend.find(({letter}) => letter === 'A')?.change).toBe(2);
});

test('another scale of the map is not a change of every cell', () => {
	const before = framesModel(
		pageMap({startPfn: 0, frames: 64, cells: 64}, () => '.'),
		undefined,
		undefined,
		at(0),
		nobody,
	);
	const after = framesModel(
		pageMap({startPfn: 0, frames: 64, cells: 32}, () => 'A'),
		undefined,
		before,
		at(100),
		nobody,
	);
	expect(after.zones[0]!.changedMs.every(changed => changed === Number.NEGATIVE_INFINITY)).toBe(true);
});

test('what a process did under its program file’s name is not its workload’s; areas are known by their start', () => {
	const culprits = findCulprits(injectOf([injection(4)]), () => [
		'             lab-131   [001] .....    11.000001: vma_link: mm=7 08048000-08052000',
		'             lab-131   [001] .....    11.000002: mm_page_alloc: page=c1000000 pfn=0x111 order=0',
		'          mapper-131   [001] .....    12.000001: vma_link: mm=7 40000000-40004000',
		'          mapper-131   [001] .....    12.000002: mm_page_alloc: page=c1000000 pfn=0x222 order=0',
		'         another-9     [001] .....    12.000003: vma_link: mm=7 50000000-50004000',
	]);
	expect([...culprits.byPfn]).toEqual([[0x222, 4]]);
	expect([...culprits.byAddress.keys()]).toEqual([0x4000_0000]);
});

test('the frame that was touched last stands last, though it was touched before', () => {
	const touched = (pfn: string) =>
		`            pins-131   [000]    12.000001: mm_page_alloc: page=c1 pfn=${pfn} order=0`;
	const culprits = findCulprits(injectOf([injection(4)]), () => ['0x1', '0x2', '0x1'].map(touched));
	expect([...culprits.byPfn.keys()]).toEqual([2, 1]);
});

test('the trace tells which frames and addresses an injection touched', () => {
	const culprits = findCulprits(injectOf([injection(4)]), () => [
		'          dadctl-131   [000]    12.000001: mm_page_alloc: page=c10232e0 pfn=0x1197 order=0',
		'          dadctl-131   [000]    12.000002: dma_alloc: 0000:00:05.0 dma_addr=11aa000 size=5000',
		'            grep-7     [001]    12.000003: mm_page_alloc: page=c1 pfn=0x2222 order=0',
	]);
	expect([...culprits.byPid]).toEqual([[131, 4]]);
	expect([...culprits.byPfn]).toEqual([[0x1197, 4]]);
	expect([...culprits.byAddress]).toEqual([[0x11aa000, 4]]);
});

test('what an injection tells stands among the lines of its time', () => {
	const text = [
		'# tracer: nop',
		'#',
		'            grep-7     [001]    11.999999: early: 1',
		'          mapper-131   [000]    12.000050: between: 2',
		'            grep-7     [001]    12.000200: late: 3',
		'',
	].join('\n');
	const {entries} = traceModel(traceLines(text), injectOf([injection(1)]), undefined);
	expect(entries.map(entry => (entry.kind === 'line' ? entry.text.split(': ').at(-1) : entry.kind))).toEqual([
		'1',
		'started',
		'2',
		'told',
		'observed',
		'3',
	]);
	expect(entries[2]?.kind === 'line' && entries[2].injection).toBe(1);
});

test('lines that have left the window of the trace stay, four hundred at most, under the ids that they had', () => {
	let model: ReturnType<typeof traceModel> | undefined;
	const ids = new Map<string, string>();
	for (let newest = 0; newest < 1000; newest += 50) {
		const window = Array.from({length: 64}, (_, index) => `line ${newest - 64 + index}`);
		model = traceModel(window, undefined, model);
		for (const entry of model.seen) {
			expect(entry.id).toBe(ids.get(entry.text) ?? entry.id);
			ids.set(entry.text, entry.id);
		}
	}
	expect(model?.seen.map(({text}) => text)).toEqual(Array.from({length: 400}, (_, index) => `line ${550 + index}`));
	expect(new Set(ids.values()).size).toBe(ids.size);
});

test(
	'a trace that moved on further than its window begins anew, and the whole file brings back what was ' + 'before',
	() => {
		const before = traceModel(['a', 'b'], undefined, undefined);
		expect(traceModel(['d', 'e'], undefined, before).seen.map(({text}) => text)).toEqual(['d', 'e']);
		const whole = traceModel(['0', 'a', 'b', 'c'], undefined, before);
		expect(whole.seen.map(({text}) => text)).toEqual(['0', 'a', 'b', 'c']);
		expect(whole.seen.slice(1, 3)).toEqual(before.seen);
	},
);

test('lines that are seen again after time went back are the lines that they were, and no other gets their ids', () => {
	const before = traceModel(['a', 'b', 'c'], undefined, undefined);
	const [a, b] = before.seen;
	const after = traceModel(['a', 'b'], undefined, before);
	expect(after.seen).toEqual([a, b]);
	const other = traceModel(['a', 'b', 'd'], undefined, after);
	expect(before.seen.map(({id}) => id)).not.toContain(other.seen[2]?.id);
});

test('lines that are alike are told apart', () => {
	const {entries} = traceModel(['same', 'same', 'same'], undefined, undefined);
	expect(new Set(entries.map(({id}) => id)).size).toBe(3);
});

test.each([
	['', 3, []],
	['one\n', 3, ['one']],
	['# head\n1\n2\n3\n4\n', 2, ['3', '4']],
	['1\n2', 5, ['1', '2']],
])('the last lines of %j, at most %i', (text, count, lines) => {
	expect(lastLines(text, count)).toEqual(lines);
});

test('errors and warnings in the log are told from the rest, and name their frame', () => {
	const {rows, bad, warnings} = logModel(
		{
			lines: [
				{level: 6, timeUs: 1, text: 'usual'},
				{level: 4, timeUs: 1, text: 'hm'},
				{level: 1, timeUs: 2, text: 'BUG: Bad page state in process x  pfn:6a31'},
			],
		},
		undefined,
		at(0),
	);
	expect(rows.map(({severity}) => severity)).toEqual(['usual', 'warning', 'bad']);
	expect([bad, warnings, rows[2]?.pfn]).toEqual([1, 1, 0x6a31]);
});

test('the log counts level 3 or less as bad, level 4 as a warning; the facility above them says nothing', () => {
	const severities = [0, 3, 4, 5, 7, 8 + 3, 8 + 4, 8 + 5].map(
		level => logModel({lines: [{level, timeUs: 1, text: 'x'}]}, undefined, at(0)).rows[0]!.severity,
	);
	const [bad, warning, usual] = ['bad', 'warning', 'usual'];
	expect(severities).toEqual([bad, bad, warning, usual, usual, bad, warning, usual]);
});

test('until somebody chooses, the process with the largest address space is shown', () => {
	const status = (Name: string, VmSize?: number) => ({dialect: '2.6.11' as const, Name, ...(VmSize ? {VmSize} : {})});
	const rows = processRows(
		[
			[1, status('init', 100)],
			[97, status('db', 900)],
			[5, status('kswapd0')],
		],
		new Map(),
	);
	expect(rows.map(({pid}) => pid)).toEqual([1, 5, 97]);
	expect(likelyProcess(rows)?.comm).toBe('db');
	expect(likelyProcess([])).toBeUndefined();
});

test('a file with the same bytes stays the same object and is parsed once', () => {
	const sample = (text: string) => ({version: 1 as const, timeNs: 0, seq: 0, files: {'/a': {text}, '/b': {text: 'x'}}});
	const first = mergeSample({}, sample('1'));
	const second = mergeSample(first, sample('1'));
	expect(second['/a']).toBe(first['/a']);
	let parsed = 0;
	const parse = (text: string) => {
		parsed++;
		return Number(text);
	};
	expect(readRecord(first, '/a', parse)).toBe(readRecord(second, '/a', parse));
	expect(parsed).toBe(1);
	const third = mergeSample(second, {...sample('2'), files: {'/a': {text: '2'}, '/b': {unchanged: true}}});
	expect(readRecord(third, '/a', parse)).toEqual({record: 2});
	expect(third['/b']).toBe(first['/b']);
});

test('a file in an unknown format is an error that names it', () => {
	const tree = mergeSample({}, {version: 1, timeNs: 0, seq: 0, files: {'/page_map': {text: 'nonsense\n'}}});
	expect(readRecord(tree, '/page_map', parsePageMap)).toEqual({
		error: expect.stringMatching(/^\/page_map is not in a format that mmtop knows: /),
	});
	expect(readRecord(tree, '/other', parsePageMap)).toBeUndefined();
});
