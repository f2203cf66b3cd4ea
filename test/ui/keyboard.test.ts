/** The keyboard with a clock in the test's hands: what silence makes of bytes whose end does not come. */

import {StringDecoder} from 'node:string_decoder';
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {createKeyboard} from '../../source/ui/terminal/keyboard.ts';
import type {Input} from '../../source/ui/terminal/sequences.ts';

const named = (input: Input): string =>
	input.kind === 'key' ? input.key : input.kind === 'paste' ? `paste ${input.text}` : input.kind;

type Hand = {
	/** Types bytes, as they come out of the stream of a terminal. */
	type(bytes: string | Uint8Array): void;
	/** Lets time pass. */
	rest(ms: number): void;
	/** What it came to since the last call. */
	got(): readonly string[];
};

function hand(): Hand {
	let nowMs = 0;
	let due: {readonly atMs: number; readonly call: () => void} | undefined;
	let inputs: string[] = [];
	const utf8 = new StringDecoder('utf8');
	const keyboard = createKeyboard(input => inputs.push(named(input)), {
		nowMs: () => nowMs,
		after(ms, call) {
			const timer = {atMs: nowMs + ms, call};
			due = timer;
			return () => {
				if (due === timer) due = undefined;
			};
		},
	});
	return {
		type(bytes) {
			const text = utf8.write(Buffer.from(bytes));
			if (text !== '') keyboard.push(text);
		},
		rest(ms) {
			nowMs += ms;
			if (due && due.atMs <= nowMs) {
				const {call} = due;
				due = undefined;
				call();
			}
		},
		got() {
			const got = inputs;
			inputs = [];
			return got;
		},
	};
}

/** What steps come to: bytes, or milliseconds of silence. */
function typed(...steps: readonly (string | number)[]): readonly string[] {
	const {type, rest, got} = hand();
	for (const step of steps) {
		if (typeof step === 'number') rest(step);
		else type(step);
	}
	return got();
}

const begin = '\u001B[200~';
const end = '\u001B[201~';

