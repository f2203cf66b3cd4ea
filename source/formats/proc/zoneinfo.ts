/**
 * /proc/zoneinfo: mm/vmstat.c zoneinfo_show_print(). The dialects are 2.6.13 (the first kernel that had the file, under
 * '2.6.11'), 2.6.32 (which 3.2 follows: the counters come before `protection:`), 5.10 (which 6.1 follows: behind it)
 * and 6.18 (wider rows of a pageset). Counters keep Linux's names; which there are depends on kernel and configuration,
 * so they are listed in the order that they are printed in.
 */

import {type Dialect, since} from '../dialect.ts';
import {joinLines, Lines, type WithKept} from '../text.ts';

/**
 * Linux's own counter names, in the order of the file. 4.18 to 4.20 print some counters without a name; they are
 * `unnamed 1` and so on here.
 */
export type ZoneCounters = Readonly<Record<string, number>>;

type ZonePageset = {
	readonly cpu: number;
	/** Hot (0) or cold (1) list, in the 2.6.11 dialect only. */
	readonly pcp: number | null;
	readonly count: number;
	/** In the 2.6.11 dialect only. */
	readonly low: number | null;
	readonly high: number;
	readonly batch: number;
	/** Between these `high` is tuned, from 6.7 on. */
	readonly high_min?: number;
	readonly high_max?: number;
	/** Not in the 2.6.11 dialect. */
	readonly vmStatsThreshold: number | null;
};

export type ZoneinfoZone = {
	readonly node: number;
	readonly zone: string;
	/** Of the node; from 5.10 on, for the node's first populated zone only. */
	readonly perNodeStats: ZoneCounters | null;
	/** free, min, low, high, …, present: pages. */
	readonly pages: ZoneCounters;
	/** What was scanned of the active and inactive lists, in the 2.6.11 dialect only. */
	readonly scanned: {readonly active: number; readonly inactive: number} | null;
	/** lowmem_reserve: pages kept from allocations that could have used a higher zone. */
	readonly protection: readonly number[];
	/** nr_free_pages and its like; not in the 2.6.11 dialect. */
	readonly counters: ZoneCounters;
	/** null for a zone without pages, of which 5.10 and later say no more. */
	readonly pagesets: readonly ZonePageset[] | null;
	/** all_unreclaimable, start_pfn and their like. */
	readonly state: ZoneCounters;
};

export type Zoneinfo = WithKept & {readonly dialect: Dialect; readonly zones: readonly ZoneinfoZone[]};

/** `Normal` on node 0, `Normal/1` on node 1. */
export const zoneName = ({node, zone}: {readonly node: number; readonly zone: string}): string =>
	node === 0 ? zone : `${zone}/${node}`;

type Layout = {
	/** How far counters are indented. */
	readonly indent: string;
	/** How wide a label of the last lines is, and one of a pageset. */
	readonly stateWidth: number;
	readonly pagesetWidth: number;
};

function layoutOf(dialect: Dialect): Layout {
	if (!since(dialect, '5.10')) return {indent: ' '.repeat(4), stateWidth: 19, pagesetWidth: 7};
	return {indent: ' '.repeat(6), stateWidth: 21, pagesetWidth: since(dialect, '6.18') ? 10 : 7};
}

const unnamedPrefix = 'unnamed ';

function formatPages({pages, scanned}: ZoneinfoZone): string[] {
	return Object.entries(pages).map(([name, value], index) => {
		const scan = name === 'scanned' && scanned ? ` (a: ${scanned.active} i: ${scanned.inactive})` : '';
		return `${index === 0 ? '  pages ' : ' '.repeat(8)}${name.padEnd(9)}${value}${scan}`;
	});
}

function formatPageset(pageset: ZonePageset, width: number): string[] {
	const {cpu, pcp, count, low, high, batch, high_min, high_max, vmStatsThreshold} = pageset;
	const row = (label: string, value: number) => `${' '.repeat(14)}${`${label}:`.padEnd(width)}${value}`;
	return [
		`    cpu: ${cpu}${pcp === null ? '' : ` pcp: ${pcp}`}`,
		row('count', count),
		...(low === null ? [] : [row('low', low)]),
		row('high', high),
		row('batch', batch),
		...(high_min === undefined ? [] : [row('high_min', high_min)]),
		...(high_max === undefined ? [] : [row('high_max', high_max)]),
		...(vmStatsThreshold === null ? [] : [`  vm stats threshold: ${vmStatsThreshold}`]),
	];
}

function formatZone(zone: ZoneinfoZone, dialect: Dialect): string[] {
	const {indent, stateWidth, pagesetWidth} = layoutOf(dialect);
	const nameOf = (name: string) => (name.startsWith(unnamedPrefix) ? '' : name);
	const counter = ([name, value]: [string, number]) => `${indent}${nameOf(name).padEnd(12)} ${value}`;
	const lines = [`Node ${zone.node}, zone ${zone.zone.padStart(8)}`];
	if (zone.perNodeStats !== null) {
		lines.push('  per-node stats', ...Object.entries(zone.perNodeStats).map(counter));
	}
	lines.push(...formatPages(zone));
	const protection = `        protection: (${zone.protection.join(', ')})`;
	const counters = Object.entries(zone.counters).map(counter);
	lines.push(...(since(dialect, '5.10') ? [protection, ...counters] : [...counters, protection]));
	if (zone.pagesets !== null) {
		lines.push('  pagesets', ...zone.pagesets.flatMap(pageset => formatPageset(pageset, pagesetWidth)));
	}
	const state = Object.entries(zone.state);
	return [...lines, ...state.map(([name, value]) => `  ${`${name}:`.padEnd(stateWidth)}${value}`)];
}

