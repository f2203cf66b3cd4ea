/**
 * Bytes of a terminal to what they mean. Our own decoder in place of Ink's useInput: keys that arrive in one chunk (typed
 * fast, or late over a slow line) are all told apart, and a sequence that arrives in two chunks is still one key.
 *
 * Whatever arrives, the keyboard is not lost. What has no end, a sequence or a paste, ends by itself after a silence;
 * after a while the short one between two keys of a person is enough. Ctrl-C is heard in all of them.
 */

import {type Pasting, startPasting} from './paste.ts';
import {
	type Input,
	mayBePasteMark,
	shortened,
	type Taken,
	takeCharacter,
	takeSequence,
	takeUnfinished,
} from './sequences.ts';

/** An escape that nothing follows for this long was the escape key. A slow line may tear a sequence this far. */
const escapeMs = 60;
/** A person who presses a bracket at once behind the escape key waits for it; a torn sequence would do much harm. */
const introducerMs = 500;
/** A sequence or a paste that does not go on for this long has ended. */
const silenceMs = 1000;
/** One that goes on for this long has ended when it stops for as long as between two keys of a person. */
const longMs = 3000;
const keyGapMs = 250;
/** The rest of a mark, or the end of a paste, that comes later than this after the silence is not waited for. */
const lateMs = 2000;

const answer = '\u001B[0n';
const pasteEndPattern = /^(?:(?!(?:\u001B\[|\u009B)200~)[\s\S])*?(?:\u001B\[|\u009B)201~/;
const oneCharacterPattern = /^[\u008F\u0090\u0098\u009B\u009D-\u009F]/;
const loneSurrogatePattern = /^[\uD800-\uDBFF]$/;

export type Decoder = {
	/** Takes what arrived and gives what of it is complete. */
	push(text: string): Input[];
	/** True while something has arrived whose end has not. */
	readonly isPending: boolean;
	/** How long that end may take, in milliseconds, until `flush` is to be called; undefined when nothing is pending. */
	readonly waitMs: number | undefined;
	/** Nothing followed in time. */
	flush(): Input[];
};

/** @param nowMs wall time in milliseconds, never going back */
export const createDecoder = (nowMs: () => number = () => performance.now()): Decoder => {
	let rest = '';
	/** So many characters of `rest` have been keys already, or were given up. They may still begin the mark of a paste. */
	let given = 0;
	let givenMs = 0;
	let pasting: Pasting | undefined;
	/** When what is pending began, and when it went on last. */
	let beganMs = 0;
	let touchedMs = 0;
	/** When a paste was taken to have ended though its mark had not come. */
	let cutMs = Number.NEGATIVE_INFINITY;

	const isPending = (): boolean => pasting !== undefined || rest.length > given;

	/** How long what is pending may stop. */
	const patienceMs = (): number => {
		if (nowMs() - beganMs > longMs) return keyGapMs;
		if (pasting) return silenceMs;
		if (rest.length === 1) return escapeMs;
		return given > 0 || rest.length === 2 || rest.endsWith('\u001B') ? introducerMs : silenceMs;
	};

	const endPaste = (inputs: Input[]): void => {
		const text = pasting!.text();
		if (text !== '') inputs.push({kind: 'paste', text});
		pasting = undefined;
	};

	const takePaste = (inputs: Input[]): boolean => {
		const behind = pasting!.take(rest, input => inputs.push(input));
		rest = behind ?? '';
		if (behind === undefined) return false;
		endPaste(inputs);
		return true;
	};

	/** @returns false when it has to wait for more */
	const takeGiven = (): boolean => {
		if (mayBePasteMark(rest)) {
			if (!rest.includes('~')) return false;
		} else {
			rest = rest.slice(given);
		}
		given = 0;
		return true;
	};

	const accept = ({length, inputs: found, paste}: Taken, inputs: Input[]): void => {
		rest = rest.slice(length);
		inputs.push(...found);
		if (paste === 'begins') pasting = startPasting();
	};

	/** Takes one thing from `rest`. @returns false when it has to wait for more */
	const take = (inputs: Input[]): boolean => {
		if (pasting) return takePaste(inputs);
		if (given > 0) return takeGiven();
		if (loneSurrogatePattern.test(rest)) return false;
		// A beginning in one character (ECMA-48 5.3), as some terminals can be made to send it.
		if (oneCharacterPattern.test(rest))
			rest = `\u001B${String.fromCharCode(rest.charCodeAt(0) - 0x40)}${rest.slice(1)}`;
		if (rest[0] !== '\u001B') {
			accept(takeCharacter(rest), inputs);
			return true;
		}
		const taken = takeSequence(rest);
		if (taken === 'unfinished') {
			rest = shortened(rest);
			return false;
		}
		accept(taken, inputs);
		return true;
	};

	return {
		push(text) {
			const now = nowMs();
			const inputs: Input[] = [];
			if (!isPending()) {
				beganMs = now;
				if (now - givenMs > lateMs) rest = '';
				// The rest of a paste that a slow line held back.
				if (now - cutMs <= lateMs && pasteEndPattern.test(rest + text)) pasting = startPasting();
				given = pasting ? 0 : rest.length;
			}
			// The terminal's answers may come all the time: a paste does not go on with them.
			if (!pasting || text.replaceAll(answer, '') !== '') touchedMs = now;
			rest += text;
			while (rest !== '' && take(inputs)) beganMs = now;
			return inputs;
		},
		get isPending() {
			return isPending();
		},
		get waitMs() {
			return isPending() ? Math.max(0, touchedMs + patienceMs() - nowMs()) : undefined;
		},
		flush() {
			const inputs: Input[] = [];
			if (pasting) {
				rest = pasting.cut();
				endPaste(inputs);
				cutMs = nowMs();
			} else if (given > 0) {
				for (const character of rest.slice(given)) inputs.push(...takeCharacter(character).inputs);
			} else {
				inputs.push(...takeUnfinished(rest));
			}
			if (!mayBePasteMark(rest)) rest = '';
			given = rest.length;
			givenMs = nowMs();
			return inputs;
		},
	};
};
