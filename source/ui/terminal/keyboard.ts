/** A keyboard: chunks of bytes in, keys and mouse events out, an escape key told from a sequence by the silence behind it. */

import {createDecoder} from './input.ts';
import type {Input} from './sequences.ts';

/** An escape that nothing follows for this long was the escape key. A slow line may tear a sequence this far. */
const escapeMs = 60;

export type Keyboard = {
	/** Takes what arrived. */
	push(text: string): void;
	stop(): void;
};

export const createKeyboard = (onInput: (input: Input) => void): Keyboard => {
	const decoder = createDecoder();
	let timer: NodeJS.Timeout | undefined;
	return {
		push(text) {
			clearTimeout(timer);
			decoder.push(text).forEach(onInput);
			if (decoder.isPending) {
				timer = setTimeout(() => decoder.flush().forEach(onInput), escapeMs);
			}
		},
		stop() {
			clearTimeout(timer);
		},
	};
};
