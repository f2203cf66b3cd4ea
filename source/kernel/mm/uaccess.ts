/**
 * Models asm-i386/uaccess.h and lib/usercopy.c (2.6.11 and later): the kernel, and the programs of this machine, touch
 * user memory. Addresses go through the page tables; what is not there faults.
 *
 * Not modelled: exception tables (an access that fails says so), segments, SMAP.
 */
import {
	PAGE_SIZE,
	type Pfn,
	type PhysicalAddress,
	pageOffset,
	physicalAddress,
	type UserAddress,
} from '../../hardware/address.ts';
import {COST} from '../../hardware/costs.ts';
import type {Place} from '../../hardware/cpu/memory.ts';
import {_PAGE_ACCESSED, _PAGE_DIRTY, _PAGE_PRESENT, _PAGE_RW, _PAGE_USER} from '../../hardware/mmu.ts';
import {partOf} from '../../hardware/ram.ts';
import {TaskKilled} from '../bug.ts';
import {charge, in_atomic} from '../cpu.ts';
import type {Kernel} from '../kernel.ts';
import {MUST_SLEEP, type MustSleep, type Sleeps} from '../time.ts';
import {
	do_page_fault,
	type FaultVerdict,
	logFatalFault,
	OUT_OF_MEMORY,
	try_do_page_fault,
	verdictSignal,
} from './fault.ts';
import {TASK_SIZE} from './mm.ts';
import type {mm_struct} from './mm_types.ts';
import {PageReserved, pfn_valid} from './page.ts';
import {NO_PTE, pte_offset, pte_pfn, pte_val, set_pte_bits} from './pgtable.ts';

const UNMAPPED = -1;

/** What the paging unit makes of a user address; marks the entry used. @returns the physical address, or UNMAPPED */
function translate(k: Kernel, mm: mm_struct, address: number, write: boolean): PhysicalAddress | typeof UNMAPPED {
	const at = pte_offset(k, mm, address);
	if (at === NO_PTE) return UNMAPPED;
	const value = pte_val(k, at);
	const needed = write ? _PAGE_PRESENT | _PAGE_USER | _PAGE_RW : _PAGE_PRESENT | _PAGE_USER;
	if ((value & needed) !== needed) return UNMAPPED;
	const used = write ? _PAGE_ACCESSED | _PAGE_DIRTY : _PAGE_ACCESSED;
	if ((value & used) !== used) set_pte_bits(k, at, (value & 0xfff) | used);
	return physicalAddress(pte_pfn(k, at) * PAGE_SIZE + pageOffset(address));
}

/** Whether a frame is ordinary RAM; reserved frames may be ROM or a device's, which answer on the bus. */
function isRam(k: Kernel, address: PhysicalAddress) {
	const frame = Math.floor(address / PAGE_SIZE) as Pfn;
	return pfn_valid(k, frame) && !PageReserved(k, frame);
}

/** Whether a range lies in user space. */
export const access_ok = (address: number, sizeBytes: number) => address >= 0 && address + sizeBytes <= TASK_SIZE;

/**
 * What a page of user memory is for the processor that runs the current task's program; marks the entry used.
 * @returns undefined where an access faults
 */
export function user_place(k: Kernel, address: number, write: boolean): Place | undefined {
	const physical = translate(k, k.cpu.current.mm!, address, write);
	if (physical === UNMAPPED) return undefined;
	const page = physical - pageOffset(physical);
	if (k.hw.ram.holds(page, PAGE_SIZE) && !k.hw.bus.regionAt(physicalAddress(page)))
		return k.hw.ram.place((page / PAGE_SIZE) as Pfn);
	return {
		read: (at, width) => k.hw.bus.read(physicalAddress(page + pageOffset(at)), width),
		write: (at, width, value) => k.hw.bus.write(physicalAddress(page + pageOffset(at)), width, value),
		endsRun: true,
	};
}

// ── programs ───────────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * Makes an address fit for a program's access, faulting as often as needed. For programs that catch their signals.
 * @returns 0, or the signal that the access earns
 */
