/**
 * A module in memory: where its sections lie, and its bytes for the addresses that it has got. Models
 * layout_sections(), simplify_symbols() and apply_relocate() (kernel/module.c and arch/i386/kernel/module.c, 2.6.11).
 *
 * The use of it: `layout()` says how many bytes to allocate; `relocate()` makes the bytes for the addresses that were
 * allocated; the caller writes them there. Nothing here touches a machine.
 */
import {
	type ElfObject,
	isLoaded,
	R_386_32,
	R_386_NONE,
	type Section,
	SHF_ALLOC,
	SHF_EXECINSTR,
	SHF_WRITE,
	SHN_ABS,
	SHN_UNDEF,
	STB_WEAK,
	u32At,
} from './object.ts';

/** Code and data that stay, and those that go when init has returned (`.init.text`, `.init.data`). */
type Area = 'core' | 'init';

type ModuleLayout = {
	/** Bytes of each area; 0 where the module has none. */
	readonly sizeBytes: Readonly<Record<Area, number>>;
	/** By the index of a section; missing where it is not loaded. */
	readonly places: ReadonlyMap<number, {readonly area: Area; readonly offset: number}>;
};

/** The order in which sections lie: code, what is only read, what is written. @see layout_sections() */
const ORDER: readonly ((flags: number) => boolean)[] = [
	flags => (flags & SHF_EXECINSTR) !== 0,
	flags => (flags & (SHF_EXECINSTR | SHF_WRITE)) === 0,
	flags => (flags & (SHF_EXECINSTR | SHF_WRITE)) === SHF_WRITE,
];

const areaOf = ({name}: Section): Area => (name.startsWith('.init') ? 'init' : 'core');

/** Where each section of an object lies in its area. An area has to begin at the start of a page. */
export function layout(object: ElfObject): ModuleLayout {
	const sizeBytes = {core: 0, init: 0};
	const places = new Map<number, {area: Area; offset: number}>();
	for (const isOfGroup of ORDER) {
		for (const [index, section] of object.sections.entries()) {
			if (!isLoaded(section) || !isOfGroup(section.flags)) continue;
			const area = areaOf(section);
			const offset = Math.ceil(sizeBytes[area] / section.alignment) * section.alignment;
			places.set(index, {area, offset});
			sizeBytes[area] = offset + section.sizeBytes;
		}
	}
	return {sizeBytes, places};
}

/**
 * What the module asks of others: names in the order of its symbol table, each once. A weak name may stay unknown: it
 * is then 0.
 */
export function wantedNames({symbols}: ElfObject): readonly {readonly name: string; readonly isWeak: boolean}[] {
	const wanted = new Map<string, boolean>();
	for (const {name, section, binding} of symbols.slice(1)) {
		if (section !== SHN_UNDEF || name === '') continue;
		wanted.set(name, (wanted.get(name) ?? true) && binding === STB_WEAK);
	}
	return [...wanted].map(([name, isWeak]) => ({name, isWeak}));
}

export type Image = {
	readonly object: ElfObject;
	readonly layout: ModuleLayout;
	readonly base: Readonly<Record<Area, number>>;
	/** What to write at `base`. */
	readonly bytes: Readonly<Record<Area, Uint8Array>>;
};

/**
 * The bytes of a module whose areas begin at `base`.
 * @param resolve address of a name of the kernel or of another module; undefined where nobody exports it
 * @returns the image, or the names that are unknown, in the order in which Linux prints "Unknown symbol"
 */
export function relocate(
	object: ElfObject,
	at: ModuleLayout,
	base: Readonly<Record<Area, number>>,
	resolve: (name: string) => number | undefined,
): Image | {readonly unknown: readonly string[]} {
	const wanted = wantedNames(object);
	const addresses = new Map(wanted.map(({name}) => [name, resolve(name)]));
	const unknown = wanted.filter(({name, isWeak}) => !isWeak && addresses.get(name) === undefined);
	if (unknown.length > 0) return {unknown: unknown.map(({name}) => name)};
	const image: Image = {
		object,
		layout: at,
		base,
		bytes: {core: new Uint8Array(at.sizeBytes.core), init: new Uint8Array(at.sizeBytes.init)},
	};
	for (const [index, {area, offset}] of at.places) image.bytes[area].set(object.sections[index]!.bytes, offset);
	for (const index of at.places.keys()) applyRelocations(image, index, name => addresses.get(name) ?? 0);
	return image;
}

