import {expect, test} from 'vitest';
import type {MachineRecord} from '../../source/formats/debugfs/lab/machine.ts';
import type {PageInfo} from '../../source/formats/debugfs/page.ts';
import type {SpaceAddress, Translate} from '../../source/formats/debugfs/translate.ts';
import {userPlace} from '../../source/formats/debugfs/translate.ts';
import {ladderOf} from '../../source/model/ladder.ts';
import {pageModel} from '../../source/model/page.ts';
import {pageEntry} from '../../source/model/pageEntry.ts';
import type {LadderFacts} from '../../source/model/rung.ts';
import {pageInfo, translateUser} from '../ui/support/pageRecords.ts';
import {machine} from '../ui/support/records.ts';

const step = (level: string, entry: string) => ({level, index: 0, entry, meaning: ''});

test.each([
	// Two levels: a table, a page, a large page, nothing.
	['pgd', '06a32067', {isPresent: true, isLarge: false, address: 0x06a32000, bytes: 4096}],
	['pte', '07c00025', {isPresent: true, isLarge: false, address: 0x07c00000, bytes: 4096}],
	['pgd', '018001e3', {isPresent: true, isLarge: true, address: 0x01800000, bytes: 4 << 20}],
	['pte', '00000000', {isPresent: false, isLarge: false, address: 0, bytes: 4096}],
	// In an entry of a page itself the bit of a large page is that of PAT.
	['pte', '07c000e7', {isPresent: true, isLarge: false, address: 0x07c00000, bytes: 4096}],
	// PAE: 36 bits of address, and none of the bits above them.
	['pte', '80000003a5f01067', {isPresent: true, isLarge: false, address: 0x3_a5f0_1000, bytes: 4096}],
	['pmd', '00000001002001e3', {isPresent: true, isLarge: true, address: 0x1_0020_0000, bytes: 2 << 20}],
	['pgd', '000000000200c081', {isPresent: true, isLarge: false, address: 0x0200c000, bytes: 4096}],
])('an entry of a %s, %s', (level, entry, expected) => {
	expect(pageEntry(step(level, entry))).toMatchObject(expected);
});

test.each([
	['pte', '07c00067', 'present, writable, user, accessed, written to'],
	['pte', '07c00025', 'present, read-only, user, accessed, not written to'],
	['pte', 'febc001b', 'present, writable, kernel only, write-through, not cached, never accessed, not written to'],
	['pte', '07c00163', 'present, writable, kernel only, accessed, written to, global'],
	['pgd', '06a32067', 'present, writable, user, accessed'],
	['pgd', '000000000200c001', 'present'],
	['pgd', '00000000', ''],
])('the bits of a %s, %s, in words', (level, entry, words) => {
	expect(pageEntry(step(level, entry)).words.join(', ')).toBe(words);
});

const pfnPlace = (pfn: number): SpaceAddress => ({space: 'pfn', owner: null, address: pfn});

const facts = (change: Partial<LadderFacts> = {}, page: Partial<PageInfo> = {}): LadderFacts => ({
	subject: userPlace(112, 0x40002000),
	page: {...pageInfo(0x6a31), ...page},
	translate: translateUser(112, 0x40002000, 0x6a31),
	machine,
	...change,
});

/** A rung as a line: its sign by kind, its label, and all that it says. */
const said = (of: LadderFacts, id: string): string =>
	ladderOf(of)
		.filter(rung => rung.id.startsWith(id))
		.map(({kind, label, value, text, says}) =>
			[kind === 'missing' ? 'NOT' : '', label, value, text, ...says.map(each => `| ${each}`)].filter(Boolean).join(' '),
		)
		.join('\n');

test('from a user address down to the frame', () => {
	expect(said(facts(), 'user')).toBe('user 40002000 mapper-112 | in a shared area rw-s of /dev/simple1');
	expect(said(facts(), 'pgd')).toBe(
		'pgd[256] 01176067 → table at 01176000 | entry 0x40002000 >> 22 = 256 | present, writable, user, accessed',
	);
	expect(said(facts(), 'pte')).toBe(
		'pte[2] 06a31067 → page at 06a31000 | entry 0x40002000 >> 12 & 0x3ff = 2 | present, writable, user, accessed, written to',
	);
	expect(said(facts(), 'frame')).toBe(
		'frame 0x6a31 HighMem, anonymous | struct page at c10d4620 | PG_dirty PG_lru | _count 2: 2 references; _mapcount 0: mapped 1 time',
	);
	expect(said(facts(), 'physical')).toBe('physical 06a31000 = 0x6a31 << 12');
});

test('the byte that was asked for, not the page, is the physical address', () => {
	const of = facts({
		subject: userPlace(112, 0x40002123),
		translate: translateUser(112, 0x40002123, 0x6a31),
	});
	expect(said(of, 'physical')).toBe('physical 06a31123 = 0x6a31 << 12 + 0x123');
	expect(said(of, 'user')).toContain('mapper-112');
});

