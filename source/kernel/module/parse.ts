/**
 * Reads a relocatable object. Models the checks with which load_module() begins (kernel/module.c, 2.6.11;
 * elf_validity_check(), 5.18) and is stricter: Linux trusts the linker about names, symbols and relocations, and here
 * a file of a stranger must never crash the machine.
 */
import {PAGE_SIZE} from '../../hardware/address.ts';
import {
	type ElfObject,
	type ElfSymbol,
	MOST_MODULE_BYTES,
	MOST_OBJECT_BYTES,
	ObjectError,
	R_386_32,
	R_386_NONE,
	R_386_PC32,
	R_386_PLT32,
	type Relocation,
	type Section,
	SHF_ALLOC,
	SHN_ABS,
	SHN_COMMON,
	SHN_LORESERVE,
	SHN_UNDEF,
	SHT_NOBITS,
	SHT_REL,
	SHT_RELA,
	SHT_STRTAB,
	SHT_SYMTAB,
	STB_GLOBAL,
	STB_WEAK,
	u16At,
	u32At,
} from './object.ts';

const HEADER_BYTES = 52;
const SECTION_BYTES = 40;
const SYMBOL_BYTES = 16;
const RELOCATION_BYTES = 8;
/** Longer names are refused: reading them again and again would take long. KSYM_NAME_LEN is 128, and 512 since 6.1. */
const MOST_NAME_BYTES = 512;

/**
 * @param bytes a whole file; the object refers to them, so they must stay as they are
 * @throws ObjectError with one sentence for whatever is wrong with it
 */
export function parseObject(bytes: Uint8Array): ElfObject {
	checkHeader(bytes);
	const sections = readSections(bytes);
	const symbols = readSymbols(sections);
	const relocations = readRelocations(sections, symbols);
	return {sections, symbols, relocations};
}

const ELF_TYPES: Readonly<Record<number, string>> = {
	2: 'a program, not an object; compile it with -c, or run it with mmtop exec',
	3: 'a program or library (position-independent), not an object; compile it with -c',
	4: 'a core dump, not an object',
};

/** What the machine numbers of other common processors mean. */
const MACHINES: Readonly<Record<number, string>> = {
	8: 'MIPS',
	20: 'PowerPC',
	40: 'ARM',
	62: 'x86-64',
	183: 'AArch64',
	243: 'RISC-V',
};

function checkHeader(bytes: Uint8Array): void {
	if (bytes.length > MOST_OBJECT_BYTES) {
		throw new ObjectError(`the file is too large: ${bytes.length} bytes, at most ${MOST_OBJECT_BYTES} are read`);
	}
	if (bytes.length === 0) throw new ObjectError('the file is empty');
	if (u32At(bytes, 0) !== 0x464c_457f || bytes.length < 4) throw new ObjectError(notElf(bytes));
	const machine = bytes.length >= 20 ? u16At(bytes, 18) : 3;
	const processor = MACHINES[machine] ?? `machine ${machine}`;
	const ofMachine = `it is for ${processor}, and this machine is an i386; compile with -m32`;
	if (bytes[4] === 2) throw new ObjectError(`64-bit object: ${ofMachine}`);
	if (bytes.length < HEADER_BYTES) throw new ObjectError('the file is truncated: it ends inside the ELF header');
	if (bytes[5] !== 1) throw new ObjectError('the object is big endian, and an i386 is little endian');
	if (machine !== 3) throw new ObjectError(`wrong machine: ${ofMachine}`);
	if (bytes[4] !== 1) throw new ObjectError(`ELF class ${bytes[4]} does not exist`);
	const type = u16At(bytes, 16);
	if (type !== 1) throw new ObjectError(`the file is ${ELF_TYPES[type] ?? `ELF type ${type}, not an object`}`);
	const headerBytes = u16At(bytes, 46);
	if (headerBytes !== SECTION_BYTES) throw new ObjectError(`section headers have ${headerBytes} bytes, not 40`);
}

