/**
 * Bytes of a terminal to what they mean. Our own decoder in place of Ink's useInput: keys that arrive in one chunk
 * (typed fast, or late over a slow line) are all told apart, and a sequence that arrives in two chunks is still one
 * key.
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

const pasteEndPattern = /^(?:(?!(?:\u001B\[|\u009B)200~)[\s\S])*?(?:\u001B\[|\u009B)201~/;
const oneCharacterPattern = /^[\u008F\u0090\u0098\u009B\u009D-\u009F]/;
const loneSurrogatePattern = /^[\uD800-\uDBFF]$/;

type Decoder = {
	/** Takes what arrived and gives what of it is complete. */
	push(text: string): Input[];
	/** True while something has arrived whose end has not. */
	readonly isPending: boolean;
	/** How long that end may take, in milliseconds, until `flush` is to be called; undefined when nothing is pending. */
	readonly waitMs: number | undefined;
	/** Nothing followed in time. */
	flush(): Input[];
};

class ByteDecoder implements Decoder {
	readonly #nowMs: () => number;
	#rest = '';
	/**
	 * So many characters of the rest have been keys already, or were given up. They may still begin the mark of a paste.
	 */
	#given = 0;
	#givenMs = 0;
	#pasting: Pasting | undefined;
	/** When what is pending began, and when it went on last. */
	#beganMs = 0;
	#touchedMs = 0;
	/** When a paste was taken to have ended though its mark had not come. */
	#cutMs = Number.NEGATIVE_INFINITY;

	constructor(nowMs: () => number) {
		this.#nowMs = nowMs;
	}

	get isPending(): boolean {
		return this.#pasting !== undefined || this.#rest.length > this.#given;
	}

	get waitMs(): number | undefined {
		return this.isPending ? Math.max(0, this.#touchedMs + this.#patienceMs() - this.#nowMs()) : undefined;
	}

	/** How long what is pending may stop. */
	#patienceMs(): number {
		if (this.#nowMs() - this.#beganMs > longMs) return keyGapMs;
		if (this.#pasting) return silenceMs;
		const {length} = this.#rest;
		if (length === 1) return escapeMs;
		return this.#given > 0 || length === 2 || this.#rest.endsWith('\u001B') ? introducerMs : silenceMs;
	}

	push(text: string): Input[] {
		const now = this.#nowMs();
		const inputs: Input[] = [];
		if (!this.isPending) {
			this.#beganMs = now;
			if (now - this.#givenMs > lateMs) this.#rest = '';
			// The rest of a paste that a slow line held back.
			if (now - this.#cutMs <= lateMs && pasteEndPattern.test(this.#rest + text)) this.#pasting = startPasting();
			this.#given = this.#pasting ? 0 : this.#rest.length;
		}
		if (!this.#pasting) this.#touchedMs = now;
		this.#rest += text;
		while (this.#rest !== '' && this.#take(inputs)) this.#beganMs = now;
		return inputs;
	}

	flush(): Input[] {
		const inputs: Input[] = [];
		if (this.#pasting) {
			this.#rest = this.#pasting.cut();
			this.#endPaste(inputs);
			this.#cutMs = this.#nowMs();
		} else if (this.#given > 0) {
			for (const character of this.#rest.slice(this.#given)) inputs.push(...takeCharacter(character).inputs);
		} else {
			inputs.push(...takeUnfinished(this.#rest));
		}
		if (!mayBePasteMark(this.#rest)) this.#rest = '';
		this.#given = this.#rest.length;
		this.#givenMs = this.#nowMs();
		return inputs;
	}

	#endPaste(inputs: Input[]): void {
		const text = this.#pasting!.text();
		if (text !== '') inputs.push({kind: 'paste', text});
		this.#pasting = undefined;
	}

	#takePaste(inputs: Input[]): boolean {
		const {length} = this.#pasting!;
		const behind = this.#pasting!.take(this.#rest, input => inputs.push(input));
		// The terminal's answers may come all the time: a paste does not go on with them.
		if (this.#pasting!.length > length) this.#touchedMs = this.#nowMs();
		this.#rest = behind ?? '';
		if (behind === undefined) return false;
		this.#endPaste(inputs);
		return true;
	}

	/** @returns false when it has to wait for more */
	#takeGiven(): boolean {
		if (mayBePasteMark(this.#rest)) {
			if (!this.#rest.includes('~')) return false;
		} else {
			this.#rest = this.#rest.slice(this.#given);
		}
		this.#given = 0;
		return true;
	}

	#accept({length, inputs: found, paste}: Taken, inputs: Input[]): void {
		this.#rest = this.#rest.slice(length);
		inputs.push(...found);
		if (paste === 'begins') this.#pasting = startPasting();
	}

	/** Takes one thing from the rest. @returns false when it has to wait for more */
	#take(inputs: Input[]): boolean {
		if (this.#pasting) return this.#takePaste(inputs);
		if (this.#given > 0) return this.#takeGiven();
		if (loneSurrogatePattern.test(this.#rest)) return false;
		// A beginning in one character (ECMA-48 5.3), as some terminals can be made to send it.
		if (oneCharacterPattern.test(this.#rest)) {
			const introducer = String.fromCharCode(this.#rest.charCodeAt(0) - 0x40);
			this.#rest = `\u001B${introducer}${this.#rest.slice(1)}`;
		}
		if (this.#rest[0] !== '\u001B') {
			this.#accept(takeCharacter(this.#rest), inputs);
			return true;
		}
		const taken = takeSequence(this.#rest);
		if (taken === 'unfinished') {
			this.#rest = shortened(this.#rest);
			return false;
		}
		this.#accept(taken, inputs);
		return true;
	}
}

/** @param nowMs wall time in milliseconds, never going back */
export const createDecoder = (nowMs: () => number = () => performance.now()): Decoder => new ByteDecoder(nowMs);
