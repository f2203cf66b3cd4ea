/**
 * Text that is being pasted (bracketed paste, xterm's mode 2004), up to the mark that ends it. Terminals take two
 * things out of what they paste, so here they work as usual: Ctrl-C, to leave, and the terminal's answer to line.ts.
 */

import {withoutSteering} from '../../formats/steering.ts';
import {type Input, takeSequence} from './sequences.ts';

/** More is not kept of a text that goes into one line of a prompt. What comes until its end is still pasted. */
const longestPaste = 4096;

const breakPattern = /\u0003|(?:\u001B\[|\u009B)(?:[\d;:]*[u~]|0n)/g;
/** The beginning of what the pattern above looks for, cut off by the end of a chunk. */
const cutPattern = /(?:\u001B(?:\[[\d;:]{0,20})?|\u009B[\d;:]{0,20})$/;

export type Pasting = {
	/** @returns what lies behind the mark that ends it; undefined while it goes on */
	take(chunk: string, onInput: (input: Input) => void): string | undefined;
	/** Characters of it that have come. */
	readonly length: number;
	/** What has come, as one line. */
	text(): string;
	/** What has come last, and may be the beginning of a mark. */
	cut(): string;
};

/** Pasted text as one line that is safe to show. U+FFFD stands for bytes that are not UTF-8. */
function oneLine(text: string): string {
	return withoutSteering(text, '').replace(/\uFFFD|\p{Surrogate}/gu, '');
}

function heardIn(bytes: string): Input | undefined {
	if (bytes === '\u0003') return {kind: 'key', key: 'ctrl+c'};
	const taken = takeSequence(bytes.replace('\u009B', '\u001B['));
	if (taken === 'unfinished') return undefined;
	return taken.inputs.find(input => input.kind === 'answer' || (input.kind === 'key' && input.key === 'ctrl+c'));
}

export function startPasting(): Pasting {
	let kept = '';
	let length = 0;
	let cut = '';

	const keep = (text: string): void => {
		length += text.length;
		if (kept.length < longestPaste) kept = (kept + oneLine(text)).slice(0, longestPaste);
	};

	return {
		take(chunk, onInput) {
			const text = cut + chunk;
			let at = 0;
			for (const {0: found, index} of text.matchAll(breakPattern)) {
				keep(text.slice(at, index));
				at = index + found.length;
				if (found.endsWith('201~')) return text.slice(at);
				const heard = heardIn(found);
				if (heard) onInput(heard);
			}
			cut = cutPattern.exec(text.slice(at))?.[0] ?? '';
			keep(text.slice(at, text.length - cut.length));
			return undefined;
		},
		get length() {
			return length;
		},
		text: () => kept,
		cut: () => cut,
	};
}
