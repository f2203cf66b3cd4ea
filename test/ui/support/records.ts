/** A small machine written by hand, as records; fakeTarget.ts serves it as the files that Linux and we would print. */

import type {Aio, Kiocb} from '../../../source/formats/debugfs/aio.ts';
import type {DmaApiDump, DmaMapping} from '../../../source/formats/debugfs/dmaApiDump.ts';
import type {DmaPools} from '../../../source/formats/debugfs/dmaPools.ts';
import type {KmapAtomic, KmapAtomicSlot} from '../../../source/formats/debugfs/kmapAtomic.ts';
import type {Clock} from '../../../source/formats/debugfs/lab/clock.ts';
import type {Experiments} from '../../../source/formats/debugfs/lab/experiments.ts';
import type {Inject, InjectionRecord, ObservationRecord} from '../../../source/formats/debugfs/lab/inject.ts';
import type {MachineRecord} from '../../../source/formats/debugfs/lab/machine.ts';
import {type PageMap, pageMapLetters, pageMapMeanings} from '../../../source/formats/debugfs/pageMap.ts';
import type {Pkmap} from '../../../source/formats/debugfs/pkmap.ts';
import type {Trace} from '../../../source/formats/debugfs/tracing/trace.ts';
import type {Vma, VmaArea} from '../../../source/formats/debugfs/vma.ts';
import type {Maps, MapsArea} from '../../../source/formats/proc/maps.ts';
import type {Zoneinfo} from '../../../source/formats/proc/zoneinfo.ts';
import type {Pools} from '../../../source/formats/sys/pools.ts';

export const area = (start: number, end: number, perms: string, pathname: string | null, inode = 0): MapsArea => ({
	start,
	end,
	perms,
	offset: 0,
	major: pathname === null ? 0 : 8,
	minor: pathname === null ? 0 : 1,
	inode,
	pathname,
});

export const mapperMaps: Maps = {
	areas: [
		area(0x08048000, 0x0804a000, 'r-xp', '/bin/mapper', 4711),
		area(0x0804a000, 0x0804b000, 'rw-p', '/bin/mapper', 4711),
		area(0x0804b000, 0x0806c000, 'rw-p', null),
		area(0x40000000, 0x40004000, 'rw-s', '/dev/simple1', 812),
		area(0x40010000, 0x40018000, 'r-xp', '/lib/libc.so', 5120),
		area(0xbffeb000, 0xc0000000, 'rw-p', null),
	],
};

export const vmaOf = (maps: Maps): Vma => ({
	mmUsers: 1,
	mmCount: 1,
	mapCount: maps.areas.length,
	totalVm: 100,
	lockedVm: 0,
	lockName: 'mmap_sem',
	mmapSem: 'free',
	mmapSemHolders: [],
	mmapSemWaiters: [],
	pageTableLockHolder: null,
	areas: maps.areas.map(
		({start, end}): VmaArea => ({
			start,
			end,
			vmFlags: 0x75,
			flags: ['VM_READ', 'VM_WRITE'],
			vmOps: null,
			opens: 0,
			closes: 0,
			backing: 'anon',
			pagesPresent: Math.ceil((end - start) / 8192),
			pagesTotal: (end - start) / 4096,
			anonVma: null,
		}),
	),
});

/** The whole of a 128 MiB machine, or the window that a path asks for. */
export function pageMap(
	window?: {startPfn: number; frames: number; cells: number},
	letterAt = (pfn: number) => 'RKFA.'[Math.floor(pfn / 2048) % 5]!,
): PageMap {
	const zones = [
		{name: 'DMA', startPfn: 0, frames: 4096},
		{name: 'Normal', startPfn: 4096, frames: 12288},
		{name: 'HighMem', startPfn: 16384, frames: 16384},
	];
	const start = window?.startPfn ?? 0;
	const end = start + (window?.frames ?? 32768);
	const framesPerCell = Math.ceil((end - start) / (window?.cells ?? 2048));
	const shown = zones.flatMap(({name, startPfn, frames}) => {
		const from = Math.max(start, startPfn);
		const to = Math.min(end, startPfn + frames);
		if (to <= from) return [];
		const cells = Array.from({length: Math.ceil((to - from) / framesPerCell)}, (_, cell) =>
			letterAt(from + cell * framesPerCell),
		).join('');
		const shares = framesPerCell === 1 ? '' : [...cells].map(letter => (letter === '.' ? '0' : '9')).join('');
		return [{name, startPfn: from, frames: to - from, cells, shares}];
	});
	const text = shown.map(({cells}) => cells).join('');
	return {
		framesPerCell,
		window: window ?? null,
		letters: null,
		legend: pageMapLetters.map(letter => ({
			letter,
			meaning: pageMapMeanings[letter],
			frames: [...text].filter(each => each === letter).length * framesPerCell,
		})),
		zones: shown,
	};
}

