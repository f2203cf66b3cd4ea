import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {FormatError, Lines, remembering} from '../../source/formats/text.ts';

describe('a reader that remembers', () => {
	test('says what the reader says, whatever it is asked and however often', () => {
		fc.assert(
			fc.property(fc.array(fc.integer({min: 0, max: 2000}), {maxLength: 3000}), asked => {
				const read = remembering((text: string) => ({text}));
				for (const each of asked) expect(read(String(each))).toEqual({text: String(each)});
			}),
		);
	});

	test('reads a text once as long as others are few, and again when they were many', () => {
		const texts: string[] = [];
		const read = remembering((text: string) => {
			texts.push(text);
			return {text};
		});
		const first = read('a');
		for (let other = 0; other < 100; other++) read(String(other));
		expect(read('a')).toBe(first);
		expect(texts.filter(text => text === 'a')).toHaveLength(1);
		for (let other = 0; other < 5000; other++) read(`more ${other}`);
		expect(read('a')).toEqual(first);
		expect(texts.filter(text => text === 'a')).toHaveLength(2);
	});

	test('remembers no refusal', () => {
		let isRefusing = true;
		const read = remembering((text: string) => {
			if (isRefusing) throw new Error('not now');
			return text.length;
		});
		expect(() => read('abc')).toThrow('not now');
		isRefusing = false;
		expect(read('abc')).toBe(3);
	});
});

test('a part of a file names the lines of the file', () => {
	const lines = new Lines('lab/inject', 'one\ntwo\n', 40);
	lines.next();
	expect(() => lines.expect('three')).toThrow(new FormatError('lab/inject', 42, '"three"', 'two'));
});
