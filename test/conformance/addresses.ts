/** truth/i386 addresses.json: layout, zones, conversions between kinds of address, where allocations come from. */
import {logicalAddress, type Pfn, pageOffset, pfn, physicalAddress} from '../../source/hardware/address.ts';
import type {Kernel} from '../../source/kernel/kernel.ts';
import * as gfp from '../../source/kernel/mm/gfp.ts';
import {page_address} from '../../source/kernel/mm/highmem.ts';
import {ioremap, iounmap} from '../../source/kernel/mm/ioremap.ts';
import {is_vmalloc_addr, pageStructAddress, virt_addr_valid} from '../../source/kernel/mm/layout.ts';
import {VM_EXEC, VM_READ, VM_SHARED, VM_WRITE} from '../../source/kernel/mm/mm_types.ts';
import {
	get_page,
	lowmem_page_address,
	PAGE_OFFSET,
	PageHighMem,
	PageReserved,
	page_count,
	pfn_valid,
	virt_to_page,
} from '../../source/kernel/mm/page.ts';
import {
	__free_pages,
	free_pages,
	put_page,
	try_alloc_pages,
	try_get_free_pages,
} from '../../source/kernel/mm/page_alloc.ts';
import {vm_get_page_prot} from '../../source/kernel/mm/protection.ts';
import {kfree, ksize, try_kmalloc} from '../../source/kernel/mm/slab.ts';
import {find_vm_area, try_vmalloc, vfree} from '../../source/kernel/mm/vmalloc.ts';
import {page_zone} from '../../source/kernel/mm/zone.ts';
import {constants, hex} from './addressConstants.ts';
import {relateAddress, type Spans, spansOf} from './addressRelations.ts';
import {isFloating, kernel_pte} from './kernelPte.ts';
import {runMachine} from './machines.ts';
import {type Vector, vectorTopic} from './topic.ts';

const nothing = '0x00000000';
const flag = (value: boolean) => (value ? 1 : 0);
const number = (value: unknown): number => Number(value);
const zoneName = (k: Kernel, frame: Pfn): string => page_zone(k, frame).name;
const addressOrNothing = (address: number | undefined): string => (address === undefined ? nothing : hex(address));

/** Uses what an allocation gave, then gives it back, so that vectors do not depend on each other. */
type Answer = (k: Kernel, vector: Vector) => Vector;

function gfpNamed(name: unknown): number {
	const value = (gfp as Readonly<Record<string, unknown>>)[String(name) === 'GFP_DMA32' ? '__GFP_DMA32' : String(name)];
	if (typeof value !== 'number') throw new Error(`unknown allocation flags ${String(name)}`);
	return value;
}

function zone(k: Kernel, vector: Vector): Vector {
	const found = k.pages.zones[number(vector.idx)];
	// ZONE_MOVABLE, which Linux lists and leaves empty.
	if (!found) return {...vector, name: 'Movable', start_pfn: 0, spanned: 0, present: 0, managed: 0};
	const {
		name,
		zone_start_pfn: start_pfn,
		spanned_pages: spanned,
		present_pages: present,
		managed_pages: managed,
	} = found;
	return {...vector, name, start_pfn, spanned, present, managed};
}

function derived(k: Kernel, vector: Vector): Vector {
	const {max_low_pfn, highstart_pfn, highend_pfn, empty_zero_page, mem_map} = k.layout;
	const hasHigh = highend_pfn > highstart_pfn;
	return {
		...vector,
		max_low_pfn,
		highstart_pfn: hasHigh ? highstart_pfn : 0,
		highend_pfn: hasHigh ? highend_pfn : 0,
		zero_page_pfn: empty_zero_page,
		zero_page_va: hex(lowmem_page_address(empty_zero_page)),
		mem_map_va: hex(mem_map),
		pfn_of_mem_map_0: (pageStructAddress(k, pfn(0)) - mem_map) / k.era.sizeofStructPage,
	};
}

function lowmem_addr(k: Kernel, vector: Vector): Vector {
	const va = logicalAddress(number(vector.pa) + PAGE_OFFSET);
	const frame = virt_to_page(va);
	// The arithmetic works for frames that do not exist; behind mem_map lie zeros, which read as an unflagged page of
	// zone 0.
	const exists = pfn_valid(k, frame);
	return {
		...vector,
		va: hex(va),
		__pa: hex(va - PAGE_OFFSET),
		virt_to_page_pfn: frame,
		page_address: exists ? addressOrNothing(page_address(k, frame)) : hex(lowmem_page_address(frame)),
		mem_map_index: frame,
		page_struct: hex(pageStructAddress(k, frame)),
		zone: exists ? zoneName(k, frame) : k.pages.zones[0]!.name,
		virt_addr_valid: flag(virt_addr_valid(k, va)),
		PageReserved: flag(exists && PageReserved(k, frame)),
	};
}

