/** Several monitors, or what is like one, on one terminal, one at a time. */

import type {Monitor} from './monitor.tsx';
import type {PairOptions} from './pair.ts';
import {createScreen, type Screen} from './terminal/screen.ts';

/** What one behind has still to send would lie over the one in front. */
type Output = {isOpen: boolean};

export type InTurn<Shown extends Pick<Monitor, 'hide' | 'resize'>> = {
	readonly shown: Shown;
	readonly output: Output;
};

/** A screen that sends nothing while its output is closed. It is open at first. */
export function screenInTurn(
	{sink, theme, mostBytes}: Pick<PairOptions, 'sink' | 'theme' | 'mostBytes'>,
	columns: number,
	rows: number,
): {readonly screen: Screen; readonly output: Output} {
	const output = {isOpen: true};
	const send: typeof sink = (bytes, done, more) => (output.isOpen ? sink(bytes, done, more) : done());
	return {output, screen: createScreen(send, theme, columns, rows, mostBytes)};
}

export function toBack({shown, output}: InTurn<Pick<Monitor, 'hide' | 'resize'>>): void {
	output.isOpen = false;
	shown.hide(true);
}

/** It draws everything again: the terminal may have another size by now. */
export function toFront(
	{shown, output}: InTurn<Pick<Monitor, 'hide' | 'resize'>>,
	columns: number,
	rows: number,
): void {
	output.isOpen = true;
	shown.hide(false);
	shown.resize(columns, rows);
}