export function* user_touch(k: Kernel, address: number, write: boolean): Sleeps<FaultVerdict> {
	const task = k.cpu.current;
	const mm = task.mm!;
	while (translate(k, mm, address, write) === UNMAPPED) {
		task.kernelDepth++;
		const quick = try_do_page_fault(k, mm, address, write);
		const why = quick === MUST_SLEEP ? yield* do_page_fault(k, mm, address, write) : quick;
		task.kernelDepth--;
		if (why !== 0) return why;
		if (task.fatalSignal !== 0) throw new TaskKilled(task.fatalSignal, k.vmscan.oomVictims.has(task));
	}
	return 0;
}

/** Where a program's access leads. @throws TaskKilled with the signal that it earns */
function* reach(k: Kernel, address: number, write: boolean): Sleeps<PhysicalAddress> {
	const task = k.cpu.current;
	const mm = task.mm!;
	for (;;) {
		const physical = translate(k, mm, address, write);
		if (physical !== UNMAPPED) return physical;
		const why = yield* user_touch(k, address, write);
		if (why === 0) continue;
		logFatalFault(k, task, mm, address, write, why);
		throw new TaskKilled(verdictSignal(why), why === OUT_OF_MEMORY);
	}
}

/** Loads one byte, if that needs no sleep and earns no signal. */
export function try_user_read8(k: Kernel, address: UserAddress): number | MustSleep {
	const mm = k.cpu.current.mm!;
	let physical = translate(k, mm, address, false);
	if (physical === UNMAPPED) {
		if (try_do_page_fault(k, mm, address, false) !== 0) return MUST_SLEEP;
		physical = translate(k, mm, address, false);
		if (physical === UNMAPPED) return MUST_SLEEP;
	}
	return isRam(k, physical) ? k.hw.ram.read8(physical) : k.hw.bus.read(physical, 1);
}

/** Stores one byte, if that needs no sleep and earns no signal. @returns 0 when done */
export function try_user_write8(k: Kernel, address: UserAddress, value: number): 0 | MustSleep {
	const mm = k.cpu.current.mm!;
	let physical = translate(k, mm, address, true);
	if (physical === UNMAPPED) {
		if (try_do_page_fault(k, mm, address, true) !== 0) return MUST_SLEEP;
		physical = translate(k, mm, address, true);
		if (physical === UNMAPPED) return MUST_SLEEP;
	}
	if (isRam(k, physical)) k.hw.ram.write8(physical, value);
	else k.hw.bus.write(physical, 1, value);
	return 0;
}

/** Loads one byte as a program does. @throws TaskKilled */
export function* user_read8(k: Kernel, address: UserAddress): Sleeps<number> {
	const physical = yield* reach(k, address, false);
	return isRam(k, physical) ? k.hw.ram.read8(physical) : k.hw.bus.read(physical, 1);
}

/** Stores one byte as a program does. @throws TaskKilled */
export function* user_write8(k: Kernel, address: UserAddress, value: number): Sleeps<void> {
	const physical = yield* reach(k, address, true);
	if (isRam(k, physical)) k.hw.ram.write8(physical, value);
	else k.hw.bus.write(physical, 1, value);
}

/** Loads an aligned 32-bit word as a program does. @throws TaskKilled */
export function* user_read32(k: Kernel, address: UserAddress): Sleeps<number> {
	const physical = yield* reach(k, address, false);
	return k.hw.bus.read(physical, 4);
}

/** Stores an aligned 32-bit word as a program does. @throws TaskKilled */
export function* user_write32(k: Kernel, address: UserAddress, value: number): Sleeps<void> {
	const physical = yield* reach(k, address, true);
	k.hw.bus.write(physical, 4, value);
}

/** Loads bytes as a program does; the copy costs what a copy costs. @throws TaskKilled */
export function* user_read(k: Kernel, address: UserAddress, lengthBytes: number): Sleeps<Uint8Array> {
	const result = new Uint8Array(lengthBytes);
	for (let done = 0; done < lengthBytes; ) {
		const length = Math.min(lengthBytes - done, PAGE_SIZE - pageOffset(address + done));
		const physical = yield* reach(k, address + done, false);
		readPhysical(k, physical, partOf(result, done, length));
		done += length;
	}
	charge(k, lengthBytes * COST.copyByteNs);
	return result;
}

