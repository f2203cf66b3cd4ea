/**
 * /proc/<pid>/smaps: fs/proc/task_mmu.c show_smap(), from 2.6.14 on: the line of maps, then rows. Which rows there are
 * depends on the kernel; later kernels moved KernelPageSize and MMUPageSize to the front.
 *
 * Not modelled: rows of kernels newer than 6.18; a parser skips them.
 */

import type {Dialect} from '../dialect.ts';
import {since} from '../dialect.ts';
import {joinLines, Lines} from '../text.ts';
import {formatMapsArea, type MapsArea, mapsAreaFrom, mapsAreaPattern} from './maps.ts';

const pageSizes = ['KernelPageSize', 'MMUPageSize'] as const;
const counters = [
	'Rss',
	'Pss',
	'Pss_Dirty',
	'Shared_Clean',
	'Shared_Dirty',
	'Private_Clean',
	'Private_Dirty',
	'Referenced',
	'Anonymous',
	'KSM',
	'LazyFree',
	'AnonHugePages',
	'ShmemPmdMapped',
	'FilePmdMapped',
	'Shared_Hugetlb',
	'Private_Hugetlb',
	'Swap',
	'SwapPss',
] as const;

export type SmapsLabel = 'Size' | 'Locked' | (typeof pageSizes)[number] | (typeof counters)[number];

const oldLabels: readonly SmapsLabel[] = ['Size', ...counters, ...pageSizes, 'Locked'];
const newLabels: readonly SmapsLabel[] = ['Size', ...pageSizes, ...counters, 'Locked'];

/** Linux's own names; kilobytes. */
export type SmapsArea = MapsArea & {readonly [Label in SmapsLabel]?: number} & {
	/** Whether the area may get huge pages: 0 or 1. */
	readonly THPeligible?: number;
	readonly ProtectionKey?: number;
	/** Two letters a flag: `rd`, `wr`, `mr`. */
	readonly VmFlags?: readonly string[];
};

export type Smaps = {
	/** The order of rows: '2.6.11' up to 3.2, or '5.10'. */
	readonly dialect: Dialect;
	readonly areas: readonly SmapsArea[];
};

const label = (text: string) => `${text}:`.padEnd(16);

function formatArea(area: SmapsArea, dialect: Dialect): string[] {
	const rows = [formatMapsArea(area)];
	for (const name of since(dialect, '5.10') ? newLabels : oldLabels) {
		const value = area[name];
		if (value !== undefined) rows.push(`${label(name)}${String(value).padStart(8)} kB`);
	}
	if (area.THPeligible !== undefined) rows.push(`${label('THPeligible')}${area.THPeligible}`);
	if (area.ProtectionKey !== undefined) rows.push(`${label('ProtectionKey')}${String(area.ProtectionKey).padStart(8)}`);
	if (area.VmFlags !== undefined) rows.push(`VmFlags: ${area.VmFlags.map(flag => `${flag} `).join('')}`);
	return rows;
}

export function formatSmaps({dialect, areas}: Smaps): string {
	return joinLines(areas.flatMap(area => formatArea(area, dialect)));
}

const known: ReadonlySet<string> = new Set([...newLabels, 'THPeligible', 'ProtectionKey']);

function parseArea(lines: Lines): SmapsArea {
	const rows: Record<string, unknown> = {...mapsAreaFrom(lines.match(mapsAreaPattern, 'the line of an area'))};
	for (;;) {
		const groups = lines.tryMatch(/^(\w+): *(?:(\d+)(?: kB)?|((?:\S\S )*))$/);
		if (groups === undefined) break;
		const [name, number, flags] = groups;
		if (name === 'VmFlags') rows[name] = flags!.split(' ').filter(Boolean);
		else if (known.has(name!)) rows[name!] = Number(number);
	}
	return rows as SmapsArea;
}

/** @throws FormatError */
export function parseSmaps(text: string): Smaps {
	const lines = new Lines('smaps', text);
	const areas: SmapsArea[] = [];
	while (!lines.done) areas.push(parseArea(lines));
	return {dialect: /^Size: .*\nKernelPageSize:/m.test(text) ? '5.10' : '2.6.11', areas};
}
