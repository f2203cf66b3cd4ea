/**
 * The address ladder: one page of memory through every kind of address, rung by rung, from what a process uses down to
 * the page frame and from there to what devices and the kernel use. A rung that is missing says why.
 *
 * @see Linux Device Drivers, 3rd edition, chapter 15, “Address Types” (page 413)
 */

import type {PageInfo, PageMapper} from '../formats/debugfs/page.ts';
import type {SpaceAddress, WalkStep} from '../formats/debugfs/translate.ts';
import {pageBytes} from '../formats/pageBytes.ts';
import {address, prefixedHex, seconds} from '../formats/text.ts';
import {countOf} from '../formats/words.ts';
import {busRungs} from './ladderBus.ts';
import {kernelRungs} from './ladderKernel.ts';
import {pageEntry, pageLevel} from './pageEntry.ts';
import {hex8, type LadderFacts, mebibytes, missing, physicalOf, type Rung} from './rung.ts';

/** Why the subject leads nowhere. */
function unreachedBecause({translate}: LadderFacts): string {
	const answer = translate?.answers.find(({space}) => space === 'phys');
	return answer && 'reason' in answer ? answer.reason : 'the target does not say what is behind it';
}

const mapperName = ({comm, pid}: {readonly comm: string; readonly pid: number}): string => `${comm}-${pid}`;

/** The entry of the page tables that the ladder goes through. */
export const mapperIn = ({space, owner, address: at}: SpaceAddress, mappers: readonly PageMapper[]) =>
	space === 'user'
		? mappers.findIndex(mapper => mapper.pid === Number(owner) && mapper.address === at - (at % pageBytes))
		: -1;

function areaSays({perms, file}: PageMapper): string {
	const shared = perms[3] === 's' ? 'shared' : 'private';
	return file === null ? `in a ${shared} area ${perms} without a file` : `in a ${shared} area ${perms} of ${file}`;
}

function userRung({subject, page}: LadderFacts): Rung {
	const mappers = page?.mappers ?? [];
	if (subject.space !== 'user') {
		return mappers.length === 0
			? missing('user', 'user', page ? 'no process maps it' : 'not a user address')
			: {
					id: 'user',
					label: 'user',
					kind: 'address',
					value: address(mappers[0]!.address),
					text: mapperName(mappers[0]!),
					says: [],
				};
	}
	const at = mapperIn(subject, mappers);
	const mapper = mappers[at];
	const others =
		mappers.length === 1 ? [] : [`mapping ${at + 1} of ${mappers.length} of this frame: ← → show the others`];
	return {
		id: 'user',
		label: 'user',
		kind: 'address',
		value: address(subject.address),
		text: mapper ? mapperName(mapper) : `process ${subject.owner}`,
		says: mapper ? [areaSays(mapper), ...others] : [],
	};
}

/** Kinds of address in the kernel's part of the address space, by the range that holds one. */
const rangeSays: Readonly<Record<string, string>> = {
	lowmem: 'a logical address: low memory, always mapped',
	vmalloc: 'in the range of vmalloc() and ioremap()',
	pkmap: 'in the window of kmap()',
	fixmap: 'in the fixmap, where kmap_atomic() has its slots',
};

/** The kernel or bus address that the ladder begins at, where that is what was asked for. */
function startRung({subject, machine}: LadderFacts): readonly Rung[] {
	const {space, owner, address: at} = subject;
	if (space === 'bus') {
		return [
			{id: 'start', label: 'asked', kind: 'address', value: address(at), text: `bus address of ${owner}`, says: []},
		];
	}
	if (space !== 'virt' && space !== 'logical') return [];
	const range = machine?.ranges.find(({start, end}) => at >= start && at < end);
	const text = range ? (rangeSays[range.name] ?? range.name) : 'a kernel virtual address';
	return [{id: 'start', label: 'kernel', kind: 'address', value: address(at), text, says: []}];
}

function stepRung(step: WalkStep, at: number, because: string): Rung {
	const {level, index, entry} = step;
	const isWide = entry.length > 8;
	const {shift, entries} = pageLevel(level, isWide);
	const isTop = level === 'pgd';
	const found = pageEntry(step);
	const place = address(found.address);
	const target = found.isLarge
		? `${mebibytes(found.bytes)} page at ${place}`
		: `${level === 'pte' ? 'page' : 'table'} at ${place}`;
	const arithmetic = `${hex8(at)} >> ${shift}${isTop ? '' : ` & ${prefixedHex(entries - 1)}`}`;
	return {
		id: level,
		label: `${level}[${index}]`,
		kind: found.isPresent ? 'step' : 'missing',
		value: entry,
		text: found.isPresent ? `→ ${target}` : 'not present',
		says: [
			`entry ${arithmetic} = ${index}`,
			...(found.isPresent ? [found.words.join(', ')] : [because]),
			...(found.isLarge
				? [`${hex8(at % found.bytes)} bytes into it: ${hex8(found.address + (at % found.bytes))}`]
				: []),
		],
	};
}