function notElf(bytes: Uint8Array): string {
	const isText = bytes.subarray(0, 512).every(byte => byte >= 32 || (byte >= 9 && byte <= 13));
	return isText ? 'the file is text, not an ELF object; compile it first' : 'the file is not an ELF object';
}

function readSections(bytes: Uint8Array): readonly Section[] {
	const [start, count, namesIndex] = [u32At(bytes, 32), u16At(bytes, 48), u16At(bytes, 50)];
	if (count === 0) throw new ObjectError('the object has no sections');
	if (start < HEADER_BYTES || start + count * SECTION_BYTES > bytes.length) {
		throw new ObjectError('the file is truncated: its section headers lie outside it');
	}
	if (namesIndex >= count) throw new ObjectError(`the section of names, ${namesIndex}, does not exist`);
	let fileBytes = 0;
	let memoryBytes = 0;
	const headers = Array.from({length: count}, (_, index) => {
		const section = readHeader(bytes, start + index * SECTION_BYTES, index);
		fileBytes += section.bytes.length;
		if (section.flags & SHF_ALLOC) memoryBytes += section.sizeBytes + section.alignment;
		return section;
	});
	// No part of a file is in two sections. Without this a small file could ask for endless work.
	if (fileBytes > bytes.length) throw new ObjectError('the sections overlap: together they are larger than the file');
	if (memoryBytes > MOST_MODULE_BYTES) {
		throw new ObjectError(`the module is too large: ${memoryBytes} bytes of memory, at most ${MOST_MODULE_BYTES}`);
	}
	const names = headers[namesIndex]!;
	return headers.map(({nameAt, ...section}, index) => ({
		...section,
		name: index === 0 ? '' : nameIn(names.bytes, nameAt, `section ${index}`),
	}));
}

type Header = Omit<Section, 'name'> & {readonly nameAt: number};

function readHeader(bytes: Uint8Array, at: number, index: number): Header {
	const word = (n: number) => u32At(bytes, at + 4 * n);
	const [type, offset, sizeBytes] = [word(1), word(4), word(5)];
	const inFile = index > 0 && type !== SHT_NOBITS && type !== 0;
	if (inFile && offset + sizeBytes > bytes.length) {
		throw new ObjectError(`the file is truncated: section ${index} lies outside it`);
	}
	const alignment = word(8) || 1;
	const flags = index === 0 ? 0 : word(2);
	// load_module() warns and goes on; nothing that a compiler makes is aligned more.
	if (flags & SHF_ALLOC && (alignment & (alignment - 1) || alignment > PAGE_SIZE)) {
		throw new ObjectError(`section ${index} has alignment ${alignment}, not a power of two up to ${PAGE_SIZE}`);
	}
	return {
		nameAt: word(0),
		type,
		flags,
		sizeBytes,
		alignment,
		bytes: inFile ? bytes.subarray(offset, offset + sizeBytes) : bytes.subarray(0, 0),
		link: word(6),
		info: word(7),
	};
}

function nameIn(names: Uint8Array, at: number, whose: string): string {
	const end = at >= names.length ? -1 : names.subarray(at, at + MOST_NAME_BYTES + 1).indexOf(0);
	if (end < 0) throw new ObjectError(`the name of ${whose} is longer than ${MOST_NAME_BYTES} bytes or out of range`);
	return String.fromCharCode(...names.subarray(at, at + end));
}

function readSymbols(sections: readonly Section[]): readonly ElfSymbol[] {
	const tables = sections.filter(({type}) => type === SHT_SYMTAB);
	// Linux's words: "%s: module has no symbols (stripped?)".
	const [table] = tables;
	if (!table) throw new ObjectError('module has no symbols (stripped?)');
	if (tables.length > 1) throw new ObjectError('the object has more than one symbol table');
	const names = sections[table.link];
	if (names?.type !== SHT_STRTAB) throw new ObjectError(`the symbols' names, section ${table.link}, are not there`);
	if (table.sizeBytes % SYMBOL_BYTES) throw new ObjectError('the symbol table is truncated');
	return Array.from({length: table.sizeBytes / SYMBOL_BYTES}, (_, index) => {
		const at = index * SYMBOL_BYTES;
		const info = table.bytes[at + 12]!;
		const symbol: ElfSymbol = {
			name: index === 0 ? '' : nameIn(names.bytes, u32At(table.bytes, at), `symbol ${index}`),
			value: u32At(table.bytes, at + 4),
			sizeBytes: u32At(table.bytes, at + 8),
			binding: info >> 4,
			type: info & 15,
			section: index === 0 ? SHN_UNDEF : u16At(table.bytes, at + 14),
		};
		checkSymbol(symbol, index, sections);
		return symbol;
	});
}

