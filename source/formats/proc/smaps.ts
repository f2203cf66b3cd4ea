/**
 * /proc/<pid>/smaps: fs/proc/task_mmu.c show_smap(), from 2.6.14 on: the line of maps, then rows. Which rows there are
 * depends on the kernel; later kernels moved KernelPageSize and MMUPageSize to the front.
 *
 * Not modelled: rows of kernels newer than 6.18; a record keeps their lines.
 */

import {type Dialect, since} from '../dialect.ts';
import {joinLines, Lines, type WithKept} from '../text.ts';
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

type SmapsLabel = 'Size' | 'Locked' | (typeof pageSizes)[number] | (typeof counters)[number];

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

export type Smaps = WithKept & {
	/** The order of rows: '2.6.11' up to 3.2, or '5.10'; '6.18' for those that print THPeligible in eight columns. */
	readonly dialect: Dialect;
	/** 5.3 to 5.9 put two tabs in front of THPeligible's number. */
	readonly tabbed?: true;
	readonly areas: readonly SmapsArea[];
};

const label = (text: string) => `${text}:`.padEnd(16);

function formatThpEligible(value: number, {dialect, tabbed}: Smaps): string {
	if (tabbed) return `THPeligible:\t\t${value}`;
	return label('THPeligible') + String(value).padStart(since(dialect, '6.18') ? 8 : 0);
}

function formatArea(area: SmapsArea, smaps: Smaps): string[] {
	const {dialect} = smaps;
	const rows = [formatMapsArea(area)];
	for (const name of since(dialect, '5.10') ? newLabels : oldLabels) {
		const value = area[name];
		if (value !== undefined) rows.push(`${label(name)}${String(value).padStart(8)} kB`);
	}
	if (area.THPeligible !== undefined) rows.push(formatThpEligible(area.THPeligible, smaps));
	if (area.ProtectionKey !== undefined) rows.push(`${label('ProtectionKey')}${String(area.ProtectionKey).padStart(8)}`);
	if (area.VmFlags !== undefined) rows.push(`VmFlags: ${area.VmFlags.map(flag => `${flag} `).join('')}`);
	return rows;
}

export function formatSmaps(smaps: Smaps): string {
	return joinLines(
		smaps.areas.flatMap(area => formatArea(area, smaps)),
		smaps.kept,
	);
}

const known: ReadonlySet<string> = new Set([...newLabels, 'THPeligible', 'ProtectionKey']);

const rowPattern = /^(\w+):[ \t]*(?:(\d+)(?: kB)?|((?:\S\S )*))$/;
/** Any row of an area, those of later kernels included. */
const anyRow = /^\w+:(?:[ \t].*)?$/s;

/** Is it a row of a known label, with a value of its form? */
function isKnownRow(line = ''): boolean {
	const [, name = '', number] = rowPattern.exec(line) ?? [];
	return name === 'VmFlags' ? number === undefined : known.has(name) && number !== undefined;
}

function parseArea(lines: Lines): SmapsArea {
	const rows: Record<string, unknown> = {...mapsAreaFrom(lines.match(mapsAreaPattern, 'the line of an area', true))};
	for (;;) {
		if (!isKnownRow(lines.peek()) && lines.tryKeep(anyRow)) continue;
		if (lines.tryKeepLarge(rowPattern)) continue;
		const [name, number, flags] = lines.tryMatch(rowPattern) ?? [];
		if (name === undefined) return rows as SmapsArea;
		rows[name] = name === 'VmFlags' ? flags!.split(' ').filter(Boolean) : Number(number);
	}
}

function dialectOf(text: string): Dialect {
	if (/^THPeligible: {5,}\d/m.test(text)) return '6.18';
	return /^Size: .*\nKernelPageSize:/m.test(text) ? '5.10' : '2.6.11';
}

/** @throws FormatError */
export function parseSmaps(text: string): Smaps {
	const lines = new Lines('smaps', text);
	const areas: SmapsArea[] = [];
	while (!lines.done) areas.push(parseArea(lines));
	const tabbed = /^THPeligible:\t/m.test(text) ? ({tabbed: true} as const) : {};
	return {dialect: dialectOf(text), ...tabbed, areas, ...lines.kept};
}
