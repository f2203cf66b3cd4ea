/** truth/old kmap.json: mm/highmem.c and its architecture files of 2.6.11, 2.6.32 and 3.2, driven by a program. */
import {PAGE_SIZE, type Pfn, pfn} from '../../source/hardware/address.ts';
import {KernelPanic, TaskKilled} from '../../source/kernel/bug.ts';
import type {Kernel} from '../../source/kernel/kernel.ts';
import {fix_to_virt} from '../../source/kernel/mm/fixmap.ts';
import {page_address} from '../../source/kernel/mm/highmem.ts';
import {PAGE_KERNEL} from '../../source/kernel/mm/init_tables.ts';
import {KM_USER0, KM_USER1, kmap_atomic, kunmap_atomic} from '../../source/kernel/mm/kmap_atomic.ts';
import {lowmem_page_address, PAGE_OFFSET, PageHighMem} from '../../source/kernel/mm/page.ts';
import {pte_clear} from '../../source/kernel/mm/pgtable.ts';
import {hex} from './addressConstants.ts';
import {describeNested, framesOf, kernelPte, mapNested, onCpu, unmapNested} from './kmapAtomic.ts';
import {oldMachine} from './machines.ts';
import {exhaustPkmap} from './pkmapExhaust.ts';
import {tableBefore} from './pkmapHistory.ts';
import {PkmapSession} from './pkmapSession.ts';
import {type Vector, vectorTopic} from './topic.ts';

const number = (value: unknown) => Number(value);
const hex8 = (value: number) => `0x${value.toString(16).padStart(8, '0')}`;
const addressOrNothing = (address: number | undefined) => hex8(address ?? 0);
const flag = (value: boolean) => (value ? 1 : 0);

/** The program's pages of high memory, by number, and its page of low memory. */
const highPage = (index: number): Pfn => pfn(0x3_8000 + index);
const lowPage = pfn(0x55);
/** The program's first call of kmap(), then the page that it also maps atomically, then sixteen, then one. */
const firstPage = 600;
const [slotOfAtomic, slotOfFirst, slotOfWrap] = [2, 3, 19] as const;
const fourth = firstPage + 3;

type Answer = (k: Kernel, vector: Vector) => Vector;

function kmap_const(k: Kernel, vector: Vector): Vector {
	const {layout} = k;
	return {
		...vector,
		PKMAP_BASE: hex(layout.PKMAP_BASE),
		LAST_PKMAP: layout.LAST_PKMAP,
		FIX_KMAP_BEGIN: layout.FIX_KMAP_BEGIN,
		FIX_KMAP_END: layout.FIX_KMAP_END,
		KM_TYPE_NR: k.era.kmapSlotsPerCpu,
		NR_CPUS: layout.build.NR_CPUS,
		FIXADDR_TOP: hex(layout.FIXADDR_TOP),
		FIXADDR_START: hex(layout.FIXADDR_START),
		FIXADDR_BOOT_START: hex(layout.FIXADDR_BOOT_START),
		fix_to_virt_FIX_KMAP_BEGIN: hex(fix_to_virt(layout.FIX_KMAP_BEGIN)),
		fix_to_virt_FIX_KMAP_END: hex(fix_to_virt(layout.FIX_KMAP_END)),
		VMALLOC_END: hex(layout.VMALLOC_END),
		PAGE_OFFSET: hex(PAGE_OFFSET),
		kmap_prot: hex(PAGE_KERNEL),
		sizeof_struct_page: k.era.sizeofStructPage,
	};
}

function kmap_boot(k: Kernel, vector: Vector): Vector {
	const session = new PkmapSession(k, 0);
	const slot = session.map(highPage(0))!;
	return {...vector, va: hex(session.address(slot)), slot};
}

function kmap_pages(k: Kernel, vector: Vector): Vector {
	new PkmapSession(k, 0);
	return {
		...vector,
		first_is_highmem: flag(PageHighMem(k, highPage(0))),
		page_address_of_unmapped_highmem_page: addressOrNothing(page_address(k, highPage(0))),
	};
}

function kmap_lowmem(k: Kernel, vector: Vector): Vector {
	const session = new PkmapSession(k, 0);
	const page = pfn(number(vector.pfn));
	session.map(page);
	const address = hex(lowmem_page_address(page));
	return {...vector, kmap: address, page_address: addressOrNothing(page_address(k, page))};
}

// ── kmap_atomic ────────────────────────────────────────────────────────────────────────────────────────────────────

/** Empties the slots of all CPUs: 2.6.11 leaves entries behind, and each experiment began with a clean table. */
function clearSlots(k: Kernel): void {
	for (const pte of k.highmem.atomic.ptes) pte_clear(k, pte);
	k.highmem.atomic.held.fill(-1);
	k.highmem.atomic.depth.fill(0);
	k.cpu.preempt_count = 0;
}

