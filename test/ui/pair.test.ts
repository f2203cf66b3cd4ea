/** Two monitors on one terminal: where they lie, what keys do, and what is lit and listed. */
import {afterEach, describe, expect, test} from 'vitest';
import {type Clock, formatClock} from '../../source/formats/debugfs/lab/clock.ts';
import {formatInject} from '../../source/formats/debugfs/lab/inject.ts';
import {formatMaps} from '../../source/formats/proc/maps.ts';
import {path} from '../../source/model/paths.ts';
import {startPair} from '../../source/ui/pair.ts';
import {litOf} from '../../source/ui/panes/lit.ts';
import {leastColumns, leastRows} from '../../source/ui/state/layout.ts';
import {layOutPair} from '../../source/ui/state/pairLayout.ts';
import {createTheme} from '../../source/ui/terminal/theme.ts';
import {chromeOf} from '../../source/ui/view/chrome.ts';
import {createFakeTarget, type FakeTarget} from './support/fakeTarget.ts';
import {createHeadlessTerminal} from './support/headlessTerminal.ts';
import {area, clock, injection, injectOf, mapperMaps, observation} from './support/records.ts';

describe('the layout', () => {
	test.each([
		[120, 40, [59, 35], [60, 35], 5],
		[101, 30, [50, 25], [50, 25], 5],
		[100, 30, [100, 12], [100, 13], 5],
		[80, 24, [80, 11], [80, 11], 2],
		[80, 22, [80, 10], [80, 10], 2],
		[81, 21, [40, 19], [40, 19], 2],
	])('%i x %i', (columns, rows, first, second, list) => {
		const {parts, divider, list: below} = layOutPair(columns, rows);
		expect(parts.map(part => [part.columns, part.rows])).toEqual([first, second]);
		expect(below).toEqual({column: 0, row: rows - list, columns, rows: list});
		expect(divider !== undefined).toBe(first[1] === second[1] && first[0] !== columns);
	});

	test('halves cover the screen and do not overlap, and are large enough where that can be', () => {
		for (let columns = 1; columns < 220; columns += 3) {
			for (let rows = 3; rows < 70; rows++) {
				const {parts, divider, list} = layOutPair(columns, rows);
				const cells = [...parts, ...(divider ? [divider] : []), list].reduce((sum, r) => sum + r.columns * r.rows, 0);
				if (columns > 2) expect(cells).toBe(columns * rows);
				if (columns < 2 * leastColumns + 1 || rows < 2 * leastRows + 2) continue;
				for (const part of parts) {
					expect(part.columns).toBeGreaterThanOrEqual(leastColumns);
					expect(part.rows).toBeGreaterThanOrEqual(leastRows);
				}
			}
		}
	});
});

let stop = (): void => {};
afterEach(() => stop());

function start(targets: readonly [FakeTarget, FakeTarget], columns = 120, rows = 40) {
	const terminal = createHeadlessTerminal(columns, rows);
	const waiters = new Set<() => void>();
	let nowMs = 0;
	let quits = 0;
	const crashes: unknown[] = [];
	const pair = startPair({
		targets,
		theme: createTheme('mono', true),
		mostBytes: () => Number.POSITIVE_INFINITY,
		sink: (text, done) =>
			void terminal.write(text).then(() => {
				done();
				for (const check of [...waiters]) check();
			}),
		columns,
		rows,
		nowMs: () => ++nowMs,
		onQuit: () => {
			quits++;
		},
		onSuspend: () => {},
		onCrash: error => crashes.push(error),
	});
	stop = () => {
		pair.stop();
		expect(crashes).toEqual([]);
	};
	const waitFor = (isThere: (screen: readonly string[]) => boolean): Promise<readonly string[]> =>
		new Promise(resolve => {
			const check = () => {
				const screen = terminal.text();
				if (!isThere(screen)) return;
				waiters.delete(check);
				resolve(screen);
			};
			waiters.add(check);
			check();
		});
	return {pair, terminal, waitFor, quits: () => quits};
}

function named(name: string): FakeTarget {
	const target = createFakeTarget();
	return Object.assign(target, {name});
}

