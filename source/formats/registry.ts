/** Which parser reads which path of the tree: what `cat --json` prints. */

import {parseAio} from './debugfs/aio.ts';
import {parseCause} from './debugfs/cause.ts';
import {parseDmaApiDump} from './debugfs/dmaApiDump.ts';
import {parseDmaPools} from './debugfs/dmaPools.ts';
import {parseKmapAtomic} from './debugfs/kmapAtomic.ts';
import {parseClock} from './debugfs/lab/clock.ts';
import {parseExperiments} from './debugfs/lab/experiments.ts';
import {parseInject} from './debugfs/lab/inject.ts';
import {parseMachine} from './debugfs/lab/machine.ts';
import {parsePageInfo} from './debugfs/page.ts';
import {parsePageMap} from './debugfs/pageMap.ts';
import {parsePkmap} from './debugfs/pkmap.ts';
import {parseSwiotlb} from './debugfs/swiotlb.ts';
import {parseTrace} from './debugfs/tracing/trace.ts';
import {parseTranslate} from './debugfs/translate.ts';
import {parseVma} from './debugfs/vma.ts';
import {parseVmaFrames} from './debugfs/vmaFrames.ts';
import {parseBuddyinfo} from './proc/buddyinfo.ts';
import {parseDevices} from './proc/devices.ts';
import {parseDma} from './proc/dma.ts';
import {parseInterrupts} from './proc/interrupts.ts';
import {parseIomem} from './proc/iomem.ts';
import {parseIoports} from './proc/ioports.ts';
import {parseKmsg} from './proc/kmsg.ts';
import {decodeKpagecount} from './proc/kpagecount.ts';
import {decodeKpageflags} from './proc/kpageflags.ts';
import {parseMaps} from './proc/maps.ts';
import {parseMeminfo} from './proc/meminfo.ts';
import {decodePagemap} from './proc/pagemap.ts';
import {parseSlabinfo} from './proc/slabinfo.ts';
import {parseSmaps} from './proc/smaps.ts';
import {parseStatus} from './proc/status.ts';
import {parseCmdline, parseComm} from './proc/task.ts';
import {parseUptime} from './proc/uptime.ts';
import {parseVersion} from './proc/version.ts';
import {parseVmallocinfo} from './proc/vmallocinfo.ts';
import {parseVmstat} from './proc/vmstat.ts';
import {parseZoneinfo} from './proc/zoneinfo.ts';
import {parseBooleanFile, parseDecimalFile, parseNameFile} from './scalars.ts';
import {parsePools} from './sys/pools.ts';

/**
 * Makes a record that JSON can hold from a file's content.
 * @throws FormatError if the content is not in the path's format; TypeError for text in place of bytes or the reverse
 */
export type Parser = (content: string | Uint8Array) => unknown;

function text(parse: (text: string) => unknown): Parser {
	return content => {
		if (typeof content !== 'string') throw new TypeError('a text file was read as bytes');
		return parse(content);
	};
}

function binary(parse: (bytes: Uint8Array) => unknown): Parser {
	return content => {
		if (typeof content === 'string') throw new TypeError('a binary file was read as text');
		return parse(content);
	};
}

