/** truth/i386 kmap.json: kmap(), kmap_atomic() and kmap_local_page() on booted kernels 5.10 and 6.1. */
import {kernelAddress, PAGE_SIZE, type Pfn, pfn} from '../../source/hardware/address.ts';
import {in_atomic} from '../../source/kernel/cpu.ts';
import type {Kernel} from '../../source/kernel/kernel.ts';
import {kernelToPhysical, kread32, kwrite32} from '../../source/kernel/mm/access.ts';
import {fix_to_virt} from '../../source/kernel/mm/fixmap.ts';
import {page_address} from '../../source/kernel/mm/highmem.ts';
import {
	kmap_atomic,
	kmap_atomic_pfn,
	kmap_local_page,
	kunmap_atomic,
	kunmap_local,
} from '../../source/kernel/mm/kmap_atomic.ts';
import {lowmem_page_address, PAGE_OFFSET, PageHighMem} from '../../source/kernel/mm/page.ts';
import {hex} from './addressConstants.ts';
import {describeNested, fixmapIndex, framesOf, mapNested, onCpu, unmapNested} from './kmapAtomic.ts';
import {runMachine} from './machines.ts';
import {exhaustPkmap} from './pkmapExhaust.ts';
import {PkmapSession} from './pkmapSession.ts';
import {type Document, type Vector, vectorTopic} from './topic.ts';

const nothing = '0x00000000';
const addressOrNothing = (address: number | undefined) => (address === undefined ? nothing : hex(address));
const flag = (value: boolean) => (value ? 1 : 0);
const number = (value: unknown) => Number(value);

type Answer = (k: Kernel, vector: Vector, document: Document) => Vector;
type KmapFirst = {readonly page: number; readonly slot: number; readonly pte: string};

/** Which experiment a vector is, by the words that it begins with. */
const saysFirst = (vector: Vector, words: string) => String(vector.what).startsWith(words);

/** The recorded page where it is one of high memory, else one of ours: where it lay is not the question. */
const highFrame = (k: Kernel, recorded: number | undefined, index: number): Pfn =>
	recorded !== undefined && recorded >= k.layout.highstart_pfn && recorded < k.layout.highend_pfn
		? pfn(recorded)
		: testPage(k, index);

/** Test page number `index` of a machine whose recording does not say which frame that was. */
const testPage = (k: Kernel, index: number): Pfn => pfn(k.layout.highstart_pfn + 0x100 + index);

/** The recorded page of low memory, or one of ours. */
function lowFrame(k: Kernel, recorded: unknown): Pfn {
	const frame = pfn((number(recorded) - PAGE_OFFSET) / PAGE_SIZE);
	return Number.isInteger(frame) && frame > 0 && frame < k.layout.max_low_pfn ? frame : pfn(0x3000);
}

const frameOfPte = (pte: unknown) => (pte === undefined ? undefined : Math.floor(number(pte) / PAGE_SIZE));
const sameRun = (document: Document, vector: Vector, topic: string) =>
	document.vectors.find(other => other.run === vector.run && other.topic === topic);
const firstMaps = (document: Document, vector: Vector) =>
	(sameRun(document, vector, 'kmap_first')?.maps ?? []) as readonly KmapFirst[];

function kmap_const(k: Kernel, vector: Vector): Vector {
	const {PKMAP_BASE, LAST_PKMAP, FIX_KMAP_BEGIN, FIX_KMAP_END, build} = k.layout;
	return {
		...vector,
		PKMAP_BASE: hex(PKMAP_BASE),
		LAST_PKMAP,
		FIX_KMAP_BEGIN,
		FIX_KMAP_END,
		KM_MAX_IDX: k.era.kmapSlotsPerCpu,
		nr_cpu_ids: k.sched.cpus.length,
		CONFIG_NR_CPUS: build.NR_CPUS,
		fix_to_virt_FIX_KMAP_BEGIN: hex(fix_to_virt(FIX_KMAP_BEGIN)),
		fix_to_virt_FIX_KMAP_END: hex(fix_to_virt(FIX_KMAP_END)),
	};
}

function kmap_boot(k: Kernel, vector: Vector): Vector {
	if (k.layout.highend_pfn === k.layout.highstart_pfn)
		return {...vector, va: hex(lowmem_page_address(lowFrame(k, vector.va))), slot: -1};
	const session = new PkmapSession(k, Math.max(0, number(vector.slot ?? 1) - 1));
	const slot = session.map(testPage(k, 0))!;
	return {...vector, va: hex(session.address(slot)), slot};
}

