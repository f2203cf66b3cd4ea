/** What nobody looked at is a gap in every line of the past, and nothing else is. */

import {expect, test} from 'vitest';
import {formatVmstat} from '../../source/formats/proc/vmstat.ts';
import {path} from '../../source/model/paths.ts';
import {lineText} from '../../source/ui/lines.ts';
import {visiblePanes, wantedPaths} from '../../source/ui/panes.ts';
import {initialState, type Message} from '../../source/ui/state.ts';
import {update} from '../../source/ui/update.ts';
import {drawnParts} from './support/drawn.ts';
import {createFakeTarget} from './support/fakeTarget.ts';

type Watched = {
	readonly lose: () => void;
	readonly press: (...keys: readonly string[]) => void;
	/** The machine goes on for so many halves of a second, and is looked at after each. */
	readonly watch: (halves: number) => Promise<void>;
	/** It is looked at as it stands. */
	readonly look: () => Promise<void>;
	/** It goes on, and nobody looks. */
	readonly pass: (halves: number) => void;
	/** The line of the past behind a text, as it is on the screen. */
	readonly past: (part: string, text: string | RegExp) => string;
};

const watched = async (): Promise<Watched> => {
	const target = createFakeTarget();
	let nowMs = 0;
	let faults = 0;
	let state = initialState(target, 200, 60);
	const tell = (message: object): void => {
		state = update(state, {...message, nowMs} as Message).state;
	};
	const pass = (halves: number): void => {
		for (let half = 0; half < halves; half++) {
			nowMs += 500;
			faults += 100;
			target.timeNs += 500e6;
			target.seq++;
		}
		target.files.set(path.vmstat, formatVmstat({counters: {pgalloc_normal: faults, pgfault: faults}}));
	};
	const look = async (): Promise<void> => {
		const panes = visiblePanes(state);
		tell({type: 'sampled', sample: await target.sample({paths: wantedPaths(state)}), panes});
	};
	for (const directory of [path.processes, path.pciDevices]) {
		tell({type: 'listed', path: directory, names: await target.list(directory)});
	}
	pass(0);
	await look();
	return {
		lose: () => tell({type: 'lost', reason: 'gone'}),
		look,
		pass,
		press(...keys) {
			for (const key of keys) {
				tell({type: 'key', key});
			}
		},
		async watch(halves) {
			for (let half = 0; half < halves; half++) {
				pass(1);
				await look();
			}
		},
		past(part, text) {
			const lines = drawnParts(state).find(({id}) => id === part)!.lines;
			const found = lines.map(lineText).find(each => each.search(text) >= 0) ?? '';
			return /[▁-█][▁-█ ]*/u.exec(found.slice(found.search(text)))?.[0].trimEnd() ?? '';
		},
	};
};

/** Every line of the past: where it stands, and what of it stands still on the fake machine. */
const pasts = [
	['status', 'faults', '█'],
	['status', 'allocs', '█'],
	['iocbs', 'in flight', '█'],
	['dma', 'streaming', '█'],
	['zones', 'DMA .* free', '▁'],
] as const;

const pastsOf = ({past}: Watched): readonly string[] => pasts.map(([part, text]) => past(part, new RegExp(text)));

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
