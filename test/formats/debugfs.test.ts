import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {formatAio, parseAio} from '../../source/formats/debugfs/aio.ts';
import {formatDmaApiDump, parseDmaApiDump} from '../../source/formats/debugfs/dmaApiDump.ts';
import {formatDmaPools, parseDmaPools} from '../../source/formats/debugfs/dmaPools.ts';
import {formatKmapAtomic, parseKmapAtomic} from '../../source/formats/debugfs/kmapAtomic.ts';
import {
	formatPageMap,
	type PageMap,
	pageMapLetters,
	pageMapMeanings,
	parsePageMap,
} from '../../source/formats/debugfs/pageMap.ts';
import {formatPkmap, parsePkmap} from '../../source/formats/debugfs/pkmap.ts';
import {formatSwiotlb, parseSwiotlb} from '../../source/formats/debugfs/swiotlb.ts';
import {formatVma, parseVma} from '../../source/formats/debugfs/vma.ts';
import {formatVmaFrames, parseVmaFrames} from '../../source/formats/debugfs/vmaFrames.ts';
import type {Dialect} from '../../source/formats/dialect.ts';
import {
	anyName,
	count,
	direction,
	expectRoundTrip,
	orNull,
	pfn,
	physical,
	pid,
	task,
	timeUs,
	uint32,
	word,
} from './support/roundTrip.ts';

const owner = fc.constantFrom('cpu', 'device');
const run = fc.record({pfn, frames: fc.integer({min: 1, max: 1024})});

describe('what is printed is read back, whatever names hold', () => {
	it('kmap_atomic', () => {
		const slot = (cpu: number) =>
			fc.record({
				cpu: fc.constant(cpu),
				slot: fc.nat(20),
				type: anyName,
				vaddr: uint32,
				pfn: orNull(pfn),
				context: orNull(fc.constantFrom('task', 'softirq', 'hardirq')),
				holder: orNull(task),
				used: count,
				lastPfn: orNull(pfn),
				lastHolder: orNull(task),
			});
		const cpus = fc
			.nat(3)
			.chain(last =>
				fc.tuple(
					...Array.from({length: last + 1}, (_, cpu) =>
						fc.record({cpu: fc.constant(cpu), depth: count, deepest: count, slots: fc.array(slot(cpu))}),
					),
				),
			);
		expectRoundTrip(
			fc.record({slots: fc.constantFrom('typed', 'stack'), slotsPerCpu: count, cpus}),
			formatKmapAtomic,
			parseKmapAtomic,
		);
	});

	it('pkmap', () => {
		const entry = fc.record({index: fc.nat(1023), address: uint32, pkmapCount: count, pfn});
		const records = fc.record({
			lastPkmap: fc.constantFrom(512, 1024),
			lastPkmapNr: fc.nat(1023),
			flushes: count,
			lastFlushUs: orNull(timeUs),
			waiters: fc.array(task),
			entries: fc.array(entry),
		});
		expectRoundTrip(records, formatPkmap, parsePkmap);
	});

	it('aio', () => {
		const context = fc.record({
			ctx: uint32,
			pid,
			comm: anyName,
			nrEvents: count,
			ringNr: count,
			ringPages: count,
			head: count,
			tail: count,
			inFlight: count,
		});
		const kiocb = fc.record({
			id: count,
			ctx: orNull(uint32),
			pid,
			comm: anyName,
			opcode: fc.constantFrom('PREAD', 'PWRITE', 'FSYNC', 'FDSYNC', 'POLL', 'NOOP', 'PREADV', 'PWRITEV'),
			file: anyName,
			pos: count,
			nbytes: count,
			kind: fc.constantFrom('sync', 'async'),
			state: fc.constantFrom('queued', 'pinning', 'submitted', 'device', 'completing', 'done', 'retry', 'cancelled'),
			pagesPinned: count,
			pinned: fc.array(run),
			ageUs: count,
		});
		expectRoundTrip(fc.record({contexts: fc.array(context), kiocbs: fc.array(kiocb)}), formatAio, parseAio);
	});

	it('page_map and its windows', () => {
		const zone = (framesPerCell: number) =>
			fc.record({name: anyName, startPfn: pfn, frames: fc.integer({min: 0, max: 400})}).chain(head => {
				const count = Math.ceil(head.frames / framesPerCell);
				const of = (each: fc.Arbitrary<string>, length: number) =>
					fc.array(each, {minLength: length, maxLength: length}).map(cells => cells.join(''));
				return fc.record({
					name: fc.constant(head.name),
					startPfn: fc.constant(head.startPfn),
					frames: fc.constant(head.frames),
					cells: of(fc.constantFrom(...pageMapLetters), count),
					shares: of(fc.constantFrom(...'0123456789'), framesPerCell > 1 ? count : 0),
				});
			});
		const records: fc.Arbitrary<PageMap> = fc.integer({min: 1, max: 32}).chain(framesPerCell =>
			fc.record({
				framesPerCell: fc.constant(framesPerCell),
				window: orNull(fc.record({startPfn: pfn, frames: count, cells: count})),
				letters: orNull(fc.subarray([...pageMapLetters], {minLength: 1}).map(letters => letters.join(''))),
				legend: fc
					.subarray([...pageMapLetters])
					.map(letters => letters.map((letter, frames) => ({letter, meaning: pageMapMeanings[letter], frames}))),
				zones: fc.array(zone(framesPerCell), {maxLength: 4}),
			}),
		);
		expectRoundTrip(records, formatPageMap, parsePageMap);
	});

	it('vma/<pid>', () => {
		const area = fc.record({
			start: uint32,
			end: uint32,
			vmFlags: uint32,
			flags: fc.array(anyName),
			vmOps: orNull(anyName),
			opens: count,
			closes: count,
			backing: orNull(fc.constantFrom('fault', 'remap', 'anon', 'file')),
			pagesPresent: count,
			pagesTotal: count,
			anonVma: orNull(count),
		});
		const records = fc.record({
			mmUsers: count,
			mmCount: count,
			mapCount: count,
			totalVm: count,
			lockedVm: count,
			lockName: fc.constantFrom('mmap_sem', 'mmap_lock'),
			mmapSem: fc.constantFrom('free', 'read', 'write'),
			mmapSemHolders: fc.array(task),
			mmapSemWaiters: fc.array(task),
			pageTableLockHolder: orNull(task),
			areas: fc.array(area),
		});
		expectRoundTrip(records, formatVma, parseVma);
	});

	it('vma/<pid>/START-END', () => {
		const runs = fc.array(fc.record({address: uint32, run}));
		const records = fc.record({pid, start: uint32, end: uint32, present: count, runs});
		expectRoundTrip(records, formatVmaFrames, parseVmaFrames);
	});

	it('dma_pools', () => {
		const page = fc.record({
			device: anyName,
			pool: anyName,
			busAddress: uint32,
			run,
			blocksInUse: count,
			blocks: count,
		});
		expectRoundTrip(fc.record({pages: fc.array(page)}), formatDmaPools, parseDmaPools);
	});

	it('swiotlb', () => {
		const mapping = fc.record({
			index: count,
			nslots: count,
			device: anyName,
			origAddress: physical,
			bounceAddress: physical,
			sizeBytes: count,
			direction,
			owner,
		});
		const records = fc.record({
			slots: count,
			used: count,
			slotBytes: count,
			start: orNull(physical),
			mappings: fc.array(mapping),
		});
		expectRoundTrip(records, formatSwiotlb, parseSwiotlb);
	});

	it('dma-api/dump, as a file and as the older log lines', () => {
		const common = {
			device: fc.constantFrom('0000:00:05.0', 'edu'),
			driver: word,
			type: fc.constantFrom('single', 'page', 'scather-gather', 'coherent', 'resource'),
			bucket: count,
			physicalAddress: physical,
			busAddress: physical,
			lengthBytes: count,
			direction,
		};
		const nothing = fc.constant(null);
		const mapError = fc.constantFrom('check not applicable', 'not checked', 'checked');
		const old = fc.record({...common, pfn: nothing, mapError: nothing});
		const records = fc.oneof(
			fc.record({dialect: fc.constant<Dialect>('2.6.11'), mappings: fc.array(old, {minLength: 1})}),
			fc.record({dialect: fc.constant<Dialect>('5.10'), mappings: fc.array(fc.record({...common, pfn, mapError}))}),
		);
		expectRoundTrip(records, formatDmaApiDump, parseDmaApiDump);
	});
});

