import {stripVTControlCharacters} from 'node:util';
import fc from 'fast-check';
import {expect, test} from 'vitest';
import {formatAio} from '../../source/formats/debugfs/aio.ts';
import {formatKmapAtomic} from '../../source/formats/debugfs/kmapAtomic.ts';
import {formatClass} from '../../source/formats/debugfs/lab/class.ts';
import {formatInject} from '../../source/formats/debugfs/lab/inject.ts';
import {formatTrace} from '../../source/formats/debugfs/tracing/trace.ts';
import {path} from '../../source/model/paths.ts';
import {commands} from '../../source/ui/panes/keymap.ts';
import {wantedPaths} from '../../source/ui/panes/panes.ts';
import {layoutOf, visiblePanes} from '../../source/ui/state/layout.ts';
import {paneIds} from '../../source/ui/state/panes.ts';
import {initialState, type State} from '../../source/ui/state/state.ts';
import {lineWidth} from '../../source/ui/terminal/lines.ts';
import type {Rect} from '../../source/ui/terminal/surface.ts';
import {textWidth} from '../../source/ui/terminal/width.ts';
import {update} from '../../source/ui/update/update.ts';
import {hitAt} from '../../source/ui/view/hit.ts';
import {mmtopCommand} from '../commands/support.ts';
import {isLong} from '../sample.ts';
import {openTerminal} from '../terminal/pty.ts';
import {classRecord} from './support/classroom.ts';
import {createFakeTarget, type FakeTarget} from './support/fakeTarget.ts';
import {pictureOf} from './support/picture.tsx';
import {aio, injection, injectOf, kiocb, kmapAtomic, mapperMaps, traceOf} from './support/records.ts';
import {startSession} from './support/session.ts';

const key = fc.oneof(
	{
		weight: 6,
		arbitrary: fc.constantFrom(
			...commands.flatMap(command => command.keys).filter(each => each !== 'q' && each !== 'ctrl+c'),
		),
	},
	{
		weight: 2,
		arbitrary: fc.constantFrom(...'mdctaoxyzXYZ0=_é世', 'ctrl+u', 'f5', 'alt+x', 'backspace', 'escape', 'enter'),
	},
);

const columns = fc.oneof(fc.integer({min: 1, max: 400}), fc.constantFrom(40, 80, 120, 200));
const rows = fc.oneof(fc.integer({min: 1, max: 120}), fc.constantFrom(10, 24, 40, 60));

/** Changes of the machine that a sample may show. */
const changes: readonly ((target: FakeTarget, n: number) => void)[] = [
	(target, n) =>
		target.files.set(path.aio, formatAio(aio(Array.from({length: n % 30}, (_, index) => kiocb(index + n))))),
	(target, n) =>
		target.files.set(
			path.kmapAtomic,
			formatKmapAtomic(kmapAtomic({[`${n % 2}.${n % 13}`]: {pfn: n, used: n, holder: {comm: 'x', pid: n}}})),
		),
	(target, n) =>
		target.files.set(path.inject, formatInject(injectOf([injection(1, {status: n % 2 ? 'running' : 'done'})]))),
	(target, n) =>
		target.files.set(
			path.trace,
			formatTrace(
				traceOf(Array.from({length: n % 50}, (_, index) => ({pid: 131, text: `pfn=0x${n}`, timeUs: n * 100 + index}))),
			),
		),
	(target, n) => target.addProcess(131, 'mapper', {areas: mapperMaps.areas.slice(n % 6)}),
	(target, n) =>
		target.files.set(
			path.class,
			formatClass(
				classRecord('anna', {
					messages: Array.from({length: n % 6}, (_, index) => ({at: '10:00', text: `look at ${n + index} `.repeat(5)})),
					present: n % 2 ? [{who: 'ada', role: 'teacher'}] : [],
					frozenBy: n % 3 ? null : 'ada',
					follow: n % 5 ? null : {who: 'ada', pane: paneIds[n % paneIds.length]!, selection: n % 4 ? '8048000' : null},
				}),
			),
		),
	target => target.removeProcess(131),
	target => target.removeProcess(112),
	target => target.files.delete(path.pkmap),
	target => target.files.set(path.dmaDump, 'nonsense\n'),
	target => target.files.delete(path.kmapAtomic),
];

const step = fc.oneof(
	{weight: 72, arbitrary: key.map(each => ({kind: 'key' as const, key: each}))},
	{
		weight: 9,
		arbitrary: fc
			.tuple(fc.constantFrom('click' as const, 'wheelUp' as const, 'wheelDown' as const), fc.nat(200), fc.nat(60))
			.map(([kind, column, row]) => ({kind: 'mouse' as const, mouse: {kind, column, row}})),
	},
	{weight: 3, arbitrary: fc.tuple(columns, rows).map(([width, height]) => ({kind: 'size' as const, width, height}))},
	{
		weight: 6,
		arbitrary: fc
			.tuple(fc.nat(changes.length - 1), fc.nat(1000))
			.map(([change, n]) => ({kind: 'sample' as const, change, n})),
	},
	{weight: 1, arbitrary: fc.constant({kind: 'lost' as const})},
);

