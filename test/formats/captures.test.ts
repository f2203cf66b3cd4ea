import {describe, expect, it} from 'vitest';
import {formatDmaApiDump, parseDmaApiDump} from '../../source/formats/debugfs/dmaApiDump.ts';
import {formatGraphLine, parseGraphLine} from '../../source/formats/debugfs/tracing/graph.ts';
import {formatTrace, parseTrace} from '../../source/formats/debugfs/tracing/trace.ts';
import {formatBuddyinfo, parseBuddyinfo} from '../../source/formats/proc/buddyinfo.ts';
import {formatDevices, parseDevices} from '../../source/formats/proc/devices.ts';
import {formatDma, parseDma} from '../../source/formats/proc/dma.ts';
import {formatInterrupts, parseInterrupts} from '../../source/formats/proc/interrupts.ts';
import {formatIomem, parseIomem} from '../../source/formats/proc/iomem.ts';
import {formatIoports, parseIoports} from '../../source/formats/proc/ioports.ts';
import {decodeKpagecount, encodeKpagecount} from '../../source/formats/proc/kpagecount.ts';
import {decodeKpageflags, encodeKpageflags} from '../../source/formats/proc/kpageflags.ts';
import {formatMaps, parseMaps} from '../../source/formats/proc/maps.ts';
import {formatMeminfo, parseMeminfo} from '../../source/formats/proc/meminfo.ts';
import {formatSlabinfo, parseSlabinfo} from '../../source/formats/proc/slabinfo.ts';
import {formatSmaps, parseSmaps} from '../../source/formats/proc/smaps.ts';
import {formatStatus, parseStatus} from '../../source/formats/proc/status.ts';
import {formatVersion, parseVersion} from '../../source/formats/proc/version.ts';
import {formatVmallocinfo, parseVmallocinfo} from '../../source/formats/proc/vmallocinfo.ts';
import {formatVmstat, parseVmstat} from '../../source/formats/proc/vmstat.ts';
import {formatZoneinfo, parseZoneinfo} from '../../source/formats/proc/zoneinfo.ts';
import * as scalars from '../../source/formats/scalars.ts';
import {formatPools, parsePools} from '../../source/formats/sys/pools.ts';
import {binaryCapture, capture, capturedFiles, recordedTrace} from './support/captures.ts';

const chain =
	<Record>(format: (record: Record) => string, parse: (text: string) => Record) =>
	(text: string) =>
		format(parse(text));

const decimal = chain(scalars.formatDecimalFile, scalars.parseDecimalFile);
/** By the end of the path: parse, then print again. */
const reprints: Readonly<Record<string, (text: string) => string>> = {
	maps: chain(formatMaps, parseMaps),
	smaps: chain(formatSmaps, parseSmaps),
	status: chain(formatStatus, parseStatus),
	buddyinfo: chain(formatBuddyinfo, parseBuddyinfo),
	devices: chain(formatDevices, parseDevices),
	dma: chain(formatDma, parseDma),
	interrupts: chain(formatInterrupts, parseInterrupts),
	iomem: chain(formatIomem, parseIomem),
	ioports: chain(formatIoports, parseIoports),
	meminfo: chain(formatMeminfo, parseMeminfo),
	slabinfo: chain(formatSlabinfo, parseSlabinfo),
	version: chain(formatVersion, parseVersion),
	vmallocinfo: chain(formatVmallocinfo, parseVmallocinfo),
	vmstat: chain(formatVmstat, parseVmstat),
	zoneinfo: chain(formatZoneinfo, parseZoneinfo),
	pools: chain(formatPools, parsePools),
	dump: chain(formatDmaApiDump, parseDmaApiDump),
	disabled: chain(scalars.formatBooleanFile, scalars.parseBooleanFile),
	driver_filter: chain(scalars.formatNameFile, scalars.parseNameFile),
	all_errors: decimal,
	error_count: decimal,
	num_errors: decimal,
	num_free_entries: decimal,
	min_free_entries: decimal,
	nr_total_entries: decimal,
};

