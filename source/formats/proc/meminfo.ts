/**
 * /proc/meminfo: fs/proc/meminfo.c, in 2.6.11 proc_misc.c with narrower labels and PageTables behind Committed_AS.
 * Which rows there are depends on kernel and configuration: a record has the rows that its kernel prints.
 *
 * Not modelled: rows of kernels newer than 6.18; a record keeps their lines.
 */

import {type Dialect, since} from '../dialect.ts';
import {joinLines, Lines, type WithKept} from '../text.ts';

/** Every row in the order of 2.6.28 and later; from HugePages_Total to HugePages_Surp pages, all others kB. */
const labels = [
	'MemTotal',
	'MemFree',
	'MemAvailable',
	'Buffers',
	'Cached',
	'SwapCached',
	'Active',
	'Inactive',
	'Active(anon)',
	'Inactive(anon)',
	'Active(file)',
	'Inactive(file)',
	'Unevictable',
	'Mlocked',
	'HighTotal',
	'HighFree',
	'LowTotal',
	'LowFree',
	'SwapTotal',
	'SwapFree',
	'Zswap',
	'Zswapped',
	'Dirty',
	'Writeback',
	'AnonPages',
	'Mapped',
	'Shmem',
	'KReclaimable',
	'Slab',
	'SReclaimable',
	'SUnreclaim',
	'KernelStack',
	'PageTables',
	'SecPageTables',
	'NFS_Unstable',
	'Bounce',
	'WritebackTmp',
	'CommitLimit',
	'Committed_AS',
	'VmallocTotal',
	'VmallocUsed',
	'VmallocChunk',
	'Percpu',
	'HardwareCorrupted',
	'AnonHugePages',
	'ShmemHugePages',
	'ShmemPmdMapped',
	'FileHugePages',
	'FilePmdMapped',
	'CmaTotal',
	'CmaFree',
	'Unaccepted',
	'Balloon',
	'HugePages_Total',
	'HugePages_Free',
	'HugePages_Rsvd',
	'HugePages_Surp',
	'Hugepagesize',
	'Hugetlb',
	'DirectMap4k',
	'DirectMap2M',
	'DirectMap4M',
	'DirectMap1G',
] as const;

export type MeminfoLabel = (typeof labels)[number];

/** Linux's own names and units. `dialect` is the layout: '2.6.11', or '2.6.32' for all later ones. */
export type Meminfo = {readonly dialect: Dialect} & {readonly [Label in MeminfoLabel]?: number} & WithKept;

const known: ReadonlySet<string> = new Set(labels);
const oldLabels: readonly MeminfoLabel[] = labels
	.filter(label => label !== 'PageTables')
	.flatMap(label => (label === 'Committed_AS' ? [label, 'PageTables'] : [label]));

/**
 * 2.6.11 prints 14 columns of label and 8 of number, later kernels two more of label. Where the label is longer, and
 * for counts of huge pages, the number has 5.
 */
function formatRow(label: string, value: number, width: 22 | 24): string {
	const isCount = label.startsWith('HugePages_');
	const digits = isCount || label === 'HardwareCorrupted' ? 5 : 8;
	return `${label}: `.padEnd(width - digits) + String(value).padStart(digits) + (isCount ? '' : ' kB');
}

export function formatMeminfo(record: Meminfo): string {
	const old = !since(record.dialect, '2.6.32');
	return joinLines(
		(old ? oldLabels : labels).flatMap(label => {
			const value = record[label];
			return value === undefined ? [] : [formatRow(label, value, old ? 22 : 24)];
		}),
		record.kept,
	);
}

const rowPattern = /^([^:]+): +(\d+)(?: kB)?$/;
const isUnknown = (line = ''): boolean => !known.has(line.slice(0, Math.max(0, line.indexOf(':'))));

/** @throws FormatError */
export function parseMeminfo(text: string): Meminfo {
	const lines = new Lines('meminfo', text);
	const dialect: Dialect = /^MemTotal: .{15}$/.test(lines.peek() ?? '') ? '2.6.11' : '2.6.32';
	const rows: {[Label in MeminfoLabel]?: number} = {};
	while (!lines.done) {
		if (isUnknown(lines.peek()) ? lines.tryKeep(rowPattern) : lines.tryKeepLarge(rowPattern)) continue;
		const [label, value] = lines.match(rowPattern, 'label: number kB');
		rows[label as MeminfoLabel] = Number(value);
	}
	return {dialect, ...rows, ...lines.kept};
}
