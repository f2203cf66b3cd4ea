import {describe, expect, test} from 'vitest';
import {fieldOf, parseField} from '../../source/formats/field.ts';
import {parseQuantity} from '../../source/formats/quantity.ts';

const record = {
	zones: [
		{zone: 'DMA', free: 4},
		{zone: 'Normal', free: 7},
	],
	areas: [
		{start: 0x1000, end: 0x3000, name: 'first'},
		{start: 0x3000, end: 0x4000, name: 'second'},
	],
	readers: [3, 4],
	size: 5n,
	none: null,
};

const shown = (field: string) => fieldOf(record, parseField(field));

describe('a field', () => {
	test('of an element is found by its place, or by what it has', () => {
		expect(shown('zones[1].free')).toBe(7);
		expect(shown('zones[2].free')).toBeUndefined();
		expect(shown('zones[last].zone')).toBe('Normal');
		expect(shown('zones[zone=DMA].free')).toBe(4);
		expect(shown('zones[free=0x7].zone')).toBe('Normal');
		expect(shown('zones[zone=HighMem].free')).toBeUndefined();
		expect(shown('zones.length')).toBe(2);
	});

	test('of the area that an address lies in: its start belongs to it, its end does not', () => {
		expect(shown('areas[at=0xfff].name')).toBeUndefined();
		expect(shown('areas[at=0x1000].name')).toBe('first');
		expect(shown('areas[at=0x2fff].name')).toBe('first');
		expect(shown('areas[at=0x3000].name')).toBe('second');
		expect(shown('areas[at=0x4000].name')).toBeUndefined();
	});

	test('that is a list is its words, and a record its JSON', () => {
		expect(shown('readers')).toBe('3 4');
		expect(shown('zones[0]')).toBe('{"zone":"DMA","free":4}');
		expect(shown('size')).toBe('5');
		expect(shown('none')).toBeNull();
	});

	test('is what the record has itself', () => {
		for (const field of ['constructor', 'zones.map', '__proto__', 'size.length']) expect(shown(field)).toBeUndefined();
	});

	test.each(['', '.a', 'a..b', 'a[', 'a[-1]', 'a[b]', 'a b', 'a[=1]'])('is not written %j', text => {
		expect(() => parseField(text)).toThrow(/^a field is /);
	});
});

describe('a quantity', () => {
	test.each<[string, string | undefined, number | undefined]>([
		['4096', undefined, 4096],
		['0x1000', 'kB', 4096],
		['-2', undefined, -2],
		['4 pages', undefined, 16_384],
		['4 pages', 'kB', 16],
		['1.5 ms', 'us', 1500],
		['1 MiB', 'KiB', 1024],
		['1 MB', undefined, undefined],
		['four', undefined, undefined],
		['1 constructor', undefined, undefined],
		['', undefined, undefined],
	])('%j, counted in %s, is %s', (text, unit, value) => expect(parseQuantity(text, unit)).toBe(value));
});