describe('a file of a real kernel prints again byte for byte', () => {
	it.each(capturedFiles())('%s %s', (kernel, path) => {
		const text = capture(kernel, path);
		const reprint = reprints[path.slice(path.lastIndexOf('/') + 1)];
		expect(reprint?.(text)).toBe(text);
	});

	it.each(['5.10-i386-pae', '6.1-i386-pae', '6.1-i386'])('%s kpagecount and kpageflags', kernel => {
		const counts = binaryCapture(kernel, '/proc/kpagecount');
		const flags = binaryCapture(kernel, '/proc/kpageflags');
		expect(Buffer.compare(encodeKpagecount(decodeKpagecount(counts)), counts)).toBe(0);
		expect(Buffer.compare(encodeKpageflags(decodeKpageflags(flags)), flags)).toBe(0);
	});
});

describe('a recorded trace prints again byte for byte', () => {
	it.each([
		'events_fork',
		'events_mremap_anon_grow_move',
		'events_io_submit_read_virtio_odirect',
		'events_kmap',
		'events_dma_pool',
	])('%s, and no line of it goes unrecognised', name => {
		const text = recordedTrace(name);
		const trace = parseTrace(text);
		expect(formatTrace(trace)).toBe(text);
		// Events whose own text ends in a newline leave an empty line behind them, in Linux too.
		expect(trace.lines.filter(line => 'text' in line && line.kind !== 'event' && line.text !== '')).toEqual([]);
	});

	it.each(['graph_get_user_pages', 'graph_fault_anon_write'])('%s, its calls behind CPU and duration', name => {
		const calls = recordedTrace(name).trimEnd().split('\n');
		const lines = calls.map(call => ` 0) ${call.endsWith('{') ? ' '.repeat(14) : '  1.382 us    '}|  ${call}`);
		const parsed = lines.map(line => parseGraphLine(line)!);
		expect(parsed.map(line => formatGraphLine(line, '6.1'))).toEqual(lines);
		const depthAtEnd = parsed.reduce((depth, line) => {
			if (line.kind !== 'graph') return depth;
			expect(line.depth).toBe(line.call === 'close' ? depth - 1 : depth);
			return depth + {open: 1, close: -1, leaf: 0}[line.call];
		}, 0);
		expect(depthAtEnd).toBe(0);
	});
});

