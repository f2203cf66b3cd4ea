/**
 * /proc/vmallocinfo: mm/vmalloc.c s_show(), from 2.6.28 on. Old kernels print a physical address as `%lx`, newer ones
 * with 0x and all digits of a phys_addr_t, which has 64 bits under PAE. Newer ones hide pointers:
 * they print `(ptrval)`, `(____ptrval____)` or a hash. What else they say of an area (` N0=1` on NUMA machines) is kept
 * as it stands.
 */

import {type Dialect, since} from '../dialect.ts';
import {address, hex, joinLines, Lines} from '../text.ts';

/** What an area is, in Linux's words, in the order that they are printed. */
const kinds = ['ioremap', 'sparse', 'vmalloc', 'vmap', 'user', 'dma-coherent', 'vpages'] as const;

export type VmallocKind = (typeof kinds)[number];

export type VmallocArea = {
	/** null where the kernel hides pointers. */
	readonly range: {readonly start: number; readonly end: number} | null;
	/** The hidden start and end as they are printed, unless that is `0x(ptrval)-0x(ptrval)`. */
	readonly hidden?: string;
	/** The guard page included. */
	readonly sizeBytes: number;
	/** Who allocated it: `symbol+0xoffset/0xsize`, for a module followed by its name in brackets. */
	readonly caller: string | null;
	readonly pages: number | null;
	readonly physicalAddress: number | null;
	readonly kinds: readonly VmallocKind[];
	/** An area without a vm_struct, in Linux's words. */
	readonly note: 'unpurged vm_area' | 'vm_map_ram' | null;
	/** The rest of the line, which no other field has. */
	readonly more?: string;
};

export type Vmallocinfo = {
	/** '2.6.11' for all up to 3.2, or '5.10'. */
	readonly dialect: Dialect;
	/** Bits of a phys_addr_t; matters from 5.10 on. */
	readonly physicalBits: 32 | 64;
	readonly areas: readonly VmallocArea[];
};

const rangeText = ({range, hidden}: Pick<VmallocArea, 'range' | 'hidden'>): string =>
	range ? `0x${address(range.start)}-0x${address(range.end)}` : (hidden ?? '0x(ptrval)-0x(ptrval)');

/** A number that would not be printed like this is a hash, or too large to be exact. */
function rangeFrom(text: string): Pick<VmallocArea, 'range' | 'hidden'> {
	const [start = '', end = ''] = text.split('-');
	const range = {start: Number(start), end: Number(end)};
	if (rangeText({range}) === text) return {range};
	return rangeText({range: null}) === text ? {range: null} : {range: null, hidden: text};
}

function formatArea(area: VmallocArea, {dialect, physicalBits}: Vmallocinfo): string {
	const parts = [`${rangeText(area)} ${String(area.sizeBytes).padStart(7)}`];
	if (area.caller !== null) parts.push(area.caller);
	if (area.pages !== null) parts.push(`pages=${area.pages}`);
	if (area.physicalAddress !== null) {
		const modern = since(dialect, '5.10');
		parts.push(`phys=${modern ? `0x${hex(area.physicalAddress, physicalBits / 4)}` : hex(area.physicalAddress)}`);
	}
	parts.push(...area.kinds);
	if (area.note !== null) parts.push(area.note);
	if (area.more !== undefined) parts.push(area.more);
	return parts.join(' ');
}

export function formatVmallocinfo(record: Vmallocinfo): string {
	return joinLines(record.areas.map(area => formatArea(area, record)));
}

const pointer = '0x(?:[0-9a-f]+|\\(_*ptrval_*\\))';
/** A simulated function has a name and no code, so no offset into it. */
const bareSymbol = `(?!(?:${kinds.join('|')}|unpurged|vm_map_ram)(?: |$))[A-Za-z_]\\w*(?= |$)`;
const areaPattern = new RegExp(
	`^(${pointer}-${pointer}) +(\\d+)(?: (0x[0-9a-f]+|\\S+\\+0x[0-9a-f]+/0x[0-9a-f]+(?: \\[\\S+\\])?|${bareSymbol}))?` +
		`(?: pages=(\\d+))?(?: phys=(?:0x)?([0-9a-f]+))?((?: (?:${kinds.join('|')})(?= |$))*)(?: (unpurged ` +
		`vm_area|vm_map_ram)(?= |$))?(?: (.*))?$`,
	's',
);

/** @throws FormatError */
export function parseVmallocinfo(text: string): Vmallocinfo {
	const lines = new Lines('vmallocinfo', text);
	const areas: VmallocArea[] = [];
	while (!lines.done) {
		const [range, size, caller, pages, physical, words, note, more] = lines.match(
			areaPattern,
			'start-end size caller …',
		);
		areas.push({
			...rangeFrom(range!),
			sizeBytes: Number(size),
			caller: caller || null,
			pages: pages === '' ? null : Number(pages),
			physicalAddress: physical === '' ? null : Number(`0x${physical}`),
			kinds: words!.split(' ').filter(Boolean) as VmallocKind[],
			note: (note || null) as VmallocArea['note'],
			...(more ? {more} : {}),
		});
	}
	const modern = / phys=0x([0-9a-f]+)/.exec(text);
	return {dialect: modern ? '5.10' : '2.6.11', physicalBits: modern?.[1]?.length === 16 ? 64 : 32, areas};
}