/** Stores bytes as a program does. @throws TaskKilled */
export function* user_write(k: Kernel, address: UserAddress, bytes: Uint8Array): Sleeps<void> {
	for (let done = 0; done < bytes.length; ) {
		const length = Math.min(bytes.length - done, PAGE_SIZE - pageOffset(address + done));
		const physical = yield* reach(k, address + done, true);
		writePhysical(k, physical, partOf(bytes, done, length));
		done += length;
	}
	charge(k, bytes.length * COST.copyByteNs);
}

// ── the kernel, for the calling task ───────────────────────────────────────────────────────────────────────────────

/** Reads within one page, from RAM or a device. */
function readPhysical(k: Kernel, physical: PhysicalAddress, into: Uint8Array): void {
	if (isRam(k, physical)) k.hw.ram.readInto(physical, into);
	else for (let i = 0; i < into.length; i++) into[i] = k.hw.bus.read(physicalAddress(physical + i), 1);
}

function writePhysical(k: Kernel, physical: PhysicalAddress, bytes: Uint8Array): void {
	if (isRam(k, physical)) k.hw.ram.write(physical, bytes);
	else for (let i = 0; i < bytes.length; i++) k.hw.bus.write(physicalAddress(physical + i), 1, bytes[i]!);
}

type Visit = (physical: PhysicalAddress, offset: number, length: number) => void;

/**
 * Visits a user range page by page as far as no fault is needed.
 * @returns bytes not reached
 */
function walkPresent(k: Kernel, address: number, sizeBytes: number, write: boolean, visit: Visit): number {
	const {mm} = k.cpu.current;
	if (!mm || !access_ok(address, sizeBytes)) return sizeBytes;
	for (let done = 0; done < sizeBytes; ) {
		const physical = translate(k, mm, address + done, write);
		if (physical === UNMAPPED) return sizeBytes - done;
		const length = Math.min(sizeBytes - done, PAGE_SIZE - pageOffset(address + done));
		visit(physical, done, length);
		done += length;
	}
	return 0;
}

/** As walkPresent, but faults pages in unless that is forbidden here. May sleep. */
function* walk(k: Kernel, address: number, sizeBytes: number, write: boolean, visit: Visit): Sleeps<number> {
	const {mm} = k.cpu.current;
	let left = sizeBytes;
	for (;;) {
		const start = sizeBytes - left;
		left = walkPresent(k, address + start, left, write, (physical, offset, length) =>
			visit(physical, start + offset, length),
		);
		if (left === 0 || !mm || !access_ok(address, sizeBytes)) return left;
		if (in_atomic(k) || k.cpu.current.pagefault_disabled > 0) return left;
		const at = address + sizeBytes - left;
		const quick = try_do_page_fault(k, mm, at, write);
		const why = quick === MUST_SLEEP ? yield* do_page_fault(k, mm, at, write) : quick;
		if (why !== 0) return left;
	}
}

const touch: Visit = () => {};

/** Looks at one byte as __get_user does, for its page fault alone. May sleep. @returns whether the byte can be read */
export function* fault_in_byte(k: Kernel, at: UserAddress): Sleeps<boolean> {
	return (yield* walk(k, at, 1, false, touch)) === 0;
}

/**
 * Copies from the calling task's memory. May sleep for page faults; where faults are forbidden (atomic context,
 * pagefault_disable) it stops at the first page that is not there.
 * @param to as many bytes as are wanted
 * @returns bytes that could not be copied
 */
export function* copy_from_user(k: Kernel, to: Uint8Array, from: UserAddress): Sleeps<number> {
	charge(k, to.length * COST.copyByteNs);
	return yield* walk(k, from, to.length, false, (physical, offset, length) =>
		readPhysical(k, physical, partOf(to, offset, length)),
	);
}

/** Copies into the calling task's memory; see copy_from_user. @returns bytes that could not be copied */
export function* copy_to_user(k: Kernel, to: UserAddress, bytes: Uint8Array): Sleeps<number> {
	charge(k, bytes.length * COST.copyByteNs);
	return yield* walk(k, to, bytes.length, true, (physical, offset, length) =>
		writePhysical(k, physical, partOf(bytes, offset, length)),
	);
}

/** Copies without faulting, for atomic context. @returns bytes that could not be copied */
export function copy_from_user_inatomic(k: Kernel, to: Uint8Array, from: UserAddress): number {
	charge(k, to.length * COST.copyByteNs);
	return walkPresent(k, from, to.length, false, (physical, offset, length) =>
		readPhysical(k, physical, partOf(to, offset, length)),
	);
}

