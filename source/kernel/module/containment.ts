/**
 * What a driver in C may store to. Memory of the kernel has no walls between its owners, so a wrong pointer destroys
 * what it hits, and Linux notices later or never. Here the first store to a page in each slice looks at the use of its
 * frame: what is none of the driver's business is reported with the instruction and its line, and then happens as it
 * does in Linux.
 *
 * Not modelled: whose object within kmalloc's caches it is; stores to a page that was reached rightly in the same
 * slice.
 */
import {kernelAddress, PAGE_SIZE, type Pfn, type PhysicalAddress, pfn, physToPfn} from '../../hardware/address.ts';
import {ESP} from '../../hardware/cpu/core.ts';
import {eachMapping} from '../dma/entries.ts';
import {hex8} from '../hex.ts';
import type {Kernel} from '../kernel.ts';
import {kernelToPhysical, kread32} from '../mm/access.ts';
import {TASK_SIZE} from '../mm/mm.ts';
import {
	compound_head,
	isLogical,
	PAGE_OFFSET,
	PageBuddy,
	PageReserved,
	page_count,
	pageUse,
	setPageUse,
} from '../mm/page.ts';
import {printk} from '../printk.ts';
import {inReport} from '../watch.ts';
import {sectionAt} from './image.ts';
import {SHF_WRITE} from './object.ts';
import {moduleAt, sayPlace} from './oops.ts';
import {callsNow, type LoadedModule, modulesOf} from './state.ts';

/** Thrown by a store that is to be reported; the instruction has done nothing and is tried again after that. */
export class StrangeStore extends Error {
	readonly address: number;
	/** What is there, as a noun. */
	readonly what: string;

	constructor(address: number, what: string) {
		super(`a store to ${what}`);
		this.address = address;
		this.what = what;
	}
}

/** From then on a driver that goes on and on is known well enough. */
const MOST_REPORTS = 64;

/** Video memory and the BIOS: drivers of ISA cards go there. */
const ISA_HOLE = {start: 0xa_0000, end: 0x10_0000};

/** Frames that a driver has got from the page allocator are its own. */
export function ownPages(k: Kernel, first: Pfn, order: number): void {
	for (let i = 0; i < 1 << order; i++) setPageUse(k, pfn(first + i), 'module');
}

/** What is wrong with a store to an address of the kernel, or undefined. @param physical where it leads: RAM */
function strangeness(k: Kernel, address: number, physical: PhysicalAddress): string | undefined {
	const {image} = k.layout;
	if (physical >= image.start && physical < image.bssEnd) return inImage(k, physical);
	if (physical >= ISA_HOLE.start && physical < ISA_HOLE.end) return undefined;
	const frame = physToPfn(physical);
	const head = compound_head(k, frame);
	const slab = k.slab.slabs.get(head);
	if (slab) return inSlab(k, slab, address);
	if (k.slab.large.has(head)) return undefined;
	// Drivers reserve pages of their own before they map them.
	const isKept = PageReserved(k, frame) && ['unknown', 'kernel'].includes(pageUse(k, frame));
	if (isKept) return 'memory that the kernel keeps since boot';
	return inFrame(k, frame, address);
}

function inImage(k: Kernel, physical: number): string | undefined {
	const {image} = k.layout;
	if (physical < image.textEnd) return 'the text of the kernel';
	if (physical < image.rodataEnd) return 'constants of the kernel';
	// What boot needed alone is ordinary memory afterwards.
	if (physical >= image.initStart && physical < image.initEnd) return inFrame(k, physToPfn(physical as never), 0);
	return 'data of the kernel';
}

type Slab = NonNullable<ReturnType<Kernel['slab']['slabs']['get']>>;

function inSlab(k: Kernel, {cache, start, taken}: Slab, address: number): string | undefined {
	if (modulesOf(k).kernelCaches.has(cache)) return `an object of the cache ${cache.name}, which is the kernel's`;
	if (!isLogical(k, kernelAddress(address))) return undefined;
	const index = Math.floor((address - start) / cache.size);
	if (index < 0 || index >= taken.length) return `the notes of the cache ${cache.name}`;
	return taken[index] === 0 ? `a free object of ${cache.name}` : undefined;
}

function inFrame(k: Kernel, frame: Pfn, address: number): string | undefined {
	switch (pageUse(k, frame)) {
		case 'module':
			return undefined;
		case 'pagetable':
			return 'a page table';
		case 'stack':
			return isOwnStack(k, frame) ? undefined : `the kernel stack of ${stackOwner(k, frame)}`;
		case 'dma':
			return ofDevice(k, frame);
		case 'vmalloc':
			return inVmalloc(k, address);
		case 'bounce':
			return 'a bounce buffer';
		case 'ring':
			return 'the ring of an AIO context';
		case 'kernel':
			return 'data of the kernel';
		default:
	}
	if (isFree(k, frame)) return 'free memory';
	if (k.mm.pins.has(frame)) return undefined;
	const mapping = k.mem_map.mapping[frame]!;
	if ((mapping & 1) !== 0) return 'a page of a process';
	return mapping === 0 ? 'memory of another part of the kernel' : 'a page of a file';
}