function checkSymbol({name, binding, section, value}: ElfSymbol, index: number, sections: readonly Section[]): void {
	const whose = name === '' ? `symbol ${index}` : `symbol ${name}`;
	if (binding > STB_WEAK) throw new ObjectError(`${whose} has binding ${binding}, which does not exist`);
	// Linux's words, and its rule: uninitialized variables have to be in .bss.
	if (section === SHN_COMMON) throw new ObjectError('please compile with -fno-common');
	if (section === SHN_ABS || section === SHN_UNDEF) return;
	const home = section < SHN_LORESERVE ? sections[section] : undefined;
	if (!home) throw new ObjectError(`${whose} is in section ${section}, which does not exist`);
	// A label may stand behind the last byte.
	if (value > home.sizeBytes) throw new ObjectError(`${whose} lies outside its section ${home.name}`);
}

function readRelocations(
	sections: readonly Section[],
	symbols: readonly ElfSymbol[],
): ReadonlyMap<number, readonly Relocation[]> {
	const all = new Map<number, readonly Relocation[]>();
	for (const {type, info, name, bytes, sizeBytes} of sections) {
		const target = sections[info];
		const isForMemory = target !== undefined && (target.flags & SHF_ALLOC) !== 0;
		// Linux's words.
		if (type === SHT_RELA && isForMemory) throw new ObjectError('RELA relocation unsupported');
		if (type !== SHT_REL) continue;
		if (!target) throw new ObjectError(`${name} changes section ${info}, which does not exist`);
		if (all.has(info)) throw new ObjectError(`section ${target.name} has two tables of relocations`);
		if (sizeBytes % RELOCATION_BYTES) throw new ObjectError(`${name} is truncated`);
		const entries = Array.from({length: sizeBytes / RELOCATION_BYTES}, (_, index) =>
			readRelocation(bytes, index * RELOCATION_BYTES),
		);
		for (const entry of entries) checkRelocation(entry, target, symbols);
		all.set(info, entries);
	}
	return all;
}

function readRelocation(bytes: Uint8Array, at: number): Relocation {
	const info = u32At(bytes, at + 4);
	return {offset: u32At(bytes, at), type: info & 0xff, symbol: info >>> 8};
}

const KNOWN_TYPES: readonly number[] = [R_386_NONE, R_386_32, R_386_PC32, R_386_PLT32];
/** Relocations of position-independent code: GOT32, GOTOFF, GOTPC, GOT32X. */
const PIC_TYPES: readonly number[] = [3, 9, 10, 43];

function checkRelocation({offset, type, symbol}: Relocation, target: Section, symbols: readonly ElfSymbol[]): void {
	const where = `relocation at ${target.name}+0x${offset.toString(16)}`;
	if (PIC_TYPES.includes(type) && target.flags & SHF_ALLOC) {
		throw new ObjectError(`${where} is of position-independent code; compile with -fno-pic`);
	}
	// Linux's words: "%s: Unknown relocation: %u".
	if (!KNOWN_TYPES.includes(type) && target.flags & SHF_ALLOC) throw new ObjectError(`Unknown relocation: ${type}`);
	if (symbol >= symbols.length) throw new ObjectError(`${where} names symbol ${symbol}, which does not exist`);
	if (type === R_386_NONE) return;
	if (offset + 4 > target.bytes.length) throw new ObjectError(`${where} is out of range`);
	const {binding, name} = symbols[symbol]!;
	if (binding === STB_GLOBAL && name === '') throw new ObjectError(`${where} names a symbol without a name`);
}