test('logical addresses: the subtraction in low memory, the boundary in words above it', () => {
	const low = {pfn: 0x3fff, physicalAddress: 0x3fff000, logical: {address: 0xc3fff000}};
	expect(said(facts({}, low), 'logical')).toContain('logical c3fff000 0xc3fff000 - 0xc0000000 = 0x03fff000');
	expect(said(facts({}, low), 'kmap')).toBe('NOT kmap needs no window: kmap() of low memory is the logical address');
	const high = {pfn: 0x4000, physicalAddress: 0x4000000};
	expect(said(facts({}, high), 'logical')).toBe(
		'NOT logical none: high memory. The frame lies at 64 MiB, and logical addresses end with the first 64 MiB',
	);
	expect(said(facts({machine: undefined}, high), 'logical')).toBe('NOT logical none: high memory');
});

const busOf = (change: Partial<PageInfo['bus'][number]>): Partial<PageInfo> => ({
	bus: [
		{
			device: '0000:00:03.0',
			driver: 'e100',
			type: 'single',
			bytes: 1536,
			address: 0x6a31000,
			direction: 'DMA_FROM_DEVICE',
			owner: 'device',
			...change,
		},
	],
});
const withIommu: MachineRecord = {...machine, iommu: true};

test.each<[string, Partial<PageInfo>, MachineRecord, string]>([
	[
		'no device',
		{bus: []},
		machine,
		'NOT bus no driver has mapped it for a device; a bus address here is the physical address, and would be 06a31000',
	],
	[
		'no device, IOMMU',
		{bus: []},
		withIommu,
		'NOT bus no driver has mapped it for a device; the IOMMU lets no device reach it',
	],
	['the same address', busOf({address: 0x6a31ff8}), machine, 'no IOMMU here: the bus address is the physical address'],
	[
		'another page',
		busOf({address: 0x6a32000}),
		machine,
		'not 06a31000: a bounce buffer of swiotlb stands in for the frame',
	],
	['through an IOMMU', busOf({address: 0xd0069000}), withIommu, 'the IOMMU leads it to the frame at 06a31000'],
	[
		'streaming',
		busOf({}),
		machine,
		'bus 06a31000 0000:00:03.0, e100 | streaming, single, 1536 bytes from the device | the device owns it',
	],
	['synced', busOf({owner: 'cpu'}), machine, 'synced for the processor: the device waits'],
	[
		'coherent',
		busOf({type: 'coherent'}),
		machine,
		'| coherent, 1536 bytes from the device | the processor and the device both see it',
	],
])('bus addresses: %s', (_, page, on, expected) => {
	expect(said(facts({machine: on}, page), 'bus')).toContain(expected);
});

test('kmap, kmap_atomic and vmalloc: the address, or why there is none', () => {
	expect(said(facts(), 'kmap')).toBe('NOT kmap none now: kmap() would give it a window until kunmap()');
	expect(said(facts({}, {kmap: {address: 0xff80d000}}), 'kmap')).toBe('kmap ff80d000 entry 13 of pkmap');
	expect(said(facts(), 'atomic')).toBe(
		'atomic fffb4000 kmap_atomic(): slot 3 of cpu0, KM_USER0 | held by mapper-112, which must not sleep',
	);
	expect(said(facts({}, {kmapAtomic: []}), 'atomic')).toContain('NOT atomic none now');
	expect(said(facts(), 'vmalloc')).toBe('NOT vmalloc none: no area of vmalloc() holds it');
	expect(said(facts({}, {vmalloc: {address: 0xc4802000}}), 'vmalloc')).toBe('vmalloc c4802000 in an area of vmalloc()');
});

test('who else maps it, who pins it, and the pool that it is a page of', () => {
	const mappers = ['mapper', 'init', 'cat', 'sh', 'ps', 'ls', 'vi', 'dd'].map((comm, index) => ({
		...pageInfo(0x6a31).mappers[0]!,
		comm,
		pid: 112 + index,
	}));
	expect(said(facts({}, {mappers: mappers.slice(0, 1)}), 'mappers')).toBe('');
	expect(said(facts({}, {mappers: mappers.slice(0, 7)}), 'mappers')).not.toContain('more');
	expect(said(facts({}, {mappers}), 'mappers')).toMatch(
		/^mapped also by \| init-113 at 40002000 .*vi-118 at 40002000 \| and 1 more$/,
	);
	expect(said(facts({}, {mappers}), 'user')).toContain('mapping 1 of 8 of this frame');
	expect(said(facts(), 'pin')).toContain('pinned by mapper-112 through 40002000, to write it, since 12.000000 s');
	expect(said(facts({}, {pinned: []}), 'pin')).toBe('');
	const pools = [{device: '0000:00:1d.7', pool: 'ehci_qh', busAddress: 0x6a31000, blocksInUse: 5, blocks: 32}];
	expect(said(facts({}, {pools}), 'frame')).toContain(
		'page of DMA pool ehci_qh of 0000:00:1d.7: 5 of 32 blocks in use',
	);
});