describe('a paste', () => {
	test('without its end is left with Ctrl-C, in each of its ways', () => {
		for (const ctrlC of ['\u0003', '\u001B[99;5u', '\u001B[27;5;99~', '\u001B[99;5:1u', '\u009B99;5u']) {
			expect(typed(`${begin}a`, 'q', ctrlC)).toEqual(['ctrl+c']);
			// In pieces, as over a slow line.
			expect(typed(`${begin}a`, 'q', ...ctrlC)).toEqual(['ctrl+c']);
			expect(typed(`${begin}a${ctrlC}q${end}`).slice(0, 1)).toEqual(['ctrl+c']);
		}
	});

	test('without its end is over after a silence', () => {
		expect(typed(`${begin}a`, 999, 'q', 999, 'q')).toEqual([]);
		expect(typed(`${begin}a`, 999, 'q', 1000, 'q')).toEqual(['paste aq', 'q']);
		expect(typed(begin, 1000, 'q')).toEqual(['q']);
	});

	test('that goes on and on is over as soon as it stops for a moment', () => {
		const flow = Array.from({length: 40}, () => ['a', 100]).flat();
		expect(typed(begin, ...flow, 'q')).toEqual([]);
		expect(typed(begin, ...flow, 'q', 249, 'q')).toEqual([]);
		expect(typed(begin, ...flow, 'q', 250, 'q')).toEqual([`paste ${'a'.repeat(40)}q`, 'q']);
		// A person who tries one key after the other is heard within seconds.
		const tries = Array.from({length: 20}, () => ['q', 300]).flat();
		expect(typed(begin, ...tries)).toContain('q');
	});

	test('does not go on with the answers of the terminal, which are heard', () => {
		const answers = Array.from({length: 30}, () => ['\u001B[0n', 100]).flat();
		const got = typed(`${begin}a`, ...answers, 'q');
		expect(got.filter(each => each === 'answer')).toHaveLength(30);
		expect(got.filter(each => each !== 'answer')).toEqual(['paste a', 'q']);
		const torn = Array.from({length: 10}, () => ['\u001B', 50, '[0', 50, 'n', 100]).flat();
		expect(typed(`${begin}a`, ...torn, 'q').filter(each => each !== 'answer')).toEqual(['paste a', 'q']);
		expect(typed(begin, ...'\u001B[0n', `b${end}`)).toEqual(['answer', 'paste b']);
	});

	test('keeps no more than goes into a prompt, and the keys behind its end', () => {
		for (const length of [4095, 4096, 4097, 1_000_000]) {
			const [paste, ...keys] = typed(begin, 'a'.repeat(length), end, 'j');
			expect(paste).toBe(`paste ${'a'.repeat(Math.min(4096, length))}`);
			expect(keys).toEqual(['j']);
		}
	});

	test('is one line without control characters and what hides or turns text', () => {
		const text =
			'a\r\nb\tc\u0000\u0007\u001B[31md\u007F\u0085e\u009B1mf\u2028\u2029\u202E\u2066g\u200F\u061C\uFFFDh é世😀';
		expect(typed(begin + text + end)).toEqual(['paste abc[31mde1mfgh é世😀']);
		expect(typed(begin + end, `${begin}\r\n${end}`)).toEqual([]);
	});

	test.each([200, 900, 1900])('whose marks come in pieces with %i ms between is a paste all the same', pauseMs => {
		for (let cut = 1; cut < begin.length; cut++) {
			const [head, tail] = [begin.slice(0, cut), begin.slice(cut)];
			const keys = typed(head, pauseMs, `${tail}:q${end}`, 'j').filter(each => each !== 'paste :q');
			// Escape and a bracket were taken for keys before the rest came.
			const early = cut === 1 ? ['escape'] : cut === 2 && pauseMs >= 500 ? ['escape', '['] : [];
			expect(keys).toEqual([...early, 'j']);
			expect(typed(`${begin}:q${end.slice(0, cut)}`, pauseMs, `${end.slice(cut)}j`)).toEqual(['paste :q', 'j']);
		}
	});

	test('whose mark comes in more pieces than two presses no keys either', () => {
		expect(typed('\u001B[', 200, '2', 200, '0', 200, '0', 200, `~:q${end}`)).toEqual(['paste :q']);
		expect(typed('\u001B', 200, '[', 200, '2', 200, '0', 200, '0', 200, `~:q${end}`)).toEqual(['escape', 'paste :q']);
	});

	test('that a slow line held back goes on where it stopped', () => {
		expect(typed(`${begin}lib`, 1500, `c:q${end}j`)).toEqual(['paste lib', 'paste c:q', 'j']);
		expect(typed(`${begin}lib\u001B[20`, 1500, '1~j')).toEqual(['paste lib', 'j']);
		// Another paste is not the rest of it.
		expect(typed(`${begin}lib`, 1500, `j${begin}c${end}`)).toEqual(['paste lib', 'j', 'paste c']);
		// Later it is a person who types.
		expect(typed(`${begin}lib`, 1000, 2000, `j${end}`)).toEqual(['paste lib', 'paste j']);
		expect(typed(`${begin}lib`, 1000, 2001, `j${end}`)).toEqual(['paste lib', 'j']);
	});
});