/** In a block of the buddy system, or kept by a CPU for its next allocation. */
function isFree(k: Kernel, frame: Pfn): boolean {
	for (let order = 0; order <= 10; order++) {
		const first = pfn(frame & -(1 << order));
		if (PageBuddy(k, first) && k.mem_map.private[first]! >= order) return true;
	}
	return page_count(k, frame) === 0;
}

const stackFrames = (base: number): number => (base - PAGE_OFFSET) / PAGE_SIZE;

function isOwnStack(k: Kernel, frame: Pfn): boolean {
	const {stack} = k.cpu.current;
	return stack !== undefined && Math.floor((frame - stackFrames(stack.base)) / 2) === 0;
}

function stackOwner(k: Kernel, frame: Pfn): string {
	for (const task of k.sched.tasks.values())
		if (task.stack && Math.floor((frame - stackFrames(task.stack.base)) / 2) === 0)
			return `${task.comm} (pid ${task.pid})`;
	return 'a CPU';
}

/** Coherent memory belongs to the driver that its device had when it was taken. */
function ofDevice(k: Kernel, frame: Pfn): string | undefined {
	const at = frame * PAGE_SIZE;
	const entry = eachMapping(k.dma.mappings).find(
		({type, paddr, size}) => type === 'coherent' && paddr < at + PAGE_SIZE && paddr + size > at,
	);
	const driver = entry && k.pci.drivers.find(({name}) => name === entry.driver);
	const isOurs = entry !== undefined && k.dma.devices.get(entry.dev.bus_id) === entry.dev;
	if (!isOurs || (driver && modulesOf(k).addresses.has(driver))) return undefined;
	return `coherent memory of ${entry.driver ?? 'a device'}`;
}

/** Of a module's own area only what it cannot write: elsewhere its variables are. */
function inVmalloc(k: Kernel, address: number): string | undefined {
	const module = moduleAt(k, address);
	const found = module && sectionAt(module.image, address);
	if (!found) return undefined;
	const section = module.image.object.sections[found.section]!;
	return (section.flags & SHF_WRITE) === 0 ? `what ${module.name} must not write: ${section.name}` : undefined;
}

/** So far below the end of a stack a store still comes of a stack that grew too long, as its pointer shows. */
const OVERRUN_BYTES = 0x4000;

/**
 * Whether a stack outgrows its two pages. Linux looks at one word at its end, which a frame may jump over, and when a
 * task gives up the CPU; here the overrun itself counts, and has the same consequence.
 */
function overrunsStack(k: Kernel, address: number): boolean {
	const {stack} = k.cpu.current;
	if (!stack || stack.isOverrun || address >= stack.base || address < stack.base - OVERRUN_BYTES) return false;
	if (k.processor!.r[ESP]! >>> 0 > stack.base + PAGE_SIZE / 4) return false;
	stack.isOverrun = true;
	return true;
}

/** Whether it has been said. */
function isNew(k: Kernel, address: number): boolean {
	const {reported} = modulesOf(k);
	const page = address >>> 12;
	if (reported.size >= MOST_REPORTS || reported.has(page)) return false;
	reported.add(page);
	return true;
}

/**
 * Looks at a store that is about to be made by an instruction. @throws StrangeStore the first time that a page is hit
 * which is none of the driver's
 */
export function checkStore(k: Kernel, address: number, physical: PhysicalAddress): void {
	if (overrunsStack(k, address)) throw new StrangeStore(address, 'beyond the end of its kernel stack');
	const what = strangeness(k, address, physical);
	if (what !== undefined && isNew(k, address)) throw new StrangeStore(address, what);
}

/**
 * Looks at what a function of the kernel is about to store for C, bytes or a text, and reports it. What the kernel
 * stores for itself, in no call from C, is not looked at; nor are words of structures that both keep: a list, a lock.
 */
export function checkGateStore(k: Kernel, start: number, lengthBytes: number): void {
	const {gates, windows} = modulesOf(k);
	const regs = callsNow(k).at(-1)?.regs;
	const gate = regs && gates.get(regs.eip);
	if (!gate || start < TASK_SIZE) return;
	const end = Math.min(start + lengthBytes, 2 ** 32);
	for (let at = start; at < end; at = (Math.floor(at / PAGE_SIZE) + 1) * PAGE_SIZE) {
		if (windows.placeAt(at)) continue;
		const physical = kernelToPhysical(k, kernelAddress(at));
		if (physical === undefined || !k.hw.ram.holds(physical, 1)) return;
		const what = strangeness(k, at, physical);
		if (what === undefined || !isNew(k, at)) continue;
		const caller = kread32(k, kernelAddress(regs.general[ESP]! >>> 0));
		report(k, caller, new StrangeStore(at, what), `${gate.name}() for `);
	}
}

/** Says who stores to what, and remembers that things may go wrong from here on. */
export function report(k: Kernel, eip: number, {address, what}: StrangeStore, by = ''): void {
	const module: LoadedModule | undefined = moduleAt(k, eip);
	const sentence = `${by}${module?.name ?? 'the driver'} stores to ${hex8(address)}, which is ${what}`;
	const says = `mmtop: ${sentence}`;
	const say = () => {
		printk(k, 1, says);
		sayPlace(k, eip);
	};
	inReport(k, 'bug', say, {says});
	modulesOf(k).damage ??= sentence;
}
