/** A zone of memory. @see mm/page_alloc.c zone_watermark_ok(), Documentation/sysctl/vm.txt */

import {countOf} from '../../formats/words.ts';
import type {ZoneRow} from '../zones.ts';
import {type ExplainedField, type Explanation, field, glossary} from './explanation.ts';

const zoneWords = glossary({
	DMA: 'the first 16 MiB: ISA devices reach no further',
	DMA32: 'up to 4 GiB: devices with 32 address lines reach no further',
	Normal: 'low memory: the kernel has a logical address for each of its pages',
	HighMem: 'high memory: for processes and the page cache; the kernel maps a page for a moment when it needs it',
});

const kibibytes = (pages: number): string => `${pages} pages, ${pages * 4} KiB`;

function stateSays(
	free: number,
	{min, low, high}: {readonly min: number; readonly low: number; readonly high: number},
): string {
	if (free <= min)
		return 'at min or below: an allocation that may sleep must free memory first, and only GFP_ATOMIC takes more';
	if (free <= low) return 'below low: kswapd works until high is reached';
	return free <= high
		? 'between low and high: kswapd goes on if it works already'
		: 'above high: nothing has to be freed';
}

function markFields({freePages, watermarks}: ZoneRow): readonly ExplainedField[] {
	if (!watermarks) return [];
	const {min, low, high} = watermarks;
	return [
		field('now', '', stateSays(freePages, watermarks)),
		field('min', kibibytes(min), 'the reserve: below it only allocations that may not wait are served'),
		field('low', kibibytes(low), 'below it kswapd wakes up and frees memory'),
		field('high', kibibytes(high), 'there kswapd sleeps again'),
	];
}

export function explainZone(row: ZoneRow): Explanation {
	const {zone, freePages, presentPages, freeBlocks} = row;
	return {
		title: `zone ${zone}`,
		fields: [
			field('zone', zone, zoneWords.get(zone) ?? ''),
			...(presentPages === undefined ? [] : [field('present', kibibytes(presentPages), 'page frames that are there')]),
			field('free', kibibytes(freePages)),
			...markFields(row),
			...freeBlocks.map((count, order) =>
				field(
					`order ${order}`,
					`${count} free`,
					`blocks of ${countOf(2 ** order, 'page')}${order === 0 ? '' : ' in a row'}, ${4 * 2 ** order} KiB`,
				),
			),
		],
	};
}

const memoryWords = glossary({
	MemTotal: 'page frames that the kernel manages',
	MemFree: 'not in use',
	HighTotal: 'of these in high memory',
	HighFree: 'of these in high memory and free',
	LowTotal: 'of these with a logical address',
	LowFree: 'of these with a logical address and free',
	Buffers: 'blocks of the disk that do not belong to a file',
	Cached: 'the page cache: parts of files',
	Dirty: 'changed and not on the disk yet',
	Writeback: 'on their way to the disk',
	Mapped: 'pages of files that processes map',
	Slab: 'objects of the kernel',
	PageTables: 'page tables of processes',
});

/** @param cells labels of /proc/meminfo, or parts of them, with kilobytes */
export const explainMemory = (cells: readonly (readonly [label: string, kilobytes: number])[]): Explanation => ({
	title: 'memory, of /proc/meminfo',
	fields: cells.map(([label, kilobytes]) => field(label, `${kilobytes} KiB`, memoryWords.get(label) ?? '')),
});