function kmap_pages(k: Kernel, vector: Vector): Vector {
	const hasHigh = k.layout.highend_pfn > k.layout.highstart_pfn;
	const page = hasHigh ? testPage(k, 0) : lowFrame(k, vector.page_address_of_unmapped_highmem_page);
	new PkmapSession(k, 0);
	return {
		...vector,
		first_is_highmem: flag(PageHighMem(k, page)),
		page_address_of_unmapped_highmem_page: addressOrNothing(page_address(k, page)),
	};
}

// ── kmap_atomic ────────────────────────────────────────────────────────────────────────────────────────────────────

function nestedMaps(k: Kernel, vector: Vector): Vector {
	const isInterrupt = String(vector.ctx).startsWith('hardirq');
	const held = isInterrupt ? mapNested(k, [testPage(k, 20), testPage(k, 21)]) : [];
	const current = k.cpu.current;
	const before = {preempt: k.cpu.preempt_count, faults: current.pagefault_disabled};
	const frames = framesOf(vector.nested, entry => highFrame(k, number(entry.pfn), number(entry.depth)));
	const maps = mapNested(k, frames);
	const nested = maps.map(map => ({...describeNested(k, map), pfn: hex(map.frame)}));
	const deltas = {
		preempt_count_delta_while_held: k.cpu.preempt_count - before.preempt,
		pagefault_disabled_delta_while_held: current.pagefault_disabled - before.faults,
	};
	const unmapped_lifo = unmapNested(k, maps, true);
	unmapNested(k, held, true);
	return {...vector, nested, ...deltas, unmapped_lifo};
}

function aboutToBeInterrupted(k: Kernel, vector: Vector): Vector {
	const count = Array.isArray(vector.nested) ? vector.nested.length : 2;
	const maps = mapNested(
		k,
		Array.from({length: count}, (_, i) => testPage(k, i)),
	);
	unmapNested(k, maps, true);
	return {...vector, nested: maps.map(map => hex(map.va))};
}

function twice(k: Kernel, vector: Vector): Vector {
	const page = testPage(k, 0);
	new PkmapSession(k, 0);
	const maps = mapNested(k, [page, page]);
	kwrite32(k, maps[0]!.va, 0x1234_5678);
	const answer = {
		...vector,
		first: hex(maps[0]!.va),
		second: hex(maps[1]!.va),
		write_first_read_second: hex(kread32(k, maps[1]!.va)),
		page_address_during: addressOrNothing(page_address(k, page)),
	};
	unmapNested(k, maps, true);
	return answer;
}

function highLowHigh(k: Kernel, vector: Vector): Vector {
	const low = lowFrame(k, vector.low);
	const maps = mapNested(k, [testPage(k, 0), low, testPage(k, 1)]);
	unmapNested(k, maps, false);
	return {
		...vector,
		high0: hex(maps[0]!.va),
		low: hex(maps[1]!.va),
		low_page_address: addressOrNothing(page_address(k, low)),
		high1: hex(maps[2]!.va),
	};
}

function ofKmapped(k: Kernel, vector: Vector): Vector {
	const recorded = (number(vector.kmap) - k.layout.PKMAP_BASE) / PAGE_SIZE;
	const session = new PkmapSession(k, recorded > 0 && recorded < k.layout.LAST_PKMAP ? recorded - 1 : 0);
	const slot = session.map(testPage(k, 2))!;
	const maps = mapNested(k, [testPage(k, 2), testPage(k, 3)]);
	unmapNested(k, maps, false);
	session.unmap(testPage(k, 2));
	return {
		...vector,
		kmap: hex(session.address(slot)),
		kmap_atomic_same_page: hex(maps[0]!.va),
		kmap_atomic_other_page: hex(maps[1]!.va),
	};
}

function counts(k: Kernel, vector: Vector): Vector {
	const {current} = k.cpu;
	const before = {preempt_before: k.cpu.preempt_count, pagefault_disabled_before: current.pagefault_disabled};
	const va = kmap_atomic(k, testPage(k, 0));
	const inside = {
		preempt_inside: k.cpu.preempt_count,
		pagefault_disabled_inside: current.pagefault_disabled,
		in_atomic_inside: flag(in_atomic(k)),
	};
	kunmap_atomic(k, va);
	return {...vector, ...before, ...inside};
}

function pfnOfLowMemory(k: Kernel, vector: Vector): Vector {
	const low = lowFrame(k, vector.page_address);
	const va = kmap_atomic_pfn(k, low);
	kunmap_atomic(k, va);
	return {...vector, va: hex(va), page_address: addressOrNothing(page_address(k, low))};
}

const atomicByWhat: readonly (readonly [start: string, answer: Answer])[] = [
	['same highmem page mapped twice', twice],
	['high,low,high nested', highLowHigh],
	['page already kmap()ed', ofKmapped],
	['preempt_count and pagefault_disabled', counts],
	['kmap_atomic_pfn of a lowmem pfn', pfnOfLowMemory],
];