function pfnTopic(k: Kernel, vector: Vector): Vector {
	const frame = pfn(number(vector.pfn));
	if (!pfn_valid(k, frame))
		return {...vector, pfn_valid: 0, PageHighMem: -1, page_address: nothing, zone: '', PageReserved: -1};
	return {
		...vector,
		pfn_valid: 1,
		PageHighMem: flag(PageHighMem(k, frame)),
		page_address: addressOrNothing(page_address(k, frame)),
		zone: zoneName(k, frame),
		PageReserved: flag(PageReserved(k, frame)),
	};
}

function classify(k: Kernel, vector: Vector): Vector {
	const va = number(vector.va);
	return {
		...vector,
		virt_addr_valid: flag(virt_addr_valid(k, va)),
		is_vmalloc_addr: flag(is_vmalloc_addr(k, va)),
		__pa_raw: hex((va - PAGE_OFFSET) >>> 0),
	};
}

function gfp_zone(k: Kernel, vector: Vector): Vector {
	if (vector.gfp === '__get_free_page(GFP_HIGHUSER)') {
		const address = try_get_free_pages(k, gfp.GFP_HIGHUSER, 0)!;
		free_pages(k, address, 0);
		return {...vector, va: hex(address)};
	}
	const order = number(vector.order);
	const frame = try_alloc_pages(k, gfpNamed(vector.gfp), order);
	if (frame === undefined)
		return {...vector, ok: 0, zone: '', pfn: '0x0', naturally_aligned: -1, page_address: nothing};
	__free_pages(k, frame, order);
	return {
		...vector,
		ok: 1,
		zone: zoneName(k, frame),
		pfn: hex(frame),
		naturally_aligned: flag(frame % 2 ** order === 0),
		page_address: addressOrNothing(page_address(k, frame)),
	};
}

function kmalloc(k: Kernel, vector: Vector): Vector {
	const address = try_kmalloc(k, number(vector.size), gfp.GFP_KERNEL);
	if (address === undefined) return {...vector, ok: 0, ksize: 0, align: 0, lowmem: 0};
	const align = 2 ** (31 - Math.clz32(address & -address));
	const answer = {...vector, ok: 1, ksize: ksize(k, address), align, lowmem: flag(address < k.layout.high_memory)};
	kfree(k, address);
	return answer;
}

function vmalloc(k: Kernel, vector: Vector): Vector {
	const va = try_vmalloc(k, number(vector.size), 'conformance');
	if (va === undefined) return {...vector, va: nothing};
	const pages = find_vm_area(k, va)!.pages.map(frame => ({
		pfn: hex(frame),
		zone: zoneName(k, frame),
		count: page_count(k, frame),
		highmem: flag(PageHighMem(k, frame)),
	}));
	const answer = {
		...vector,
		va: hex(va),
		page_aligned: flag(pageOffset(va) === 0),
		is_vmalloc_addr: flag(is_vmalloc_addr(k, va)),
		virt_addr_valid: flag(virt_addr_valid(k, va)),
		pages,
	};
	vfree(k, va);
	return answer;
}

/** Seven areas are freed; the kernels of the captures do not give their addresses out again at once. */
function vmalloc_reuse(k: Kernel, vector: Vector): Vector {
	const areas = [1, 4096, 4097, 8192, 16_384, 65_536, 100_000].map(size => try_vmalloc(k, size, 'conformance')!);
	for (const area of areas) vfree(k, area);
	const va = try_vmalloc(k, 4096, 'conformance')!;
	vfree(k, va);
	return {...vector, va: areas.includes(va) ? vector.first_was : hex(va)};
}

/** The recordings do not classify the address of the test device's registers. */
const eduBar0 = 0xfe90_0000;

function ioremapTopic(k: Kernel, vector: Vector): Vector {
	const va = ioremap(k, physicalAddress(number(vector.pa)), number(vector.size), 'conformance');
	if (va === undefined) return {...vector, va: nothing};
	iounmap(k, va);
	const answer = {...vector, va: hex(va)};
	return number(vector.pa) !== eduBar0 ? {...answer, is_vmalloc_addr: flag(is_vmalloc_addr(k, va))} : answer;
}

/** Each of the four experiments by the field that it fills. */
function page_count_topic(k: Kernel, vector: Vector): Vector {
	const what = String(vector.what);
	if (what.startsWith('alloc_page')) {
		const frame = try_alloc_pages(k, gfp.GFP_KERNEL, 0)!;
		const answer = {
			...vector,
			alloc_page: page_count(k, frame),
			zero_page: page_count(k, k.layout.empty_zero_page),
			bios_f0000: page_count(k, pfn(0xf0)),
		};
		put_page(k, frame);
		return answer;
	}
	const compound = what.startsWith('compound');
	const head = try_alloc_pages(k, gfp.GFP_KERNEL | (compound ? gfp.__GFP_COMP : 0), 2)!;
	const counts = () => [0, 1, 2, 3].map(i => page_count(k, pfn(head + i)));
	let answer: Vector;
	if (compound) {
		get_page(k, pfn(head + 3));
		answer = {...vector, counts: [page_count(k, head), page_count(k, pfn(head + 3))]};
		put_page(k, pfn(head + 3));
	} else if (what.startsWith('after get_page')) {
		get_page(k, head);
		answer = {...vector, count: page_count(k, head)};
		__free_pages(k, head, 2);
	} else answer = {...vector, counts: counts()};
	__free_pages(k, head, 2);
	return answer;
}

