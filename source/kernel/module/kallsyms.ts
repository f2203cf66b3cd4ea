/**
 * Names of a module's functions and variables, for `/proc/kallsyms`, call traces and the debugger. Models elf_type(),
 * add_kallsyms() and get_ksymbol() (kernel/module.c, 2.6.11).
 */

import {type Image, isCode, symbolAddress} from './image.ts';
import {exportsOf} from './ksymtab.ts';
import {type ElfSymbol, type Section, SHF_WRITE, SHT_NOBITS, STT_FILE, STT_SECTION} from './object.ts';

export type ModuleSymbol = {
	readonly name: string;
	readonly address: number;
	/** Up to the next symbol of its section, where the compiler said none. */
	readonly sizeBytes: number;
	/** `t` code, `r` read only, `d` data, `b` zeroed data; in capitals where the module exports it. */
	readonly type: string;
};

function letterOf(section: Section): string {
	if (isCode(section)) return 't';
	if (section.type === SHT_NOBITS) return 'b';
	return section.flags & SHF_WRITE ? 'd' : 'r';
}

/** Labels of the compiler's own, as `.L12`, name nothing that a person looks for. */
const isName = ({name, type}: ElfSymbol): boolean =>
	name !== '' && !name.startsWith('.L') && type !== STT_SECTION && type !== STT_FILE;

const known = new WeakMap<Image, readonly ModuleSymbol[]>();

/** Symbols of what is loaded, by address. */
export function symbolsOf(image: Image): readonly ModuleSymbol[] {
	let symbols = known.get(image);
	if (!symbols) known.set(image, (symbols = findSymbols(image)));
	return symbols;
}

function findSymbols(image: Image): readonly ModuleSymbol[] {
	const {sections, symbols} = image.object;
	const exported = new Set(exportsOf(image).map(({name}) => name));
	const found = symbols.flatMap((symbol, index) => {
		const section = isName(symbol) && image.layout.places.has(symbol.section) ? sections[symbol.section] : undefined;
		return section ? [{symbol, section, address: symbolAddress(image, index)}] : [];
	});
	found.sort((a, b) => a.address - b.address || (a.symbol.name < b.symbol.name ? -1 : 1));
	// Where the next one of the same section begins, found from behind.
	const begins = new Map<number, number>();
	const ends = new Map<number, number>();
	for (const {symbol, section, address} of found.toReversed()) {
		const begin = begins.get(symbol.section);
		if (begin === undefined) ends.set(address, address - symbol.value + section.sizeBytes);
		else if (begin > address) ends.set(address, begin);
		begins.set(symbol.section, address);
	}
	return found.map(({symbol, section, address}) => {
		const rest = ends.get(address)! - address;
		const letter = letterOf(section);
		return {
			name: symbol.name,
			address,
			sizeBytes: symbol.sizeBytes || rest,
			type: exported.has(symbol.name) ? letter.toUpperCase() : letter,
		};
	});
}

/** The symbol that an address lies in, and how far: `scull_read+0x1c/0x90`. */
export function symbolAt(
	symbols: readonly ModuleSymbol[],
	address: number,
): {readonly symbol: ModuleSymbol; readonly offset: number} | undefined {
	const symbol = symbols.findLast(each => address >= each.address && address < each.address + each.sizeBytes);
	return symbol && {symbol, offset: address - symbol.address};
}
