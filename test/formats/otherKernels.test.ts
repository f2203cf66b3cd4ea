import {readdirSync, readFileSync} from 'node:fs';
import {expect, it} from 'vitest';
import {formatDmaApiDump, parseDmaApiDump} from '../../source/formats/debugfs/dmaApiDump.ts';
import {formatTrace, parseTrace} from '../../source/formats/debugfs/tracing/trace.ts';
import {formatInterrupts, parseInterrupts} from '../../source/formats/proc/interrupts.ts';
import {formatMaps, parseMaps} from '../../source/formats/proc/maps.ts';
import {formatMeminfo, parseMeminfo} from '../../source/formats/proc/meminfo.ts';
import {formatSmaps, parseSmaps} from '../../source/formats/proc/smaps.ts';
import {formatStatus, parseStatus} from '../../source/formats/proc/status.ts';
import {formatVmallocinfo, parseVmallocinfo} from '../../source/formats/proc/vmallocinfo.ts';
import {formatVmstat, parseVmstat} from '../../source/formats/proc/vmstat.ts';
import {formatZoneinfo, parseZoneinfo} from '../../source/formats/proc/zoneinfo.ts';

const folder = new URL('../../fixtures/otherKernels/', import.meta.url);
const read = (name: string) => readFileSync(new URL(name, folder), 'utf8');

const chain =
	<Record>(parse: (text: string) => Record, format: (record: Record) => string) =>
	(text: string) =>
		format(parse(text));

/** By the word before the first hyphen of a name. */
const reprints: Readonly<Record<string, (text: string) => string>> = {
	dma: chain(parseDmaApiDump, formatDmaApiDump),
	interrupts: chain(parseInterrupts, formatInterrupts),
	maps: chain(parseMaps, formatMaps),
	meminfo: chain(parseMeminfo, formatMeminfo),
	smaps: chain(parseSmaps, formatSmaps),
	status: chain(parseStatus, formatStatus),
	trace: chain(parseTrace, formatTrace),
	vmallocinfo: chain(parseVmallocinfo, formatVmallocinfo),
	vmstat: chain(parseVmstat, formatVmstat),
	zoneinfo: chain(parseZoneinfo, formatZoneinfo),
};

it.each(readdirSync(folder).filter(name => name !== 'README.md'))('%s prints again byte for byte', name => {
	const text = read(name);
	expect(reprints[name.slice(0, name.indexOf('-'))]?.(text)).toBe(text);
});

it('zoneinfo: counters are found on either side of the protection, and those without a name are kept apart', () => {
	const old = parseZoneinfo(read('zoneinfo-2.6.32'));
	expect(old.dialect).toBe('2.6.32');
	expect(old.zones[0]!.counters).toEqual({nr_free_pages: 3970, nr_mlock: 0});
	expect(old.zones[0]!.protection).toEqual([0, 770, 2005, 2005]);
	expect(old.zones[0]!.pages.scanned).toBe(0);
	const two = read('zoneinfo-4.18-nameless').replace(/^ +537$/m, '$&\n                   538');
	expect(parseZoneinfo(two).zones[0]!.perNodeStats).toEqual({
		nr_dirtied: 305,
		nr_written: 260,
		'unnamed 1': 537,
		'unnamed 2': 538,
	});
	expect(formatZoneinfo(parseZoneinfo(two))).toBe(two);
	const [pageset] = parseZoneinfo(read('zoneinfo-6.18-pcp')).zones[0]!.pagesets!;
	expect([pageset!.high, pageset!.high_min, pageset!.high_max]).toEqual([12, 12, 240]);
});

it('zoneinfo: the same record is printed in the order of each kernel', () => {
	const {zones} = parseZoneinfo(read('zoneinfo-3.2'));
	const linesOf = (dialect: '2.6.32' | '3.2' | '5.10' | '6.1' | '6.18') =>
		formatZoneinfo({dialect, zones})
			.split('\n')
			.filter(line => /nr_free|protection|count/.test(line));
	const free = 'nr_free_pages 3970';
	const protection = '        protection: (0, 770, 2005, 2005)';
	for (const dialect of ['2.6.32', '3.2'] as const)
		expect(linesOf(dialect)).toEqual([`    ${free}`, protection, '              count: 0']);
	for (const dialect of ['5.10', '6.1'] as const)
		expect(linesOf(dialect)).toEqual([protection, `      ${free}`, '              count: 0']);
	expect(linesOf('6.18')).toEqual([protection, `      ${free}`, '              count:    0']);
});

