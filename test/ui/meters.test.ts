/** What nobody looked at is a gap in every line of the past, and nothing else is. */

import {expect, test} from 'vitest';
import {formatVmstat} from '../../source/formats/proc/vmstat.ts';
import {path} from '../../source/model/paths.ts';
import {layoutOf} from '../../source/ui/state/layout.ts';
import {createFakeTarget} from './support/fakeTarget.ts';
import {pictureOf, textIn} from './support/picture.tsx';
import {startWatcher, type Watcher} from './support/watcher.ts';

type Meters = Pick<Watcher, 'press' | 'look'> & {
	/** The machine goes on for so many halves of a second, and is looked at after each. */
	readonly watch: (halves: number) => Promise<void>;
	/** It goes on, and nobody looks. */
	readonly pass: (halves: number) => void;
	readonly lose: () => void;
	/** It does not answer for a while. */
	readonly silence: () => void;
	/** The line of the past behind a text, as it is on the screen. */
	readonly past: (part: string, text: RegExp) => string;
};

async function watched(): Promise<Meters> {
	const target = createFakeTarget();
	let faults = 0;
	const count = (more: number): void => {
		faults += more;
		target.files.set(path.vmstat, formatVmstat({counters: {pgalloc_normal: faults, pgfault: faults}}));
	};
	count(0);
	const {state, tell, press, look, pass} = await startWatcher(target, 200, 60);
	const passHalves = (halves: number): void => {
		pass(halves * 500);
		count(halves * 100);
	};
	return {
		press,
		look,
		pass: passHalves,
		async watch(halves) {
			for (let half = 0; half < halves; half++) {
				passHalves(1);
				await look();
			}
		},
		lose: () => tell({type: 'lost', reason: 'gone'}),
		silence: () => tell({type: 'silent', silentMs: 5000}),
		past(part, text) {
			const layout = layoutOf(state());
			const {status, panes} = layout.kind === 'panes' ? layout : {panes: []};
			const rect = part === 'status' ? status : panes.find(({id}) => id === part)?.rect;
			const found = textIn(pictureOf(state()), rect!).find(each => text.test(each)) ?? '';
			return /[▁-█][▁-█ ]*/u.exec(found.slice(found.search(text)))?.[0].trimEnd() ?? '';
		},
	};
}

/** Every line of the past: where it stands, and how it draws what does not change. */
const pasts = [
	['status', /faults/, '█'],
	['status', /allocs/, '█'],
	['iocbs', /in flight/, '█'],
	['dma', /streaming/, '█'],
	['zones', /DMA .* free/, '▁'],
] as const;

const pastsOf = ({past}: Meters): readonly string[] => pasts.map(([part, text]) => past(part, text));

/** @param drawn with a + for each column that was seen */
const all = (drawn: string): readonly string[] => pasts.map(([, , column]) => drawn.replaceAll('+', column));

test('what came before a target was lost, a gap, and what came after it was back', async () => {
	const monitor = await watched();
	await monitor.watch(3);
	expect(pastsOf(monitor)).toEqual(all('+++'));
	monitor.lose();
	monitor.lose();
	monitor.pass(20);
	await monitor.watch(3);
	expect(pastsOf(monitor)).toEqual(all('+++ ++'));
});

test('one that answers late leaves none: it was looked at all the time', async () => {
	const monitor = await watched();
	await monitor.watch(3);
	monitor.silence();
	monitor.pass(20);
	await monitor.watch(3);
	expect(pastsOf(monitor)).toEqual(all('++++++'));
});

test('a frozen picture leaves a gap where the machine went on', async () => {
	const monitor = await watched();
	await monitor.watch(3);
	monitor.press('space');
	expect(pastsOf(monitor)).toEqual(all('+++'));
	monitor.pass(20);
	monitor.press('space');
	await monitor.watch(3);
	expect(pastsOf(monitor)).toEqual(all('+++ ++'));
});

test('so does a monitor that was stopped as by Ctrl-Z', async () => {
	const monitor = await watched();
	await monitor.watch(3);
	monitor.press('ctrl+z');
	monitor.pass(20);
	await monitor.watch(3);
	expect(pastsOf(monitor)).toEqual(all('+++ ++'));
});

test('a frozen picture of a machine that stood still leaves none', async () => {
	const monitor = await watched();
	await monitor.watch(3);
	monitor.press('space', 'space');
	await monitor.look();
	await monitor.watch(3);
	expect(pastsOf(monitor)).toEqual(all('++++++'));
});

test('a pane that is hidden leaves a gap, and keeps what it showed before; the status line has none', async () => {
	const monitor = await watched();
	await monitor.watch(3);
	monitor.press('z');
	await monitor.watch(5);
	monitor.press('z');
	await monitor.watch(3);
	const [faults, allocations, ...others] = pastsOf(monitor);
	expect([faults, allocations]).toEqual(['█'.repeat(8), '█'.repeat(8)]);
	expect(others).toEqual(all('+++ ++').slice(2));
});

test('one that is hidden while the machine stands still leaves none', async () => {
	const monitor = await watched();
	await monitor.watch(3);
	monitor.press('z');
	await monitor.look();
	monitor.press('z');
	await monitor.look();
	await monitor.watch(3);
	expect(pastsOf(monitor)).toEqual(all('++++++'));
});
