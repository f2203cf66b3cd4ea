import fc from 'fast-check';
import {expect, test} from 'vitest';
import {createDecoder} from '../../source/ui/terminal/input.ts';
import type {Input} from '../../source/ui/terminal/sequences.ts';

const named = (input: Input): string =>
	input.kind === 'key'
		? input.key
		: input.kind === 'mouse'
			? `${input.mouse.kind} ${input.mouse.column},${input.mouse.row}`
			: input.kind === 'paste'
				? `paste ${input.text}`
				: input.kind;

function decode(...chunks: readonly string[]): string[] {
	const decoder = createDecoder();
	return [...chunks.flatMap(chunk => decoder.push(chunk)), ...decoder.flush()].map(named);
}

test('keys that arrive in one chunk are all told apart', () => {
	expect(decode('mdc\u001B[A\u001B[Bjj')).toEqual(['m', 'd', 'c', 'up', 'down', 'j', 'j']);
});

test('a sequence that arrives in two chunks is one key', () => {
	expect(decode('\u001B', '[', '5', '~')).toEqual(['pageup']);
});

test('an escape that nothing follows is the escape key', () => {
	const decoder = createDecoder();
	expect(decoder.push('\u001B')).toEqual([]);
	expect(decoder.isPending).toBe(true);
	expect(decoder.flush()).toEqual([{kind: 'key', key: 'escape'}]);
	expect(decoder.isPending).toBe(false);
});

test('an escape before another sequence is a key of its own', () => {
	expect(decode('\u001B\u001B[A')).toEqual(['escape', 'up']);
});

test.each([
	['\u0003', 'ctrl+c'],
	['\u001A', 'ctrl+z'],
	['\r', 'enter'],
	['\n', 'enter'],
	[' ', 'space'],
	['\t', 'tab'],
	['\u001B[Z', 'shift+tab'],
	['\u007F', 'backspace'],
	['\u001BOA', 'up'],
	['\u001B[1;5C', 'ctrl+right'],
	['\u001B[1;2D', 'shift+left'],
	['\u001B[H', 'home'],
	['\u001B[4~', 'end'],
	['\u001BOP', 'f1'],
	['\u001B[24~', 'f12'],
	['\u001B[[A', 'f1'],
	['\u001B[[E', 'f5'],
	['é', 'é'],
	['世', '世'],
])('%j is %s', (bytes, key) => {
	expect(decode(bytes)).toEqual([key]);
});

test.each([
	['device attributes', '\u001B[?62;4c'],
	['a cursor report', '\u001B[12;40R'],
	['a mode report', '\u001B[?2026;2$y'],
	['a colour report ended by BEL', '\u001B]11;rgb:ffff/ffff/ffff\u0007'],
	['a colour report ended by ST', '\u001B]11;rgb:0000/0000/0000\u001B\\'],
	['a version string', '\u001BP>|XTerm(370)\u001B\\'],
	['an application string', '\u001B_Gi=31;OK\u001B\\'],
	['focus coming and going', '\u001B[I\u001B[O'],
	['a key of the kitty protocol that is let go', '\u001B[97;5:3u'],
	['a cursor key that is let go', '\u001B[1;1:3A'],
	['a modifier alone', '\u001B[57442;5u'],
	['a key with super, as the desktop has it', '\u001B[113;9u'],
	['what says which keys kitty reports', '\u001B[?1u'],
	['a code that is not a character', '\u001B[99999999u\u001B[55296u\u001B[27;5;1114112~'],
	['modifiers that are none', '\u001B[99;0u\u001B[99;999u\u001B[27;0;99~'],
	['a string of the rare kinds', '\u001BXstart\u001B\\\u001B^privacy\u009C'],
	['a string with letters and a bell', '\u001BPq quit\u0007'],
	['a sequence of garbage', '\u001B[1!2<3m\u001B[>?=h\u001B[    q\u001B[\uFFFD5~'],
	['a sequence in one character', '\u009B?62;4c\u009D11;?\u009C\u0090q\u009C\u0085'],
	['bytes that are not UTF-8', '\uFFFD\uFFFD'],
	['half a character', '\uDE00'],
	['a mark of a paste that never began', '\u001B[201~'],
	['a mouse report of the oldest kind', '\u001B[M !!'],
	['the same with letters', '\u001B[Mq#q'],
	['a drag', '\u001B[<32;5;5M'],
	['the button let go', '\u001B[<0;5;5m'],
	['another button', '\u001B[<2;5;5M'],
	['a report from nowhere', '\u001B[<0;0;0M'],
	['a sequence broken off by a letter of another alphabet', '\u001B[12é'],
])('%s presses no key', (_, bytes) => {
	const torn = [...`a${bytes}b`];
	expect(decode(`a${bytes}b`)).toEqual(['a', ...(bytes.endsWith('é') ? ['é'] : []), 'b']);
	expect(decode(...torn)).toEqual(decode(`a${bytes}b`));
});