function kmapAtomic(k: Kernel, vector: Vector, document: Document): Vector {
	if (vector.ctx === 'task about to be interrupted') return aboutToBeInterrupted(k, vector);
	if (vector.ctx !== undefined) return nestedMaps(k, vector);
	const found = atomicByWhat.find(([start]) => saysFirst(vector, start));
	if (!found) throw new Error(`no kmap_atomic experiment "${String(vector.what)}" is known`);
	return found[1](k, vector, document);
}

function kmapLocal(k: Kernel, vector: Vector): Vector {
	const va = kmap_local_page(k, testPage(k, 0));
	const answer = {...vector, va: hex(va), preempt_inside: k.cpu.preempt_count};
	kunmap_local(k, va);
	return answer;
}

function lowmem(k: Kernel, vector: Vector): Vector {
	const address = addressOrNothing(page_address(k, lowFrame(k, vector.kmap)));
	return {...vector, kmap: address, page_address: address};
}

// ── kmap ───────────────────────────────────────────────────────────────────────────────────────────────────────────

function kmapFirst(k: Kernel, vector: Vector): Vector {
	const recorded = (vector.maps ?? Array.from({length: 16}, (_, page) => ({page}))) as readonly Partial<KmapFirst>[];
	// What had a slot before lies below the first one that is handed out.
	const start = recorded.find(map => map.page === 0)?.slot ?? 1;
	const session = new PkmapSession(k, start - 1);
	const maps = recorded.map(({page, slot, pte}) => {
		const frame = highFrame(k, frameOfPte(pte), number(page));
		const given = session.map(frame, slot)!;
		return {page, va: hex(session.address(given)), slot: given, pte: hex(session.pte(given))};
	});
	return {...vector, maps};
}

/** Page 3 of the test, which the next experiments map again, in the slot that it got first. */
function thirdPage(k: Kernel, vector: Vector, document: Document, recorded: unknown) {
	const first = firstMaps(document, vector).find(map => map.page === 3);
	const slot = first?.slot ?? (number(recorded) - k.layout.PKMAP_BASE) / PAGE_SIZE;
	const session = new PkmapSession(k, slot - 1);
	const page = highFrame(k, frameOfPte(first?.pte ?? vector.pte), 3);
	return {session, page, slot: session.map(page)!};
}

function kmapCount(k: Kernel, vector: Vector, document: Document): Vector {
	const {session, page} = thirdPage(k, vector, document, vector.page_address);
	const again = session.map(page)!;
	if (saysFirst(vector, 'second kmap'))
		return {...vector, va: hex(session.address(again)), page_address: addressOrNothing(page_address(k, page))};
	session.unmap(page);
	return {...vector, page_address: addressOrNothing(page_address(k, page))};
}

function kmapLazy(k: Kernel, vector: Vector, document: Document): Vector {
	if (saysFirst(vector, 'a new page')) {
		const last = firstMaps(document, vector).at(-1)?.slot ?? number(vector.slot) - 1;
		const session = new PkmapSession(k, last);
		const slot = session.map(testPage(k, 600))!;
		return {...vector, va: hex(session.address(slot)), slot};
	}
	const {session, page, slot} = thirdPage(k, vector, document, vector.page_address ?? vector.old);
	session.unmap(page);
	const address = page_address(k, page);
	if (saysFirst(vector, 're-kmap')) {
		const now = session.address(session.map(page)!);
		return {...vector, old: addressOrNothing(address), new: hex(now), same: flag(now === address)};
	}
	const isReadable = kernelToPhysical(k, kernelAddress(session.address(slot))) !== undefined;
	return {
		...vector,
		page_address: addressOrNothing(address),
		pte: hex(session.pte(slot)),
		read_ret: isReadable ? 0 : -14,
	};
}

const pagesFrom = (first: number, count: number) =>
	Array.from({length: count}, (_, i) => [first + i] as readonly number[]);

function kmapWrap(k: Kernel, vector: Vector, document: Document): Vector {
	const recorded = (vector.seq ?? pagesFrom(200, 500)) as readonly (readonly number[])[];
	const recordedAgain = (vector.seq2 ?? pagesFrom(16, 100)) as readonly (readonly number[])[];
	const session = new PkmapSession(k, Math.max(0, (recorded[0]?.[1] ?? 1) - 1));
	const third = firstMaps(document, vector).find(map => map.page === 3);
	if (third) session.adopt(testPage(k, 3), third.slot);
	const seq = recorded.map(([page]) => {
		const slot = session.map(testPage(k, page!))!;
		if (page !== 200 && page !== 205) session.unmap(testPage(k, page!));
		return [page, slot];
	});
	const held = [200, 205].map(page => session.slotOf(testPage(k, page))!);
	const h1_va = addressOrNothing(page_address(k, testPage(k, 200)));
	const still = recorded.filter(([page]) => page_address(k, testPage(k, page!)) !== undefined).length;
	const thirdNow = addressOrNothing(page_address(k, testPage(k, 3)));
	const seq2 = recordedAgain.map(([page, slot]) => {
		const given = session.map(testPage(k, page!), slot)!;
		session.unmap(testPage(k, page!));
		return [page, given];
	});
	return {
		...vector,
		seq,
		still_having_page_address_after: still,
		held,
		page3_address_now: thirdNow,
		seq2,
		h1_va,
		h1_still: addressOrNothing(page_address(k, testPage(k, 200))),
	};
}