const untouched: Translate = {
	query: userPlace(112, 0x40003000),
	answers: [
		{space: 'user', owner: '112', address: 0x40003000},
		{space: 'phys', reason: 'the pte entry is not present: nothing was touched there yet'},
	],
	walk: [step('pgd', '01176067'), {...step('pte', '00000000'), index: 3}],
};

test('an address that nothing is behind: the walk ends where it ends, and no rung below is made up', () => {
	const of = {subject: userPlace(112, 0x40003000), page: undefined, translate: untouched, machine};
	expect(said(of, 'pte')).toBe(
		'NOT pte[3] 00000000 not present | entry 0x40003000 >> 12 & 0x3ff = 3 | the pte entry is not present: nothing was touched there yet',
	);
	expect(ladderOf(of).map(({id}) => id)).toEqual(['user', 'pgd', 'pte', 'frame']);
	expect(said(of, 'frame')).toBe('NOT frame none behind it now');
});

test('device memory has no struct page and no logical address; ioremap() gives it a kernel address', () => {
	const translate: Translate = {
		query: userPlace(112, 0x40003000),
		answers: [
			{space: 'phys', owner: null, address: 0xfebc0000},
			{space: 'pfn', owner: null, address: 0xfebc0},
			{space: 'logical', reason: '0xfebc0000 is not RAM'},
			{space: 'virt', owner: null, address: 0xc4810000},
		],
		walk: [step('pgd', '01176067'), step('pte', 'febc001b')],
	};
	const of = {subject: userPlace(112, 0x40003000), page: undefined, translate, machine};
	expect(said(of, 'frame')).toContain('NOT frame 0xfebc0 not RAM');
	expect(said(of, 'physical')).toBe('physical febc0000 = 0xfebc0 << 12');
	expect(said(of, 'logical')).toBe('NOT logical none: only RAM has logical addresses');
	expect(said(of, 'ioremap')).toBe('ioremap c4810000 a driver maps it for the kernel');
});

test('a large page says how far into it the address is', () => {
	const translate: Translate = {
		query: {space: 'virt', owner: null, address: 0xc1860123},
		answers: [{space: 'phys', owner: null, address: 0x1860123}],
		walk: [{...step('pgd', '018001e3'), index: 774}],
	};
	const of = facts({subject: translate.query, translate});
	expect(said(of, 'start')).toBe('kernel c1860123 a logical address: low memory, always mapped');
	expect(said(of, 'pgd')).toContain('→ 4 MiB page at 01800000');
	expect(said(of, 'pgd')).toContain('0x00060123 bytes into it: 0x01860123');
});

test('PAE: three levels, each with its arithmetic', () => {
	const walk = [
		{...step('pgd', '000000000200c001'), index: 2},
		{...step('pmd', '000000000205f067'), index: 447},
		{...step('pte', '00000001bf400067'), index: 488},
	];
	const subject = userPlace(8, 0xb7fe8000);
	const of = facts({subject, translate: {query: subject, answers: [], walk}});
	expect(said(of, 'pgd')).toContain('0xb7fe8000 >> 30 = 2');
	expect(said(of, 'pmd')).toContain('0xb7fe8000 >> 21 & 0x1ff = 447');
	expect(said(of, 'pte')).toContain('→ page at 1bf400000 | entry 0xb7fe8000 >> 12 & 0x1ff = 488');
});

test('what changed is marked, rung by rung: of the page as it was, or of the address that was asked for', () => {
	const before = pageModel(facts(), undefined);
	const changedIn = (next: LadderFacts) => [...pageModel(next, before).changed];
	expect(before.changed.size).toBe(0);
	expect(pageModel({...facts(), page: before.page, translate: before.translate}, before)).toBe(before);
	expect(changedIn(facts({}, {kmap: {address: 0xff80d000}}))).toEqual(['kmap']);
	// The address leads to another frame: copy on write.
	const copied = facts({translate: translateUser(112, 0x40002000, 0x6b00)}, {pfn: 0x6b00, physicalAddress: 0x6b00000});
	expect(changedIn(copied)).toEqual(['pte', 'frame', 'physical', 'bus', 'logical']);
	// Another page and another address: nothing of it is news.
	const other = facts({subject: pfnPlace(0x6b00)}, {pfn: 0x6b00});
	expect(changedIn(other)).toEqual([]);
});