function vm_get_page_prot_topic(_k: Kernel, vector: Vector): Vector {
	const [r, w, x, s] = String(vector.vm_flags);
	const flags =
		(r === 'r' ? VM_READ : 0) | (w === 'w' ? VM_WRITE : 0) | (x === 'x' ? VM_EXEC : 0) | (s === 's' ? VM_SHARED : 0);
	return {...vector, pgprot: hex(vm_get_page_prot(flags))};
}

/** What each topic is asked, and who answers. */
const topics: Readonly<Record<string, {readonly inputs: readonly string[]; readonly answer: Answer}>> = {
	const: {inputs: ['name'], answer: (k, vector) => ({...vector, value: constants[String(vector.name)]!(k)})},
	zone: {inputs: ['idx'], answer: zone},
	derived: {inputs: [], answer: derived},
	lowmem_addr: {inputs: ['pa'], answer: lowmem_addr},
	pfn: {inputs: ['pfn'], answer: pfnTopic},
	classify: {inputs: ['va'], answer: classify},
	gfp_zone: {inputs: ['gfp', 'order'], answer: gfp_zone},
	kmalloc: {inputs: ['size'], answer: kmalloc},
	vmalloc: {inputs: ['size'], answer: vmalloc},
	vmalloc_reuse: {inputs: ['first_was'], answer: vmalloc_reuse},
	kernel_pte: {inputs: [], answer: kernel_pte},
	ioremap: {inputs: ['pa', 'size'], answer: ioremapTopic},
	page_count: {inputs: [], answer: page_count_topic},
	vm_get_page_prot: {inputs: ['vm_flags'], answer: vm_get_page_prot_topic},
};

const topicOf = (vector: Vector) => String(vector.topic);
const isTopic =
	(...names: readonly string[]) =>
	(vector: Vector) =>
		names.includes(topicOf(vector));

/** Everything but which experiment it was, on which machine, with what. */
export function isAddressAnswer(path: string, vector: Vector): boolean {
	const field = path.split('.')[0]!;
	return !['run', 'topic', 'what', 'note', ...(topics[topicOf(vector)]?.inputs ?? [])].includes(field);
}

/** Zones, and addresses of vmalloc, of the machines that have answered. */
const spans = new Map<string, Spans>();
const noSpans: Spans = {zones: [], vmalloc: {name: 'vmalloc', start: 0, end: 0}};
const floats = (vector: Vector) => isFloating(vector) || vector.what === 'kernel text';

export const addresses = vectorTopic({
	name: 'addresses',
	accepts: document => document.file === 'addresses.json',
	isAnswer: isAddressAnswer,
	relate: vector => relateAddress(vector, spans.get(String(vector.run)) ?? noSpans, floats(vector)),
	leftOut: [{path: /^align$/, when: isTopic('kmalloc'), reason: 'alignment beyond what the size promises is luck'}],
	classes: [
		{
			name: 'a large page of low memory that the running kernel had split',
			reason: 'set_memory_*() on some page of it, by a driver that is not here',
			holds: vector => topicOf(vector) === 'kernel_pte' && vector.what === 'lowmem 64MB' && vector.run === 'F',
		},
		{
			name: 'constants of data types that the simulator does not have',
			reason: 'sizes of structures that exist here as objects, cache geometry, node ids',
			holds: vector => topicOf(vector) === 'const' && !(String(vector.name) in constants),
		},
		{
			name: 'module text',
			reason: 'there are no loadable modules',
			holds: vector => topicOf(vector) === 'kernel_pte' && vector.what === 'module text',
		},
	],
	nameOf: (vector, index) =>
		`${index} ${String(vector.run)} ${topicOf(vector)} ${String(vector.name ?? vector.what ?? vector.gfp ?? '')}`,
	prepare: () => {
		const machines = new Map<string, Kernel>();
		return vector => {
			const run = String(vector.run);
			let k = machines.get(run);
			if (!k) {
				machines.set(run, (k = runMachine(run)));
				spans.set(run, spansOf(k));
			}
			const topic = topics[topicOf(vector)];
			if (!topic) throw new Error(`topic ${topicOf(vector)} is not known`);
			return topic.answer(k, vector);
		};
	},
});
