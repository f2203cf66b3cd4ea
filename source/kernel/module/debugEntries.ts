/** Entries of .debug_info as far as a function's parameters need them: tag, name, type. @see DWARF 5, 7.5 */
import type {Abbreviation} from './abbreviations.ts';
import {DwarfError, type DwarfReader, dwarfReader, textIn} from './dwarfBytes.ts';
import type {ElfObject} from './object.ts';

type UnitHeader = {
	readonly version: number;
	/** Where the unit begins in its section: references count from there. */
	readonly start: number;
	readonly abbreviationsAt: number;
};

/** @param start of the unit's length field @throws DwarfError */
export function readUnitHeader(unit: DwarfReader, start: number): UnitHeader {
	const version = unit.u16();
	if (version < 2 || version > 5) throw new DwarfError(`debug information of version ${version} is unknown`);
	if (version < 5) {
		const abbreviationsAt = unit.u32();
		unit.skip(1);
		return {version, start, abbreviationsAt};
	}
	// Kind of unit, size of an address.
	unit.skip(2);
	return {version, start, abbreviationsAt: unit.u32()};
}

export type Entry = {
	/** Where it lies in .debug_info. */
	readonly at: number;
	readonly tag: number;
	readonly hasChildren: boolean;
	readonly name: string | undefined;
	/** Where the entry of its type lies. */
	readonly type: number | undefined;
};

const DW_AT_name = 0x03;
const DW_AT_type = 0x49;

/** The next entry, or undefined where a list of children ends. @throws DwarfError */
export function readEntry(
	unit: DwarfReader,
	header: UnitHeader,
	abbreviations: ReadonlyMap<number, Abbreviation>,
	object: ElfObject,
): Entry | undefined {
	const at = unit.at;
	const code = unit.uleb();
	if (code === 0) return undefined;
	const abbreviation = abbreviations.get(code);
	if (!abbreviation) throw new DwarfError(`kind ${code} of debug entries is unknown`);
	let name: string | undefined;
	let type: number | undefined;
	for (const attribute of abbreviation.attributes) {
		const value = readForm(unit, attribute.form, header, object);
		if (attribute.name === DW_AT_name && typeof value === 'string') name = value;
		if (attribute.name === DW_AT_type && typeof value === 'number') type = value;
	}
	return {at, tag: abbreviation.tag, hasChildren: abbreviation.hasChildren, name, type};
}

/** Bytes of forms of a fixed size that say nothing here: addresses, constants, flags, offsets, signatures. */
const FIXED: ReadonlyMap<number, number> = new Map([
	[0x01, 4],
	[0x05, 2],
	[0x06, 4],
	[0x07, 8],
	[0x0b, 1],
	[0x0c, 1],
	[0x14, 8],
	[0x17, 4],
	[0x19, 0],
	[0x1c, 4],
	[0x1d, 4],
	[0x1e, 16],
	[0x20, 8],
	[0x21, 0],
	[0x24, 8],
	[0x29, 1],
	[0x2a, 2],
	[0x2b, 3],
	[0x2c, 4],
]);

/** A text, a reference as a place in .debug_info, or undefined for what is passed over. @throws DwarfError */
function readForm(unit: DwarfReader, form: number, header: UnitHeader, object: ElfObject): string | number | undefined {
	const fixed = FIXED.get(form);
	if (fixed !== undefined) return unit.skip(fixed) ?? undefined;
	switch (form) {
		// Blocks of bytes, with a length of one, two or four bytes, or of any.
		case 0x0a:
			return unit.skip(unit.u8()) ?? undefined;
		case 0x03:
			return unit.skip(unit.u16()) ?? undefined;
		case 0x04:
			return unit.skip(unit.u32()) ?? undefined;
		case 0x09:
		case 0x18:
			return unit.skip(unit.uleb()) ?? undefined;
		// Numbers of any length, and indices of addresses and lists.
		case 0x0d:
		case 0x0f:
		case 0x1b:
		case 0x22:
		case 0x23:
			unit.uleb();
			return undefined;
		case 0x08:
			return unit.text();
		case 0x0e:
			return textIn(object, '.debug_str', unit.u32());
		case 0x1f:
			return textIn(object, '.debug_line_str', unit.u32());
		case 0x1a:
			return indexedText(object, unit.uleb());
		case 0x25:
			return indexedText(object, unit.u8());
		case 0x26:
			return indexedText(object, unit.u16());
		case 0x28:
			return indexedText(object, unit.u32());
		case 0x10:
			return unit.u32();
		case 0x11:
			return header.start + unit.u8();
		case 0x12:
			return header.start + unit.u16();
		case 0x13:
			return header.start + unit.u32();
		case 0x15:
			return header.start + unit.uleb();
		case 0x16:
			return readForm(unit, direct(unit.uleb()), header, object);
		default:
			throw new DwarfError(`form 0x${form.toString(16)} of the debug information is unknown`);
	}
}

const DW_FORM_indirect = 0x16;

/** A form that stands with the value says no more than once that another one follows. */
function direct(form: number): number {
	if (form === DW_FORM_indirect) throw new DwarfError('a form of the debug information leads to itself');
	return form;
}

/** Length, version and padding stand before the first offset of .debug_str_offsets. */
const OFFSETS_START = 8;

/** A name by its index, as clang writes them: an object of one source has one table of offsets. */
function indexedText(object: ElfObject, index: number): string {
	const offsets = dwarfReader(object, '.debug_str_offsets', OFFSETS_START + 4 * index);
	return offsets ? textIn(object, '.debug_str', offsets.u32()) : '';
}