/** `*` stands for one name, `**` for any number of them. */
const parsers: readonly (readonly [pattern: string, parser: Parser])[] = [
	['/proc/*/maps', text(parseMaps)],
	['/proc/*/maps/*/*', text(parseMaps)],
	['/proc/*/smaps', text(parseSmaps)],
	['/proc/*/status', text(parseStatus)],
	['/proc/*/comm', text(parseComm)],
	['/proc/*/cmdline', text(parseCmdline)],
	['/proc/*/pagemap', binary(decodePagemap)],
	['/proc/meminfo', text(parseMeminfo)],
	['/proc/buddyinfo', text(parseBuddyinfo)],
	['/proc/zoneinfo', text(parseZoneinfo)],
	['/proc/vmstat', text(parseVmstat)],
	['/proc/vmallocinfo', text(parseVmallocinfo)],
	['/proc/iomem', text(parseIomem)],
	['/proc/ioports', text(parseIoports)],
	['/proc/dma', text(parseDma)],
	['/proc/interrupts', text(parseInterrupts)],
	['/proc/devices', text(parseDevices)],
	['/proc/slabinfo', text(parseSlabinfo)],
	['/proc/uptime', text(parseUptime)],
	['/proc/version', text(parseVersion)],
	['/proc/kmsg', text(parseKmsg)],
	['/proc/kpagecount', binary(decodeKpagecount)],
	['/proc/kpageflags', binary(decodeKpageflags)],
	['/proc/sys/fs/aio-nr', text(parseDecimalFile)],
	['/proc/sys/fs/aio-max-nr', text(parseDecimalFile)],
	['/proc/sys/vm/max_map_count', text(parseDecimalFile)],
	['/sys/devices/**/pools', text(parsePools)],
	['/sys/kernel/debug/dma-api/dump', text(parseDmaApiDump)],
	['/sys/kernel/debug/dma-api/disabled', text(parseBooleanFile)],
	['/sys/kernel/debug/dma-api/driver_filter', text(parseNameFile)],
	['/sys/kernel/debug/dma-api/error_count', text(parseDecimalFile)],
	['/sys/kernel/debug/dma-api/all_errors', text(parseDecimalFile)],
	['/sys/kernel/debug/dma-api/num_errors', text(parseDecimalFile)],
	['/sys/kernel/debug/dma-api/num_free_entries', text(parseDecimalFile)],
	['/sys/kernel/debug/dma-api/min_free_entries', text(parseDecimalFile)],
	['/sys/kernel/debug/dma-api/nr_total_entries', text(parseDecimalFile)],
	['/sys/kernel/debug/tracing/trace', text(parseTrace)],
	['/sys/kernel/debug/tracing/trace/*', text(parseTrace)],
	['/sys/kernel/debug/tracing/tracing_on', text(parseDecimalFile)],
	['/sys/kernel/debug/tracing/current_tracer', text(parseNameFile)],
	['/sys/kernel/debug/kmap_atomic', text(parseKmapAtomic)],
	['/sys/kernel/debug/pkmap', text(parsePkmap)],
	['/sys/kernel/debug/aio', text(parseAio)],
	['/sys/kernel/debug/page_map', text(parsePageMap)],
	['/sys/kernel/debug/page_map/*/*/*', text(parsePageMap)],
	['/sys/kernel/debug/page_map/*/*/*/*', text(parsePageMap)],
	['/sys/kernel/debug/page/*', text(parsePageInfo)],
	['/sys/kernel/debug/translate/*', text(parseTranslate)],
	['/sys/kernel/debug/cause/*', text(parseCause)],
	['/sys/kernel/debug/vma/*', text(parseVma)],
	['/sys/kernel/debug/vma/*/*/*', text(parseVma)],
	['/sys/kernel/debug/vma/*/*', text(parseVmaFrames)],
	['/sys/kernel/debug/swiotlb', text(parseSwiotlb)],
	['/sys/kernel/debug/dma_pools', text(parseDmaPools)],
	['/sys/kernel/debug/lab/experiments', text(parseExperiments)],
	['/sys/kernel/debug/lab/inject', text(parseInject)],
	['/sys/kernel/debug/lab/clock', text(parseClock)],
	['/sys/kernel/debug/lab/machine', text(parseMachine)],
];

const compiled = parsers.map(([pattern, parser]) => {
	const source = pattern
		.replace(/[.]/g, '\\.')
		.replaceAll('**', '.+')
		.replace(/(?<!\.)\*/g, '[^/]+');
	return [new RegExp(`^${source}$`), parser] as const;
});

/** The parser of a path, or undefined for a path whose file has no record. */
export function parserFor(path: string): Parser | undefined {
	return compiled.find(([pattern]) => pattern.test(path))?.[1];
}