describe('our files read well with cat', () => {
	it('kmap_atomic is a table that awk can split, blanks in a name included', () => {
		const slot = {cpu: 0, slot: 3, type: 'KM_USER0', vaddr: 0xfffb7000, context: 'task', used: 1204} as const;
		const holder = {comm: 'my db', pid: 112};
		const text = formatKmapAtomic({
			slots: 'typed',
			slotsPerCpu: 13,
			cpus: [
				{cpu: 0, depth: 1, deepest: 3, slots: [{...slot, pfn: 0x6a31, holder, lastPfn: 0x6a31, lastHolder: holder}]},
				{cpu: 1, depth: 0, deepest: 0, slots: []},
			],
		});
		expect(text.split('\n')).toEqual([
			'# kmap_atomic 0.1: slots=typed per_cpu=13',
			'# cpu=0 depth=1 deepest=3',
			'# cpu=1 depth=0 deepest=0',
			'# cpu slot type                vaddr    pfn      context holder                   used last_pfn last_holder',
			'    0    3 KM_USER0            fffb7000 0x6a31   task    my\\040db-112             1204 0x6a31   my\\040db-112',
			'',
		]);
	});

	it(
		'page_map prefixes each line of 64 cells with its first frame, and ends it with how much of each is ' + 'in use',
		() => {
			const text = formatPageMap({
				framesPerCell: 16,
				window: null,
				letters: null,
				legend: [{letter: 'R', meaning: 'reserved', frames: 412}],
				zones: [
					{
						name: 'Normal',
						startPfn: 0x1000,
						frames: 16 * 66,
						cells: `${'K'.repeat(65)}.`,
						shares: `${'9'.repeat(64)}10`,
					},
				],
			});
			expect(text.split('\n')).toEqual([
				'# page_map 0.2: frames_per_cell=16 window=- letters=-',
				'# R      412 reserved',
				'zone name=Normal start=0x1000 frames=1056',
				`0x01000 ${'K'.repeat(64)} ${'9'.repeat(64)}`,
				'0x01400 K. 10',
				'',
			]);
		},
	);

	it('the old dma-api dump puts driver and device in front, as dev_info does', () => {
		const mapping = {
			device: '0000:00:05.0',
			driver: 'dad',
			type: 'single',
			bucket: 1,
			physicalAddress: 0x6a31000,
		} as const;
		const rest = {
			pfn: null,
			busAddress: 0x6a31000,
			lengthBytes: 4096,
			direction: 'DMA_TO_DEVICE',
			mapError: null,
		} as const;
		expect(formatDmaApiDump({dialect: '2.6.32', mappings: [{...mapping, ...rest}]})).toBe(
			'dad 0000:00:05.0: single idx 1 P=6a31000 D=6a31000 L=1000 DMA_TO_DEVICE\n',
		);
	});
});
