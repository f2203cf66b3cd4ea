/** What Ink takes for its standard output: whole frames (it runs with `debug: true`) go to our screen. */

import {EventEmitter} from 'node:events';

type InkOutput = NodeJS.WriteStream;

/**
 * @param size of the terminal, asked for every layout
 * @param onFrame takes a frame, synchronously
 */
export function createInkOutput(
	size: () => {readonly columns: number; readonly rows: number},
	onFrame: (frame: string) => void,
): InkOutput {
	const output = Object.assign(new EventEmitter(), {
		write(frame: string) {
			onFrame(frame);
			return true;
		},
		// Not a terminal as far as Ink is concerned: cursor and screen are ours.
		isTTY: false,
	});
	Object.defineProperties(output, {columns: {get: () => size().columns}, rows: {get: () => size().rows}});
	return output as unknown as InkOutput;
}
