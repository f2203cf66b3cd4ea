/**
 * Every file of a machine's tree: where it lies, how it is read, what it shows and what may be written to it. What `cat
 * --json` parses, what experiments look at, where the monitor reads and docs/files.md derive from this table; a test
 * holds it and the routes of `lab/tree` together.
 */
import {parseAio} from './debugfs/aio.ts';
import {parseCause} from './debugfs/cause.ts';
import {parseDmaApiDump} from './debugfs/dmaApiDump.ts';
import {parseDmaPools} from './debugfs/dmaPools.ts';
import {parseKmapAtomic} from './debugfs/kmapAtomic.ts';
import {parseCalls} from './debugfs/lab/calls.ts';
import {parseCheck} from './debugfs/lab/check.ts';
import {parseClock} from './debugfs/lab/clock.ts';
import {parseExec} from './debugfs/lab/exec.ts';
import {parseExperiments} from './debugfs/lab/experiments.ts';
import {parseFindings, parseWholeFinding} from './debugfs/lab/findings.ts';
import {parseGdb} from './debugfs/lab/gdb.ts';
import {parseInject} from './debugfs/lab/inject.ts';
import {parseInsmod} from './debugfs/lab/insmod.ts';
import {parseLoad} from './debugfs/lab/load.ts';
import {parseMachine} from './debugfs/lab/machine.ts';
import {parseSession} from './debugfs/lab/session.ts';
import {parsePageInfo} from './debugfs/page.ts';
import {parsePageMap} from './debugfs/pageMap.ts';
import {parsePkmap} from './debugfs/pkmap.ts';
import {parseSwiotlb} from './debugfs/swiotlb.ts';
import {parseTrace} from './debugfs/tracing/trace.ts';
import {parseTranslate} from './debugfs/translate.ts';
import {parseVma} from './debugfs/vma.ts';
import {parseVmaFrames} from './debugfs/vmaFrames.ts';
import {type BinaryFile, binary, type FileRow, linux, ours, type PlainFile, plain, type TextFile} from './fileRow.ts';
import {parseBuddyinfo} from './proc/buddyinfo.ts';
import {parseCpuinfo} from './proc/cpuinfo.ts';
import {parseDevices} from './proc/devices.ts';
import {parseDma} from './proc/dma.ts';
import {parseInterrupts} from './proc/interrupts.ts';
import {parseTaskIo} from './proc/io.ts';
import {parseIomem} from './proc/iomem.ts';
import {parseIoports} from './proc/ioports.ts';
import {parseKallsyms} from './proc/kallsyms.ts';
import {parseKmsg} from './proc/kmsg.ts';
import {decodeKpagecount} from './proc/kpagecount.ts';
import {decodeKpageflags} from './proc/kpageflags.ts';
import {parseLimits} from './proc/limits.ts';
import {parseLoadavg} from './proc/loadavg.ts';
import {parseMaps} from './proc/maps.ts';
import {parseMeminfo} from './proc/meminfo.ts';
import {parseModules} from './proc/modules.ts';
import {parseFilesystems, parseMounts} from './proc/mounts.ts';
import {decodePagemap} from './proc/pagemap.ts';
import {parsePidStat} from './proc/pidStat.ts';
import {parseSlabinfo} from './proc/slabinfo.ts';
import {parseSmaps} from './proc/smaps.ts';
import {parseStat} from './proc/stat.ts';
import {parseStatm} from './proc/statm.ts';
import {parseStatus} from './proc/status.ts';
import {parseCmdline, parseComm} from './proc/task.ts';
import {parseUptime} from './proc/uptime.ts';
import {parseVersion} from './proc/version.ts';
import {parseVmallocinfo} from './proc/vmallocinfo.ts';
import {parseVmstat} from './proc/vmstat.ts';
import {parseZoneinfo} from './proc/zoneinfo.ts';
import {parseBooleanFile, parseDecimalFile, parseNameFile} from './scalars.ts';
import {parsePools} from './sys/pools.ts';