const walkRungs = (facts: LadderFacts): readonly Rung[] =>
	(facts.translate?.walk ?? []).map(step => stepRung(step, facts.subject.address, unreachedBecause(facts)));

function countSays({_count, _mapcount, kind}: PageInfo): string {
	if (kind === 'free') return `_count ${_count}: free`;
	const users = _count === 0 ? 'not counted' : countOf(_count, 'reference');
	const entries = _mapcount < 0 ? 'no process maps it' : `mapped ${countOf(_mapcount + 1, 'time')}`;
	return `_count ${_count}: ${users}; _mapcount ${_mapcount}: ${entries}`;
}

function frameSays(page: PageInfo): readonly string[] {
	const {flags, mapping, order, pools, bounceSlots, structPage} = page;
	return [
		`struct page at ${address(structPage)}`,
		...(flags.length === 0 ? [] : [flags.join(' ')]),
		countSays(page),
		...(mapping ? [`caches ${mapping.file} from byte ${prefixedHex(mapping.offsetBytes)} on`] : []),
		...(order === null ? [] : [`first of a free block of order ${order}: ${countOf(2 ** order, 'frame', 'frames')}`]),
		...pools.map(
			({device, pool, blocksInUse, blocks}) =>
				`page of DMA pool ${pool} of ${device}: ${blocksInUse} of ${blocks} blocks in use`,
		),
		...bounceSlots.map(slot => `holds swiotlb slot ${slot}: bytes of a frame that a device cannot reach`),
	];
}

function frameRungs(facts: LadderFacts): readonly Rung[] {
	const {page} = facts;
	const physical = physicalOf(facts);
	if (page) {
		const {pfn, zone, kind} = page;
		return [
			{
				id: 'frame',
				label: 'frame',
				kind: 'frame',
				value: prefixedHex(pfn),
				text: `${zone}, ${kind}`,
				says: frameSays(page),
			},
		];
	}
	if (physical === undefined) {
		const isWalked = (facts.translate?.walk.length ?? 0) > 0;
		return [missing('frame', 'frame', isWalked ? 'none behind it now' : `none: ${unreachedBecause(facts)}`)];
	}
	const noPage = 'not RAM: registers or memory of a device, without a struct page';
	return [{...missing('frame', 'frame', noPage), value: prefixedHex(Math.floor(physical / pageBytes))}];
}

/** So many others are named; a page of the C library has a mapper in every process. */
const mostNamed = 6;

function mapperRungs({subject, page}: LadderFacts): readonly Rung[] {
	const mappers = page?.mappers ?? [];
	const shown = Math.max(0, mapperIn(subject, mappers));
	const others = mappers.filter((_, index) => index !== shown);
	if (others.length === 0) return [];
	const named = others.slice(0, mostNamed).map(mapper => `${mapperName(mapper)} at ${address(mapper.address)}`);
	const more = others.length > mostNamed ? [`and ${others.length - mostNamed} more`] : [];
	return [{id: 'mappers', label: 'mapped', kind: 'note', value: '', text: 'also by', says: [...named, ...more]}];
}

const pinRungs = ({page}: LadderFacts): readonly Rung[] =>
	(page?.pinned ?? []).map(({pid, comm, address: at, sinceUs, write}, index) => ({
		id: `pin ${index}`,
		label: index === 0 ? 'pinned' : '',
		kind: 'note',
		value: '',
		text: `by ${comm}-${pid} through ${address(at)}, to ${write ? 'write' : 'read'} it, since ${seconds(sinceUs)} s`,
		says: index === 0 ? ['get_user_pages() holds it until the pin is given back'] : [],
	}));

function physicalRung(facts: LadderFacts): readonly Rung[] {
	const physical = physicalOf(facts);
	if (physical === undefined) return [];
	const offset = physical % pageBytes;
	const frame = Math.floor(physical / pageBytes);
	const text = `= ${prefixedHex(frame)} << 12${offset === 0 ? '' : ` + ${prefixedHex(offset)}`}`;
	return [{id: 'physical', label: 'physical', kind: 'address', value: address(physical), text, says: []}];
}

/** All rungs, from the top. */
export function ladderOf(facts: LadderFacts): readonly Rung[] {
	return [
		...startRung(facts),
		...(facts.subject.space === 'user' || facts.page ? [userRung(facts)] : []),
		...walkRungs(facts),
		...frameRungs(facts),
		...mapperRungs(facts),
		...pinRungs(facts),
		...physicalRung(facts),
		...busRungs(facts),
		...kernelRungs(facts),
	];
}