export function copy_to_user_inatomic(k: Kernel, to: UserAddress, bytes: Uint8Array): number {
	charge(k, bytes.length * COST.copyByteNs);
	return walkPresent(k, to, bytes.length, true, (physical, offset, length) =>
		writePhysical(k, physical, partOf(bytes, offset, length)),
	);
}

/**
 * Where a few aligned words of user memory lie, if they can be reached at once: in one page, which is there and
 * ordinary memory. Most of what programs and kernel hand each other is.
 */
function wordsAt(k: Kernel, address: number, count: number, write: boolean): PhysicalAddress | typeof UNMAPPED {
	const {mm} = k.cpu.current;
	const sizeBytes = 4 * count;
	if (!mm || (address & 3) !== 0 || pageOffset(address) + sizeBytes > PAGE_SIZE) return UNMAPPED;
	if (!access_ok(address, sizeBytes)) return UNMAPPED;
	const physical = translate(k, mm, address, write);
	return physical !== UNMAPPED && isRam(k, physical) ? physical : UNMAPPED;
}

/** Copies words from the calling task if they can be reached at once. @returns whether; if not, see copy_from_user */
export function try_copy_words_from_user(k: Kernel, to: Uint32Array, from: UserAddress): boolean {
	const at = wordsAt(k, from, to.length, false);
	if (at === UNMAPPED) return false;
	charge(k, 4 * to.length * COST.copyByteNs);
	for (let i = 0; i < to.length; i++) to[i] = k.hw.ram.read32(physicalAddress(at + 4 * i));
	return true;
}

/** Copies words to the calling task if they can be reached at once. @returns whether; if not, see copy_to_user */
export function try_copy_words_to_user(k: Kernel, to: UserAddress, words: Uint32Array): boolean {
	const at = wordsAt(k, to, words.length, true);
	if (at === UNMAPPED) return false;
	charge(k, 4 * words.length * COST.copyByteNs);
	for (let i = 0; i < words.length; i++) k.hw.ram.write32(physicalAddress(at + 4 * i), words[i]!);
	return true;
}

/** The bytes of words, for the calls that take bytes. */
export const bytesOf = (words: Uint32Array): Uint8Array =>
	new Uint8Array(words.buffer, words.byteOffset, words.byteLength);

/**
 * Copies words from the calling task that cannot be reached at once. May sleep. @returns false where Linux answers
 * -EFAULT
 */
export function* copy_words_from_user(k: Kernel, to: Uint32Array, from: UserAddress): Sleeps<boolean> {
	const bytes = bytesOf(to);
	return copy_from_user_inatomic(k, bytes, from) === 0 || (yield* copy_from_user(k, bytes, from)) === 0;
}

/**
 * Copies words to the calling task that cannot be reached at once. May sleep. @returns false where Linux answers
 * -EFAULT
 */
export function* copy_words_to_user(k: Kernel, to: UserAddress, words: Uint32Array): Sleeps<boolean> {
	const bytes = bytesOf(words);
	return copy_to_user_inatomic(k, to, bytes) === 0 || (yield* copy_to_user(k, to, bytes)) === 0;
}

/** Zeros user memory. May sleep. @returns bytes that could not be zeroed */
export function* clear_user(k: Kernel, to: UserAddress, sizeBytes: number): Sleeps<number> {
	return yield* copy_to_user(k, to, new Uint8Array(sizeBytes));
}

/**
 * Reads a little-endian 32-bit word of the calling task. @returns the word, or undefined where Linux answers -EFAULT
 */
export function* get_user32(k: Kernel, from: UserAddress): Sleeps<number | undefined> {
	const word = new Uint32Array(1);
	if (try_copy_words_from_user(k, word, from)) return word[0]!;
	return (yield* copy_from_user(k, bytesOf(word), from)) > 0 ? undefined : word[0]!;
}

/** Writes a little-endian 32-bit word. @returns whether it could be written */
export function* put_user32(k: Kernel, to: UserAddress, value: number): Sleeps<boolean> {
	const word = Uint32Array.of(value);
	return try_copy_words_to_user(k, to, word) || (yield* copy_to_user(k, to, bytesOf(word))) === 0;
}
