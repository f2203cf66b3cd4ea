/** A monitor as its state alone, and a machine that goes on when the test says so. */

import {path} from '../../../source/model/paths.ts';
import {wantedPaths} from '../../../source/ui/panes/panes.ts';
import {visiblePanes} from '../../../source/ui/state/layout.ts';
import {initialState, type Message, type State} from '../../../source/ui/state/state.ts';
import {update} from '../../../source/ui/update/update.ts';
import type {FakeTarget} from './fakeTarget.ts';

/** A message without its time, which the watcher knows. */
type Told = {[Type in Message['type']]: Omit<Extract<Message, {type: Type}>, 'nowMs'>}[Message['type']];

export type Watcher = {
	readonly state: () => State;
	readonly tell: (message: Told) => void;
	readonly press: (...keys: readonly string[]) => void;
	/** The machine and the clock on the wall go on; nobody looks. */
	readonly pass: (ms: number) => void;
	readonly look: () => Promise<void>;
};

/** One that has looked once. */
export async function startWatcher(target: FakeTarget, columns: number, rows: number): Promise<Watcher> {
	let nowMs = 0;
	let state = initialState(target, columns, rows);
	const tell = (message: Told): void => {
		state = update(state, {...message, nowMs} as Message).state;
	};
	const look = async (): Promise<void> => {
		const panes = visiblePanes(state);
		tell({type: 'sampled', sample: await target.sample({paths: wantedPaths(state)}), panes});
	};
	for (const directory of [path.processes, path.pciDevices]) {
		tell({type: 'listed', path: directory, names: await target.list(directory)});
	}
	await look();
	return {
		state: () => state,
		tell,
		press(...keys) {
			for (const key of keys) {
				tell({type: 'key', key});
			}
		},
		pass(ms) {
			nowMs += ms;
			target.timeNs += ms * 1e6;
			target.seq++;
		},
		look,
	};
}