it('interrupts: rows of other architectures are read, and the columns of many interrupts', () => {
	const arm = parseInterrupts(read('interrupts-arm'));
	expect(arm.lines[0]).toMatchObject({irq: 17, chip: 'GICv2', hwirq: 29, trigger: 'Level', actions: ['arch_timer']});
	expect(arm.summary.map(({label, counts}) => [label, counts])).toEqual([
		['IPI0', [1, 2]],
		['FIQ', []],
		['Err', [0]],
	]);
	expect(parseInterrupts(read('interrupts-s390')).summary.map(({label}) => label)).toEqual(['EXT', 'I/O', 'AIO']);
	const many = parseInterrupts(read('interrupts-over-999'));
	expect(many.digits).toBe(4);
	expect(many.lines.map(({irq, chip, hwirq}) => [irq, chip, hwirq])).toEqual([
		[8, 'IO-APIC', 8],
		[1024, 'PCI-MSI', 1_048_576],
	]);
});

it('interrupts: 6.18 has a space less in front of the controller, and older kernels have not', () => {
	const line = {irq: 14, counts: [3], chip: 'IO-APIC', hwirq: 14, flow: 'edge', actions: ['sda']};
	const summary = [{label: 'LOC', counts: [7], description: 'Local timer interrupts'}];
	for (const [dialect, spaces] of [
		['5.10', 3],
		['6.1', 3],
		['6.18', 2],
	] as const) {
		const text = formatInterrupts({dialect, cpus: [0], lines: [line], summary});
		expect(text).toContain(` 14:          3${' '.repeat(spaces)}IO-APIC  14-edge      sda\n`);
		expect(text).toContain('LOC:          7   Local timer interrupts\n');
		expect(formatInterrupts(parseInterrupts(text))).toBe(text);
	}
});

it('maps and smaps: an inode that a double does not hold stays text; a name stands a space behind long columns', () => {
	const text = read('maps-inode-over-2p53');
	expect(parseMaps(text).areas[0]!.inode).toBe('9007199254740993');
	expect(parseMaps(text.replace('40993', '40991')).areas[0]!.inode).toBe(9_007_199_254_740_991);
	const smaps = read('smaps-6.18-thpeligible-wide').replace('12         /bin/a', '9007199254740993  /bin/a');
	expect(formatSmaps(parseSmaps(smaps))).toBe(smaps);
	const [area] = parseMaps(read('maps-inode-over-2p53')).areas;
	// One column short of the names', at it, and beyond.
	for (const digits of [9, 10, 11]) {
		const line = formatMaps({areas: [{...area!, inode: Number('123456789012'.slice(0, digits))}]});
		expect(line.indexOf('/a')).toBe(digits === 11 ? 51 : digits === 10 ? 50 : 49);
	}
});

it('a counter that a double does not hold is kept as it stands, not rounded', () => {
	const wrapped = '18446744073709551615';
	const vmstat = `nr_dirty 1\nnr_free_pages ${wrapped}\nnr_mapped 2\n`;
	expect(parseVmstat(vmstat)).toEqual({
		counters: {nr_dirty: 1, nr_mapped: 2},
		kept: [{line: 1, text: `nr_free_pages ${wrapped}`}],
	});
	expect(formatVmstat(parseVmstat(vmstat))).toBe(vmstat);
	const meminfo = `MemTotal:     ${wrapped} kB\nMemFree:               7 kB\n`;
	expect(parseMeminfo(meminfo)).toMatchObject({MemFree: 7, kept: [{line: 0}]});
	expect(formatMeminfo(parseMeminfo(meminfo))).toBe(meminfo);
	const zoneinfo = read('zoneinfo-3.2').replace('nr_mlock     0', `nr_mlock     ${wrapped}`);
	expect(parseZoneinfo(zoneinfo).zones[0]!.counters).toEqual({nr_free_pages: 3970});
	expect(formatZoneinfo(parseZoneinfo(zoneinfo))).toBe(zoneinfo);
	const most = 'nr_dirty 9007199254740991\n';
	expect(parseVmstat(most)).toEqual({counters: {nr_dirty: 9_007_199_254_740_991}});
	expect(parseVmstat('nr_dirty 9007199254740992\n').counters).toEqual({});
	// What the rest of a zone is measured by is refused with its line.
	expect(() => parseZoneinfo(read('zoneinfo-3.2').replace('3970', wrapped))).toThrow('zoneinfo, line 2: expected numb');
});