describe('what began and does not go on', () => {
	test('is keys again after a silence', () => {
		expect(typed('\u001B', 59)).toEqual([]);
		expect(typed('\u001B', 60, 'q')).toEqual(['escape', 'q']);
		expect(typed('\u001B[', 499)).toEqual([]);
		expect(typed('\u001B[', 500, 'q')).toEqual(['escape', '[', 'q']);
		expect(typed('\u001BP', 500, 'q')).toEqual(['escape', 'P', 'q']);
		for (const head of ['\u001B[1;5', '\u001B[M', '\u001B[[', '\u001BO5', '\u001B]11;rgb', '\u001BPq', '\u001B[20']) {
			if (head !== '\u001B[[') expect(typed(head, 999, 'q').filter(key => key === 'q')).toEqual([]);
			expect(typed(head, 1000, 'q')).toEqual(['q']);
		}
	});

	test('is left with Ctrl-C at any time', () => {
		for (const head of [
			'\u001B[1;5',
			'\u001B[M',
			'\u001B[Mab',
			'\u001B[[',
			'\u001BO5',
			'\u001B]11;rgb',
			'\u001BPq',
			'\u001B_G',
			'\u001B^',
			'\u001BX',
		]) {
			for (const ctrlC of ['\u0003', '\u001B[99;5u']) {
				expect(typed(head, ctrlC).at(-1)).toBe('ctrl+c');
			}
		}
	});

	test('is neither kept nor let through, however long it is', () => {
		for (const head of ['\u001B[', '\u001B]1;', '\u001BP', '\u001B_', '\u001B[<', '\u001BO']) {
			const digits = '1'.repeat(3000);
			expect(typed(head, digits, digits, digits, 1000, 'q')).toEqual(['q']);
			expect(typed(head, digits, digits, `${digits}A`, '\u001B\\', 'j').at(-1)).toBe('j');
		}
	});

	test('a string without an end lets the escape key through', () => {
		expect(typed('\u001B]11;rgb', '\u001B', 499)).toEqual([]);
		expect(typed('\u001B]11;rgb', '\u001B', 500)).toEqual(['escape']);
		expect(typed('\u001B]11;rgb', '\u001B[A')).toEqual(['up']);
	});

	test('of a person who tries keys, one is heard within seconds', () => {
		const tries = Array.from({length: 20}, () => ['q', 300]).flat();
		for (const head of ['\u001B]11;', '\u001BP', '\u001B[200~', '\u001B[M']) {
			expect(typed(head, ...tries)).toContain('q');
		}
	});
});

test('a bracket a while after the escape key is that key', () => {
	expect(typed('\u001B', 60, '[', 500)).toEqual(['escape', '[']);
	expect(typed('\u001B', 60, '[', 100, 'j')).toEqual(['escape', '[', 'j']);
	expect(typed('\u001B', 60, 2001, '[')).toEqual(['escape', '[']);
});

const fragment = fc.constantFrom(
	...['\u001B', '\u001B[', '\u001BO', '\u001B]', '\u001BP', '\u001BX', '\u001B^', '\u001B_', '\u001B[M', '\u001B[['],
	...['\u001B[<', begin, end, '\u001B[200', '\u001B[20', '\u0007', '\u001B\\', '\u009C', '\u009B', '\u0090', '\u009D'],
	...[
		'\u001B[99;5',
		'\u001B[27;5;99~',
		'\u001B[27u',
		'~',
		';',
		':',
		'1',
		'u',
		'M',
		'😀',
		'é',
		'\u2028',
		'\0',
		'\u0018',
	],
);
const bytes = fc.oneof(
	fragment.map(text => Uint8Array.from(Buffer.from(text))),
	fc.uint8Array({maxLength: 6}),
	// A character cut off, and half a surrogate pair in what is not UTF-8.
	fc.constantFrom(Uint8Array.of(0xf0, 0x9f), Uint8Array.of(0xed, 0xa0, 0x80), Uint8Array.of(0xff), Uint8Array.of(0xe4)),
);
const storm = fc.array(fc.tuple(bytes, fc.constantFrom(0, 0, 0, 30, 60, 300, 1000, 5000)), {maxLength: 25});

test('after any bytes, with any pauses, Ctrl-C is heard at once, and q after a second of silence', () => {
	fc.assert(
		fc.property(storm, steps => {
			for (const [last, key] of [
				['\u0003', 'ctrl+c'],
				['q', 'q'],
			] as const) {
				const {type, rest, got} = hand();
				for (const [some, pauseMs] of steps) {
					type(some);
					rest(pauseMs);
				}
				if (last === 'q') rest(1000);
				got();
				type(last);
				// A character that was cut off ends with the next byte.
				expect(got().at(-1)).toBe(key);
			}
		}),
		{numRuns: 1000},
	);
});
