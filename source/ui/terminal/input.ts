/**
 * Bytes of a terminal to what they mean. Our own decoder in place of Ink's useInput: keys that arrive in one chunk (typed
 * fast, or late over a slow line) are all told apart, and a sequence that arrives in two chunks is still one key.
 * Pasted text (bracketed paste) is ignored: it was not meant for single-letter commands.
 */

import {characterKey, type Input, takeSequence, takeUnfinished} from './sequences.ts';

const pasteBegin = '\u001B[200~';
const pasteEnd = '\u001B[201~';

export type Decoder = {
	/** Takes what arrived and gives what of it is complete. */
	push(text: string): Input[];
	/** True while an escape has arrived that could be a key of its own or begin a sequence. */
	readonly isPending: boolean;
	/** Nothing followed the escape in time. */
	flush(): Input[];
};

export const createDecoder = (): Decoder => {
	let rest = '';
	let isPasting = false;

	const skipPaste = (): void => {
		const end = rest.indexOf(pasteEnd);
		if (end < 0) {
			// The end mark may be cut in two by the chunk.
			rest = rest.slice(-pasteEnd.length + 1);
			return;
		}
		rest = rest.slice(end + pasteEnd.length);
		isPasting = false;
	};

	/** Takes one thing from `rest`. @returns false when it has to wait for more */
	const take = (inputs: Input[]): boolean => {
		if (rest.startsWith(pasteBegin)) {
			rest = rest.slice(pasteBegin.length);
			isPasting = true;
			return true;
		}
		if (rest[0] !== '\u001B') {
			const character = String.fromCodePoint(rest.codePointAt(0)!);
			rest = rest.slice(character.length);
			inputs.push({kind: 'key', key: characterKey(character)});
			return true;
		}
		const taken = takeSequence(rest);
		if (taken === 'unfinished') {
			return false;
		}
		rest = rest.slice(taken.length);
		if (taken.input) {
			inputs.push(taken.input);
		}
		return true;
	};

	return {
		push(text) {
			rest += text;
			const inputs: Input[] = [];
			while (rest !== '') {
				if (isPasting) {
					skipPaste();
					if (isPasting) {
						break;
					}
				} else if (!take(inputs)) {
					break;
				}
			}
			return inputs;
		},
		get isPending() {
			return rest !== '' && !isPasting;
		},
		flush() {
			if (isPasting || rest === '') {
				return [];
			}
			const input = takeUnfinished(rest);
			rest = '';
			return input ? [input] : [];
		},
	};
};