test('both show their machine, keys go to both, and q leaves both', async () => {
	const targets = [named('ldd3'), named('6.18')] as const;
	const {pair, waitFor, quits} = start(targets);
	const screen = await waitFor(lines => lines.filter(line => line.includes('40000000-40004000')).length > 0);
	expect(screen[0]).toMatch(/^ mmtop ldd3 .*│ mmtop 6\.18 /);
	await waitFor(lines => lines.some(line => line.startsWith(' what differs  maps alike')));
	pair.press('m');
	await waitFor(lines => lines.some(line => (line.match(/is injected as number/g) ?? []).length === 2));
	expect(targets.map(({written}) => written)).toEqual([
		[`${path.inject} mremap-growth`],
		[`${path.inject} mremap-growth`],
	]);
	pair.receive('5');
	await waitFor(lines => lines.some(line => line.split('5 iocbs').length > 2));
	expect(pair.states().map(({focus}) => focus)).toEqual(['iocbs', 'iocbs']);
	pair.receive('q');
	await waitFor(() => quits() > 0);
	expect(quits()).toBe(1);
});

test('a click in one half is one in both, at the same place of each', async () => {
	const {pair, waitFor} = start([named('ldd3'), named('6.18')], 80, 24);
	const screen = await waitFor(lines => lines.some(line => line.startsWith(' what differs')));
	const row = 11 + 1;
	const column = screen[row]!.indexOf('3 kmap');
	pair.receive(`\u001B[<0;${column + 1};${row + 1}M`);
	await waitFor(lines => lines.filter(line => line.includes('[3 kmap]')).length === 2);
	expect(pair.states().map(({focus}) => focus)).toEqual(['kmap', 'kmap']);
});

test('what is remembered of one state is not taken for the other’s', async () => {
	const {pair, waitFor} = start([named('ldd3'), named('6.18')]);
	await waitFor(lines => lines.some(line => line.startsWith(' what differs')));
	const [a, b] = pair.states();
	const [ofA, ofB] = [chromeOf(a), chromeOf(b)];
	expect([chromeOf(a), chromeOf(b)]).toEqual([ofA, ofB]);
	expect(chromeOf(a)).toBe(ofA);
	expect([ofA.status.target.name, ofB.status.target.name]).toEqual(['ldd3', '6.18']);
	const lit = litOf(a);
	litOf(b);
	expect(litOf(a)).toBe(lit);
});

test('q leaves no sooner than both let it', async () => {
	const targets = [named('a'), named('b')] as const;
	targets[0].files.set(path.maps(112), formatMaps({areas: []}));
	const {pair, waitFor, quits} = start(targets);
	const overlays = () => pair.states().map(({overlay}) => overlay?.kind);
	await waitFor(lines => lines.some(line => line.includes('maps only in b')));
	pair.press('down');
	pair.press('enter');
	await waitFor(lines => lines.some(line => line.includes('┌')));
	expect(overlays(), 'only one has a row to explain').toEqual([undefined, 'detail']);
	pair.press('q');
	expect([overlays(), quits()], 'it closed what one had open').toEqual([[undefined, undefined], 0]);
	pair.press('q');
	expect(quits()).toBe(1);
});

test('rows that only one has are lit and listed; those with other numbers are counted', async () => {
	const [one, other] = [named('ldd3'), named('6.18')];
	const moved = mapperMaps.areas.map(each =>
		each.start === 0x40000000 ? area(0x40000000, 0x40008000, 'rw-s', '/dev/simple0', 812) : each,
	);
	other.files.set(path.maps(112), formatMaps({areas: [...moved, area(0x50000000, 0x50001000, 'r--p', '[vvar]')]}));
	const {pair, waitFor, terminal} = start([one, other]);
	const screen = await waitFor(lines => lines.some(line => line.includes('maps only in 6.18')));
	expect(screen.find(line => line.startsWith(' what differs'))).toMatch(/ maps ≠\d+/);
	expect(screen.join('\n')).toMatch(/maps only in 6\.18: 50000000-50001000 r--p .*\[vvar\]/);
	const [ours, theirs] = pair.states();
	expect(ours.differing.get('maps')?.size).toBe(0);
	expect([...(theirs.differing.get('maps') ?? [])]).toHaveLength(1);
	// Without colours what differs is underlined; only in the half of the one that has it.
	const isUnderlined = (cell = '') => cell.slice(cell.indexOf('|', 1) + 1)[3] === '1';
	const halves = (lines: readonly string[]) => {
		const row = lines.findIndex(line => line.includes('│  50000000-50001000'));
		return [4, 64].map(column => isUnderlined(terminal.cells()[row]?.[column]));
	};
	const lit = await waitFor(lines => halves(lines)[1] === true);
	expect(halves(lit)).toEqual([false, true]);
});

