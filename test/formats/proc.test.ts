import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {type Dialect, dialects} from '../../source/formats/dialect.ts';
import {formatBuddyinfo, parseBuddyinfo} from '../../source/formats/proc/buddyinfo.ts';
import {formatCpuinfo, parseCpuinfo} from '../../source/formats/proc/cpuinfo.ts';
import {formatDevices, parseDevices} from '../../source/formats/proc/devices.ts';
import {formatDma, parseDma} from '../../source/formats/proc/dma.ts';
import {
	formatInterrupts,
	type InterruptLine,
	type Interrupts,
	parseInterrupts,
} from '../../source/formats/proc/interrupts.ts';
import {formatIomem, parseIomem} from '../../source/formats/proc/iomem.ts';
import {formatIoports, parseIoports} from '../../source/formats/proc/ioports.ts';
import {formatKmsg, parseKmsg} from '../../source/formats/proc/kmsg.ts';
import {formatMaps, parseMaps} from '../../source/formats/proc/maps.ts';
import {formatMeminfo, type Meminfo, parseMeminfo} from '../../source/formats/proc/meminfo.ts';
import {formatSlabinfo, parseSlabinfo} from '../../source/formats/proc/slabinfo.ts';
import {formatSmaps, parseSmaps, type Smaps} from '../../source/formats/proc/smaps.ts';
import {formatStatus, parseStatus, type Status} from '../../source/formats/proc/status.ts';
import {formatCmdline, formatComm, parseCmdline, parseComm} from '../../source/formats/proc/task.ts';
import {formatUptime, parseUptime} from '../../source/formats/proc/uptime.ts';
import {formatVersion, parseVersion} from '../../source/formats/proc/version.ts';
import {formatVmallocinfo, parseVmallocinfo} from '../../source/formats/proc/vmallocinfo.ts';
import {formatZoneinfo, parseZoneinfo, type Zoneinfo} from '../../source/formats/proc/zoneinfo.ts';
import * as scalars from '../../source/formats/scalars.ts';
import {formatPools, parsePools} from '../../source/formats/sys/pools.ts';
import {
	anyName,
	count,
	expectRoundTrip,
	linuxName,
	orNull,
	physical,
	timeUs,
	uint32,
	word,
} from './support/roundTrip.ts';

const path = fc.oneof(
	linuxName.map(name => `/${name}`),
	fc.constantFrom('[heap]', '[stack]', '/a b/c (deleted)', '/x\r\u2028y'),
);
const area = fc.record({
	start: uint32,
	end: fc.integer({min: 0, max: 2 ** 32}),
	perms: fc.constantFrom('r--p', 'rw-s', '---p', 'rwxs', 'r-xp'),
	offset: physical,
	major: fc.nat(4095),
	minor: fc.nat(1048575),
	inode: count,
	pathname: orNull(path),
});
const counters = fc.dictionary(fc.constantFrom('nr_free_pages', 'nr_inactive', 'nr_mlock', 'nr_vmscan_write'), count);
const kB = count;

