/** A monitor on a machine, filmed: the bytes that a terminal gets, and an emulator that has taken them. */

import {createRequire} from 'node:module';
import type {Terminal as TerminalType} from '@xterm/headless';
import type {LabOptions} from '../source/lab/lab.ts';
import type {State} from '../source/ui/state/state.ts';
import {createScreen} from '../source/ui/terminal/screen.ts';
import {createTheme, type ThemeName} from '../source/ui/terminal/theme.ts';
import {pictureOf} from '../test/ui/support/picture.tsx';
import {type Reader, startReader} from '../test/ui/support/reader.ts';

const {Terminal} = createRequire(import.meta.url)('@xterm/headless') as {Terminal: typeof TerminalType};

export type Film = {
	readonly reader: Reader;
	readonly terminal: TerminalType;
	/** Draws what the reader sees now. @returns the bytes that a terminal is sent for it, empty where nothing changed */
	draw(): Promise<string>;
};

type Scenery = {
	readonly lab: LabOptions;
	readonly ageMs: number;
	readonly theme: ThemeName;
	readonly columns: number;
	readonly rows: number;
};

export async function startFilm({lab, ageMs, theme: name, columns, rows}: Scenery): Promise<Film> {
	const terminal = new Terminal({cols: columns, rows, allowProposedApi: true, scrollback: 0});
	const theme = createTheme(name, true);
	let sent = '';
	const screen = createScreen(
		(bytes, done) => {
			sent += bytes;
			terminal.write(bytes, done);
		},
		theme,
		columns,
		rows,
	);
	let layers = 0;
	const put = (state: State): void => {
		const picture = pictureOf(state, theme);
		screen.frame(picture.frame);
		for (const [index, layer] of picture.layers.entries()) screen.put(String(index), layer);
		for (let index = picture.layers.length; index < layers; index++) screen.remove(String(index));
		layers = picture.layers.length;
	};
	const reader = await startReader({lab, ageMs, columns, rows});
	return {
		reader,
		terminal,
		async draw() {
			sent = '';
			put(reader.state());
			screen.flush();
			await screen.settled();
			return sent;
		},
	};
}
