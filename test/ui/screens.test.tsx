/** Whole screens as text, from hand-written records: `npm run docs` writes them anew. */

import {renderToString} from 'ink';
import {expect, test} from 'vitest';
import {formatClock} from '../../source/formats/debugfs/lab/clock.ts';
import {path} from '../../source/model/paths.ts';
import {App} from '../../source/ui/app.tsx';
import {visiblePanes, wantedPaths} from '../../source/ui/panes.ts';
import {initialState, type Message, type State} from '../../source/ui/state.ts';
import {update} from '../../source/ui/update.ts';
import {createFakeTarget, type FakeTarget} from './support/fakeTarget.ts';
import {clock} from './support/records.ts';

const sampled = async (target: FakeTarget, state: State): Promise<State> => {
	const sample = await target.sample({paths: wantedPaths(state)});
	return update(state, {type: 'sampled', sample, panes: visiblePanes(state), nowMs: 0}).state;
};

type Scene = {
	readonly columns?: number;
	readonly rows?: number;
	readonly target?: FakeTarget;
	readonly keys?: readonly string[];
	readonly last?: Message;
};

const screenOf = async ({columns = 120, rows = 40, target = createFakeTarget(), keys = [], last}: Scene) => {
	let state = initialState(target, columns, rows);
	for (const directory of [path.processes, path.pciDevices]) {
		state = update(state, {type: 'listed', path: directory, names: await target.list(directory)}).state;
	}
	state = await sampled(target, await sampled(target, state));
	for (const key of keys) {
		state = update(state, {type: 'key', key, nowMs: 0}).state;
		state = state.frozen ? state : await sampled(target, state);
	}
	state = last ? update(state, last).state : state;
	const text = renderToString(<App state={state} />, {columns});
	return text
		.split('\n')
		.map(row => `${row.trimEnd()}\n`)
		.join('');
};

const without = (...paths: readonly string[]): FakeTarget => {
	const target = createFakeTarget();
	for (const each of paths) {
		target.files.delete(each);
	}
	return target;
};

const paused = (): FakeTarget => {
	const target = createFakeTarget();
	target.files.set(path.clock, formatClock(clock({state: 'paused'})));
	return target;
};

const scenes: Readonly<Record<string, Scene>> = {
	'running-80x24': {columns: 80, rows: 24},
	'running-100x30': {columns: 100, rows: 30},
	'running-120x40': {},
	'running-200x60': {columns: 200, rows: 60},
	'too-small-30x5': {columns: 30, rows: 5},
	paused: {target: paused()},
	frozen: {target: {...createFakeTarget(), kind: 'socket'}, keys: ['space']},
	'read-only': {target: {...createFakeTarget(), writable: false}},
	disconnected: {last: {type: 'lost', reason: 'EDISCONNECTED: the server of lab is gone', nowMs: 0}},
	'missing-files': {target: without(path.kmapAtomic, path.aio, path.dmaDump)},
	zoomed: {keys: ['4', 'z']},
	'sorted-and-filtered': {keys: ['4', 's', 's', '/', ...'!type:coherent', 'enter']},
	'help-of-a-pane': {keys: ['3', '?']},
	palette: {keys: [':']},
	processes: {keys: ['p']},
};

test.each(Object.entries(scenes))('the screen %s is as it was', async (name, scene) => {
	await expect(await screenOf(scene)).toMatchFileSnapshot(`../../fixtures/screens/${name}.txt`);
});