describe('what is printed is read back', () => {
	it('maps', () => {
		expectRoundTrip(fc.record({areas: fc.array(area)}), formatMaps, parseMaps);
	});

	it('smaps, in both orders of rows', () => {
		const rows = {Size: kB, Rss: kB, Pss: kB, Swap: kB, KernelPageSize: kB, MMUPageSize: kB, Locked: kB};
		const modern = fc.record({
			...rows,
			LazyFree: kB,
			THPeligible: fc.nat(1),
			VmFlags: fc.array(fc.constantFrom('rd', 'wr', 'mr', '??')),
		});
		const areasOf = <T>(extra: fc.Arbitrary<T>) =>
			fc.array(
				fc.tuple(area, extra).map(([line, more]) => ({...line, ...more})),
				{minLength: 1},
			);
		const smaps: fc.Arbitrary<Smaps> = fc.oneof(
			fc.record({dialect: fc.constant<Dialect>('2.6.11'), areas: areasOf(fc.record(rows))}),
			fc.record({dialect: fc.constant<Dialect>('5.10'), areas: areasOf(modern)}),
		);
		expectRoundTrip(smaps, formatSmaps, parseSmaps);
	});

	it('status, with and without the rows of memory', () => {
		const common = {
			Name: anyName.filter(name => !name.includes('\0')),
			State: fc.constantFrom('R (running)', 'D (disk sleep)'),
			Pid: fc.nat(),
			Uid: fc.array(fc.nat(), {minLength: 4, maxLength: 4}),
			Groups: fc.array(fc.nat()),
			SigQ: fc.constant('0/16045'),
		};
		const memory = {VmPeak: kB, VmSize: kB, VmRSS: kB, VmData: kB};
		const requiredKeys = ['Name', 'State', 'Pid', 'Uid', 'Groups', 'SigQ'] as const;
		const records: fc.Arbitrary<Status> = fc.oneof(
			fc.record(
				{dialect: fc.constant<Dialect>('2.6.11'), SleepAVG: fc.nat(100), ...common, ...memory},
				{requiredKeys: ['dialect', ...requiredKeys]},
			),
			fc.record(
				{dialect: fc.constant<Dialect>('5.10'), Umask: fc.constant('0022'), ...common, ...memory, VmPin: kB},
				{requiredKeys: ['dialect', 'Umask', ...requiredKeys]},
			),
		);
		expectRoundTrip(records, formatStatus, parseStatus);
	});

	it('comm and cmdline', () => {
		expectRoundTrip(fc.record({comm: fc.string({maxLength: 15})}), formatComm, parseComm);
		const argument = fc.string().filter(text => !text.includes('\0'));
		expectRoundTrip(fc.record({args: fc.array(argument)}), formatCmdline, parseCmdline);
	});

	it('meminfo, with any of its rows', () => {
		const small = fc.nat(99_999);
		const records: fc.Arbitrary<Meminfo> = fc.record(
			{
				dialect: fc.constantFrom<Dialect>('2.6.11', '2.6.32'),
				MemTotal: fc.nat(99_999_999),
				'Active(anon)': kB,
				PageTables: kB,
				Committed_AS: kB,
				HardwareCorrupted: small,
				HugePages_Free: small,
				DirectMap4k: kB,
			},
			{requiredKeys: ['dialect', 'MemTotal']},
		);
		expectRoundTrip(records, formatMeminfo, parseMeminfo);
	});

	it('buddyinfo', () => {
		const zone = fc.record({node: fc.nat(3), zone: word, freeBlocks: fc.array(count)});
		expectRoundTrip(fc.record({zones: fc.array(zone)}), formatBuddyinfo, parseBuddyinfo);
	});

	it('zoneinfo, in its three dialects', () => {
		const common = {
			node: fc.nat(3),
			zone: word,
			pages: fc.record({free: count, min: count, low: count, high: count, present: count}),
			protection: fc.array(count, {minLength: 1, maxLength: 4}),
			state: fc.record({all_unreclaimable: fc.nat(1), start_pfn: count}),
		};
		const pageset = {cpu: fc.nat(7), count, high: count, batch: count};
		const nothing = fc.constant(null);
		const first = fc.record({
			...common,
			pages: fc.record({free: count, scanned: count, present: count}),
			perNodeStats: nothing,
			scanned: fc.record({active: count, inactive: count}),
			counters: fc.constant({}),
			pagesets: fc.array(fc.record({...pageset, pcp: fc.nat(1), low: count, vmStatsThreshold: nothing})),
		});
		const pagesets = fc.array(fc.record({...pageset, pcp: nothing, low: nothing, vmStatsThreshold: count}));
		const some = counters.map(values => ({nr_free_pages: 1, ...values}));
		const later = fc.record({...common, perNodeStats: nothing, scanned: nothing, counters: some, pagesets});
		const modern = fc.record({
			...common,
			perNodeStats: orNull(counters),
			scanned: nothing,
			counters: some,
			pagesets: orNull(pagesets),
		});
		const of = (dialect: Dialect, zone: fc.Arbitrary<Zoneinfo['zones'][number]>): fc.Arbitrary<Zoneinfo> =>
			fc.record({dialect: fc.constant(dialect), zones: fc.array(zone, {minLength: 1})});
		const records = fc.oneof(of('2.6.11', first), of('2.6.32', later), of('5.10', modern));
		expectRoundTrip(records, formatZoneinfo, parseZoneinfo);
	});

	it('vmallocinfo, before and after physical addresses got all their digits', () => {
		const common = {
			range: orNull(fc.record({start: uint32, end: uint32})),
			sizeBytes: count,
			caller: orNull(fc.constantFrom('load_module+0xae0/0x1d20', 'pci_iomap+0x7b/0xb0 [nvme]', '0xf7967032')),
			pages: orNull(fc.nat()),
			kinds: fc.subarray(['ioremap', 'vmalloc', 'vmap', 'user', 'dma-coherent', 'vpages'] as const),
			note: orNull(fc.constantFrom('unpurged vm_area' as const, 'vm_map_ram' as const)),
		};
		const mapped = fc.record({...common, physicalAddress: physical});
		const areas = fc.array(fc.record({...common, physicalAddress: orNull(physical)}));
		const withOne = fc.tuple(mapped, areas).map(([first, rest]) => [first, ...rest]);
		const records = fc.oneof(
			fc.record({dialect: fc.constant<Dialect>('2.6.11'), physicalBits: fc.constant(32 as const), areas}),
			fc.record({dialect: fc.constant<Dialect>('5.10'), physicalBits: fc.constant(64 as const), areas: withOne}),
		);
		expectRoundTrip(records, formatVmallocinfo, parseVmallocinfo);
	});

	it('iomem and ioports', () => {
		const resource = fc.record({start: physical, end: physical, name: linuxName, depth: fc.nat(5)});
		expectRoundTrip(fc.record({resources: fc.array(resource)}), formatIomem, parseIomem);
		expectRoundTrip(fc.record({resources: fc.array(resource)}), formatIoports, parseIoports);
	});

	it('interrupts, in its three dialects', () => {
		const action = fc.constantFrom('timer', 'ehci_hcd:usb1', 'eth 0', 'aio dev');
		const records = fc.integer({min: 1, max: 8}).chain((cpuCount): fc.Arbitrary<Interrupts> => {
			const counts = fc.array(count, {minLength: cpuCount, maxLength: cpuCount});
			const linesOf = (
				controller: fc.Arbitrary<Pick<InterruptLine, 'chip' | 'hwirq' | 'flow'>>,
			): fc.Arbitrary<readonly InterruptLine[]> => {
				const rest = fc.record({irq: fc.nat(999), counts, actions: fc.array(action)});
				const line = fc.tuple(controller, rest).map(([chip, more]) => ({...chip, ...more}));
				return fc.array(line, {minLength: 1});
			};
			const chip = fc.constantFrom('IO-APIC', 'PCI-MSI', 'XT-PIC');
			const flow = fc.constantFrom('edge', 'fasteoi', 'level', 'XT-PIC');
			const common = {
				cpus: fc.constant(Array.from({length: cpuCount}, (_, cpu) => cpu)),
				summary: fc.array(
					fc.oneof(
						fc.record({label: fc.constantFrom('ERR', 'MIS'), counts: fc.tuple(count), description: fc.constant(null)}),
						fc.record({
							label: fc.constantFrom('NMI', 'LOC'),
							counts,
							description: orNull(linuxName.map(name => `x${name}`)),
						}),
					),
				),
			};
			const nothing = fc.constant(null);
			const whole = fc.constantFrom('IO-APIC-edge', 'IO-APIC-level', 'XT-PIC');
			const controllers: [Dialect, fc.Arbitrary<Pick<InterruptLine, 'chip' | 'hwirq' | 'flow'>>][] = [
				['2.6.11', fc.record({chip: whole, hwirq: nothing, flow: nothing})],
				['2.6.32', fc.record({chip, hwirq: nothing, flow})],
				['5.10', fc.record({chip, hwirq: fc.nat(), flow})],
			];
			return fc.oneof(
				...controllers.map(([dialect, controller]) =>
					fc.record({dialect: fc.constant(dialect), ...common, lines: linesOf(controller)}),
				),
			);
		});
		expectRoundTrip(records, formatInterrupts, parseInterrupts);
	});

	it('slabinfo', () => {
		const cache = fc.record({
			name: word,
			activeObjs: count,
			numObjs: count,
			objSize: count,
			objPerSlab: count,
			pagesPerSlab: count,
			limit: count,
			batchCount: count,
			sharedFactor: count,
			activeSlabs: count,
			numSlabs: count,
			sharedAvail: count,
		});
		expectRoundTrip(fc.record({caches: fc.array(cache)}), formatSlabinfo, parseSlabinfo);
	});

	it('dma, devices, uptime, version, kmsg, pools and files of one value', () => {
		const channel = fc.record({channel: fc.nat(7), device: linuxName});
		expectRoundTrip(fc.record({channels: fc.array(channel)}), formatDma, parseDma);
		const majors = fc.array(fc.record({major: fc.nat(511), name: linuxName}));
		expectRoundTrip(fc.record({character: majors, block: majors}), formatDevices, parseDevices);
		const processor = fc.record({processor: fc.nat(7).map(String), 'cpu family': word, flags: fc.constant('tsc cx8')});
		expectRoundTrip(fc.record({processors: fc.array(processor)}), formatCpuinfo, parseCpuinfo);
		expectRoundTrip(fc.record({upCentiseconds: count, idleCentiseconds: count}), formatUptime, parseUptime);
		const version = fc.record({
			release: word,
			builder: fc.constant('root@lab'),
			compiler: fc.constantFrom('gcc version 3.3.5', 'gcc-12 (Debian 12.2.0-14) 12.2.0, GNU ld 2.40'),
			build: fc.constant('#1 SMP Wed Mar 2 07:38:09 UTC 2005'),
		});
		expectRoundTrip(version, formatVersion, parseVersion);
		const message = fc.record({level: fc.nat(31), timeUs, text: anyName.filter(text => !text.includes('\n'))});
		expectRoundTrip(fc.record({lines: fc.array(message)}), formatKmsg, parseKmsg);
		const pool = fc.record({name: linuxName, blocksInUse: count, blocks: count, sizeBytes: count, pages: count});
		expectRoundTrip(fc.record({pools: fc.array(pool)}), formatPools, parsePools);
		expectRoundTrip(fc.record({value: count}), scalars.formatDecimalFile, scalars.parseDecimalFile);
		expectRoundTrip(fc.record({value: fc.boolean()}), scalars.formatBooleanFile, scalars.parseBooleanFile);
		expectRoundTrip(fc.record({value: orNull(word)}), scalars.formatNameFile, scalars.parseNameFile);
	});
});

