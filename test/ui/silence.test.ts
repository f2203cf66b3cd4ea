/** No key does nothing silently: it changes what is on the screen, acts on the machine, or says why it does not. */

import {expect, test} from 'vitest';
import {path} from '../../source/model/paths.ts';
import {commands, experimentKeys} from '../../source/ui/panes/keymap.ts';
import {wantedPaths} from '../../source/ui/panes/panes.ts';
import {visiblePanes} from '../../source/ui/state/layout.ts';
import type {Overlay} from '../../source/ui/state/overlay.ts';
import {type PaneId, paneIds} from '../../source/ui/state/panes.ts';
import {initialState, type State} from '../../source/ui/state/state.ts';
import {update} from '../../source/ui/update/update.ts';
import {chromeOf} from '../../source/ui/view/chrome.ts';
import {paneView} from '../../source/ui/view/paneView.ts';
import {createFakeTarget, type FakeTarget} from './support/fakeTarget.ts';
import {experiments} from './support/records.ts';

const keys = [
	...commands.flatMap(command => command.keys),
	...experimentKeys(experiments.experiments).keys(),
	...[
		'x',
		'X',
		'0',
		'_',
		'é',
		'世',
		'f5',
		'f12',
		'insert',
		'delete',
		'ctrl+u',
		'ctrl+x',
		'alt+m',
		'shift+up',
		'ctrl+right',
	],
];

async function sampled(target: FakeTarget, state: State, nowMs: number): Promise<State> {
	const sample = await target.sample({paths: wantedPaths(state)});
	return update(state, {type: 'sampled', sample, panes: visiblePanes(state), nowMs}).state;
}

/** A monitor that has its first samples, with a pane in focus. */
async function looking(target: FakeTarget, focus: PaneId, columns: number, rows: number): Promise<State> {
	let state = initialState(target, columns, rows);
	state = update(state, {type: 'listed', path: path.processes, names: await target.list(path.processes)}).state;
	state = await sampled(target, state, 0);
	state = {...state, focus};
	state = await sampled(target, state, 100);
	return sampled(target, state, 200);
}

/** All that components are given to draw. */
function screenOf(state: State): string {
	const {texts, footer, ...chrome} = chromeOf(state);
	const bodies = visiblePanes(state).map(id => paneView(state, id)?.body.map(({spans, tone}) => [tone, spans]));
	return JSON.stringify([chrome, [...texts], {...footer, experiments: footer.experiments.length}, bodies]);
}

/** What will be on the screen with the next sample; a frozen picture has none. */
const wantedOf = (state: State): string => (state.picture.frozen ? '' : wantedPaths(state).join());

/** Keys that neither change the screen, nor what is read for it, nor have an effect. */
function silentKeys(state: State): readonly string[] {
	const before = {...state, notice: undefined};
	const [screen, wanted] = [screenOf(before), wantedOf(before)];
	return keys.filter(key => {
		const next = update(before, {type: 'key', key, nowMs: 1000});
		return next.effects.length === 0 && screenOf(next.state) === screen && wantedOf(next.state) === wanted;
	});
}

const sizes = [
	['120x40', 120, 40],
	['80x24', 80, 24],
	['80x11', 80, 11],
] as const;

const targets = [
	['a machine', () => createFakeTarget()],
	['an observer', () => createFakeTarget({writable: false})],
	[
		'this Linux',
		() => {
			const target = createFakeTarget({kind: 'host', writable: false});
			for (const file of [path.clock, path.experiments, path.inject, path.machine, path.kmapAtomic, path.trace]) {
				target.files.delete(file);
			}
			return target;
		},
	],
] as const;

test.each(targets)('in no pane and at no size, on %s', async (_, createTarget) => {
	for (const focus of paneIds) {
		for (const [size, columns, rows] of sizes) {
			const state = await looking(createTarget(), focus, columns, rows);
			expect(silentKeys(state), `${focus} at ${size}`).toEqual([]);
		}
	}
});

test.each([
	'up',
	'down',
	'home',
	'end',
	'pageup',
	'pagedown',
	'left',
	'right',
])('not %s either, pressed until it can go no further', async key => {
	for (const focus of paneIds) {
		let state = await looking(createFakeTarget(), focus, 80, 24);
		for (let press = 0; press < 60; press++) {
			state = update(state, {type: 'key', key, nowMs: 1000}).state;
		}
		expect(silentKeys(state), focus).toEqual([]);
	}
});

const frozen = (state: State): State => ({...state, picture: {...state.picture, frozen: true}});

test(
	'nor after a filter that leaves no row, a selected row that is gone, a zoom, before the first ' +
		'sample, or without a target',
	async () => {
		const state = await looking(createFakeTarget(), 'dma', 120, 40);
		const states: Readonly<Record<string, State>> = {
			filtered: {...state, views: {...state.views, dma: {...state.views.dma, filter: 'nothing has this'}}},
			'selected and gone': {...state, views: {...state.views, dma: {...state.views.dma, selected: 'gone'}}},
			zoomed: {...state, zoomed: true},
			followed: {...state, following: {pfn: 0x6a31, before: []}, visited: [{focus: 'dma', pfn: 0x6a31}]},
			frozen: frozen(state),
			'frozen frames': frozen(await looking(createFakeTarget(), 'frames', 120, 40)),
			lost: update(state, {type: 'lost', reason: 'gone', nowMs: 0}).state,
			first: initialState(createFakeTarget(), 120, 40),
		};
		for (const [name, each] of Object.entries(states)) {
			expect(silentKeys(each), name).toEqual([]);
		}
	},
);

const overlays: readonly Overlay[] = [
	{kind: 'help', top: 0},
	{kind: 'help', top: 5},
	{kind: 'palette', text: '', cursor: 0},
	{kind: 'palette', text: 'nothing like it', cursor: 0},
	{kind: 'palette', text: 'mremap-growth pages=2', cursor: 0},
	{kind: 'processes', view: {selected: undefined, offset: 0, filter: '', sort: undefined}},
	{kind: 'processes', view: {selected: 'pid 112', offset: 0, filter: '', sort: undefined}},
	{kind: 'jump', text: ''},
	{kind: 'jump', text: '12345678'},
	{kind: 'filter', pane: 'maps', before: ''},
];

test.each(overlays)('in no overlay: %j', async overlay => {
	const state = await looking(createFakeTarget(), 'maps', 120, 40);
	expect(silentKeys({...state, overlay})).toEqual([]);
});