function applyRelocations(image: Image, section: number, addressOf: (name: string) => number): void {
	const {area, offset} = image.layout.places.get(section)!;
	const bytes = image.bytes[area];
	const start = image.base[area] + offset;
	for (const relocation of image.object.relocations.get(section) ?? []) {
		if (relocation.type === R_386_NONE) continue;
		const {section: home, name} = image.object.symbols[relocation.symbol]!;
		const value = home === SHN_UNDEF ? addressOf(name) : symbolAddress(image, relocation.symbol);
		const at = offset + relocation.offset;
		const addend = u32At(bytes, at);
		// PLT32 is PC32 where there is no table between the two.
		const from = relocation.type === R_386_32 ? 0 : start + relocation.offset;
		putU32(bytes, at, (addend + value - from) >>> 0);
	}
}

function putU32(bytes: Uint8Array, at: number, value: number): void {
	for (let n = 0; n < 4; n++) bytes[at + n] = value >>> (8 * n);
}

/** Where a section lies. @returns undefined where it is not loaded */
export function sectionAddress({layout: {places}, base}: Image, section: number): number | undefined {
	const place = places.get(section);
	return place && base[place.area] + place.offset;
}

/** Where a symbol of the module itself lies; 0 where its section is not loaded, as in Linux. */
export function symbolAddress(image: Image, symbol: number): number {
	const {section, value} = image.object.symbols[symbol]!;
	if (section === SHN_ABS) return value;
	const start = sectionAddress(image, section);
	return start === undefined ? 0 : start + value;
}

/** Address of a name that the module defines (`init_module`, `cleanup_module`), or undefined. */
export function addressNamed(image: Image, name: string): number | undefined {
	const index = image.object.symbols.findIndex(symbol => symbol.name === name && symbol.section !== SHN_UNDEF);
	return index < 0 ? undefined : symbolAddress(image, index);
}

/** The section that an address of the module lies in, and how far. */
export function sectionAt(
	image: Image,
	address: number,
): {readonly section: number; readonly offset: number} | undefined {
	for (const section of image.layout.places.keys()) {
		const offset = address - sectionAddress(image, section)!;
		if (offset >= 0 && offset < image.object.sections[section]!.sizeBytes) return {section, offset};
	}
	return undefined;
}

/** Bytes of the image from an address on, up to the end of its area; undefined for an address elsewhere. */
export function imageBytes({base, bytes}: Image, address: number): Uint8Array | undefined {
	for (const area of ['core', 'init'] as const) {
		const offset = address - base[area];
		if (offset >= 0 && offset < bytes[area].length) return bytes[area].subarray(offset);
	}
	return undefined;
}

/** Records of one section that is a table, as the module's code sees it: `__param`, `__bug_table`, `__ksymtab`. */
export function recordsOf(image: Image, section: string, recordBytes: number): readonly Uint8Array[] {
	return image.object.sections.flatMap(({name, sizeBytes}, index) => {
		const start = name === section ? sectionAddress(image, index) : undefined;
		const bytes = start === undefined ? undefined : imageBytes(image, start);
		if (!bytes) return [];
		return Array.from({length: Math.floor(sizeBytes / recordBytes)}, (_, n) =>
			bytes.subarray(n * recordBytes, (n + 1) * recordBytes),
		);
	});
}

/** A string of the module; empty where the address is not in it. */
export function imageText(image: Image, address: number): string {
	const bytes = imageBytes(image, address);
	if (!bytes) return '';
	const end = bytes.indexOf(0);
	// A string without an end ends with its area.
	let text = '';
	for (const byte of end < 0 ? bytes : bytes.subarray(0, end)) text += String.fromCharCode(byte);
	return text;
}

export const isCode = ({flags}: Section): boolean =>
	(flags & (SHF_ALLOC | SHF_EXECINSTR)) === (SHF_ALLOC | SHF_EXECINSTR);
