/** Octal escapes at the end of Unicode: the last character, and bytes beyond it, which are no character. */
import {expect, test} from 'vitest';
import {name, sentence} from '../../source/formats/cells.ts';

test.each([
	[String.raw`\364\217\277\277`, '\u{10ffff}'],
	[String.raw`\364\220\200\200`, '\u{f4}\u{90}\u{80}\u{80}'],
	[String.raw`\367\277\277\277`, '\u{f7}\u{bf}\u{bf}\u{bf}'],
])('%s', (escaped, text) => {
	expect(sentence.read(`a ${escaped}`)).toBe(`a ${text}`);
	expect(name.read(escaped)).toBe(text);
});
