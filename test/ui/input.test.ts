import fc from 'fast-check';
import {expect, test} from 'vitest';
import {createKeyDecoder} from '../../source/ui/input.ts';

const decode = (...chunks: readonly string[]): string[] => {
	const decoder = createKeyDecoder();
	return [...chunks.flatMap(chunk => decoder.push(chunk)), ...decoder.flush()];
};

test('keys that arrive in one chunk are all told apart', () => {
	expect(decode('mdc\u001B[A\u001B[Bjj')).toEqual(['m', 'd', 'c', 'up', 'down', 'j', 'j']);
});

test('a sequence that arrives in two chunks is one key', () => {
	expect(decode('\u001B', '[', '5', '~')).toEqual(['pageup']);
});

test('an escape that nothing follows is the escape key', () => {
	const decoder = createKeyDecoder();
	expect(decoder.push('\u001B')).toEqual([]);
	expect(decoder.isPending).toBe(true);
	expect(decoder.flush()).toEqual(['escape']);
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
	['\u001Bx', 'alt+x'],
	['é', 'é'],
	['世', '世'],
])('%j is %s', (bytes, key) => {
	expect(decode(bytes)).toEqual([key]);
});

test('a sequence that names no key is dropped whole', () => {
	expect(decode('a\u001B[?62;4cb\u001B[12;40Rc')).toEqual(['a', 'b', 'c']);
});

test('pasted text presses no keys, in however many chunks it comes', () => {
	fc.assert(
		fc.property(fc.array(fc.integer({min: 1, max: 5}), {maxLength: 20}), cuts => {
			const bytes = 'x\u001B[200~quit q \u001B[A\u001B[201~y';
			const chunks: string[] = [];
			let at = 0;
			for (const cut of cuts) {
				chunks.push(bytes.slice(at, at + cut));
				at += cut;
			}
			expect(decode(...chunks, bytes.slice(at))).toEqual(['x', 'y']);
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
