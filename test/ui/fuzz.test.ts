import fc from 'fast-check';
import {expect, test} from 'vitest';
import {formatAio} from '../../source/formats/debugfs/aio.ts';
import {formatKmapAtomic} from '../../source/formats/debugfs/kmapAtomic.ts';
import {formatInject} from '../../source/formats/debugfs/lab/inject.ts';
import {formatTrace} from '../../source/formats/debugfs/tracing/trace.ts';
import {path} from '../../source/model/paths.ts';
import {drawFooter, drawStatus, drawTabs} from '../../source/ui/bars.ts';
import {commands} from '../../source/ui/keymap.ts';
import {lineWidth} from '../../source/ui/lines.ts';
import {titleOf} from '../../source/ui/paneDraw.ts';
import {paneLines} from '../../source/ui/paneLines.ts';
import {contentOf, layoutOf, paneOf, visiblePanes, wantedPaths} from '../../source/ui/panes.ts';
import {initialState, type State} from '../../source/ui/state.ts';
import {update} from '../../source/ui/update.ts';
import {createFakeTarget, type FakeTarget} from './support/fakeTarget.ts';
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
	target => target.removeProcess(131),
	target => target.removeProcess(112),
	target => target.files.delete(path.pkmap),
	target => target.files.set(path.dmaDump, 'nonsense\n'),
	target => target.files.delete(path.kmapAtomic),
];

const step = fc.oneof(
	{weight: 12, arbitrary: key.map(each => ({kind: 'key' as const, key: each}))},
	{weight: 3, arbitrary: fc.tuple(columns, rows).map(([width, height]) => ({kind: 'size' as const, width, height}))},
	{
		weight: 6,
		arbitrary: fc
			.tuple(fc.nat(changes.length - 1), fc.nat(1000))
			.map(([change, n]) => ({kind: 'sample' as const, change, n})),
	},
	{weight: 1, arbitrary: fc.constant({kind: 'lost' as const})},
);

const checkScreen = (state: State): void => {
	const layout = layoutOf(state);
	if (layout.kind === 'small') {
		return;
	}
	for (const each of [drawStatus, drawFooter, drawTabs].flatMap(draw => draw(state))) {
		expect(lineWidth(each)).toBe(layout.columns);
	}
	for (const {id, rect} of layout.panes) {
		const {lines} = paneLines(contentOf(state, id), {
			title: titleOf(paneOf(id), state.views[id]),
			columns: rect.columns,
			rows: rect.rows,
			isFocused: state.focus === id,
			view: state.views[id],
			followedPfn: state.followedPfn,
		});
		expect(lines).toHaveLength(rect.rows);
		for (const each of lines) {
			expect(lineWidth(each)).toBe(rect.columns);
		}
	}
};

test('random keys, sizes and samples never throw, and every line is exactly as wide as its place', async () => {
	await fc.assert(
		fc.asyncProperty(fc.array(step, {minLength: 5, maxLength: 60}), async steps => {
			const target = createFakeTarget();
			let state = initialState(target, 120, 40);
			let nowMs = 0;
			state = update(state, {type: 'listed', path: path.processes, names: await target.list(path.processes)}).state;
			for (const each of steps) {
				nowMs += 37;
				if (each.kind === 'key') {
					state = update(state, {type: 'key', key: each.key, nowMs}).state;
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
				checkScreen(state);
			}
		}),
		{numRuns: 60},
	);
});

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