export const slot = (cpu: number, index: number, change: Partial<KmapAtomicSlot> = {}): KmapAtomicSlot => ({
	cpu,
	slot: index,
	type: `KM_TYPE${index}`,
	vaddr: 0xfffb7000 - (cpu * 13 + index) * 0x1000,
	pfn: null,
	context: null,
	holder: null,
	used: 0,
	lastPfn: null,
	lastHolder: null,
	...change,
});

export const kmapAtomic = (changed: Readonly<Record<string, Partial<KmapAtomicSlot>>> = {}): KmapAtomic => ({
	slots: 'typed',
	slotsPerCpu: 13,
	cpus: [0, 1].map(cpu => {
		const slots = Array.from({length: 13}, (_, index) => slot(cpu, index, changed[`${cpu}.${index}`]));
		return {cpu, depth: slots.filter(({pfn}) => pfn !== null).length, deepest: 3, slots};
	}),
});

export const pkmap: Pkmap = {
	lastPkmap: 1024,
	lastPkmapNr: 217,
	flushes: 4,
	lastFlushUs: 12_345_655,
	waiters: [],
	entries: [
		{index: 216, address: 0xff8d8000, pkmapCount: 1, pfn: 0x6a31},
		{index: 217, address: 0xff8d9000, pkmapCount: 2, pfn: 0x6b02},
	],
};

export const pools: Pools = {
	pools: [
		{name: 'ehci_qtd', blocksInUse: 37, blocks: 42, sizeBytes: 96, pages: 1},
		{name: 'ehci_qh', blocksInUse: 12, blocks: 32, sizeBytes: 128, pages: 1},
		{name: 'buffer-512', blocksInUse: 0, blocks: 8, sizeBytes: 512, pages: 1},
	],
};

function poolPage(pool: string, pfn: number): DmaPools['pages'][number] {
	const run = {pfn, frames: 1};
	return {device: '0000:00:1d.7', pool, busAddress: pfn * 4096, run, blocksInUse: 12, blocks: 32};
}
export const dmaPools: DmaPools = {pages: [poolPage('ehci_qtd', 0x1000), poolPage('ehci_qh', 0x1001)]};

export const mapping = (busAddress: number, change: Partial<DmaMapping> = {}): DmaMapping => ({
	device: '0000:00:1d.7',
	driver: 'ehci_hcd',
	type: 'coherent',
	bucket: 1,
	physicalAddress: busAddress,
	pfn: busAddress / 4096,
	busAddress,
	lengthBytes: 4096,
	direction: 'DMA_BIDIRECTIONAL',
	mapError: 'check not applicable',
	...change,
});

export const dmaDump: DmaApiDump = {
	dialect: '5.10',
	mappings: [
		mapping(0x100_0000),
		mapping(0x200_0000, {driver: 'e100', device: '0000:00:03.0', lengthBytes: 8192}),
		mapping(0x300_0000, {type: 'single', direction: 'DMA_FROM_DEVICE', lengthBytes: 1536, mapError: 'checked'}),
	],
};

export const kiocb = (id: number, change: Partial<Kiocb> = {}): Kiocb => ({
	id,
	ctx: 0xb7ffa000,
	pid: 97,
	comm: 'dbwriter',
	opcode: 'PREAD',
	file: '/dev/sda',
	pos: 0x1a000,
	nbytes: 4096,
	kind: 'async',
	state: 'device',
	pagesPinned: 1,
	pinned: [{pfn: 0x6a31, frames: 1}],
	ageUs: 310,
	...change,
});

export const aio = (
	kiocbs: readonly Kiocb[] = [kiocb(41), kiocb(42, {state: 'queued', pagesPinned: 0, pinned: []})],
): Aio => ({
	contexts: [
		{
			ctx: 0xb7ffa000,
			pid: 97,
			comm: 'dbwriter',
			nrEvents: 128,
			ringNr: 255,
			ringPages: 2,
			head: 17,
			tail: 19,
			inFlight: kiocbs.length,
		},
	],
	kiocbs,
});

export const traceOf = (
	events: readonly {readonly pid: number; readonly text: string; readonly timeUs: number}[],
): Trace => ({
	dialect: '2.6.11',
	tracer: 'nop',
	counts: null,
	lines: events.map(({pid, text, timeUs}) => ({
		kind: 'event',
		comm: pid === 131 ? 'mapper' : 'kswapd0',
		pid,
		cpu: 0,
		flags: null,
		timeUs,
		event: 'mm_page_alloc',
		text,
	})),
});

