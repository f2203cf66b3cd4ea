/**
 * Places as what they relate to, so that they can be compared though they depend on chance: an address by the indices
 * of its entry, a frame by the zone and the address that stand beside it.
 */
import {PAGE_SIZE} from '../../source/hardware/address.ts';
import type {Kernel} from '../../source/kernel/kernel.ts';
import {PAGE_OFFSET} from '../../source/kernel/mm/page.ts';
import type {Vector} from './topic.ts';

const nothing = '0x00000000';

/** The zones of the machine of a run, as frames. */
export type ZoneSpan = {readonly name: string; readonly start: number; readonly end: number};

export const spansOf = (k: Kernel): readonly ZoneSpan[] =>
	k.pages.zones.map(({name, zone_start_pfn, spanned_pages}) => ({
		name,
		start: zone_start_pfn,
		end: zone_start_pfn + spanned_pages,
	}));

function kindOf(address: number): string {
	if (!Number.isInteger(address) || address < PAGE_OFFSET || address >= 2 ** 32) return 'no address of the kernel';
	return address % PAGE_SIZE === 0 ? 'a page' : 'within a page';
}

/** Whether a frame lies in the zone that is said to be its own. */
function frameIn(spans: readonly ZoneSpan[], pfn: unknown, zone: unknown): string {
	const frame = Number(pfn);
	const own = spans.find(({start, end}) => frame >= start && frame < end);
	return own?.name === zone ? `a frame of ${String(zone)}` : `not a frame of ${String(zone)}`;
}

/** A frame by the logical address of it, or where it has none by its zone; and by how it is aligned. */
function allocated(spans: readonly ZoneSpan[], {pfn, zone, page_address, order, ...rest}: Vector): Vector {
	const frame = Number(pfn);
	const aligned = frame % 2 ** Number(order) === 0 ? 'aligned' : 'not aligned';
	const place =
		page_address === nothing
			? frameIn(spans, pfn, zone)
			: `at ${Number(page_address) - PAGE_OFFSET - frame * PAGE_SIZE}`;
	return {...rest, zone, order, pfn: `${frameIn(spans, pfn, zone)}, ${place}, ${aligned}`};
}

function ofVmalloc(spans: readonly ZoneSpan[], vector: Vector): Vector {
	const {va, pages, first_was} = vector;
	const kind = kindOf(Number(va));
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

function lookedUp(vector: Vector): Vector {
	const {va, pgd_index, pmd_index, pte_index} = vector;
	const fits = indicesOf(Number(va)).includes([pgd_index, pmd_index, pte_index].join());
	return {...vector, va: fits ? 'the address of these indices' : 'another address'};
}

/** @param floats whether the address that was looked up lay where room was */
export function relateAddress(vector: Vector, spans: readonly ZoneSpan[], floats: boolean): Vector {
	switch (vector.topic) {
		case 'gfp_zone':
			if (vector.va !== undefined) return {...vector, va: kindOf(Number(vector.va))};
			return vector.ok === 1 ? allocated(spans, vector) : vector;
		case 'vmalloc':
		case 'vmalloc_reuse':
			return ofVmalloc(spans, vector);
		case 'kernel_pte':
			return floats ? lookedUp(vector) : vector;
		default:
			return vector;
	}
}