/** Where debugfs is mounted. */
export const debug = '/sys/kernel/debug';
/** The directory of the devices. */
export const pciDevices = '/sys/devices/pci0000:00';
/** And that of their drivers. */
export const pciDrivers = '/sys/bus/pci/drivers';

const wholeNumber = 'a whole number';

export const files = {
	maps: linux('/proc/:pid/maps', parseMaps, 'the areas of a process; kernel threads have none'),
	mapsWindow: ours('/proc/:pid/maps/:first/:areas', parseMaps, 'so many areas from one on, counted from 0', {
		partOf: '/proc/:pid/maps',
	}),
	smaps: linux('/proc/:pid/smaps', parseSmaps, 'the same areas, each with how much of it is there and whose it is'),
	status: linux('/proc/:pid/status', parseStatus, 'who a process is and how much memory it has'),
	comm: linux('/proc/:pid/comm', parseComm, 'its name, 15 characters at most'),
	cmdline: linux('/proc/:pid/cmdline', parseCmdline, 'its arguments, each ended by a NUL'),
	pidStat: linux('/proc/:pid/stat', parsePidStat, 'the same in one line of numbers, as ps and top read it'),
	statm: linux('/proc/:pid/statm', parseStatm, 'its memory in pages: size, resident, shared, text, data'),
	wchan: linux('/proc/:pid/wchan', parseNameFile, 'the function that it sleeps in, or 0'),
	limits: linux('/proc/:pid/limits', parseLimits, 'its resource limits, from 2.6.24 on'),
	taskIo: linux('/proc/:pid/io', parseTaskIo, 'what it read and wrote, from 2.6.20 on'),
	fd: linux('/proc/:pid/fd/:fd', parseNameFile, 'the path of an open file; a link in Linux'),
	pagemap: binary('/proc/:pid/pagemap', decodePagemap, '8 bytes a page: present, page frame'),
	meminfo: linux('/proc/meminfo', parseMeminfo, 'who has the memory, in kB'),
	buddyinfo: linux('/proc/buddyinfo', parseBuddyinfo, 'free blocks of each zone, by order: 1, 2, 4 … 1024 pages'),
	zoneinfo: linux('/proc/zoneinfo', parseZoneinfo, 'the zones with their watermarks and counters, in pages'),
	vmstat: linux('/proc/vmstat', parseVmstat, 'counters since boot'),
	slabinfo: linux('/proc/slabinfo', parseSlabinfo, 'the caches of kmalloc and of the kernel’s own objects'),
	vmallocinfo: linux('/proc/vmallocinfo', parseVmallocinfo, 'areas of kernel virtual memory, guard pages included'),
	iomem: linux('/proc/iomem', parseIomem, 'what lies at which physical address'),
	ioports: linux('/proc/ioports', parseIoports, 'what lies at which I/O port'),
	dma: linux('/proc/dma', parseDma, 'ISA DMA channels and who has them'),
	interrupts: linux('/proc/interrupts', parseInterrupts, 'interrupts by line and CPU'),
	devices: linux('/proc/devices', parseDevices, 'drivers by major number'),
	stat: linux('/proc/stat', parseStat, 'what the CPUs did since boot, interrupts, context switches, forks'),
	loadavg: linux('/proc/loadavg', parseLoadavg, 'load averages, tasks that run and that there are, the last pid'),
	modules: linux('/proc/modules', parseModules, 'loaded modules, newest first: size, users, state, address'),
	kallsyms: linux('/proc/kallsyms', parseKallsyms, 'names of what modules may use, and of what is in them'),
	moduleRefcnt: linux('/sys/module/:module/refcnt', parseDecimalFile, 'who uses a module'),
	moduleSection: linux('/sys/module/:module/sections/:section', parseNameFile, 'where a section of a module lies'),
	moduleParameter: linux('/sys/module/:module/parameters/:parameter', parseNameFile, 'a parameter of a module', {
		takes: 'a value, where the driver allows it',
	}),
	pciDriverPools: linux(`${pciDrivers}/:driver/:device/pools`, parsePools, 'the DMA pools of a device of a driver'),
	pciBind: linux(`${pciDrivers}/:driver/bind`, parseNameFile, 'nothing: it is written only', {
		takes: 'a device, as `0000:00:05.0`, to give to the driver',
	}),
	pciUnbind: linux(`${pciDrivers}/:driver/unbind`, parseNameFile, 'nothing: it is written only', {
		takes: 'a device to take from the driver',
	}),
	filesystems: linux('/proc/filesystems', parseFilesystems, 'kinds of filesystems that the kernel has'),
	mounts: linux('/proc/mounts', parseMounts, 'what is mounted where'),
	kernelCmdline: linux('/proc/cmdline', parseNameFile, 'what the boot loader told the kernel'),
	cpuinfo: linux('/proc/cpuinfo', parseCpuinfo, 'each processor: what CPUID says of it'),
	uptime: linux('/proc/uptime', parseUptime, 'seconds since boot, and idle seconds of all CPUs'),
	version: linux('/proc/version', parseVersion, 'the kernel’s release'),
	kmsg: linux('/proc/kmsg', parseKmsg, 'the log, `<level>[time] text`; reading it does not consume it'),
	kpagecount: binary('/proc/kpagecount', decodeKpagecount, '8 bytes a frame: how often it is mapped'),
	kpageflags: binary('/proc/kpageflags', decodeKpageflags, '8 bytes a frame: its flags'),
	aioNr: linux('/proc/sys/fs/aio-nr', parseDecimalFile, 'requests that io_setup() has made room for'),
	aioMaxNr: linux('/proc/sys/fs/aio-max-nr', parseDecimalFile, 'how many it may make room for', {takes: wholeNumber}),
	maxMapCount: linux('/proc/sys/vm/max_map_count', parseDecimalFile, 'areas that a process may have', {
		takes: wholeNumber,
	}),
	pools: linux(`${pciDevices}/:device/pools`, parsePools, 'the DMA pools of a device, while it has any', {
		elsewhere: '/sys/devices/**/pools',
	}),
	dmaDump: linux(`${debug}/dma-api/dump`, parseDmaApiDump, 'dma-debug: mappings that there are'),
	dmaDisabled: linux(`${debug}/dma-api/disabled`, parseBooleanFile, 'whether dma-debug has switched itself off'),
	driverFilter: linux(`${debug}/dma-api/driver_filter`, parseNameFile, 'the one driver whose errors are printed'),
	dmaErrors: linux(`${debug}/dma-api/error_count`, parseDecimalFile, 'errors that dma-debug found'),
	dmaAllErrors: linux(`${debug}/dma-api/all_errors`, parseDecimalFile, 'whether each is printed', {takes: wholeNumber}),
	dmaNumErrors: linux(`${debug}/dma-api/num_errors`, parseDecimalFile, 'how many more are printed', {
		takes: wholeNumber,
	}),
	dmaFreeEntries: linux(`${debug}/dma-api/num_free_entries`, parseDecimalFile, 'records that are free'),
	dmaMinFreeEntries: linux(`${debug}/dma-api/min_free_entries`, parseDecimalFile, 'the fewest that ever were'),
	dmaTotalEntries: linux(`${debug}/dma-api/nr_total_entries`, parseDecimalFile, 'records that there are'),
	trace: linux(`${debug}/tracing/trace`, parseTrace, 'ftrace’s ring of events'),
	traceTail: ours(`${debug}/tracing/trace/:lines`, parseTrace, 'its newest lines, so many of them', {
		partOf: `${debug}/tracing/trace`,
	}),
	tracePipe: {
		path: `${debug}/tracing/trace_pipe`,
		from: 'Linux',
		shows: 'the same lines without their head; over a socket a stream that says where it had to drop lines',
	} satisfies PlainFile,
	tracingOn: linux(`${debug}/tracing/tracing_on`, parseDecimalFile, 'whether events are recorded', {takes: '0 or 1'}),
	currentTracer: linux(`${debug}/tracing/current_tracer`, parseNameFile, 'which tracer runs', {
		takes: '`nop` or `function`',
	}),
	kmapAtomic: ours(
		`${debug}/kmap_atomic`,
		parseKmapAtomic,
		'each CPU’s slots: type, address, frame held, holder, how often used, last frame and holder',
	),
	pkmap: ours(`${debug}/pkmap`, parsePkmap, 'kmap’s table: index, address, `pkmap_count`, frame; the last flush'),
	aio: ours(`${debug}/aio`, parseAio, 'each pending kiocb and each context with its ring'),
	pageMap: ours(
		`${debug}/page_map`,
		parsePageMap,
		'the page frames as letters, 64 cells a line, zone by zone; a digit for each cell says how much of it is in use',
	),
	pageMapWindow: ours(
		`${debug}/page_map/:start/:frames/:cells`,
		parsePageMap,
		'so many frames from one on, in so many cells',
		{partOf: `${debug}/page_map`},
	),
	pageMapLetters: ours(
		`${debug}/page_map/:start/:frames/:cells/:letters`,
		parsePageMap,
		'of these, the kinds with the letters given',
		{partOf: `${debug}/page_map`},
	),
	page: ours(
		`${debug}/page/:pfn`,
		parsePageInfo,
		'all about one frame: flags, counts, who maps it, its addresses of every kind, pins',
	),
	cause: ours(
		`${debug}/cause/:object`,
		parseCause,
		'what made it: the newest trace records that touched it, what they happened within, up to the system call or ' +
			'interrupt, and the injection. Objects: `pfn:0x…` (`+N` for N frames), `vma:<pid>:0x…`, `slot:<cpu>:<n>` of ' +
			'kmap_atomic, `mapping:<device>:0x…`, `pool:<device>:<name>`, `iocb:<id>`, `zone:<name>`, ' +
			'`finding:<id>`, `event:<time>:<name>` for a line of the trace (`console` for one of the log)',
	),
	translate: ours(
		`${debug}/translate/:address`,
		parseTranslate,
		'one address through every kind that it has, with the page-table walk. It is `user:<pid>:0x…`, `phys:0x…`, ' +
			'`bus:<device>:0x…`, `logical:0x…`, `virt:0x…` or `pfn:0x…`',
	),
	vma: ours(
		`${debug}/vma/:pid`,
		parseVma,
		'each area’s flags, operations, opens and closes, pages present; users of the mm, how many areas, who ' +
			'holds mmap_sem',
	),
	vmaWindow: ours(`${debug}/vma/:pid/:first/:areas`, parseVma, 'so many areas from one on, counted from 0', {
		partOf: `${debug}/vma/:pid`,
	}),
	vmaFrames: ours(
		`${debug}/vma/:pid/:range`,
		parseVmaFrames,
		'the page frames behind a range: two addresses as maps prints them',
		{partOf: `${debug}/vma/:pid`},
	),
	swiotlb: ours(
		`${debug}/swiotlb`,
		parseSwiotlb,
		'bounce slots: owner, original and bounce address, whose the bytes are now',
	),
	dmaPools: ours(
		`${debug}/dma_pools`,
		parseDmaPools,
		'the pages of every DMA pool: bus address, frames, blocks in use',
	),
	experiments: ours(
		`${debug}/lab/experiments`,
		parseExperiments,
		'what can be injected: chapter, level, claim, parameters with ranges, key; what is there before, what one may ' +
			'predict, where to look, why it comes so, what to run next',
	),
	inject: ours(
		`${debug}/lab/inject`,
		parseInject,
		'what was injected, when, by whom, how it stands or ended, and which answer came true; the 64 newest',
		{takes: '`name key=value …`; answers with a number'},
	),
	clock: ours(`${debug}/lab/clock`, parseClock, 'virtual time, its rate, and whether it runs', {
		takes:
			'`run`, `pause`, `step [N]`, `back [N]`, `rate R`, `until TIME`, `rewind TIME`, `watch on`, `watch off`, ' +
			'`pace fast`, `pace read`, `pace manual`, `next`, `stay`, `go`',
	}),
	findings: ours(
		`${debug}/lab/findings`,
		parseFindings,
		'what is wrong on this machine and what went wrong: kind, since when, who, which frames and objects, in a sentence',
		{takes: '`older SECONDS`: what stays for longer counts as old'},
	),
	finding: ours(
		`${debug}/lab/findings/:id`,
		parseWholeFinding,
		'one finding with its report from the log and what it happened within, which stays known',
		{partOf: `${debug}/lab/findings`},
	),
	exec: ours(
		`${debug}/lab/exec`,
		parseExec,
		'the compiled programs that were started: process, how each stands or ended, how much it has printed',
		{
			takes:
				'`load NAME BYTES`, answers with a number; `data NUMBER BASE64`, in pieces; `run NUMBER ["ARGUMENT", …]`, ' +
				'answers with the program’s number; `tell` the same as a story, answers with the injection’s number and its own; ' +
				'`kill PROGRAM SIGNAL`',
		},
	),
	execOutput: plain(`${debug}/lab/exec/:program`, 'what a program has printed, its last MiB', {
		partOf: `${debug}/lab/exec`,
	}),
	insmod: ours(`${debug}/lab/insmod`, parseInsmod, 'modules that were loaded and unloaded, and what came of it', {
		takes:
			'`load NAME BYTES`, answers with a number; `data NUMBER BASE64`, in pieces; `insert NUMBER [PARAMETERS]`; ' +
			'`tell` the same as a story, answers with the injection’s number',
	}),
	check: ours(
		`${debug}/lab/check`,
		parseCheck,
		'the drivers that one can write: what each has to do, and hints; lab/inject has what a check observed',
		{
			takes:
				'`EXERCISE NUMBER` for a module that came by `load` and `data` of lab/insmod; answers with an injection’s number',
		},
	),
	calls: ours(
		`${debug}/lab/calls`,
		parseCalls,
		'the calls of which one writes a small experiment, and the constants that they know',
		{
			takes:
				'JSON, as `{"name":"mine","steps":["fd = open(\\"/dev/simple0\\", O_RDWR)"]}`: an experiment of steps, see ' +
				'docs/sheets.md; answers with an injection’s number',
		},
	),
	rmmod: ours(`${debug}/lab/rmmod`, parseInsmod, 'the same', {takes: 'the name of a module'}),
	gdb: ours(`${debug}/lab/gdb`, parseGdb, 'who debugs the machine, why it stopped, its breakpoints and threads', {
		takes:
			'`hold`, which stops the machine for the writer alone; `detach`; ' +
			'`breakpoints [x|w|r|rw:ADDRESS:BYTES[:PID]]…`, all of them; `run`, `step TID`, `stop`; ' +
			'`back TID` an instruction, `reverse TID` to the breakpoint before; ' +
			'`at TID INSTRUCTIONS`; `set TID REGISTER VALUE`, `store TID ADDRESS BYTES`; `tell ADDRESS BYTES` gives addresses ' +
			'to what the structures there point to',
	}),
	gdbMemory: plain(`${debug}/lab/gdb/memory/:place`, 'bytes of memory as a thread has it: `TID:0xADDRESS+BYTES`', {
		partOf: `${debug}/lab/gdb`,
	}),
	load: ours(`${debug}/lab/load`, parseLoad, 'how much goes on at the machine by itself, and what that is', {
		takes: '`quiet`, `calm` or `busy`',
	}),
	session: ours(
		`${debug}/lab/session`,
		parseSession,
		'what was written to this machine, when and by whom, and the flags that switch one like it on',
	),
	machine: ours(`${debug}/lab/machine`, parseMachine, 'preset, era, seed, memory, address ranges, devices'),
} as const;

export const fileRows: readonly (FileRow | TextFile<unknown> | BinaryFile<unknown>)[] = Object.values(files);
