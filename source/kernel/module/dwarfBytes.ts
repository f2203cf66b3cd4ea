/** Reads the numbers and strings of DWARF sections of an object, with the object's relocations applied. */
import {type ElfObject, R_386_32, SHN_UNDEF, sectionNamed, u16At, u32At} from './object.ts';

/** The debug information contradicts itself. What was read before stays of use. */
export class DwarfError extends Error {}

/** A longer name is refused: reading it for each entry would take long. A path has 4,096 bytes at most. */
const MOST_TEXT_BYTES = 4097;

/** A number that may be an address: a place in one of the object's sections. */
type Located = {readonly value: number; readonly section: number | undefined};

/** A position in a section, and what can be read there. It moves on by what it reads. */
export class DwarfReader {
	at: number;
	readonly #bytes: Uint8Array;
	readonly #end: number;
	readonly #relocated: ReadonlyMap<number, Located>;

	constructor(bytes: Uint8Array, relocated: ReadonlyMap<number, Located>, at = 0, end = bytes.length) {
		this.at = at;
		this.#bytes = bytes;
		this.#relocated = relocated;
		this.#end = Math.min(end, bytes.length);
	}

	get isAtEnd(): boolean {
		return this.at >= this.#end;
	}

	/** Another one on the next bytes, which this one passes. */
	part(lengthBytes: number): DwarfReader {
		const start = this.#take(lengthBytes);
		return new DwarfReader(this.#bytes, this.#relocated, start, start + lengthBytes);
	}

	#take(lengthBytes: number): number {
		const at = this.at;
		if (lengthBytes > this.#end - at) throw new DwarfError('the debug information is truncated');
		this.at = at + lengthBytes;
		return at;
	}

	skip(lengthBytes: number): void {
		this.#take(lengthBytes);
	}

	u8(): number {
		return this.#bytes[this.#take(1)]!;
	}

	i8(): number {
		return (this.u8() << 24) >> 24;
	}

	u16(): number {
		return u16At(this.#bytes, this.#take(2));
	}

	/** Four bytes, and the section that they point into where a relocation says so. */
	located(): Located {
		const at = this.#take(4);
		const plain = u32At(this.#bytes, at);
		const relocated = this.#relocated.get(at);
		return relocated
			? {value: (relocated.value + plain) >>> 0, section: relocated.section}
			: {value: plain, section: undefined};
	}

	u32(): number {
		return this.located().value;
	}

	/** Unsigned, of any length; what is above 2^32 is lost. */
	uleb(): number {
		let value = 0;
		for (let shift = 0; ; shift += 7) {
			const byte = this.u8();
			if (shift < 32) value |= (byte & 127) << shift;
			if (byte < 128) return value >>> 0;
		}
	}

	sleb(): number {
		let value = 0;
		for (let shift = 0; ; shift += 7) {
			const byte = this.u8();
			if (shift < 32) value |= (byte & 127) << shift;
			if (byte >= 128) continue;
			return shift + 7 < 32 && byte & 64 ? value | (-1 << (shift + 7)) : value;
		}
	}

	text(): string {
		const most = Math.min(this.at + MOST_TEXT_BYTES, this.#end);
		const length = this.#bytes.subarray(this.at, most).indexOf(0);
		const zero = this.at + length;
		if (length < 0) throw new DwarfError('a name of the debug information has no end');
		let text = '';
		for (const byte of this.#bytes.subarray(this.at, zero)) text += String.fromCharCode(byte);
		this.at = zero + 1;
		return text;
	}
}

/** A reader of a section, or undefined where the object has none of that name. */
export function dwarfReader(object: ElfObject, name: string, at = 0): DwarfReader | undefined {
	const index = sectionNamed(object, name);
	if (index === undefined) return undefined;
	return new DwarfReader(object.sections[index]!.bytes, relocatedOf(object, index), at);
}

const kept = new WeakMap<ElfObject, Map<number, ReadonlyMap<number, Located>>>();

/** What each relocated word of a section has added to it. */
function relocatedOf(object: ElfObject, index: number): ReadonlyMap<number, Located> {
	const ofObject = kept.get(object) ?? new Map<number, ReadonlyMap<number, Located>>();
	kept.set(object, ofObject);
	let relocated = ofObject.get(index);
	if (!relocated) {
		const entries = (object.relocations.get(index) ?? []).flatMap(({offset, type, symbol}) => {
			const {value, section} = object.symbols[symbol]!;
			return type === R_386_32 && section !== SHN_UNDEF ? [[offset, {value, section}] as const] : [];
		});
		relocated = new Map(entries);
		ofObject.set(index, relocated);
	}
	return relocated;
}

// Forms. @see DWARF 5, 7.5.6
const DW_FORM_data2 = 0x05;
const DW_FORM_data4 = 0x06;
const DW_FORM_data8 = 0x07;
const DW_FORM_string = 0x08;
const DW_FORM_block = 0x09;
const DW_FORM_data1 = 0x0b;
const DW_FORM_strp = 0x0e;
const DW_FORM_udata = 0x0f;
const DW_FORM_data16 = 0x1e;
const DW_FORM_line_strp = 0x1f;

/** A value of a line table's header; undefined for a form that says nothing here. @throws DwarfError */
export function readHeaderForm(reader: DwarfReader, form: number, object: ElfObject): string | number | undefined {
	switch (form) {
		case DW_FORM_string:
			return reader.text();
		case DW_FORM_line_strp:
			return textIn(object, '.debug_line_str', reader.u32());
		case DW_FORM_strp:
			return textIn(object, '.debug_str', reader.u32());
		case DW_FORM_data1:
			return reader.u8();
		case DW_FORM_data2:
			return reader.u16();
		case DW_FORM_data4:
			return reader.u32();
		case DW_FORM_udata:
			return reader.uleb();
		case DW_FORM_data8:
			return reader.skip(8) ?? undefined;
		case DW_FORM_data16:
			return reader.skip(16) ?? undefined;
		case DW_FORM_block:
			return reader.skip(reader.uleb()) ?? undefined;
		default:
			throw new DwarfError(`form 0x${form.toString(16)} of the debug information is unknown`);
	}
}

export const textIn = (object: ElfObject, section: string, at: number): string =>
	dwarfReader(object, section, at)?.text() ?? '';
