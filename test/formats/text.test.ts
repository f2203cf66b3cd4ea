import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {FormatError, joinLines, Lines, parseSeconds, remembering, seconds} from '../../source/formats/text.ts';

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

	test('remembers at least as many texts as it shall, and at most twice as many', () => {
		const texts: string[] = [];
		const read = remembering((text: string) => texts.push(text), 2);
		const readAnew = (...asked: readonly string[]) => {
			texts.length = 0;
			for (const each of asked) read(each);
			return texts.join('');
		};
		expect(readAnew('a', 'b', 'a', 'b')).toBe('ab');
		// The third begins a new pair, and the pair before it is still known.
		expect(readAnew('c', 'a', 'c')).toBe('c');
		// Now the pair is c and a; d begins another, in which b has no place any more.
		expect(readAnew('d', 'b')).toBe('db');
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

describe('a number that a double does not hold is refused', () => {
	const number = (text: string) => new Lines('f', text).match(/^(.*)$/, 'a number')[0];
	const [most, beyond] = ['9007199254740991', '9007199254740992'];

	test('from 2^53 on', () => {
		expect(number(most)).toBe(most);
		expect(() => number(beyond)).toThrow('expected numbers below 2^53');
	});

	test('where it is one: not a name that begins with digits, not a shorter number', () => {
		expect(number(`${beyond}x`)).toBe(`${beyond}x`);
		expect(number('999999999999999')).toBe('999999999999999');
	});

	test('unless any size is allowed', () => {
		expect(new Lines('f', beyond).match(/^(\d+)$/, 'a number', true)).toEqual([beyond]);
	});
});

test.each([
	[0, '0.000000', '    0.000000'],
	[999_999, '0.999999', '    0.999999'],
	[1_000_000, '1.000000', '    1.000000'],
	[123_456_000_001, '123456.000001', '123456.000001'],
])('%i microseconds are %j seconds, and are read back', (us, narrow, wide) => {
	expect([seconds(us), seconds(us, 5)]).toEqual([narrow, wide]);
	expect(parseSeconds(narrow)).toBe(us);
});

test('a text of lines may lack its last newline; without lines it is empty', () => {
	const linesOf = (text: string) => {
		const lines = new Lines('f', text);
		const all: string[] = [];
		while (!lines.done) all.push(lines.next());
		return all;
	};
	expect([linesOf(''), linesOf('\n'), linesOf('a'), linesOf('a\n'), linesOf('a\n\n')]).toEqual([
		[],
		[''],
		['a'],
		['a'],
		['a', ''],
	]);
	expect([joinLines([]), joinLines(['a', 'b'])]).toEqual(['', 'a\nb\n']);
});

test('behind the last line stands no further one, and the line that is missing is named', () => {
	const lines = new Lines('f', 'one\n');
	expect([lines.peek(), lines.next(), lines.peek()]).toEqual(['one', 'one', undefined]);
	expect(() => lines.next('two')).toThrow(new FormatError('f', 2, 'two', 'the end of the file'));
});
