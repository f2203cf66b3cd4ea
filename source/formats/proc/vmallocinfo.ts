/**
 * /proc/vmallocinfo: mm/vmalloc.c s_show(), from 2.6.28 on. Old kernels print a physical address as `%lx`, newer ones
 * with 0x and all digits of a phys_addr_t, which has 64 bits under PAE.
 *
 * Not modelled: the per-node page counts of NUMA machines (` N0=1`); a parser skips them.
 */

import {type Dialect, since} from '../dialect.ts';
import {address, hex, joinLines, Lines} from '../text.ts';

/** What an area is, in Linux's words, in the order that they are printed. */
const kinds = ['ioremap', 'sparse', 'vmalloc', 'vmap', 'user', 'dma-coherent', 'vpages'] as const;

export type VmallocKind = (typeof kinds)[number];

export type VmallocArea = {
	/** null where the kernel hides pointers: `(ptrval)`. */
	readonly range: {readonly start: number; readonly end: number} | null;
	/** The guard page included. */
	readonly sizeBytes: number;
	/** Who allocated it: `symbol+0xoffset/0xsize`, for a module followed by its name in brackets. */
	readonly caller: string | null;
	readonly pages: number | null;
	readonly physicalAddress: number | null;
	readonly kinds: readonly VmallocKind[];
	/** An area without a vm_struct, in Linux's words. */
	readonly note: 'unpurged vm_area' | 'vm_map_ram' | null;
};

export type Vmallocinfo = {
	/** '2.6.11' for all up to 3.2, or '5.10'. */
	readonly dialect: Dialect;
	/** Bits of a phys_addr_t; matters from 5.10 on. */
	readonly physicalBits: 32 | 64;
	readonly areas: readonly VmallocArea[];
};

function formatArea(area: VmallocArea, {dialect, physicalBits}: Vmallocinfo): string {
	const [start, end] = area.range ? [address(area.range.start), address(area.range.end)] : ['(ptrval)', '(ptrval)'];
	const parts = [`0x${start}-0x${end} ${String(area.sizeBytes).padStart(7)}`];
	if (area.caller !== null) parts.push(area.caller);
	if (area.pages !== null) parts.push(`pages=${area.pages}`);
	if (area.physicalAddress !== null) {
		const modern = since(dialect, '5.10');
		parts.push(`phys=${modern ? `0x${hex(area.physicalAddress, physicalBits / 4)}` : hex(area.physicalAddress)}`);
	}
	parts.push(...area.kinds);
	if (area.note !== null) parts.push(area.note);
	return parts.join(' ');
}

export function formatVmallocinfo(record: Vmallocinfo): string {
	return joinLines(record.areas.map(area => formatArea(area, record)));
}

const rangePattern = '0x(?:([0-9a-f]+)|\\(ptrval\\))-0x(?:([0-9a-f]+)|\\(ptrval\\))';
/** A simulated function has a name and no code, so no offset into it. */
const bareSymbol = `(?!(?:${kinds.join('|')}|unpurged|vm_map_ram)(?: |$))[A-Za-z_]\\w*(?= |$)`;
const areaPattern = new RegExp(
	`^${rangePattern} +(\\d+)(?: (0x[0-9a-f]+|\\S+\\+0x[0-9a-f]+/0x[0-9a-f]+(?: \\[\\S+\\])?|${bareSymbol}))?` +
		`(?: pages=(\\d+))?(?: phys=(?:0x)?([0-9a-f]+))?((?: (?:${kinds.join('|')}))*)(?: (unpurged ` +
		`vm_area|vm_map_ram))?(?: N\\d+=\\d+)*$`,
);

/** @throws FormatError */
export function parseVmallocinfo(text: string): Vmallocinfo {
	const lines = new Lines('vmallocinfo', text);
	const areas: VmallocArea[] = [];
	while (!lines.done) {
		const [start, end, size, caller, pages, physical, words, note] = lines.match(
			areaPattern,
			'start-end size caller …',
		);
		areas.push({
			range: start === '' ? null : {start: Number(`0x${start}`), end: Number(`0x${end}`)},
			sizeBytes: Number(size),
			caller: caller || null,
			pages: pages === '' ? null : Number(pages),
			physicalAddress: physical === '' ? null : Number(`0x${physical}`),
			kinds: words!.split(' ').filter(Boolean) as VmallocKind[],
			note: (note || null) as VmallocArea['note'],
		});
	}
	const modern = / phys=0x([0-9a-f]+)/.exec(text);
	return {dialect: modern ? '5.10' : '2.6.11', physicalBits: modern?.[1]?.length === 16 ? 64 : 32, areas};
}
