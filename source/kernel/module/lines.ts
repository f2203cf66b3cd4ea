/**
 * Which line of C an instruction comes from: the line tables that `gcc -g` and `clang -g` write, DWARF 2 to 5. An
 * object without them, or with broken ones, has fewer lines or none; nothing else fails for that.
 */
import {DwarfError, type DwarfReader, dwarfReader} from './dwarfBytes.ts';
import {type Image, sectionAt} from './image.ts';
import {type LineHeader, readLineHeader} from './lineHeader.ts';
import type {ElfObject} from './object.ts';

type SourceLine = {
	/** As the compiler was given it: `scull.c`, or a header's path. */
	readonly file: string;
	readonly line: number;
};

type Row = SourceLine & {readonly offset: number; readonly isEnd: boolean};

/** By the index of a section, sorted by the offset in it. */
export type LineTable = ReadonlyMap<number, readonly Row[]>;

/** All line tables of an object. */
export function lineTableOf(object: ElfObject): LineTable {
	const rows = new Map<number, Row[]>();
	const reader = dwarfReader(object, '.debug_line');
	try {
		while (reader && !reader.isAtEnd) readUnit(reader.part(reader.u32()), object, rows);
	} catch (error) {
		if (!(error instanceof DwarfError)) throw error;
	}
	// A sequence that ends where the next one begins must not hide it.
	for (const each of rows.values()) each.sort((a, b) => a.offset - b.offset || Number(b.isEnd) - Number(a.isEnd));
	return rows;
}

/** The line of an instruction. @param offset in the section, of the object's own */
export function lineAt(table: LineTable, section: number, offset: number): SourceLine | undefined {
	const rows = table.get(section) ?? [];
	let [low, high] = [0, rows.length];
	while (low < high) {
		const middle = (low + high) >> 1;
		if (rows[middle]!.offset <= offset) low = middle + 1;
		else high = middle;
	}
	const row = rows[low - 1];
	return row && !row.isEnd && row.line > 0 ? {file: row.file, line: row.line} : undefined;
}

/** The line of an address of a loaded module. */
export function lineOf(table: LineTable, image: Image, address: number): SourceLine | undefined {
	const place = sectionAt(image, address);
	return place && lineAt(table, place.section, place.offset);
}

/** The address where the code of a line begins, the lowest one: where a debugger stops. */
export function addressesOfLine(
	table: LineTable,
	file: string,
	line: number,
): readonly {section: number; offset: number}[] {
	const isFile = (name: string) => name === file || name.endsWith(`/${file}`);
	return [...table].flatMap(([section, rows]) => {
		const row = rows.find(each => !each.isEnd && each.line === line && isFile(each.file));
		return row ? [{section, offset: row.offset}] : [];
	});
}

/** State of the machine whose program a line table is. @see DWARF 5, 6.2.2 */
type State = {section: number | undefined; offset: number; file: number; line: number};

const atStart = (): State => ({section: undefined, offset: 0, file: 1, line: 1});

function readUnit(unit: DwarfReader, object: ElfObject, rows: Map<number, Row[]>): void {
	const header = readLineHeader(unit, object);
	let state = atStart();
	const add = (isEnd: boolean) => {
		const {section, offset, file, line} = state;
		// Code that the linker dropped has no section.
		if (section === undefined) return;
		const ofSection = rows.get(section) ?? [];
		rows.set(section, ofSection);
		ofSection.push({file: header.files[file] ?? '', line, offset, isEnd});
	};
	while (!unit.isAtEnd) {
		const opcode = unit.u8();
		if (opcode === 0) {
			const extended = unit.part(unit.uleb());
			const kind = extended.isAtEnd ? 0 : extended.u8();
			if (kind === DW_LNE_set_address) {
				const {value, section} = extended.located();
				state.offset = value;
				state.section = section;
			}
			if (kind === DW_LNE_end_sequence) {
				add(true);
				state = atStart();
			}
		} else if (opcode >= header.opcodeBase) {
			special(state, header, opcode);
			add(false);
		} else if (standard(state, header, opcode, unit)) {
			add(false);
		}
	}
}

const DW_LNE_end_sequence = 1;
const DW_LNE_set_address = 2;

const DW_LNS_copy = 1;
const DW_LNS_advance_pc = 2;
const DW_LNS_advance_line = 3;
const DW_LNS_set_file = 4;
const DW_LNS_const_add_pc = 8;
const DW_LNS_fixed_advance_pc = 9;

const advanceOf = ({opcodeBase, lineRange, shortestInstruction}: LineHeader, opcode: number): number =>
	Math.floor((opcode - opcodeBase) / lineRange) * shortestInstruction;

function special(state: State, header: LineHeader, opcode: number): void {
	state.offset += advanceOf(header, opcode);
	state.line += header.lineBase + ((opcode - header.opcodeBase) % header.lineRange);
}

/** @returns true where the opcode adds a row */
function standard(state: State, header: LineHeader, opcode: number, unit: DwarfReader): boolean {
	switch (opcode) {
		case DW_LNS_copy:
			return true;
		case DW_LNS_advance_pc:
			state.offset += unit.uleb() * header.shortestInstruction;
			return false;
		case DW_LNS_advance_line:
			state.line += unit.sleb();
			return false;
		case DW_LNS_set_file:
			state.file = unit.uleb();
			return false;
		case DW_LNS_const_add_pc:
			state.offset += advanceOf(header, 255);
			return false;
		case DW_LNS_fixed_advance_pc:
			state.offset += unit.u16();
			return false;
		default: {
			// Columns, statements, blocks; and opcodes of a later version, whose arguments are counted.
			const count = header.argumentCounts[opcode - 1] ?? 0;
			for (let n = 0; n < count; n++) unit.uleb();
			return false;
		}
	}
}