/** Bodies lie where the layout has panes, each line as wide as its place, and Ink draws nothing beside the screen. */
function checkScreen(state: State): void {
	const layout = layoutOf(state);
	const {frame, layers} = pictureOf(state);
	const rows = frame.split('\n');
	expect(rows.length, frame).toBe(state.rows);
	expect(rows.find(row => textWidth(stripVTControlCharacters(row)) > state.columns)).toBeUndefined();
	const bodies = layers.filter(({lines}) => lines);
	const within = ({column, row, columns, rows: height}: Rect): Rect => ({
		column: column + 1,
		row: row + 1,
		columns: columns - 2,
		rows: height - 2,
	});
	const wanted = layout.kind === 'panes' ? layout.panes.map(({rect}) => within(rect)) : [];
	expect(bodies.map(({rect}) => rect)).toEqual(expect.arrayContaining(wanted));
	expect(bodies).toHaveLength(wanted.length);
	for (const {rect, lines} of bodies) {
		expect(lines).toHaveLength(rect.rows);
		expect(lines!.find(each => lineWidth(each) !== rect.columns)).toBeUndefined();
	}
}

/** Steps on one machine, and how many of them pass between two looks at the screen. */
const stretch = 400;
const lookEvery = 10;

test(
	'random keys (20,000 in a long run, else a tenth), clicks, sizes and samples never throw, and every line has the ' +
		'width of its place',
	async () => {
		const all = fc.sample(step, {numRuns: 26_000, seed: 1});
		expect(all.filter(({kind}) => kind === 'key').length).toBeGreaterThan(20_000);
		const steps = isLong ? all : all.slice(0, 6 * stretch);
		let target = createFakeTarget();
		let state = initialState(target, 120, 40);
		let nowMs = 0;
		for (const [index, each] of steps.entries()) {
			if (index % stretch === 0) {
				target = createFakeTarget();
				state = initialState(target, 120, 40);
				state = update(state, {type: 'listed', path: path.processes, names: await target.list(path.processes)}).state;
			}
			nowMs += 37;
			if (each.kind === 'key') {
				state = update(state, {type: 'key', key: each.key, nowMs}).state;
			} else if (each.kind === 'mouse') {
				const hit = hitAt(state, each.mouse, mouse => pictureOf(state).keyAt(mouse));
				state = update(state, {type: 'mouse', mouse: each.mouse, hit, nowMs}).state;
			} else if (each.kind === 'size') {
				state = update(state, {type: 'resized', columns: each.width, rows: each.height}).state;
			} else if (each.kind === 'lost') {
				state = update(state, {type: 'lost', reason: 'gone', nowMs}).state;
			} else {
				changes[each.change]!(target, each.n);
				target.seq++;
				target.timeNs += each.n * 1000;
				const sample = await target.sample({paths: wantedPaths(state)});
				state = update(state, {type: 'sampled', sample, panes: visiblePanes(state), nowMs}).state;
			}
			if (each.kind === 'size' || index % lookEvery === 0) {
				checkScreen(state);
			}
		}
	},
);

test('after a storm of keys and resizes the terminal holds what a redraw gives', async () => {
	const keys = fc.sample(key, {numRuns: 400, seed: 7});
	const sizes = fc.sample(fc.tuple(columns, rows), {numRuns: 20, seed: 7});
	const session = startSession(createFakeTarget());
	await session.waitForText('112 mapper');
	for (const [index, each] of keys.entries()) {
		session.press(each);
		if (index % 20 === 0) {
			session.resize(...sizes[index / 20]!);
		}
	}
	session.resize(120, 40);
	session.press('escape', 'escape', 'escape', '1');
	await session.waitForText('1 maps');
	session.stop();
	expect(session.crashes).toEqual([]);
	expect(session.screen().split('\n')).toHaveLength(40);
});

test('the same through a pseudo-terminal: it lives through the storm and gives the terminal back', async () => {
	const bytes = fc.constantFrom(
		...'123456789zmdctaoxyhjklgGsSyfbp?:/+-=<>,.P é世0',
		...['\u001B', '\u001B[A', '\u001B[B', '\u001B[6~', '\t', '\u001B[Z', '\r', '\u007F', '\u000C', '\u001BOP'],
		...['\u001B[<0;20;10M', '\u001B[<0;20;10m', '\u001B[<65;30;5M', '\u001B[<64;3;5M', '\u001B[200~q:m\u001B[201~'],
	);
	const keys = fc.sample(bytes, {numRuns: 500, seed: 3});
	const sizes = fc.sample(fc.tuple(columns, rows), {numRuns: 50, seed: 3});
	const terminal = openTerminal(mmtopCommand);
	await terminal.waitFor('1 maps');
	for (const [index, each] of keys.entries()) {
		terminal.press(each);
		if (index % 10 === 0) {
			terminal.resize(...sizes[index / 10]!);
		}
	}
	terminal.resize(120, 40);
	terminal.press('\u0003');
	expect(await terminal.ended).toEqual({exitCode: 0, signal: 0});
	expect(terminal.isAlternate()).toBe(false);
	expect(terminal.isCursorVisible()).toBe(true);
	expect(terminal.isMouseOn()).toBe(false);
});
