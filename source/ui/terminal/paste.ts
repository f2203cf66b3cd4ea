/**
 * Text that is being pasted (bracketed paste, xterm's mode 2004). It ends with its mark; nothing else in it is a key,
 * but for Ctrl-C: whoever presses that wants to leave, and terminals let none through that is pasted.
 */

import {withoutSteering} from '../../formats/steering.ts';
import {takeSequence} from './sequences.ts';

/** More is not kept of a text that goes into one line of a prompt. What comes until its end is still pasted. */
const longestPaste = 4096;

const breakPattern = /\u0003|(?:\u001B\[|\u009B)[\d;:]*[u~]/g;
/** The beginning of what the pattern above looks for, cut off by the end of a chunk. */
const cutPattern = /(?:\u001B(?:\[[\d;:]{0,20})?|\u009B[\d;:]{0,20})$/;

export type Pasting = {
	/** @returns what lies behind the mark that ends it; undefined while it goes on */
	take(chunk: string, onLeave: () => void): string | undefined;
	/** What has come, as one line. */
	text(): string;
	/** What has come last, and may be the beginning of a mark. */
	cut(): string;
};

/** Pasted text as one line that is safe to show. U+FFFD stands for bytes that are not UTF-8. */
function oneLine(text: string): string {
	return withoutSteering(text, '').replace(/\uFFFD|\p{Surrogate}/gu, '');
}

function isCtrlC(bytes: string): boolean {
	const taken = takeSequence(bytes.replace('\u009B', '\u001B['));
	return taken !== 'unfinished' && taken.inputs.some(input => input.kind === 'key' && input.key === 'ctrl+c');
}

export function startPasting(): Pasting {
	let kept = '';
	let cut = '';

	const keep = (text: string): void => {
		if (kept.length < longestPaste) kept = (kept + oneLine(text)).slice(0, longestPaste);
	};

	return {
		take(chunk, onLeave) {
			const text = cut + chunk;
			let at = 0;
			for (const {0: found, index} of text.matchAll(breakPattern)) {
				keep(text.slice(at, index));
				at = index + found.length;
				if (found.endsWith('201~')) return text.slice(at);
				if (found === '\u0003' || isCtrlC(found)) onLeave();
			}
			cut = cutPattern.exec(text.slice(at))?.[0] ?? '';
			keep(text.slice(at, text.length - cut.length));
			return undefined;
		},
		text: () => kept,
		cut: () => cut,
	};
}
