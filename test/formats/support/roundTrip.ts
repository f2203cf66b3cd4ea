import fc from 'fast-check';
import {expect} from 'vitest';

/** Any record that the arbitrary makes survives being printed and read. */
export function expectRoundTrip<Record, Text>(
	records: fc.Arbitrary<Record>,
	format: (record: Record) => Text,
	parse: (text: Text) => Record,
): void {
	fc.assert(
		fc.property(records, record => {
			expect(parse(format(record))).toEqual(record);
		}),
		{numRuns: 200},
	);
}

export const uint32 = fc.integer({min: 0, max: 0xffffffff});
export const physical = fc.integer({min: 0, max: 2 ** 36 - 1});
export const pfn = fc.integer({min: 0, max: 0xffffff});
export const count = fc.oneof(fc.integer({min: 0, max: 2000}), fc.integer({min: 0, max: 2 ** 40}));
export const timeUs = fc.integer({min: 0, max: 2 ** 50});
export const pid = fc.integer({min: 0, max: 4194304});

/** Any text at all: names of ours must survive blanks, control characters and what separates cells. */
export const anyName = fc.oneof(
	fc.string({unit: 'binary', maxLength: 15}),
	fc.string({unit: fc.constantFrom(...' -,=#\\|:\n\t\x1b0aé'), maxLength: 15}),
	fc.constantFrom('-', '', '\\-', 'kworker/0:1 x', 'prp list 256'),
);

/** A sentence, which ends its line. */
export const sentence = anyName;

/** A name as Linux's own files can hold one: a line of visible characters. */
export const linuxName = fc
	.string({unit: fc.constantFrom(...'abcXYZ019_-./ :[]()#'), minLength: 1, maxLength: 20})
	.map(text => text.trim() || 'x');

/** A symbol or file name without blanks. */
export const word = fc.string({unit: fc.constantFrom(...'abcxyzXYZ019_-./'), minLength: 1, maxLength: 16});

export const task = fc.record({comm: anyName, pid});

export const direction = fc.constantFrom('DMA_BIDIRECTIONAL', 'DMA_TO_DEVICE', 'DMA_FROM_DEVICE', 'DMA_NONE');

export function orNull<T>(values: fc.Arbitrary<T>): fc.Arbitrary<T | null> {
	return fc.option(values, {nil: null});
}