export function formatZoneinfo({dialect, zones, kept}: Zoneinfo): string {
	return joinLines(
		zones.flatMap(zone => formatZone(zone, dialect)),
		kept,
	);
}

function parseCounters(lines: Lines, pattern: RegExp): Record<string, number> {
	const counters: Record<string, number> = {};
	let unnamed = 0;
	for (;;) {
		if (lines.tryKeepLarge(pattern)) continue;
		const groups = lines.tryMatch(pattern);
		if (groups === undefined) return counters;
		counters[groups[0] || unnamedPrefix + ++unnamed] = Number(groups[1]);
	}
}

const pagesetRows: ReadonlySet<string> = new Set(['count', 'low', 'high', 'batch', 'high_min', 'high_max']);

function parsePagesetRows(lines: Lines): Record<string, number> {
	const rows: Record<string, number> = {};
	const pattern = /^ {12,14}(\w+): +(-?\d+)$/;
	for (;;) {
		const label = pattern.exec(lines.peek() ?? '')?.[1];
		if (label === undefined) return rows;
		// NUMA machines up to 2.6.17 counted hits here.
		if (pagesetRows.has(label) && !Object.hasOwn(rows, label))
			rows[label] = Number(lines.match(pattern, 'a number')[1]);
		else lines.tryKeep(pattern);
	}
}

function parsePagesets(lines: Lines): ZonePageset[] {
	const pagesets: ZonePageset[] = [];
	const number = (text: string | undefined) => (text ? Number(text) : null);
	for (;;) {
		const head = lines.tryMatch(/^ {4}cpu: (\d+)(?: pcp: (\d+))?$/);
		if (head === undefined) return pagesets;
		const row = parsePagesetRows(lines);
		pagesets.push({
			cpu: Number(head[0]),
			pcp: number(head[1]),
			count: row.count ?? lines.fail('count: of a pageset'),
			low: row.low ?? null,
			high: row.high ?? lines.fail('high: of a pageset'),
			batch: row.batch ?? lines.fail('batch: of a pageset'),
			...(row.high_min === undefined ? {} : {high_min: row.high_min}),
			...(row.high_max === undefined ? {} : {high_max: row.high_max}),
			vmStatsThreshold: number(lines.tryMatch(/^ {2}vm stats threshold: (\d+)$/)?.[0]),
		});
	}
}

/** A counter without a name stands where its number would: behind 12 columns and a space. */
const counterPattern = /^ {4,6}(?:([A-Za-z_]\w*) +| {13})(-?\d+)$/;

function parseZone(lines: Lines): ZoneinfoZone {
	const [node, zone] = lines.match(/^Node (\d+), zone +(\S+)$/, 'Node n, zone name');
	const perNodeStats = lines.tryMatch(/^( {2}per-node stats)$/) ? parseCounters(lines, counterPattern) : null;
	const free = lines.match(/^ {2}pages (free) +(\d+)$/, 'pages free n');
	const pages: Record<string, number> = {[free[0]!]: Number(free[1])};
	let scanned: ZoneinfoZone['scanned'] = null;
	for (;;) {
		const groups = lines.tryMatch(/^ {8}(\w+) +(\d+)(?: \(a: (\d+) i: (\d+)\))?$/);
		if (groups === undefined) break;
		pages[groups[0]!] = Number(groups[1]);
		if (groups[2] !== '') scanned = {active: Number(groups[2]), inactive: Number(groups[3])};
	}
	const before = parseCounters(lines, counterPattern);
	const [reserve] = lines.match(/^ {8}protection: \((.*)\)$/, 'counters or protection: (…)');
	const counters = {...before, ...parseCounters(lines, counterPattern)};
	const pagesets = lines.tryMatch(/^( {2}pagesets)$/) ? parsePagesets(lines) : null;
	const state = parseCounters(lines, /^ {2}(\w+): +(\d+)$/);
	// What later kernels say of a zone: not another one, and not what belongs elsewhere.
	while (lines.tryKeep(/^ {2,}(?!pages free)\S.*$/)) Object.assign(state, parseCounters(lines, /^ {2}(\w+): +(\d+)$/));
	return {
		node: Number(node),
		zone: zone!,
		perNodeStats,
		pages,
		scanned,
		protection: reserve!.split(', ').map(Number),
		counters,
		pagesets,
		state,
	};
}

function dialectOf(text: string): Dialect {
	if (/^ {14}count: {4}/m.test(text)) return '6.18';
	if (/^ {6}nr_/m.test(text)) return '5.10';
	return /^ {4}nr_/m.test(text) ? '2.6.32' : '2.6.11';
}

/** @throws FormatError */
export function parseZoneinfo(text: string): Zoneinfo {
	const lines = new Lines('zoneinfo', text);
	const zones: ZoneinfoZone[] = [];
	while (!lines.done) zones.push(parseZone(lines));
	return {dialect: dialectOf(text), zones, ...lines.kept};
}
