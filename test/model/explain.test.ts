/** The words of explanations: for all that the kernel of this house can print, and right in what they count. */
import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {userPlace} from '../../source/formats/debugfs/translate.ts';
import {ERA_NAMES} from '../../source/kernel/era/behaviour.ts';
import {eraNamed} from '../../source/kernel/era.ts';
import * as errno from '../../source/kernel/errno.ts';
import * as gfp from '../../source/kernel/mm/gfp.ts';
import * as mm_types from '../../source/kernel/mm/mm_types.ts';
import * as page from '../../source/kernel/mm/page.ts';
import {type AreaFacts, explainArea} from '../../source/model/explain/area.ts';
import {deviceSays} from '../../source/model/explain/device.ts';
import {explainMapping, explainPool} from '../../source/model/explain/dma.ts';
import {errorSays} from '../../source/model/explain/errno.ts';
import {eventSays} from '../../source/model/explain/event.ts';
import {explainLadder} from '../../source/model/explain/frame.ts';
import {gfpSays} from '../../source/model/explain/gfp.ts';
import {explainContext, explainKiocb} from '../../source/model/explain/iocb.ts';
import {explainLogLine} from '../../source/model/explain/logLine.ts';
import {pageFlagWords} from '../../source/model/explain/pageFlags.ts';
import {explainSlot} from '../../source/model/explain/slot.ts';
import {vmFlagWords} from '../../source/model/explain/vmFlags.ts';
import {explainMemory, explainZone} from '../../source/model/explain/zone.ts';
import {pageInfo, translateUser} from '../ui/support/pageRecords.ts';
import {area, kiocb, machine, mapping, pools, slot, vmaOf} from '../ui/support/records.ts';
import {named, said} from './support.ts';

test('every flag of an area and of a page has words', () => {
	expect(named(mm_types, /^VM_(?!FAULT)/).filter(([name]) => !vmFlagWords.has(name))).toEqual([]);
	expect(named(page, /^PG_/).filter(([name]) => !pageFlagWords.has(name))).toEqual([]);
});

/** Ends of names that begin with `mmap_lock_`, and what nothing is called. */
const noEvents = new Set(['start_locking', 'acquire_returned', 'released', 'nothing']);

