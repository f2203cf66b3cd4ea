import {cleanup, render} from 'ink-testing-library';
import {afterEach, expect, test} from 'vitest';
import {path} from '../../source/model/paths.ts';
import {wantedPaths} from '../../source/ui/panes/panes.ts';
import {visiblePanes} from '../../source/ui/state/layout.ts';
import {initialState, type State} from '../../source/ui/state/state.ts';
import {update} from '../../source/ui/update/update.ts';
import {App} from '../../source/ui/view/app.tsx';
import {createFakeTarget} from './support/fakeTarget.ts';

afterEach(cleanup);

async function sampled(columns = 100, rows = 30, keys: readonly string[] = []): Promise<State> {
	const target = createFakeTarget();
	let state = initialState(target, columns, rows);
	for (const directory of [path.processes, path.pciDevices]) {
		state = update(state, {type: 'listed', path: directory, names: await target.list(directory)}).state;
	}
	for (const key of [undefined, undefined, ...keys]) {
		if (key) {
			state = update(state, {type: 'key', key, nowMs: 0}).state;
		}
		const sample = await target.sample({paths: wantedPaths(state)});
		state = update(state, {type: 'sampled', sample, panes: visiblePanes(state), nowMs: 0}).state;
	}
	return state;
}

test('without a surface the panes print their rows as text', async () => {
	const {lastFrame} = render(<App state={await sampled()} />);
	expect(lastFrame()).toContain('[1 maps] 2 frames');
	expect(lastFrame()).toContain('40000000-40004000 rw-s');
	expect(lastFrame()?.split('\n')).toHaveLength(30);
});

test('help lists the keys of the experiments that the target has, with their claims, above the panes', async () => {
	const {lastFrame} = render(<App state={await sampled(100, 30, ['?'])} />);
	expect(lastFrame()).toMatch(/m +mremap growth: A mapping without a fault handler grows with zeros/);
	expect(lastFrame()).toContain('any other key closes');
});

test('the footer follows the focus', async () => {
	const frames = render(<App state={await sampled(120, 40, ['2'])} />).lastFrame();
	const maps = render(<App state={await sampled(120, 40)} />).lastFrame();
	expect(frames).toContain('coarser');
	expect(maps).not.toContain('coarser');
});

test('a frame under the cursor is named', async () => {
	const {lastFrame} = render(<App state={await sampled(100, 30, ['2', 'down', 'right'])} />);
	expect(lastFrame()).toMatch(/pfn 0x[0-9a-f]+\+\d+ DMA: reserved, 9\/9 used/);
});

test('finer cells ask for the window that holds the cursor, down to one frame a cell', async () => {
	const state = await sampled(100, 30, ['2', ...Array.from({length: 12}, () => '+')]);
	expect(state.frames.perCell).toBe(1);
	const asked = wantedPaths(state).find(each => each.startsWith('/sys/kernel/debug/page_map/'));
	expect(asked).toMatch(/page_map\/0\/(\d+)\/\1$/);
	const {lastFrame} = render(<App state={state} />);
	expect(lastFrame()).toContain('pfn 0x0 DMA: reserved ─');
});

test('what is not there yet says so, and so does a pane that nothing is chosen for', async () => {
	const target = createFakeTarget();
	expect(render(<App state={initialState(target, 100, 30)} />).lastFrame()).toContain('reading …');
	const {lastFrame} = render(<App state={await sampled(100, 30, ['8'])} />);
	expect(lastFrame()).toContain('shows one page in every kind of address');
});