function typed(k: Kernel, vector: Vector): Vector {
	const type = number(vector.type);
	const page = highPage(number(vector.page));
	new PkmapSession(k, 0);
	const va = kmap_atomic(k, page, type);
	const held = k.cpu.preempt_count;
	const map = describeNested(k, {depth: 0, frame: page, va});
	const address = page_address(k, page);
	kunmap_atomic(k, va, type);
	const after = {pte_after_unmap: hex8(kernelPte(k, va)), preempt_count_after: k.cpu.preempt_count};
	const second = kmap_atomic(k, highPage(number(vector.page) + 1), type);
	kunmap_atomic(k, second, type);
	const low = kmap_atomic(k, lowPage, type);
	const heldLow = k.cpu.preempt_count;
	kunmap_atomic(k, low, type);
	return {
		...vector,
		va: map.va,
		fixmap_idx: map.fixmap_idx,
		idx_from_FIX_KMAP_BEGIN: map.idx_from_FIX_KMAP_BEGIN,
		pte: map.pte,
		preempt_count_delta_while_held: held,
		...after,
		page_address: addressOrNothing(address),
		second_page_same_type_va: hex(second),
		lowmem_va: hex(low),
		preempt_count_delta_lowmem: heldLow,
	};
}

function stacked(k: Kernel, vector: Vector): Vector {
	const maps = mapNested(
		k,
		framesOf(vector.nested, entry => highPage(number(entry.page))),
	);
	const nested = maps.map((map, i) => ({...describeNested(k, map), page: 100 + i}));
	const low = kmap_atomic(k, lowPage);
	const heldWithLow = k.cpu.preempt_count;
	const next = kmap_atomic(k, highPage(0));
	kunmap_atomic(k, next);
	kunmap_atomic(k, low);
	const unmapped_lifo = unmapNested(k, maps, false);
	return {
		...vector,
		nested,
		lowmem_page_va: hex(low),
		preempt_count_delta_with_lowmem: heldWithLow,
		next_after_lowmem_va: hex(next),
		unmapped_lifo,
		preempt_count_after: k.cpu.preempt_count,
	};
}

function kmapAtomic(k: Kernel, vector: Vector): Vector {
	clearSlots(k);
	return 'type' in vector ? typed(k, vector) : stacked(k, vector);
}

function samePage(k: Kernel, vector: Vector): Vector {
	clearSlots(k);
	const va0 = kmap_atomic(k, highPage(0), KM_USER0);
	const va1 = kmap_atomic(k, highPage(0), KM_USER1);
	return {...vector, va0: hex(va0), va1: hex(va1)};
}

function reuse(k: Kernel, vector: Vector): Vector {
	clearSlots(k);
	const va0 = kmap_atomic(k, highPage(0), KM_USER0);
	try {
		const va1 = kmap_atomic(k, highPage(1), KM_USER0);
		const isSecond = Math.floor(kernelPte(k, va1) / PAGE_SIZE) === highPage(1);
		return {...vector, va0: hex(va0), va1: hex(va1), pte_is_second_page: flag(isSecond)};
	} catch (error) {
		// No task runs here that could die of it alone.
		if (!(error instanceof TaskKilled || error instanceof KernelPanic)) throw error;
		return {...vector, bug: 1};
	}
}

function ofKmapped(k: Kernel, vector: Vector): Vector {
	clearSlots(k);
	const session = new PkmapSession(k, slotOfAtomic - 1);
	const slot = session.map(highPage(0))!;
	const atomic = kmap_atomic(k, highPage(0), KM_USER0);
	return {...vector, kmap: hex(session.address(slot)), atomic: hex(atomic)};
}

// ── kmap ───────────────────────────────────────────────────────────────────────────────────────────────────────────

function kmap_first(k: Kernel, vector: Vector): Vector {
	const recorded = (vector.maps ?? Array.from({length: 16}, (_, i) => ({page: firstPage + i}))) as readonly {
		readonly page: number;
	}[];
	const session = new PkmapSession(k, slotOfFirst - 1);
	const maps = recorded.map(map => {
		const slot = session.map(highPage(map.page))!;
		const known = {...map, va: hex(session.address(slot)), slot, pte: hex(session.pte(slot))};
		return 'pkmap_count' in map ? {...known, pkmap_count: session.count(slot)} : known;
	});
	return {...vector, maps};
}

/** The fourth of the sixteen pages, mapped once. */
function fourthPage(k: Kernel): {session: PkmapSession; slot: number} {
	const session = new PkmapSession(k, slotOfFirst - 1);
	for (let page = firstPage; page < fourth; page++) session.map(highPage(page));
	return {session, slot: session.map(highPage(fourth))!};
}

function kmap_count(k: Kernel, vector: Vector): Vector {
	const {session, slot} = fourthPage(k);
	session.map(highPage(fourth));
	if (String(vector.what).startsWith('second kmap'))
		return {...vector, va: hex(session.address(slot)), pkmap_count: session.count(slot)};
	session.unmap(highPage(fourth));
	return {
		...vector,
		page_address: addressOrNothing(page_address(k, highPage(fourth))),
		pkmap_count: session.count(slot),
	};
}

