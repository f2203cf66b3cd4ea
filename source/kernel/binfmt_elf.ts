/**
 * Models fs/binfmt_elf.c (2.6.11 and later) as far as a static program of i386 goes: what its headers say, and how its
 * segments come into an address space.
 *
 * Not modelled: interpreters, position-independent programs, PT_GNU_STACK and _PROPERTY, core files.
 */
import {PAGE_SHIFT, PAGE_SIZE, pageAlignDown, pageAlignUp, pageOffset, userAddress} from '../hardware/address.ts';
import {ENOMEM, IS_ERR} from './errno.ts';
import type {file} from './fs/file.ts';
import type {Kernel} from './kernel.ts';
import {do_brk} from './mm/brk.ts';
import {TASK_SIZE} from './mm/mm.ts';
import type {mm_struct} from './mm/mm_types.ts';
import {MAP_DENYWRITE, MAP_EXECUTABLE, MAP_FIXED, MAP_PRIVATE, PROT_EXEC, PROT_READ, PROT_WRITE} from './mm/mman.ts';
import {do_mmap_pgoff} from './mm/mmap.ts';
import {clear_user} from './mm/uaccess.ts';
import type {Sleeps} from './time.ts';

/** A PT_LOAD header. */
type ElfSegment = {
	readonly address: number;
	readonly offset: number;
	readonly fileBytes: number;
	readonly memoryBytes: number;
	/** PROT_ bits. */
	readonly prot: number;
};

export type ElfProgram = {
	readonly entry: number;
	/** In rising order of addresses. */
	readonly segments: readonly ElfSegment[];
	/** Where the program headers lie once they are mapped, and how many there are; 0 where they are not mapped. */
	readonly headers: number;
	readonly headerCount: number;
};

const HEADER_BYTES = 52;
const PROGRAM_HEADER_BYTES = 32;
const EM_386 = 3;
const PT_LOAD = 1;
const PT_INTERP = 3;
/** A program has at most this many headers; Linux takes 64 KiB of them. */
const MOST_HEADERS = 0x1_0000 / PROGRAM_HEADER_BYTES;

const isText = (bytes: Uint8Array) => bytes.every(byte => byte === 9 || byte === 10 || byte === 13 || byte >= 32);

/** Why bytes are not a program at all. */
function foreign(bytes: Uint8Array): string | undefined {
	const head = bytes.subarray(0, 64);
	if (bytes.length === 0) return 'the file is empty';
	if (head[0] !== 0x7f || head[1] !== 0x45 || head[2] !== 0x4c || head[3] !== 0x46)
		return isText(head) ? 'it is a text file, not a program' : 'it is not an ELF file';
	if (bytes.length < HEADER_BYTES) return `it is cut off within its header, after ${bytes.length} bytes`;
	if (head[4] === 2) return 'it is a 64-bit program; compile it with -m32';
	if (head[4] !== 1 || head[5] !== 1) return 'it is not a little-endian 32-bit ELF file';
	return undefined;
}

function wrongKind(type: number, machine: number): string | undefined {
	if (machine !== EM_386) return `it is for another processor (e_machine ${machine}), not for i386`;
	if (type === 1) return 'it is an object file, not a program: link it, or load it as a module';
	if (type === 3) return 'it is position-independent or a shared library; link it with -static -no-pie';
	return type === 2 ? undefined : `it is not a program (e_type ${type})`;
}

/** @returns what the headers say, or in a sentence why this cannot be run */
export function parseProgram(bytes: Uint8Array): ElfProgram | string {
	const no = foreign(bytes);
	if (no !== undefined) return no;
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const word = (at: number) => view.getUint32(at, true);
	const half = (at: number) => view.getUint16(at, true);
	const wrong = wrongKind(half(16), half(18));
	if (wrong !== undefined) return wrong;
	const [entry, tableAt, count] = [word(24), word(28), half(44)];
	if (half(42) !== PROGRAM_HEADER_BYTES || count === 0 || count > MOST_HEADERS)
		return 'it has no usable program headers';
	if (tableAt + count * PROGRAM_HEADER_BYTES > bytes.length) return 'it is cut off: its program headers are missing';
	const headers = Array.from({length: count}, (_, i) => tableAt + i * PROGRAM_HEADER_BYTES);
	if (headers.some(at => word(at) === PT_INTERP)) return 'it is dynamically linked; link it with -static';
	const segments = headers
		.filter(at => word(at) === PT_LOAD && word(at + 20) > 0)
		.map((at): ElfSegment => {
			const flags = word(at + 24);
			const prot = (flags & 4 ? PROT_READ : 0) | (flags & 2 ? PROT_WRITE : 0) | (flags & 1 ? PROT_EXEC : 0);
			return {address: word(at + 8), offset: word(at + 4), fileBytes: word(at + 16), memoryBytes: word(at + 20), prot};
		});
	const unusable = unusableSegments(segments, bytes.length);
	if (unusable !== undefined) return unusable;
	const first = segments.find(each => each.offset <= tableAt && tableAt < each.offset + each.fileBytes);
	const mappedAt = first ? first.address + tableAt - first.offset : 0;
	return {entry, segments, headers: mappedAt, headerCount: count};
}