describe('old kernels print as their source says', () => {
	it('2.6.11 meminfo has labels of 14 columns and PageTables behind Committed_AS', () => {
		const text = formatMeminfo({
			dialect: '2.6.11',
			MemTotal: 126976,
			Slab: 2048,
			Committed_AS: 9000,
			PageTables: 88,
			HugePages_Total: 0,
		});
		expect(text.split('\n')).toEqual([
			'MemTotal:       126976 kB',
			'Slab:             2048 kB',
			'Committed_AS:     9000 kB',
			'PageTables:         88 kB',
			'HugePages_Total:     0',
			'',
		]);
	});

	it('2.6.11 interrupts right-aligns chip and flow as one word', () => {
		const text = formatInterrupts({
			dialect: '2.6.11',
			cpus: [0, 1],
			lines: [{irq: 0, counts: [1234, 5], chip: 'IO-APIC-edge', hwirq: null, flow: null, actions: ['timer']}],
			summary: [{label: 'NMI', counts: [0, 0], description: null}],
		});
		expect(text).toBe(
			'           CPU0       CPU1       \n' +
				'  0:       1234          5    IO-APIC-edge  timer\n' +
				'NMI:          0          0 \n',
		);
	});

	it('2.6.32 interrupts puts chip and flow in fields of 8', () => {
		const text = formatInterrupts({
			dialect: '2.6.32',
			cpus: [0],
			lines: [{irq: 16, counts: [7], chip: 'IO-APIC', hwirq: null, flow: 'fasteoi', actions: ['eth0', 'ehci']}],
			summary: [],
		});
		expect(text).toBe('           CPU0       \n 16:          7   IO-APIC-fasteoi   eth0, ehci\n');
	});

	it('2.6.32 vmallocinfo prints a physical address without leading zeros', () => {
		const area = {
			range: {start: 0xf7ffe000, end: 0xf8000000},
			sizeBytes: 8192,
			caller: 'acpi_os_map_memory+0x1/0x2',
			pages: null,
			physicalAddress: 0x7ffe1000,
			kinds: ['ioremap' as const],
			note: null,
		};
		expect(formatVmallocinfo({dialect: '2.6.32', physicalBits: 32, areas: [area]})).toBe(
			'0xf7ffe000-0xf8000000    8192 acpi_os_map_memory+0x1/0x2 phys=7ffe1000 ioremap\n',
		);
	});

	it('2.6.11 status has SleepAVG and nothing behind an empty list of groups', () => {
		expect(
			formatStatus({dialect: '2.6.11', Name: 'a\\b', State: 'S (sleeping)', SleepAVG: 78, Groups: [], VmSize: 12}),
		).toBe('Name:\ta\\\\b\nState:\tS (sleeping)\nSleepAVG:\t78%\nGroups:\t\nVmSize:\t      12 kB\n');
	});

	it('a name with a newline cannot forge a line of maps', () => {
		const {areas} = parseMaps(
			formatMaps({
				areas: [{start: 0, end: 0x1000, perms: 'r--p', offset: 0, major: 0, minor: 0, inode: 1, pathname: '/a\nb'}],
			}),
		);
		expect(areas).toHaveLength(1);
		expect(areas[0]?.pathname).toBe('/a\\012b');
	});

	it('a message of two lines has level and time on both', () => {
		expect(formatKmsg({lines: [{level: 4, timeUs: 12_345_601, text: 'WARNING\nCall Trace:'}]})).toBe(
			'<4>[   12.345601] WARNING\n<4>[   12.345601] Call Trace:\n',
		);
	});

	it('every dialect prints, and the oldest kernel that prints alike is answered', () => {
		for (const dialect of dialects) {
			expect(parseMeminfo(formatMeminfo({dialect, MemTotal: 1})).dialect).toBe(
				dialect === '2.6.11' ? '2.6.11' : '2.6.32',
			);
		}
	});
});

