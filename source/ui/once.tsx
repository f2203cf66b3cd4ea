import {renderToString} from 'ink';
import {path} from '../model/paths.ts';
import type {Target} from '../target/target.ts';
import {wantedPaths} from './panes/panes.ts';
import {visiblePanes} from './state/layout.ts';
import {initialState, type State} from './state/state.ts';
import {ThemeContext} from './terminal/surface.ts';
import type {Theme} from './terminal/theme.ts';
import {update} from './update/update.ts';
import {App} from './view/app.tsx';

type OnceOptions = {
	readonly target: Target;
	readonly columns: number;
	readonly rows: number;
	readonly theme: Theme;
};

/**
 * Samples until nothing more is asked for: the list of processes decides which files of a process are read, and a real
 * Linux may refuse those of the first one.
 */
const mostRounds = 12;

const isSame = (a: readonly string[], b: readonly string[]): boolean =>
	a.length === b.length && a.every((each, index) => each === b[index]);

async function settle(target: Target, first: State): Promise<State> {
	let state = first;
	for (const directory of [path.processes, path.pciDevices]) {
		// A target without PCI devices has no such directory.
		const names = await target.list(directory).catch(() => []);
		state = update(state, {type: 'listed', path: directory, names}).state;
	}
	let asked: readonly string[] = [];
	for (let round = 0; round < mostRounds; round++) {
		const paths = wantedPaths(state);
		if (isSame(paths, asked)) break;
		asked = paths;
		const sample = await target.sample({paths});
		// The effects (asking for lists again) are left undone: time does not pass here.
		state = update(state, {type: 'sampled', sample, panes: visiblePanes(state), nowMs: 0}).state;
	}
	return state;
}

function textOf(state: State, theme: Theme): string {
	const text = renderToString(
		<ThemeContext.Provider value={theme}>
			<App state={state} />
		</ThemeContext.Provider>,
		{columns: state.columns},
	);
	return text
		.split('\n')
		.map(row => row.trimEnd())
		.join('\n');
}

/**
 * One screen as text, without a trailing newline. The same machine at the same instant gives the same text.
 *
 * @throws TargetError when the target is gone
 */
export async function renderOnce({target, columns, rows, theme}: OnceOptions): Promise<string> {
	return textOf(await settle(target, initialState(target, columns, rows)), theme);
}

type StoryOptions = Omit<OnceOptions, 'theme'> & {
	readonly themes: readonly Theme[];
	/** Of the injection. */
	readonly id: number;
};

/** The screen as it is while a story is told, in each of the themes. */
export async function renderStory({target, columns, rows, themes, id}: StoryOptions): Promise<readonly string[]> {
	const first = initialState(target, columns, rows);
	const state = await settle(target, {...first, injections: {...first.injections, followed: id, story: id}});
	return themes.map(theme => textOf(state, theme));
}
