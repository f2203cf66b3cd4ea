/**
 * Places as what they relate to, so that they can be compared though they depend on chance: an address by the indices
 * of its entry, a frame by the zone and the address that stand beside it.
 */
import {PAGE_SIZE} from '../../source/hardware/address.ts';
import type {Kernel} from '../../source/kernel/kernel.ts';
import {PAGE_OFFSET} from '../../source/kernel/mm/page.ts';
import {isAllocated} from './kernelPte.ts';
import type {Vector} from './topic.ts';

const nothing = '0x00000000';

type Span = {readonly name: string; readonly start: number; readonly end: number};

/** Of the machine of a run: its zones, as frames, and where vmalloc() and ioremap() place. */
export type Spans = {readonly zones: readonly Span[]; readonly vmalloc: Span};

export const spansOf = (k: Kernel): Spans => ({
	zones: k.pages.zones.map(({name, zone_start_pfn, spanned_pages}) => ({
		name,
		start: zone_start_pfn,
		end: zone_start_pfn + spanned_pages,
	})),
	vmalloc: {name: 'vmalloc', start: k.layout.VMALLOC_START, end: k.layout.VMALLOC_END},
});

function kindOf(address: number, {vmalloc}: Spans): string {
	if (!Number.isInteger(address) || address < PAGE_OFFSET || address >= 2 ** 32) return 'no address of the kernel';
	const whose = address >= vmalloc.start && address < vmalloc.end ? 'vmalloc' : 'others';
	return `an address of ${whose}, ${address % PAGE_SIZE} in its page`;
}

/** Whether a frame lies in the zone that is said to be its own. */
function frameIn({zones}: Spans, pfn: unknown, zone: unknown): string {
	const frame = Number(pfn);
	const own = zones.find(({start, end}) => frame >= start && frame < end);
	return own?.name === zone ? `a frame of ${String(zone)}` : `not a frame of ${String(zone)}`;
}

/** A frame by the logical address of it, or where it has none by its zone; and by how it is aligned. */
function allocated(spans: Spans, {pfn, zone, page_address, order, ...rest}: Vector): Vector {
	const frame = Number(pfn);
	const aligned = frame % 2 ** Number(order) === 0 ? 'aligned' : 'not aligned';
	const place =
		page_address === nothing
			? frameIn(spans, pfn, zone)
			: `at ${Number(page_address) - PAGE_OFFSET - frame * PAGE_SIZE}`;
	return {...rest, zone, order, pfn: `${frameIn(spans, pfn, zone)}, ${place}, ${aligned}`};
}

function ofVmalloc(spans: Spans, vector: Vector): Vector {
	const {va, pages, first_was} = vector;
	const kind = kindOf(Number(va), spans);
	const parts = Array.isArray(pages) ? (pages as readonly Vector[]) : undefined;
	const frames = parts?.map(page => Number(page.pfn));
	return {
		...vector,
		va: first_was === undefined ? kind : `${kind}, ${va === first_was ? 'the same' : 'another'}`,
		...(parts && {
			pages: parts.map((page, i) => ({
				...page,
				pfn: `${frameIn(spans, page.pfn, page.zone)}, ${frames!.indexOf(frames![i]!) < i ? 'again' : 'once'}`,
			})),
		}),
	};
}

/** The indices of an address in the tables, with three levels of tables and with two. */
const indicesOf = (va: number): readonly string[] => [
	[Math.floor(va / 2 ** 30), Math.floor(va / 2 ** 21) % 512, Math.floor(va / PAGE_SIZE) % 512].join(),
	[Math.floor(va / 2 ** 22), 0, Math.floor(va / PAGE_SIZE) % 1024].join(),
];

function lookedUp({zones}: Spans, vector: Vector): Vector {
	const {va, pgd_index, pmd_index, pte_index, entry} = vector;
	const fits = indicesOf(Number(va)).includes([pgd_index, pmd_index, pte_index].join());
	const frame = Math.floor(Number(entry) / PAGE_SIZE);
	const zone = zones.find(({start, end}) => frame >= start && frame < end);
	return {
		...vector,
		va: fits ? 'the address of these indices' : 'another address',
		...(isAllocated(vector) && {entry: `${Number(entry) % PAGE_SIZE}, a frame of ${zone?.name}`}),
	};
}

/** @param floats whether the address that was looked up lay where room was */
export function relateAddress(vector: Vector, spans: Spans, floats: boolean): Vector {
	switch (vector.topic) {
		case 'gfp_zone':
			if (vector.va !== undefined) return {...vector, va: kindOf(Number(vector.va), spans)};
			return vector.ok === 1 ? allocated(spans, vector) : vector;
		case 'vmalloc':
		case 'vmalloc_reuse':
			return ofVmalloc(spans, vector);
		case 'ioremap':
			return {...vector, va: kindOf(Number(vector.va), spans)};
		case 'kernel_pte':
			return floats ? lookedUp(spans, vector) : vector;
		default:
			return vector;
	}
}
