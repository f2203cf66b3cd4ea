import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {formatPageInfo, parsePageInfo} from '../../source/formats/debugfs/page.ts';
import {
	formatSpaceAddress,
	formatTranslate,
	parseSpaceAddress,
	parseTranslate,
	type SpaceAddress,
} from '../../source/formats/debugfs/translate.ts';
import {
	anyName,
	count,
	direction,
	expectRoundTrip,
	orNull,
	pfn,
	physical,
	pid,
	sentence,
	uint32,
} from './support/roundTrip.ts';

const owner = fc.constantFrom('cpu', 'device');
const explained = fc.oneof(fc.record({address: uint32}), fc.record({reason: sentence}));

describe('what is printed is read back, whatever names hold', () => {
	it('page/<pfn>', () => {
		const records = fc.record({
			pfn,
			zone: anyName,
			structPage: uint32,
			physicalAddress: physical,
			kind: sentence,
			flags: fc.array(anyName),
			_count: fc.integer({min: -1, max: 9999}),
			_mapcount: fc.integer({min: -1, max: 9999}),
			order: orNull(fc.nat(10)),
			mapping: orNull(fc.record({file: anyName, offsetBytes: count})),
			index: orNull(count),
			logical: explained,
			kmap: explained,
			vmalloc: explained,
			kmapAtomic: fc.array(
				fc.record({cpu: fc.nat(7), slot: fc.nat(20), type: anyName, address: uint32, holder: orNull(anyName)}),
			),
			mappers: fc.array(fc.record({pid, comm: anyName, address: uint32, perms: anyName, file: orNull(anyName)})),
			bus: fc.array(
				fc.record({
					device: anyName,
					driver: anyName,
					type: anyName,
					bytes: count,
					address: physical,
					direction,
					owner,
				}),
			),
			pools: fc.array(
				fc.record({device: anyName, pool: anyName, busAddress: physical, blocksInUse: count, blocks: count}),
			),
			pins: count,
			pinned: fc.array(fc.record({pid, comm: anyName, address: uint32, sinceUs: count, write: fc.boolean()})),
			bounceSlots: fc.array(count),
		});
		expectRoundTrip(records, formatPageInfo, parsePageInfo);
	});

	const unowned = fc.constantFrom('logical', 'virt', 'phys', 'pfn');
	const where: fc.Arbitrary<SpaceAddress> = fc.oneof(
		fc.record({space: fc.constant('user' as const), owner: pid.map(String), address: uint32}),
		fc.record({
			space: fc.constant('bus' as const),
			owner: fc.constantFrom('0000:00:05.0', 'isa', 'platform:x'),
			address: physical,
		}),
		fc.record({space: unowned, owner: fc.constant(null), address: physical}),
	);

	it('translate, an address in it as its path takes it', () => {
		const records = fc.record({
			query: where,
			answers: fc.array(fc.oneof(where, fc.record({space: unowned, reason: sentence}))),
			walk: fc.array(
				fc.record({
					level: fc.constantFrom('pgd', 'pmd', 'pte'),
					index: fc.nat(1023),
					entry: fc.constantFrom('06a32067', '8000000006a32067', '0'),
					meaning: sentence,
				}),
			),
		});
		expectRoundTrip(records, formatTranslate, parseTranslate);
		expectRoundTrip(where, formatSpaceAddress, parseSpaceAddress);
	});

	it('translate answers in the spelling that its path takes', () => {
		const bus = {space: 'bus', owner: '0000:00:05.0', address: 0x6a31000} as const;
		const text = formatTranslate({
			query: {space: 'user', owner: '112', address: 0xb7fe1000},
			answers: [bus, {space: 'logical', reason: 'high memory has none'}],
			walk: [{level: 'pte', index: 481, entry: '06a31067', meaning: 'present rw user dirty'}],
		});
		expect(text.split('\n')).toEqual([
			'# translate 0.1: user:112:0xb7fe1000',
			'bus: bus:0000:00:05.0:0x06a31000',
			'logical: - high memory has none',
			'walk: level=pte index=481 entry=06a31067 present rw user dirty',
			'',
		]);
	});
});

describe('an address to translate', () => {
	it.each([
		'user:0xb7fe1000',
		'pfn:12:0x1',
		'user:db:0x1',
		'phys:',
		'phys:0xgg',
		'ram:0x1',
		'phys:0x12345678901234',
	])('%s is refused', text => {
		expect(() => parseSpaceAddress(text)).toThrow();
	});
});