describe('rows as Linux prints them', () => {
	it('smaps: the sizes of pages last up to 3.2, and right behind Size later', () => {
		const rows = {Size: 8, Rss: 4, Swap: 0, KernelPageSize: 4, MMUPageSize: 4, Locked: 0};
		const line = {start: 0x1000, end: 0x3000, perms: 'rw-p', offset: 0, major: 0, minor: 0, inode: 0};
		const order = (dialect: Dialect) =>
			formatSmaps({dialect, areas: [{...line, pathname: null, ...rows}]})
				.split('\n')
				.slice(1, -1)
				.map(row => row.replace(/:.*/, ''));
		expect(order('2.6.11')).toEqual(['Size', 'Rss', 'Swap', 'KernelPageSize', 'MMUPageSize', 'Locked']);
		expect(order('5.10')).toEqual(['Size', 'KernelPageSize', 'MMUPageSize', 'Rss', 'Swap', 'Locked']);
	});

	it('meminfo: every number ends in one column, also behind labels that are longer than theirs', () => {
		const row = (dialect: Dialect, record: Partial<Meminfo>) => formatMeminfo({dialect, ...record}).trimEnd();
		expect(row('2.6.11', {MemTotal: 12_345_678})).toBe('MemTotal:     12345678 kB');
		expect(row('2.6.11', {HugePages_Total: 7})).toBe('HugePages_Total:     7');
		expect(row('2.6.32', {MemTotal: 12_345_678})).toBe('MemTotal:       12345678 kB');
		expect(row('2.6.32', {'Inactive(anon)': 12_345_678})).toBe('Inactive(anon): 12345678 kB');
		expect(row('2.6.32', {HugePages_Total: 99_999})).toBe('HugePages_Total:   99999');
		expect(row('2.6.32', {HugePages_Free: 7})).toBe('HugePages_Free:        7');
		expect(row('2.6.32', {HardwareCorrupted: 7})).toBe('HardwareCorrupted:     7 kB');
	});

	it('meminfo: a number that is wider than its column moves the rest, and is read back', () => {
		const record: Meminfo = {dialect: '2.6.32', MemTotal: 1, HugePages_Total: 12_345_678};
		expect(formatMeminfo(record)).toContain('HugePages_Total:   12345678\n');
		expect(parseMeminfo(formatMeminfo(record))).toEqual(record);
	});
});