function kmap_lazy(k: Kernel, vector: Vector): Vector {
	const {session, slot} = fourthPage(k);
	session.unmap(highPage(fourth));
	const address = page_address(k, highPage(fourth));
	if (!String(vector.what).startsWith('re-kmap'))
		return {
			...vector,
			page_address: addressOrNothing(address),
			pte: hex(session.pte(slot)),
			pkmap_count: session.count(slot),
		};
	const again = session.map(highPage(fourth))!;
	const now = session.address(again);
	return {
		...vector,
		old: addressOrNothing(address),
		new: hex(now),
		same: flag(now === address),
		pkmap_count: session.count(again),
	};
}

const wrapPages = Array.from({length: 1200}, (_, i) => 700 + i);

function kmap_wrap(k: Kernel, vector: Vector): Vector {
	const session = new PkmapSession(k, slotOfWrap - 1);
	const recorded = (vector.seq ?? wrapPages.map(page => [page])) as readonly (readonly number[])[];
	const seq = recorded.map(([page]) => {
		const slot = session.map(highPage(page!))!;
		if (page !== 700 && page !== 705) session.unmap(highPage(page!));
		return [page, slot];
	});
	return {...vector, seq, pages_with_address: session.mapped};
}

function kmap_random(k: Kernel, vector: Vector): Vector {
	const recorded = vector.seq as readonly (readonly number[])[];
	const last = number(vector.start_last_slot);
	const session = new PkmapSession(k, last);
	const {occupied, cameRoundAt} = tableBefore(recorded, last, k.layout.LAST_PKMAP);
	session.occupy(occupied);
	const seq = recorded.map(([op, page, slot], index) => {
		const frame = highPage(page!);
		const given = op === 1 ? session.map(frame, index < cameRoundAt ? slot : undefined)! : session.unmap(frame);
		return [op, page, given, session.count(given)];
	});
	return {...vector, seq, pages_with_address: session.mapped};
}

function kmap_exhaust(k: Kernel, vector: Vector): Vector {
	const {held, min_slot, max_slot, sleeps, task_state, wakeups, page, got_slot, got_va} = exhaustPkmap(
		k,
		highPage,
		number(vector.kunmapped_slot ?? 578),
	);
	const gone = addressOrNothing(page_address(k, page));
	return {
		...vector,
		held,
		min_slot,
		max_slot,
		sleeps,
		task_state,
		wakeups,
		got_slot,
		got_va,
		old_page_address_of_290: gone,
	};
}

function kmap_exhaust_again(k: Kernel, vector: Vector): Vector {
	const {sleeps, got_slot} = exhaustPkmap(k, highPage, number(vector.kunmapped_slot));
	return {...vector, sleeps, got_slot};
}

const topics: Readonly<Record<string, Answer>> = {
	kmap_const,
	kmap_boot,
	kmap_pages,
	kmap_lowmem,
	kmap_atomic: kmapAtomic,
	kmap_atomic_same_page: samePage,
	kmap_atomic_reuse: reuse,
	kmap_atomic_of_kmapped: ofKmapped,
	kmap_first,
	kmap_count,
	kmap_lazy,
	kmap_wrap,
	kmap_random,
	kmap_exhaust,
	kmap_exhaust_again,
};

/** Experiments that leave a task behind, so that the machine is not at rest afterwards. */
const withTasks: readonly unknown[] = ['kmap_exhaust', 'kmap_exhaust_again'];

const inputs =
	/^(run|config|topic|what|cpu|type|page|pfn|seed|start_last_slot|highmem_pages_tested|kunmapped_(page|slot)|(nested|maps)\.\d+\.(depth|page)|seq\.\d+\.0)$/;

/** In a random sequence the page is given too. */
export const isOldKmapAnswer = (path: string, vector: Vector): boolean =>
	!inputs.test(path) && !(vector.topic === 'kmap_random' && /^seq\.\d+\.1$/.test(path));

export const kmapOld = vectorTopic({
	name: 'kmap of old sources',
	accepts: document => document.file === 'kmap.json' && document.era !== undefined,
	isAnswer: isOldKmapAnswer,
	leftOut: [
		{
			path: /^pages_with_address$/,
			when: vector => vector.topic === 'kmap_random',
			reason: 'counts pages too that had an address before and that the sequence never names',
		},
	],
	classes: [
		{
			name: 'kmap_wrap2 of the old sources',
			reason: 'the vectors do not say which pages were mapped in which order',
			holds: vector => vector.topic === 'kmap_wrap2',
		},
	],
	nameOf: (vector, index) => `${index} ${String(vector.run)} ${String(vector.config)} ${String(vector.topic)}`,
	prepare: document => {
		const era = String(document.era);
		const machines = new Map<string, Kernel>();
		return vector => {
			const config = String(vector.config);
			const answer = topics[String(vector.topic)];
			if (!answer) throw new Error(`topic ${String(vector.topic)} is not known`);
			if (withTasks.includes(vector.topic)) return answer(oldMachine(era, config), vector);
			let k = machines.get(config);
			if (!k) machines.set(config, (k = oldMachine(era, config)));
			const kernel = k;
			return onCpu(kernel, vector.cpu, () => answer(kernel, vector));
		};
	},
});