test('what the newest injection came to on each is listed first', async () => {
	const [one, other] = [named('ldd3'), named('6.18')];
	const ended = (seen: string, state: 'held' | 'failed') =>
		formatInject(
			injectOf([injection(1, {status: 'done', result: 'it ended', observations: [{...observation(state), seen}]})]),
		);
	one.files.set(path.inject, ended('4', 'held'));
	other.files.set(path.inject, ended('8', 'failed'));
	const {waitFor} = start([one, other], 80, 24);
	const screen = await waitFor(lines => lines.some(line => line.startsWith(' ≠ ')));
	expect(screen[23]).toMatch(/^ ≠ .*: ldd3 ✓ 4, 6\.18 ✗ 8/);
});

test('what stands still at different times is not compared, unless both stand at the same state', async () => {
	const targets = [named('ldd3'), named('6.18')] as const;
	const only = area(0x50000000, 0x50001000, 'r--p', '[vvar]');
	targets[1].files.set(path.maps(112), formatMaps({areas: [...mapperMaps.areas, only]}));
	const {pair, waitFor} = start(targets);
	const isCompared = (lines: readonly string[]) => lines.some(line => line.includes('maps only in 6.18'));
	const lit = () => pair.states()[1].differing.get('maps')?.size ?? 0;
	const show = (change: Partial<Clock>, timesNs: readonly [number, number]) => {
		for (const [index, target] of targets.entries()) {
			target.timeNs = timesNs[index]!;
			target.seq++;
			target.files.set(path.clock, formatClock(clock({...change, timeNs: target.timeNs})));
		}
	};
	const notCompared = (lines: readonly string[]) =>
		lines.some(line => line.startsWith(' not compared: ldd3 is at 12.400000000 s, 6.18 is at 12.400001000 s'));
	const states = [{timeUs: 12_400_000, state: 'area grown'}];
	await waitFor(isCompared);
	expect(lit()).toBe(1);
	show({state: 'paused'}, [12_400_000_000, 12_400_001_000]);
	await waitFor(notCompared);
	expect(lit()).toBe(0);
	show({holding: 'x: shown'}, [12_400_000_000, 12_400_001_000]);
	await waitFor(isCompared);
	expect(lit()).toBe(1);
	// One of them went back to the state of a microsecond later.
	show({state: 'paused'}, [12_400_000_000, 12_400_001_000]);
	targets[0].files.set(path.inject, formatInject(injectOf([injection(1, {states})])));
	await waitFor(notCompared);
	const later = states.map(each => ({...each, timeUs: each.timeUs + 1}));
	targets[1].files.set(path.inject, formatInject(injectOf([injection(1, {states: later})])));
	await waitFor(isCompared);
	expect(lit()).toBe(1);
});

test('at another size everything is laid out again', async () => {
	const {pair, terminal, waitFor} = start([named('ldd3'), named('6.18')]);
	await waitFor(lines => lines.some(line => line.startsWith(' what differs')));
	terminal.resize(80, 24);
	pair.resize(80, 24);
	await waitFor(
		lines => lines[11]?.startsWith(' mmtop 6.18') === true && lines[22]?.startsWith(' what differs') === true,
	);
	terminal.resize(30, 12);
	pair.resize(30, 12);
	await waitFor(lines => lines.join('').includes('mmtop needs'));
});