it.each<[string, string, (text: string) => string]>([
	[
		'a row of meminfo',
		'MemTotal:           8192 kB\nNewPages:              3 kB\nMemFree:               7 kB\n',
		reprints.meminfo!,
	],
	[
		'a row of smaps',
		`${read('smaps-6.18-thpeligible-wide').replace('VmFlags', 'Novel:  1 of 2\nVmFlags')}Later:  x\n`,
		reprints.smaps!,
	],
	['a row of status', read('status-4.x-vmpmd').replace('Threads', 'Novel:\tyes: 3\nThreads'), reprints.status!],
	[
		'a known row of status of another form',
		read('status-4.x-vmpmd').replace('Threads:\t1', 'Threads:\tmany'),
		reprints.status!,
	],
	[
		'rows of a pageset and of a zone',
		read('zoneinfo-3.2')
			.replace('batch: 1\n', 'batch: 1\n            numa_hit:       5\n')
			.replace('  start_pfn', '  novel (a, b)\n  start_pfn'),
		reprints.zoneinfo!,
	],
	['a row of interrupts', `${read('interrupts-s390')}new: (none)\n`, reprints.interrupts!],
	['a controller', read('interrupts-arm').replace('29 Level     arch', '29 Level  per-cpu arch'), reprints.interrupts!],
	[
		'words of vmallocinfo',
		read('vmallocinfo-6.9-sparse').replace('sparse', 'sparse novel words=2'),
		reprints.vmallocinfo!,
	],
])('%s that no kernel so far has is kept, and printed where it stood', (_, text, reprint) => {
	expect(reprint(text)).toBe(text);
});

it('lines that are not rows at all are refused with their number', () => {
	expect(() => parseMeminfo('MemTotal:           8192 kB\nnonsense\n')).toThrow('meminfo, line 2');
	expect(() => parseStatus('Name:\ta\nnonsense\n')).toThrow('status, line 2');
	expect(() => parseSmaps(`${read('smaps-5.4-thpeligible-tabs')}nonsense\n`)).toThrow('smaps, line 8');
	expect(() => parseZoneinfo(`${read('zoneinfo-3.2')}nonsense\n`)).toThrow('zoneinfo, line 21');
	expect(() => parseInterrupts(`${read('interrupts-s390')}nonsense\n`)).toThrow('interrupts, line 5');
	expect(() => parseVmstat('a 1\nnonsense\n')).toThrow('vmstat, line 2');
});

it('vmallocinfo: pointers that are hidden are not addresses, and those of 64 bits are', () => {
	const {areas} = parseVmallocinfo(read('vmallocinfo-4.15-hidden'));
	expect(areas.map(({range}) => range)).toEqual([
		null,
		null,
		{start: 0xffffc90000000000, end: 0xffffc90000005000},
		null,
	]);
	expect(areas[1]).toMatchObject({hidden: '0x000000007a1c2f3b-0x00000000c41d33e9', pages: 4, more: 'N0=2 N1=2'});
	expect(areas[3]).toMatchObject({note: 'unpurged vm_area', caller: null});
});

it('trace: without irq-info, with narrow thread groups, and of other tracers', () => {
	expect(parseTrace(read('trace-4.x-noirq-info')).lines[0]).toMatchObject({function: 'do_brk', flags: null, pid: 41});
	expect(parseTrace(read('trace-6.x-noirq-info'))).toMatchObject({dialect: '5.10', lines: [{event: 'mm_page_free'}]});
	expect(parseTrace(read('trace-4.13-record-tgid')).lines.map(line => 'tgid' in line && line.tgid)).toEqual([41, null]);
	const {tracer, lines} = parseTrace(read('trace-3.2-irqsoff'));
	expect([tracer, lines.map(({kind}) => kind)]).toEqual(['irqsoff', ['plain', 'plain']]);
	const odd = `${read('trace-4.x-noirq-info')} odd-7 [000]    1.000001: e: x\n`;
	expect(parseTrace(odd).lines.at(-1)).toMatchObject({kind: 'plain'});
	expect(formatTrace(parseTrace(odd))).toBe(odd);
});

it('trace: thread groups are read, and lines of narrow columns', () => {
	const {lines, tgids, dialect} = parseTrace(read('trace-6.x-record-tgid'));
	expect([dialect, tgids, lines[0]]).toMatchObject([
		'6.1',
		true,
		{comm: 'sh', pid: 41, tgid: 41, event: 'mm_page_free'},
	]);
	const unknown = read('trace-6.x-record-tgid').replace('(     41)', '(-------)');
	expect(parseTrace(unknown).lines[0]).toMatchObject({pid: 41, tgid: null});
	expect(formatTrace(parseTrace(unknown))).toBe(unknown);
	const old = parseTrace(read('trace-4.x'));
	expect([old.dialect, old.narrow, old.lines[0]]).toMatchObject(['5.10', true, {kind: 'function', function: 'do_brk'}]);
});

it('dma-api/dump: cache lines, and the driver in front in 6.18', () => {
	const [first] = parseDmaApiDump(read('dma-dump-6.18')).mappings;
	expect(first).toMatchObject({driver: 'pci0', device: 'drv', type: 'phy', pfn: null, cacheline: 0x48d00});
	const [older] = parseDmaApiDump(read('dma-dump-6.4')).mappings;
	expect(older).toMatchObject({device: 'pci0', driver: 'drv', pfn: 0x1234, cacheline: 0x48d00});
});
