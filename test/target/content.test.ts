import fc from 'fast-check';
import {expect, test} from 'vitest';
import {decodeText, encodeText} from '../../source/target/content.ts';

const bytesOf = (text: string): Buffer => Buffer.from(encodeText(text));

test('a name in Latin-1 keeps its bytes, and what is UTF-8 beside it is read as that', () => {
	const bytes = Buffer.concat([Buffer.from('/tmp/é€😀 '), Buffer.of(0xe9, 0xff, 0xf0, 0x9f), Buffer.from('\n')]);
	const text = decodeText(bytes);
	expect(text).toBe('/tmp/é€😀 \udce9\udcff\udcf0\udc9f\n');
	expect(bytesOf(text)).toEqual(bytes);
	expect(JSON.parse(JSON.stringify(text))).toBe(text);
});

test('text that is UTF-8 stays a text', () => {
	expect(encodeText('plain é 😀')).toBe('plain é 😀');
	expect(decodeText(Buffer.from('plain é 😀'))).toBe('plain é 😀');
});

test('any bytes come back: halves of surrogates, overlong and cut characters too', () => {
	const odd = fc.constantFrom([0xed, 0xb3, 0xa9], [0xc0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82], [0xf5], [0x80]);
	const bytes = fc.array(fc.oneof(odd, fc.uint8Array({maxLength: 4})), {maxLength: 20});
	fc.assert(
		fc.property(bytes, parts => {
			const whole = Buffer.from(parts.flatMap(part => [...part]));
			expect(bytesOf(decodeText(whole))).toEqual(whole);
		}),
		{numRuns: 300, seed: 18},
	);
});