/** An experiment that asks nothing. */
const untaught = {
	source: '',
	chapter: null,
	level: null,
	minutes: null,
	setup: null,
	question: null,
	answers: [],
	looks: [],
	why: null,
	next: null,
	differences: [],
	control: null,
};

export const experiments: Experiments = {
	experiments: [
		{
			name: 'mremap-growth',
			key: 'm',
			title: 'mremap growth',
			chapter: 'Areas and mmap',
			level: 2,
			minutes: 10,
			claim: 'A mapping without a fault handler grows with zeros.',
			source: 'LDD3 page 429',
			setup: 'A program maps four pages of a device and asks mremap() for more.',
			question: 'What does it read in the first new page?',
			answers: ['The next register of the device.', 'Zeros.', 'Nothing: it is killed.'],
			looks: [{pane: 'maps', says: 'the row of the device becomes longer'}],
			why: 'mremap() makes the area longer and tells the driver nothing.',
			next: {run: 'direct-read', says: 'How does a device reach the page?'},
			differences: [{eras: ['3.2'], says: 'mremap() answers EFAULT.'}],
			control: '--era 3.2',
			eras: [],
			machine: null,
			parameters: [
				{
					name: 'pages',
					about: 'pages mapped at first',
					type: 'int',
					range: {min: 1, max: 1024},
					choices: [],
					default: '4',
					unit: 'pages',
				},
			],
			visible: ['vma_grown'],
		},
		{
			name: 'direct-read',
			key: 'd',
			title: 'direct-I/O read',
			claim: 'A direct read pins the pages of the user buffer.',
			...untaught,
			eras: [],
			machine: null,
			parameters: [],
			visible: ['page_pinned'],
		},
		{
			name: 'pool-work',
			key: 'o',
			title: 'pool work',
			claim: 'A pool serves blocks that a page could not.',
			...untaught,
			eras: [],
			machine: null,
			parameters: [],
			visible: [],
		},
	],
};

export const observation = (state: ObservationRecord['state']): ObservationRecord => ({
	state,
	sentence: 'page 5 reads as zeros',
	timeUs: 12_000_100,
	file: null,
	field: null,
	expected: null,
	seen: null,
});

export const injection = (id: number, change: Partial<InjectionRecord> = {}): InjectionRecord => ({
	id,
	name: 'mremap-growth',
	timeUs: 12_000_000,
	status: 'running',
	by: 'monitor',
	parameters: [{name: 'pages', value: '4'}],
	pids: [131],
	result: null,
	answer: null,
	narration: [{timeUs: 12_000_100, text: 'mremap(0x40000000, 16384, 32768, MREMAP_MAYMOVE)'}],
	states: [],
	observations: [observation('open')],
	...change,
});

export const injectOf = (injections: readonly InjectionRecord[] = []): Inject => ({injections});

export const clock = (change: Partial<Clock> = {}): Clock => ({
	timeNs: 12_345_655_000,
	rate: 1,
	state: 'running',
	watch: true,
	pace: 'fast',
	holding: null,
	stays: false,
	stepsWanted: 0,
	untilNs: null,
	rewoundNs: null,
	rewindToNs: null,
	...change,
});

export const machine: MachineRecord = {
	version: '0.1.0',
	preset: 'lab',
	era: 'ldd3',
	composite: 'the behaviour of 2.6.11 under newer names',
	seed: 1,
	cpus: 2,
	ramBytes: 128 * 2 ** 20,
	highmemBytes: 64 * 2 ** 20,
	pae: false,
	swiotlb: 'off',
	iommu: false,
	coherentCaches: true,
	zones: [
		{name: 'DMA', startPfn: 0, frames: 4096},
		{name: 'Normal', startPfn: 4096, frames: 12288},
		{name: 'HighMem', startPfn: 16384, frames: 16384},
	],
	ranges: [
		{name: 'lowmem', start: 0xc0000000, end: 0xc4000000},
		{name: 'vmalloc', start: 0xc4800000, end: 0xff7fe000},
		{name: 'pkmap', start: 0xff800000, end: 0xffc00000},
		{name: 'fixmap', start: 0xfff9d000, end: 0xfffff000},
	],
	devices: [],
};

const zoneOf = (zone: string, free: number, min: number, present: number): Zoneinfo['zones'][number] => ({
	node: 0,
	zone,
	perNodeStats: null,
	pages: {free, min, low: Math.floor(min * 1.25), high: Math.floor(min * 1.5), spanned: present, present},
	scanned: null,
	protection: [0, 0, 0],
	counters: {},
	pagesets: [],
	state: {},
});

export const zoneinfo: Zoneinfo = {
	dialect: '2.6.32',
	zones: [zoneOf('DMA', 70, 64, 4096), zoneOf('Normal', 9000, 192, 12288), zoneOf('HighMem', 7500, 32, 16384)],
};