test('clicks and the wheel are told with their cell, counted from 0', () => {
	expect(decode('\u001B[<0;1;1M\u001B[<0;1;1m\u001B[<64;12;7M\u001B[<65;300;99M')).toEqual([
		'click 0,0',
		'wheelUp 11,6',
		'wheelDown 299,98',
	]);
	// Control, alt and shift beside it do not make another thing of it.
	expect(decode('\u001B[<16;3;4M\u001B[<72;3;4M')).toEqual(['click 2,3', 'wheelUp 2,3']);
});

test('the terminal’s answer is not a key', () => {
	expect(decode('j\u001B[0nk')).toEqual(['j', 'answer', 'k']);
});

test('a sequence whose rest never comes is nothing, and the next key is heard', () => {
	const decoder = createDecoder();
	expect(decoder.push('\u001B[1;5')).toEqual([]);
	expect(decoder.flush()).toEqual([]);
	expect(decoder.push('q').map(named)).toEqual(['q']);
	expect(decoder.push('\u001B]11;rgb')).toEqual([]);
	expect(decoder.flush()).toEqual([]);
	expect(decoder.push('q').map(named)).toEqual(['q']);
});

test('whatever bytes arrive, the decoder goes on and hears the next key', () => {
	const piece = fc.oneof(
		fc.constantFrom(
			'\u001B',
			'\u001B[',
			'\u001B]',
			'\u001BO',
			'\u001B[<',
			'M',
			';',
			'1',
			'~',
			'\u0007',
			'\u001B\\',
			'\u001B[[',
		),
		fc.constantFrom('a', '[', 'O', ' ', '\u0000', '\u009B', 'é', '世', '\uD83D'),
	);
	fc.assert(
		fc.property(fc.array(piece, {maxLength: 12}), pieces => {
			const decoder = createDecoder();
			for (const each of pieces.filter(text => !text.includes('\u001B[200~'))) {
				decoder.push(each);
			}
			decoder.flush();
			expect(decoder.isPending).toBe(false);
			expect(decoder.push('q').map(named)).toEqual(['q']);
		}),
	);
});

test('an escape that a key follows at once is both keys', () => {
	for (const key of [...'xq[O]PX^_é世', '\r', '\u0003', '\u007F', ' ', '\u001B[A', '\u001BOP', '\u001B']) {
		expect(decode(`\u001B${key}`)).toEqual(['escape', ...decode(key)]);
		expect(decode('\u001B', key)).toEqual(decode(`\u001B${key}`));
	}
});

const plainBytes: readonly (readonly [code: number, modifiers: number, bytes: string])[] = [
	...[...'abcdefghijklmnopqrstuvwxyz'].flatMap(letter => {
		const code = letter.charCodeAt(0);
		const control = String.fromCharCode(code & 0x1f);
		return [
			[code, 1, letter],
			[code, 2, letter.toUpperCase()],
			[code, 5, control],
			[code, 6, control],
			// With caps lock and num lock.
			[code, 1 + 64 + 128, letter.toUpperCase()],
			[code, 2 + 64, letter],
			[code, 5 + 64 + 128, control],
		] as const;
	}),
	...[1, 5, 6].flatMap(modifiers => [
		[27, modifiers, '\u001B'] as const,
		[13, modifiers, '\r'] as const,
		[127, modifiers, '\u007F'] as const,
	]),
	[9, 1, '\t'],
	[9, 5, '\t'],
	[9, 2, '\u001B[Z'],
	[13, 2, '\r'],
	[32, 1, ' '],
	[32, 2, ' '],
	[32, 5, '\0'],
	[58, 1, ':'],
	[58, 2, ':'],
	[91, 5, '\u001B'],
	[92, 5, '\u001C'],
	[63, 6, '\u007F'],
	[233, 1, 'é'],
	[233, 2, 'É'],
	[0x4e16, 1, '世'],
];

