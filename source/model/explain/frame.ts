/** A page frame, and an entry of page tables that leads to one. */

import type {PageInfo} from '../../formats/debugfs/page.ts';
import {formatSpaceAddress, type WalkStep} from '../../formats/debugfs/translate.ts';
import {address, prefixedHex} from '../../formats/text.ts';
import {ladderOf} from '../ladder.ts';
import {pageEntry} from '../pageEntry.ts';
import type {LadderFacts, Rung} from '../rung.ts';
import {type ExplainedField, type Explanation, field, glossary} from './explanation.ts';
import {pageFlagWords} from './pageFlags.ts';

const kinds = glossary({
	reserved: 'not for anybody: the kernel itself, a hole, or taken out by a driver',
	kernel: 'the kernel allocated it for itself',
	slab: 'cut into small objects, for kmalloc() and caches',
	'page table': 'holds entries of page tables',
	anonymous: 'memory of a process, without a file behind it',
	'anonymous, shared': 'several processes see it: shared memory, or after fork() until one of them writes',
	'page cache': 'holds a part of a file; no process maps it',
	'page cache, mapped': 'holds a part of a file that a process maps',
	'page cache, dirty': 'holds a part of a file that was changed and is not on the disk yet',
	'DMA coherent or pool': 'a driver shares it with a device',
	pinned: 'get_user_pages() holds it: a device may use it, so it cannot move or go',
	kmapped: 'the kernel has it in a window of kmap() or kmap_atomic() now',
	bounce: 'swiotlb copies through it for devices that cannot reach the frame itself',
	vmalloc: 'part of an area of vmalloc()',
	'under writeback': 'on its way to the disk',
	free: 'it is not in use',
});

const zones = glossary({
	DMA: 'the first 16 MiB, which ISA devices reach',
	DMA32: 'below 4 GiB',
	Normal: 'low memory: the kernel has a logical address for it',
	HighMem: 'high memory: the kernel has to map it before it can touch it',
});

function referenceSays({_count, pinned, mappers, mapping}: PageInfo): string {
	if (_count === 0) return '';
	const parts = [
		...(mappers.length > 0 ? [`${mappers.length} for page tables`] : []),
		...(mapping ? ['1 for the page cache'] : []),
		...(pinned.length > 0 ? [`${pinned.length} by get_user_pages()`] : []),
	];
	return parts.length === 0 ? 'the frame is free when it comes to 0' : `of these ${parts.join(', ')}`;
}

/** A rung of the ladder, as a field. */
const rungField = ({label, value, text, says}: Rung): ExplainedField =>
	field(label || '…', `${value} ${text}`.trim(), ...says);

/** The bits of an entry of page tables, each by its name. */
function explainEntry({label, value, text, says}: Rung, step: WalkStep): Explanation {
	const entry = pageEntry(step);
	return {
		title: `entry ${label} of the page tables`,
		fields: [
			field('entry', value, ...says),
			...(entry.isPresent ? [field('points at', address(entry.address), text.replace('→ ', ''))] : []),
			...entry.bits.map(({name, bit, isSet, word}) =>
				field(`bit ${prefixedHex(bit)}`, isSet ? '1' : '0', `${name}: ${word}`),
			),
		],
	};
}

function explainFrame(page: PageInfo, rungs: readonly Rung[]): Explanation {
	const {pfn, zone, kind, flags, _count, _mapcount, index, order} = page;
	const known = flags.filter(name => pageFlagWords.get(name));
	return {
		title: `page frame ${prefixedHex(pfn)}`,
		fields: [
			field('kind', kind, kinds.get(kind) ?? ''),
			field('zone', zone, zones.get(zone) ?? ''),
			field(
				'flags',
				flags.length === 0 ? 'none' : flags.join(' '),
				...known.map(name => `${name}: ${pageFlagWords.get(name)}`),
			),
			field('_count', String(_count), referenceSays(page)),
			field('_mapcount', String(_mapcount), 'entries of page tables that map it, less one: -1 is none'),
			...(index === null
				? []
				: [field('index', String(index), 'its place in the file or in the address space, in pages')]),
			...(order === null ? [] : [field('order', String(order), `a free block of ${2 ** order} frames begins here`)]),
			...rungs.filter(({id}) => id !== 'frame').map(rungField),
		],
	};
}

/** @param rungId of the rung that somebody points at; undefined for the page as a whole */
export function explainLadder(facts: LadderFacts, rungId: string | undefined): Explanation {
	const rungs = ladderOf(facts);
	const rung = rungs.find(({id}) => id === rungId);
	const step = facts.translate?.walk.find(({level}) => level === rungId);
	if (rung && step) return explainEntry(rung, step);
	return facts.page
		? explainFrame(facts.page, rungs)
		: {title: formatSpaceAddress(facts.subject), fields: rungs.map(rungField)};
}
