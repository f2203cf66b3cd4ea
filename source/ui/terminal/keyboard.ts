/**
 * A keyboard: chunks of bytes in, keys and mouse events out, an escape key told from a sequence by the silence behind
 * it.
 */

import {performance} from 'node:perf_hooks';
import {createDecoder} from './input.ts';
import type {Input} from './sequences.ts';

type KeyboardClock = {
	/** Wall time in milliseconds, never going back. */
	readonly nowMs: () => number;
	/** Calls once, after a time in milliseconds. @returns calls it off */
	readonly after: (ms: number, call: () => void) => () => void;
};

type Keyboard = {
	/** Takes what arrived. */
	push(text: string): void;
	stop(): void;
};

const wallClock: KeyboardClock = {
	nowMs: () => performance.now(),
	after(ms, call) {
		let immediate: NodeJS.Immediate | undefined;
		// A process that was busy finds its timer due before it has read what arrived meanwhile: that is read first.
		const timer = setTimeout(() => {
			immediate = setImmediate(call);
		}, ms);
		return () => {
			clearTimeout(timer);
			clearImmediate(immediate);
		};
	},
};

export function createKeyboard(onInput: (input: Input) => void, {nowMs, after}: KeyboardClock = wallClock): Keyboard {
	const decoder = createDecoder(nowMs);
	let callOff: (() => void) | undefined;

	const wait = (): void => {
		const {waitMs} = decoder;
		if (waitMs !== undefined) callOff = after(waitMs, () => decoder.flush().forEach(onInput));
	};

	return {
		push(text) {
			callOff?.();
			callOff = undefined;
			decoder.push(text).forEach(onInput);
			wait();
		},
		stop() {
			callOff?.();
		},
	};
}