test('every event that the kernel traces by name has words', () => {
	const directory = join(import.meta.dirname, '../../source/kernel');
	const texts = readdirSync(directory, {recursive: true, encoding: 'utf8'})
		.filter(name => name.endsWith('.ts'))
		.map(name => readFileSync(join(directory, name), 'utf8'));
	const events = texts.flatMap(text => [...text.matchAll(/\b[tT]race\w*\(\s*k,\s*'(\w+)'/g)].map(found => found[1]!));
	expect(events.length).toBeGreaterThan(60);
	expect([...new Set(events)].filter(name => !noEvents.has(name) && eventSays(name) === '')).toEqual([]);
});

test('every flag of an allocation that is printed has words', () => {
	const printed = named(gfp, /GFP/)
		.map(([name]) => name)
		.filter(name => !/COLD|MASK|BITS|RECLAIM|ACCOUNT/.test(name));
	expect(printed.filter(name => gfpSays(name)[0]!.includes('no words'))).toEqual([]);
	expect(gfpSays('GFP_KERNEL|__GFP_ZERO|0x800')).toEqual([
		'GFP_KERNEL: for the kernel itself; it may sleep, start I/O and call file systems to free memory',
		'__GFP_ZERO: filled with zeros',
		'0x800: mmtop has no words for it',
	]);
});

test('every error has the name and the number that the kernel has', () => {
	const errors = named(errno, /^E[A-Z0-9]+$/);
	expect(errors.length).toBeGreaterThan(30);
	for (const [name, value] of errors) expect(errorSays(`-${value}`)).toMatch(new RegExp(`^-${name}: .`));
});

test.each([
	[0, 0, 'no device: there is no file behind it'],
	[0, 4, 'no disk: a file system in memory (number 4), such as tmpfs'],
	[8, 0, '/dev/sda, the whole disk'],
	[8, 17, '/dev/sdb1, part 1 of disk /dev/sdb'],
	[65, 1, '/dev/sdq1, part 1 of disk /dev/sdq'],
	[66, 0, '/dev/sdag, the whole disk'],
	[1, 0, 'a RAM disk'],
	[22, 1, 'a disk of the second IDE controller'],
	[254, 0, 'another block device'],
])('device %i:%i', (major, minor, says) => {
	expect(deviceSays(major, minor)).toBe(says);
});

const facts = (of: AreaFacts['area'], change: Partial<AreaFacts> = {}): AreaFacts => ({
	area: of,
	vma: vmaOf({areas: [of]}).areas[0],
	pid: 112,
	comm: 'mapper',
	below: undefined,
	rings: [],
	...change,
});
const program = area(0x0804a000, 0x0804b000, 'rw-p', '/bin/mapper', 4711);

test.each<[string, AreaFacts, RegExp]>([
	[
		'behind data of a file',
		facts(area(0x0804b000, 0x0806c000, 'rw-p', null), {below: program}),
		/^none \| data of \/bin\/mapper that begin as zeros/,
	],
	[
		'behind a gap',
		facts(area(0x0804c000, 0x0806c000, 'rw-p', null), {below: program}),
		/^none \| memory without a file, from mmap\(MAP_PRIVATE/,
	],
	[
		'behind code',
		facts(area(0x0804b000, 0x0806c000, 'rw-p', null), {below: {...program, perms: 'r-xp'}}),
		/mmap\(MAP_PRIVATE/,
	],
	[
		'that cannot be read',
		facts(area(0x40000000, 0x40001000, '---p', null)),
		/^none \| memory without a file, from mmap\(MAP_ANON/,
	],
	['below the kernel', facts(area(0xbffeb000, 0xc0000000, 'rw-p', null)), /^none \| the stack/],
	[
		'of the last page',
		facts(area(0xffffe000, 0xfffff000, '---p', null)),
		/^none \| code of the kernel .*\| not in the list of areas/,
	],
	[
		'that io_setup made',
		facts(area(0xb7eb6000, 0xb7ed1000, 'rw-p', null), {rings: [{ctx: 0xb7eb6000, ringPages: 2}]}),
		/^none \| the event ring of io_setup/,
	],
	['[heap]', facts(area(0x08084000, 0x08086000, 'rw-p', '[heap]')), /^\[heap\] \| the heap/],
	[
		'shared memory',
		facts(area(0xb76b6000, 0xb7eb6000, 'rw-s', '/dev/zero (deleted)', 31)),
		/^\/dev\/zero \(deleted\) \| shared memory without a file/,
	],
	['the ring of later kernels', facts(area(0xb7eae000, 0xb7eb1000, 'rw-s', '/[aio] (deleted)', 31)), /the event ring/],
	['a removed file', facts(area(0x40000000, 0x40001000, 'rw-s', '/tmp/x (deleted)', 31)), /the file was removed since/],
	['shmget', facts(area(0x40000000, 0x40001000, 'rw-s', '/SYSV0000002a (deleted)', 31)), /shared memory of shmget/],
	['a device', facts(area(0x40000000, 0x40001000, 'rw-s', '/dev/simple1', 31)), /its driver’s mmap\(\) made the area/],
	['a plain file', facts(area(0x40000000, 0x40001000, 'r--p', '/etc/passwd', 31)), /^\/etc\/passwd$/],
])('why an area is there: %s', (_, of, words) => {
	expect(said(explainArea(of), 'name')).toMatch(words);
});

test.each([
	[2, /^none \| the event ring of io_setup[^|]*$/],
	[3, /\| the ring is the first 8192 bytes; behind it is other memory/],
])('an area of %i pages that begins with a ring of 2', (pages, words) => {
	const ringed = facts(area(0xb7eb6000, 0xb7eb6000 + pages * 4096, 'rw-p', null), {
		rings: [{ctx: 0xb7eb6000, ringPages: 2}],
	});
	expect(said(explainArea(ringed), 'name')).toMatch(words);
});

test('an area, field by field', () => {
	const of = explainArea(facts({...program, offset: 0x34000}));
	expect(of.title).toBe('area 0804a000 of mapper-112');
	expect(said(of, 'address')).toBe('0804a000-0804b000 | 4 KiB, 1 page; the second address is the first behind it');
	expect(said(of, 'perm')).toContain('rw-p | the process may read, write | p: private');
	expect(said(explainArea(facts({...program, perms: '---s'})), 'perm')).toContain(
		'any touch is an error (SIGSEGV) | s: shared',
	);
	expect(said(of, 'offset')).toBe('00034000 | it begins at byte 212992 of the file, page 52');
	expect(said(of, 'device')).toBe('08:01 | /dev/sda1, part 1 of disk /dev/sda');
	expect(said(of, 'vm_flags')).toBe('0x75 | VM_READ: its pages may be read | VM_WRITE: its pages may be written to');
	expect(said(of, 'vm_ops')).toContain('NULL');
	expect(said(explainArea(facts(area(0x1000, 0x2000, 'rw-p', null))), 'offset')).toBe('');
	expect(explainArea({...facts(program), vma: undefined}).fields.map(({name}) => name)).toEqual([
		'name',
		'address',
		'perm',
		'offset',
		'device',
		'inode',
	]);
});

test('a slot of kmap_atomic: what its type is for, or its place on the stack', () => {
	const typed = explainSlot(
		slot(0, 3, {type: 'KM_USER0', pfn: 0x6a31, holder: {comm: 'mapper', pid: 112}, context: 'task'}),
		'typed',
	);
	expect(said(typed, 'type')).toContain('KM_USER0, number 3 | the caller chooses it: code that runs for a process');
	expect(said(typed, 'pfn')).toContain('0x6a31');
	expect(said(typed, 'holder')).toBe('mapper-112');
	expect(said(typed, 'context')).toContain('must not sleep');
	const free = explainSlot(slot(1, 2, {type: '2', lastPfn: 0x6a31, lastHolder: {comm: 'grep', pid: 9}}), 'stack');
	expect(said(free, 'slot')).toContain('slots are a stack here');
	expect(said(free, 'pfn')).toBe('none now | last it was frame 0x6a31');
	expect(said(free, 'holder')).toBe('no task | last it was grep-9');
});

test('every type of slot that an era has, has words', () => {
	const types = new Set(ERA_NAMES.flatMap(era => eraNamed(era).kmapTypes));
	expect(types.size).toBeGreaterThan(12);
	const of = (type: string) => said(explainSlot(slot(0, 0, {type}), 'typed'), 'type');
	expect([...types].filter(type => of(type).includes('no words'))).toEqual([]);
});

test('mappings and pools', () => {
	const of = explainMapping(mapping(0x6a31800, {type: 'single', lengthBytes: 4096, direction: 'DMA_FROM_DEVICE'}));
	expect(said(of, 'type')).toContain('dma_map_single(): a buffer for one transfer');
	expect(said(of, 'dir')).toBe('DMA_FROM_DEVICE | the device writes it');
	expect(said(of, 'physical')).toBe('06a31800 | page frames 0x6a31 to 0x6a32');
	expect(said(of, 'bus')).toContain('the physical address');
	const remapped = explainMapping(mapping(0x6a31000, {busAddress: 0xd0069000, lengthBytes: 4096}));
	expect(said(remapped, 'bus')).toContain('an IOMMU or a bounce buffer is between');
	expect(said(remapped, 'physical')).toBe('06a31000 | page frame 0x6a31');
	const pool = explainPool('0000:00:1d.7', pools.pools[0]!, [{pfn: 0x117c, frames: 1}]);
	expect(said(pool, 'all')).toBe('42 | blocks that its pages hold; 5 are free');
	expect(said(pool, 'pages')).toContain('page frames 0x117c');
});

test('requests and contexts of asynchronous I/O', () => {
	const of = explainKiocb({...kiocb(41), state: 'device', kind: 'sync', ctx: null});
	expect(said(of, 'state')).toBe('device | the device is at work on it');
	expect(said(of, 'kind')).toContain('is_sync_kiocb()');
	expect(said(of, 'ctx')).toBe('none');
	const context = {
		ctx: 0xb7eb6000,
		pid: 8,
		comm: 'dbwriter',
		nrEvents: 128,
		ringNr: 255,
		ringPages: 2,
		head: 250,
		tail: 3,
		inFlight: 2,
	};
	// The ring goes round.
	expect(said(explainContext(context), 'tail')).toContain('8 results wait');
	expect(said(explainContext({...context, tail: 250}), 'tail')).toContain('0 results wait');
});

const zone = (freePages: number) =>
	explainZone({
		id: 'zone',
		mark: undefined,
		zone: 'Normal',
		freeBlocks: [3, 1],
		changes: [],
		freePages,
		watermarks: {min: 100, low: 125, high: 150},
		presentPages: 1000,
	});

test.each([
	[100, 'at min or below'],
	[101, 'below low'],
	[125, 'below low'],
	[126, 'between low and high'],
	[150, 'between low and high'],
	[151, 'above high'],
])('a zone with %i free pages stands against its watermarks', (free, words) => {
	expect(said(zone(free), 'now')).toContain(words);
	expect(said(zone(free), 'order 1')).toBe('1 free | blocks of 2 pages in a row, 8 KiB');
});

test('memory and messages', () => {
	expect(said(explainMemory([['Dirty', 12]]), 'Dirty')).toBe('12 KiB | changed and not on the disk yet');
	const of = explainLogLine({level: 3, timeUs: 9_000_000, text: 'BUG: scheduling while atomic: mapper/112/0x00000001'});
	expect(said(of, 'level')).toContain('3, KERN_ERR');
	expect(said(of, 'text')).toContain('something slept that must not');
	expect(said(explainLogLine({level: 14, timeUs: 1, text: 'hello'}), 'level')).toContain('6, KERN_INFO');
});

test('a page and an entry of page tables', () => {
	const of = {
		subject: userPlace(112, 0x40002000),
		page: pageInfo(0x6a31),
		translate: translateUser(112, 0x40002000, 0x6a31),
		machine,
	};
	const frame = explainLadder(of, undefined);
	expect(frame.title).toBe('page frame 0x6a31');
	expect(said(frame, 'flags')).toBe(
		`PG_dirty PG_lru | PG_dirty: ${pageFlagWords.get('PG_dirty')} | PG_lru: ${pageFlagWords.get('PG_lru')}`,
	);
	expect(said(frame, '_count')).toBe('2 | of these 1 for page tables, 1 by get_user_pages()');
	const entry = explainLadder(of, 'pte');
	expect(entry.title).toBe('entry pte[2] of the page tables');
	expect(said(entry, 'bit 0x2')).toBe('1 | _PAGE_RW: writable');
	expect(said(entry, 'bit 0x100')).toBe('0 | _PAGE_GLOBAL: not global');
	expect(explainLadder({...of, page: undefined}, undefined).title).toBe('user:112:0x40002000');
});