/** Further calls over the 700 test pages, and what the table looks like whenever its search comes round. */
const wrap2Calls = 1000;

function kmapWrap2(k: Kernel, vector: Vector): Vector {
	const {LAST_PKMAP} = k.layout;
	const recorded = vector.events as readonly {readonly call: number}[] | undefined;
	const first = recorded?.[0]?.call;
	const session = new PkmapSession(k, first === undefined ? 0 : LAST_PKMAP - 1 - first);
	if (LAST_PKMAP > 700) {
		// Here all but 84 of the pages still have the slots that the experiments before gave them.
		for (let page = 0; page < 700; page++) {
			if (page >= 116 && page < 200) continue;
			session.map(testPage(k, page));
			session.unmap(testPage(k, page));
		}
	}
	const events: Vector[] = [];
	let former = -1;
	for (let call = 0; call < wrap2Calls; call++) {
		const frame = testPage(k, (200 + call) % 700);
		const slot = session.map(frame)!;
		session.unmap(frame);
		if (former !== -1 && slot < former && slot === 0)
			events.push({call, prev_slot: former, slot, pages_with_address: session.mapped});
		former = slot;
	}
	return {...vector, events};
}

function kmapExhaust(k: Kernel, vector: Vector): Vector {
	const {held, min_slot, max_slot, blocked, task_state, wakeups, got_slot, got_va} = exhaustPkmap(
		k,
		index => testPage(k, index),
		number(vector.kunmapped_slot ?? 290),
	);
	const kthread_state = blocked ? 1 : 2;
	return {...vector, held, min_slot, max_slot, kthread_state, task_state, woken: wakeups, got_slot, got_va};
}

const topics: Readonly<Record<string, Answer>> = {
	kmap_const,
	kmap_boot,
	kmap_pages,
	kmap_atomic: kmapAtomic,
	kmap_local: kmapLocal,
	kmap_lowmem: lowmem,
	kmap: lowmem,
	kmap_first: kmapFirst,
	kmap_count: kmapCount,
	kmap_lazy: kmapLazy,
	kmap_wrap: kmapWrap,
	kmap_wrap2: kmapWrap2,
	kmap_exhaust: kmapExhaust,
};

/** CPU that a recorded kmap_atomic address belongs to, where the recording does not say where it ran. */
function cpuOfSlot(k: Kernel, va: unknown): number {
	const cpu = Math.floor((fixmapIndex(number(va)) - k.layout.FIX_KMAP_BEGIN) / k.era.kmapSlotsPerCpu);
	return k.sched.cpus[cpu] ? cpu : 0;
}

/** What the experiment was told: which run and CPU, which pages, which slot to let go of. */
const inputs =
	/^(run|topic|what|ctx|cpu|formula|highmem_pages_tested|kunmapped_slot|nested\.\d+\.(depth|pfn)|maps\.\d+\.page|seq2?\.\d+\.0)$/;

export const isKmapAnswer = (path: string): boolean => !inputs.test(path);

export const kmapTopic = vectorTopic({
	name: 'kmap',
	accepts: document => document.file === 'kmap.json' && document.era === undefined,
	isAnswer: isKmapAnswer,
	leftOut: [{path: /^migration_disabled$/, reason: 'tasks here never move to another CPU while they run'}],
	nameOf: (vector, index) =>
		`${index} ${String(vector.run)} ${String(vector.topic)} ${String(vector.what ?? vector.ctx ?? '')}`.slice(0, 80),
	prepare: document => {
		const machines = new Map<string, Kernel>();
		return vector => {
			const run = String(vector.run);
			let k = machines.get(run);
			if (!k) machines.set(run, (k = runMachine(run)));
			const answer = topics[String(vector.topic)];
			if (!answer) throw new Error(`topic ${String(vector.topic)} is not known`);
			const kernel = k;
			// A new boot where tasks have run: their CPU is no longer at rest.
			if (vector.topic === 'kmap_exhaust') return answer(runMachine(run), vector, document);
			return onCpu(kernel, vector.cpu ?? cpuOfSlot(kernel, vector.va), () => answer(kernel, vector, document));
		};
	},
});