test.each(plainBytes)('code %i with modifiers %i is %j, whichever way it is sent', (code, modifiers, bytes) => {
	const wanted = decode(bytes);
	expect(wanted).toHaveLength(1);
	expect(decode(`\u001B[${code};${modifiers}u`)).toEqual(wanted);
	expect(decode(`\u001B[${code};${modifiers}:1u`)).toEqual(wanted);
	// Held down.
	expect(decode(`\u001B[${code};${modifiers}:2u`)).toEqual(wanted);
	expect(decode(`\u001B[27;${modifiers};${code}~`)).toEqual(wanted);
	if (modifiers === 1) {
		expect(decode(`\u001B[${code}u`)).toEqual(wanted);
		expect(decode(`\u001B[${code};u`)).toEqual(wanted);
	}
});

test.each([
	['shift on a layout that says what it makes', '\u001B[59:58;2u', ':'],
	['the text of a key', '\u001B[59;2;58u', ':'],
	['shift where only the layout knows what it makes', '\u001B[59;2u', 'shift+;'],
	['Ctrl-C on a Cyrillic layout', '\u001B[1089::99;5u', 'ctrl+c'],
	['a digit of the keypad', '\u001B[57400u', '1'],
	['Enter of the keypad', '\u001B[57414;1u', 'enter'],
	['Up of the keypad', '\u001B[57419;5u', 'ctrl+up'],
	['Delete of the keypad', '\u001B[57426u', 'delete'],
	['F13', '\u001B[57376u', 'f13'],
	['F35', '\u001B[57398u', 'f35'],
	['Alt, which nothing is bound to', '\u001B[113;3u', 'alt+q'],
	['the same of xterm', '\u001B[27;3;113~', 'alt+q'],
	['an arrow with num lock', '\u001B[1;129A', 'up'],
	['an arrow held down', '\u001B[1;5:2C', 'ctrl+right'],
	['Delete with caps lock', '\u001B[3;65~', 'delete'],
])('%s', (_, bytes, key) => {
	expect(decode(bytes)).toEqual([key]);
});

test('pasted text presses no keys, in however many chunks it comes', () => {
	fc.assert(
		fc.property(fc.array(fc.integer({min: 1, max: 5}), {maxLength: 20}), cuts => {
			const bytes = 'x\u001B[200~quit q \u001B[A\u001B[201~y';
			const wanted = ['x', 'paste quit q [A', 'y'];
			const chunks: string[] = [];
			let at = 0;
			for (const cut of cuts) {
				chunks.push(bytes.slice(at, at + cut));
				at += cut;
			}
			expect(decode(...chunks, bytes.slice(at))).toEqual(wanted);
		}),
	);
});

test('however typed keys are cut into chunks, none is lost', () => {
	const key = fc.constantFrom('a', 'q', '\u001B[A', '\u001B[6~', '\u001BOB', '\r', ' ', '世');
	fc.assert(
		fc.property(fc.array(key, {maxLength: 20}), fc.array(fc.nat(40), {maxLength: 10}), (keys, cuts) => {
			const bytes = keys.join('');
			const places = [0, ...cuts.filter(cut => cut <= bytes.length).sort((a, b) => a - b), bytes.length];
			const chunks = places.slice(1).map((place, index) => bytes.slice(places[index], place));
			expect(decode(...chunks)).toEqual(decode(bytes));
			expect(decode(bytes)).toHaveLength(keys.length);
		}),
	);
});