describe('what a capture says lands in the field of that name', () => {
	it('meminfo of a PAE machine with 2 GB has 1,195,832 kB of high memory', () => {
		expect(parseMeminfo(capture('6.1-i386-pae', '/proc/meminfo'))).toMatchObject({
			MemTotal: 2059848,
			HighTotal: 1195832,
			LowTotal: 864016,
			'Active(anon)': 7028,
			VmallocTotal: 122880,
			HugePages_Total: 0,
			DirectMap2M: 892928,
		});
	});

	it('zoneinfo gives watermarks, protection and what each CPU holds back', () => {
		const [dma, normal, , movable] = parseZoneinfo(capture('6.1-i386-pae', '/proc/zoneinfo')).zones;
		expect(dma).toMatchObject({zone: 'DMA', protection: [0, 828, 1996, 1996], state: {start_pfn: 1}});
		expect(dma?.perNodeStats).toMatchObject({nr_anon_pages: 26, nr_mapped: 374});
		expect(normal?.pages).toMatchObject({free: 205647, min: 878, low: 1097, high: 1316, managed: 212164});
		expect(normal?.pagesets?.[1]).toMatchObject({cpu: 1, count: 414, high: 548, batch: 63, vmStatsThreshold: 16});
		expect(movable).toMatchObject({zone: 'Movable', pagesets: null, counters: {}});
	});

	it('maps names file, heap and stack, and nothing for an anonymous area', () => {
		const {areas} = parseMaps(capture('6.1-i386-pae', '/proc/1/maps'));
		expect(areas[1]).toEqual({
			start: 0x08049000,
			end: 0x081cd000,
			perms: 'r-xp',
			offset: 0x1000,
			major: 0,
			minor: 2,
			inode: 165,
			pathname: '/bin/busybox',
		});
		expect(areas.map(({pathname}) => pathname).slice(5)).toEqual([null, '[heap]', '[vvar]', '[vdso]', '[stack]']);
	});

	it('smaps gives kilobytes and flags of an area', () => {
		const [first] = parseSmaps(capture('6.1-i386-pae', '/proc/1/smaps')).areas;
		expect(first).toMatchObject({Size: 4, Rss: 4, Pss_Dirty: 2, Shared_Dirty: 4, THPeligible: 0});
		expect(first?.VmFlags).toEqual(['rd', 'mr', 'mw', 'me']);
	});

	it('status gives ids as lists and sizes in kilobytes', () => {
		expect(parseStatus(capture('6.1-i386-pae', '/proc/1/status'))).toMatchObject({
			Name: 'init',
			Uid: [0, 0, 0, 0],
			Groups: [],
			VmRSS: 1480,
			SigCgt: '0000000000010002',
			Threads: 1,
		});
	});

	it('interrupts gives chip, number and flow of a line, and one count for ERR', () => {
		const {lines, summary, cpus} = parseInterrupts(capture('6.1-i386-pae', '/proc/interrupts'));
		expect(cpus).toEqual([0, 1]);
		expect(lines.find(({irq}) => irq === 10)).toEqual({
			irq: 10,
			counts: [94, 0],
			chip: 'IO-APIC',
			hwirq: 10,
			flow: 'fasteoi',
			actions: ['uhci_hcd:usb2', 'ohci_hcd:usb3', 'sym53c8xx'],
		});
		expect(summary.find(({label}) => label === 'ERR')).toEqual({label: 'ERR', counts: [0], description: null});
	});

	it('a pool whose name holds blanks keeps it', () => {
		const {pools} = parsePools(capture('6.1-i386-pae', '/sys/devices/pci0000:00/0000:00:0a.0/pools'));
		expect(pools[6]).toEqual({
			name: 'xHCI input/output contexts',
			blocksInUse: 2,
			blocks: 3,
			sizeBytes: 2112,
			pages: 3,
		});
	});

	it('dma-api/dump gives both addresses and the length of a mapping', () => {
		const {mappings} = parseDmaApiDump(capture('6.1-i386-debug', '/sys/kernel/debug/dma-api/dump'));
		expect(mappings[0]).toEqual({
			device: '0000:00:02.0',
			driver: 'virtio-pci',
			type: 'coherent',
			bucket: 5642,
			physicalAddress: 0x2c14000,
			pfn: 0x2c14,
			busAddress: 0x2c14000,
			lengthBytes: 0x1a26,
			direction: 'DMA_BIDIRECTIONAL',
			mapError: 'check not applicable',
		});
	});

	it('vmallocinfo tells pages from a physical address, and hidden pointers from both', () => {
		const {areas, physicalBits} = parseVmallocinfo(capture('6.1-i386-pae', '/proc/vmallocinfo'));
		expect(physicalBits).toBe(64);
		expect(areas[0]).toEqual({
			range: {start: 0xf77fe000, end: 0xf7800000},
			sizeBytes: 8192,
			caller: 'acpi_os_map_iomem+0x215/0x240',
			pages: null,
			physicalAddress: 0x7ffe1000,
			kinds: ['ioremap'],
			note: null,
		});
		expect(areas[3]).toMatchObject({pages: 1, kinds: ['vmalloc']});
		expect(parseVmallocinfo(capture('6.1-i386', '/proc/vmallocinfo')).physicalBits).toBe(32);
	});

	it('kpageflags names the zero page, and kpagecount counts as often as MMAP says', () => {
		const {frames} = decodeKpageflags(binaryCapture('6.1-i386-pae', '/proc/kpageflags'));
		const {counts} = decodeKpagecount(binaryCapture('6.1-i386-pae', '/proc/kpagecount'));
		expect(frames.filter(flags => flags.includes('ZERO_PAGE'))).toHaveLength(1);
		expect(frames).toHaveLength(counts.length);
		const mapped = counts.flatMap((_, pfn) => (frames[pfn]!.includes('MMAP') ? [pfn] : []));
		// The files were read one after the other on a live machine: a few frames changed in between.
		expect(mapped.length).toBeGreaterThan(500);
		expect(mapped.filter(pfn => counts[pfn] === 0).length).toBeLessThan(5);
	});

	it('iomem nests kernel code in RAM, and slabinfo counts objects', () => {
		const {resources} = parseIomem(capture('6.1-i386-pae', '/proc/iomem'));
		expect(resources.find(({name}) => name === 'Kernel code')).toEqual({
			start: 0x01000000,
			end: 0x01933eff,
			name: 'Kernel code',
			depth: 1,
		});
		expect(parseSlabinfo(capture('6.1-i386-pae', '/proc/slabinfo')).caches[0]).toMatchObject({
			name: 'scsi_sense_cache',
			activeObjs: 1596,
			objSize: 96,
			objPerSlab: 42,
			numSlabs: 38,
		});
	});
});