function unusableSegments(segments: readonly ElfSegment[], lengthBytes: number): string | undefined {
	if (segments.length === 0) return 'it has nothing to load';
	let end = 0;
	for (const {address, offset, fileBytes, memoryBytes} of segments) {
		const hex = `0x${address.toString(16)}`;
		if (memoryBytes < fileBytes) return `its segment at ${hex} is larger in the file than in memory`;
		if (pageOffset(address) !== pageOffset(offset)) return `its segment at ${hex} is not aligned as in the file`;
		if (offset + fileBytes > lengthBytes) return `it is cut off: the bytes for ${hex} are missing`;
		if (address + memoryBytes > TASK_SIZE) return `its segment at ${hex} does not fit below 0xc0000000`;
		if (address < end) return `its segments overlap at ${hex}`;
		end = address + memoryBytes;
	}
	return undefined;
}

/**
 * Maps a program's segments from its file, with zeros behind them; mmap_sem is held for writing. The rest of a page
 * behind the file's bytes is zeroed by `zeroPageRests`, once the address space is the task's.
 * @returns 0 or -errno
 * @see load_elf_binary()
 */
export function* mapElf(k: Kernel, mm: mm_struct, file: file, {segments}: ElfProgram): Sleeps<number> {
	let end = 0;
	for (const {address, offset, fileBytes, memoryBytes, prot} of segments) {
		const start = pageAlignDown(address);
		const mapped = pageAlignUp(address + fileBytes);
		// Also where the file has no bytes of it: the page before them comes along.
		const isMapped = mapped > start && fileBytes + pageOffset(address) > 0;
		if (isMapped) {
			const flags = MAP_PRIVATE | MAP_FIXED | MAP_DENYWRITE | MAP_EXECUTABLE;
			const pgoff = (offset - (address - start)) >>> PAGE_SHIFT;
			const at = yield* do_mmap_pgoff(k, mm, file, start, mapped - start, prot, flags, pgoff);
			if (IS_ERR(at)) return at;
		}
		const zeros = Math.max(isMapped ? mapped : start, pageAlignUp(end));
		end = address + memoryBytes;
		if (pageAlignUp(end) > zeros) {
			const error = do_brk(k, mm, zeros, pageAlignUp(end) - zeros);
			if (error < 0) return error;
		}
	}
	placeCode(mm, segments, end);
	return 0;
}

function placeCode(mm: mm_struct, segments: readonly ElfSegment[], end: number): void {
	const code = segments.filter(each => (each.prot & PROT_EXEC) !== 0);
	const data = segments.findLast(each => (each.prot & PROT_WRITE) !== 0) ?? segments.at(-1)!;
	mm.start_code = segments[0]!.address;
	mm.end_code = Math.max(...(code.length > 0 ? code : segments).map(each => each.address + each.fileBytes));
	mm.start_data = data.address;
	mm.end_data = data.address + data.fileBytes;
	mm.start_brk = pageAlignUp(end);
	mm.brk = mm.start_brk;
}

/** Zeros what a last page of the file has behind a writable segment's bytes. @returns 0 or -ENOMEM @see padzero() */
export function* zeroPageRests(k: Kernel, {segments}: ElfProgram): Sleeps<number> {
	for (const {address, fileBytes, memoryBytes, prot} of segments) {
		const from = address + fileBytes;
		const rest = pageAlignUp(from) - from;
		if (rest === 0 || memoryBytes === fileBytes || (prot & PROT_WRITE) === 0) continue;
		if ((yield* clear_user(k, userAddress(from), Math.min(rest, PAGE_SIZE))) > 0) return -ENOMEM;
	}
	return 0;
}
