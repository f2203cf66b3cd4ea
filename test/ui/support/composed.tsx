/** A monitor whose every message is told by hand, and which is drawn by its components: what a screen should show. */

import {renderToString} from 'ink';
import {path} from '../../../source/model/paths.ts';
import type {Sample, Target} from '../../../source/target/target.ts';
import {wantedPaths} from '../../../source/ui/panes/panes.ts';
import {visiblePanes} from '../../../source/ui/state/layout.ts';
import {initialState, type Message, type State, type TargetFacts} from '../../../source/ui/state/state.ts';
import {ThemeContext} from '../../../source/ui/terminal/surface.ts';
import type {Theme} from '../../../source/ui/terminal/theme.ts';
import {update} from '../../../source/ui/update/update.ts';
import {App} from '../../../source/ui/view/app.tsx';

export type Composed = {
	readonly state: () => State;
	/** What the reducer wants done outside is not done. */
	tell(message: Message): void;
	/** Reads the names of processes and devices. */
	list(): Promise<void>;
	/** Reads what the panes show. */
	sample(nowMs: number): Promise<void>;
	/** Rows with SGR sequences. */
	text(theme: Theme): string;
};

/** @param facts what the monitor knows of the target beside its files */
export function composed(
	target: Pick<Target, 'list'> & {sample(request: {readonly paths: readonly string[]}): Promise<Sample>},
	facts: TargetFacts,
	columns: number,
	rows: number,
): Composed {
	let state = initialState(facts, columns, rows);
	const tell = (message: Message): void => {
		state = update(state, message).state;
	};
	return {
		state: () => state,
		tell,
		async list() {
			for (const directory of [path.processes, path.pciDevices]) {
				tell({type: 'listed', path: directory, names: await target.list(directory)});
			}
		},
		async sample(nowMs) {
			const panes = visiblePanes(state);
			tell({type: 'sampled', sample: await target.sample({paths: wantedPaths(state)}), panes, nowMs});
		},
		text: theme =>
			renderToString(
				<ThemeContext.Provider value={theme}>
					<App state={state} />
				</ThemeContext.Provider>,
				{columns: state.columns},
			),
	};
}
