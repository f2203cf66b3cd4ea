/**
 * What a relocatable object of i386 holds (ELF32, `gcc -m32 -c` or `ld -r`), as the loader of modules needs it. Models
 * include/linux/elf.h (2.6.11); `parseObject()` in parse.ts makes one of a file's bytes.
 */

/** A file cannot be loaded. The message is one sentence without a module's name. @see load_module(), -ENOEXEC */
export class ObjectError extends Error {}

/** A file of more bytes is not read: 100 times a driver with its debug information. */
export const MOST_OBJECT_BYTES = 8 << 20;
/** A module that takes more memory is not loaded: all that vmalloc has is about 100 MiB. */
export const MOST_MODULE_BYTES = 16 << 20;

export const SHT_SYMTAB = 2;
export const SHT_STRTAB = 3;
export const SHT_RELA = 4;
export const SHT_NOBITS = 8;
export const SHT_REL = 9;

export const SHF_WRITE = 1;
export const SHF_ALLOC = 2;
export const SHF_EXECINSTR = 4;

export const SHN_UNDEF = 0;
export const SHN_LORESERVE = 0xff00;
export const SHN_ABS = 0xfff1;
export const SHN_COMMON = 0xfff2;

export const STB_GLOBAL = 1;
export const STB_WEAK = 2;

export const STT_SECTION = 3;
export const STT_FILE = 4;

export const R_386_NONE = 0;
export const R_386_32 = 1;
export const R_386_PC32 = 2;
export const R_386_PLT32 = 4;

export type Section = {
	readonly name: string;
	readonly type: number;
	readonly flags: number;
	readonly sizeBytes: number;
	/** A power of two, a page at most. */
	readonly alignment: number;
	/** What the file holds of it: all, or nothing (`.bss`). */
	readonly bytes: Uint8Array;
	readonly link: number;
	readonly info: number;
};

export type ElfSymbol = {
	readonly name: string;
	/** Offset in its section; itself where the section is SHN_ABS. */
	readonly value: number;
	readonly sizeBytes: number;
	readonly binding: number;
	readonly type: number;
	/** Index of its section, or SHN_UNDEF, SHN_ABS, SHN_COMMON. */
	readonly section: number;
};

export type Relocation = {
	/** In the section that it changes; four bytes lie there. */
	readonly offset: number;
	readonly type: number;
	/** Index of a symbol. */
	readonly symbol: number;
};

export type ElfObject = {
	readonly sections: readonly Section[];
	/** The first one is the empty symbol. */
	readonly symbols: readonly ElfSymbol[];
	/** By the index of the section that they change. */
	readonly relocations: ReadonlyMap<number, readonly Relocation[]>;
};

export const isLoaded = (section: Section): boolean =>
	(section.flags & SHF_ALLOC) !== 0 && section.sizeBytes > 0 && section.name !== '.modinfo';

/** The first section of a name. @returns its index or undefined */
export function sectionNamed(object: ElfObject, name: string): number | undefined {
	const index = object.sections.findIndex(section => section.name === name);
	return index < 0 ? undefined : index;
}

/** Text up to a zero byte, or up to the end of the bytes. */
export function textAt(bytes: Uint8Array, offset: number): string {
	const zero = bytes.indexOf(0, offset);
	let text = '';
	for (let at = offset; at < (zero < 0 ? bytes.length : zero); at++) text += String.fromCharCode(bytes[at]!);
	return text;
}

/** A 32-bit number of the file, little endian. */
export const u32At = (bytes: Uint8Array, offset: number): number =>
	(bytes[offset]! | (bytes[offset + 1]! << 8) | (bytes[offset + 2]! << 16) | (bytes[offset + 3]! << 24)) >>> 0;

export const u16At = (bytes: Uint8Array, offset: number): number => bytes[offset]! | (bytes[offset + 1]! << 8);
