import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import type {Dialect} from '../../source/formats/dialect.ts';
import {decodeKpagecount, encodeKpagecount} from '../../source/formats/proc/kpagecount.ts';
import {
	decodeKpageflags,
	encodeKpageflags,
	type KpageFlag,
	kpageFlagBits,
} from '../../source/formats/proc/kpageflags.ts';
import {decodePagemap, encodePagemap, type Pagemap, type PagemapEntry} from '../../source/formats/proc/pagemap.ts';
import {expectRoundTrip} from './support/roundTrip.ts';

const empty: PagemapEntry = {
	present: false,
	swapped: false,
	pfn: null,
	swap: null,
	pageShift: 0,
	fileOrShared: null,
	exclusive: null,
	softDirty: null,
};
const modern = {pageShift: null, fileOrShared: false, exclusive: false, softDirty: false};
const frame = fc.integer({min: 1, max: 2 ** 52});
const swap = fc.record({type: fc.nat(31), offset: fc.integer({min: 0, max: 2 ** 47})});

const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).reverse().toString('hex');

describe('what is encoded is decoded', () => {
	it('kpagecount', () => {
		const counts = fc.array(fc.integer({min: 0, max: Number.MAX_SAFE_INTEGER}));
		expectRoundTrip(fc.record({counts}), encodeKpagecount, decodeKpagecount);
	});

	it('kpageflags, bits without a name included', () => {
		const names = [...(Object.keys(kpageFlagBits) as KpageFlag[]), 'BIT_63'] as const;
		expectRoundTrip(fc.record({frames: fc.array(fc.subarray([...names]))}), encodeKpageflags, decodeKpageflags);
	});

	it('pagemap, with the page shift of old and the flags of new kernels', () => {
		const old = fc.oneof(
			fc.constant(empty),
			fc.constant({...empty, pageShift: 12}),
			frame.map(pfn => ({...empty, present: true, pfn, pageShift: 12})),
			swap.map(where => ({...empty, swapped: true, swap: where, pageShift: 12})),
		);
		const flags = fc.record({fileOrShared: fc.boolean(), exclusive: fc.boolean(), softDirty: fc.boolean()});
		const present = fc.tuple(frame, flags).map(([pfn, set]) => ({...empty, ...modern, ...set, present: true, pfn}));
		const fresh = fc.oneof(
			fc.constant({...empty, ...modern}),
			present,
			swap.map(where => ({...empty, ...modern, swapped: true, swap: where})),
		);
		const records: fc.Arbitrary<Pagemap> = fc.oneof(
			fc.record({dialect: fc.constant<Dialect>('2.6.11'), entries: fc.array(old)}),
			fc
				.tuple(present, fc.array(fresh))
				.map(([first, rest]) => ({dialect: '5.10' as const, entries: [first, ...rest]})),
		);
		expectRoundTrip(records, encodePagemap, decodePagemap);
	});
});

describe('words are as Linux lays them out', () => {
	it('3.2: a present page has bit 63, the page shift 12 and its frame', () => {
		const entries = [{...empty, present: true, pfn: 0x6a31, pageShift: 12}];
		expect(hexOf(encodePagemap({dialect: '3.2', entries}))).toBe('8600000000006a31');
	});

	it('3.2: a hole has the page shift alone, an empty entry nothing', () => {
		expect(hexOf(encodePagemap({dialect: '3.2', entries: [{...empty, pageShift: 12}]}))).toBe('0600000000000000');
		expect(hexOf(encodePagemap({dialect: '3.2', entries: [empty]}))).toBe('0000000000000000');
	});

	it('6.1: a file page mapped once and soft-dirty has bits 61, 56 and 55', () => {
		const set = {pageShift: null, fileOrShared: true, exclusive: true, softDirty: true};
		const entries = [{...empty, ...set, present: true, pfn: 0x6a31}];
		expect(hexOf(encodePagemap({dialect: '6.1', entries}))).toBe('a180000000006a31');
	});

	it('kpageflags: LRU is bit 5, RESERVED bit 32', () => {
		expect(hexOf(encodeKpageflags({frames: [['LRU', 'RESERVED']]}))).toBe('0000000100000020');
	});

	it('a piece of a word at the end is not a frame', () => {
		expect(decodeKpagecount(new Uint8Array(12)).counts).toEqual([0]);
	});
});
