/** The head of one unit of a DWARF line table, versions 2 to 5: how its program counts, and its files. */
import {DwarfError, type DwarfReader, readHeaderForm} from './dwarfBytes.ts';
import type {ElfObject} from './object.ts';

export type LineHeader = {
	readonly version: number;
	readonly shortestInstruction: number;
	readonly lineBase: number;
	readonly lineRange: number;
	readonly opcodeBase: number;
	/** How many arguments each standard opcode takes, from opcode 1 on. */
	readonly argumentCounts: readonly number[];
	/** By the number that the program uses. */
	readonly files: readonly string[];
};

/** Reads up to where the program begins, and leaves the unit's reader there. @throws DwarfError */
export function readLineHeader(unit: DwarfReader, object: ElfObject): LineHeader {
	const version = unit.u16();
	if (version < 2 || version > 5) throw new DwarfError(`DWARF line tables of version ${version} are unknown`);
	// Size of an address, size of a segment selector.
	if (version >= 5) unit.skip(2);
	const header = unit.part(unit.u32());
	const shortestInstruction = header.u8();
	// Operations of one instruction: this is not a VLIW machine.
	if (version >= 4) header.skip(1);
	// Whether a row begins a statement.
	header.skip(1);
	const [lineBase, lineRange, opcodeBase] = [header.i8(), header.u8(), header.u8()];
	if (lineRange === 0) throw new DwarfError('the line table has a line range of 0');
	const argumentCounts = Array.from({length: Math.max(opcodeBase - 1, 0)}, () => header.u8());
	const files = version >= 5 ? filesOf5(header, object) : filesOf2(header);
	return {version, shortestInstruction, lineBase, lineRange, opcodeBase, argumentCounts, files};
}

const joined = (directory: string | undefined, name: string): string =>
	!directory || name.startsWith('/') ? name : `${directory}/${name}`;

/** Directories and files as strings, each list up to an empty one; file 0 is none. */
function filesOf2(header: DwarfReader): readonly string[] {
	// Directory 0 is where the compiler ran; names that people type are relative to it.
	const directories = [''];
	for (let name = header.text(); name !== ''; name = header.text()) directories.push(name);
	const files = [''];
	for (let name = header.text(); name !== ''; name = header.text()) {
		files.push(joined(directories[header.uleb()], name));
		// Time of change, length.
		header.uleb();
		header.uleb();
	}
	return files;
}

const DW_LNCT_path = 1;
const DW_LNCT_directory_index = 2;

function filesOf5(header: DwarfReader, object: ElfObject): readonly string[] {
	const directories = entriesOf(header, object).map(({path}) => path);
	return entriesOf(header, object).map(({path, directory}) =>
		joined(directory === 0 ? undefined : directories[directory], path),
	);
}

function entriesOf(header: DwarfReader, object: ElfObject): readonly {path: string; directory: number}[] {
	const formats = Array.from({length: header.u8()}, () => ({content: header.uleb(), form: header.uleb()}));
	const count = header.uleb();
	// Entries of no bytes could be endless.
	if (formats.length === 0 && count > 0) throw new DwarfError('the line table lists files without saying how');
	const entries: {path: string; directory: number}[] = [];
	for (let index = 0; index < count; index++) {
		const entry = {path: '', directory: 0};
		const before = header.at;
		for (const {content, form} of formats) {
			const value = readHeaderForm(header, form, object);
			if (content === DW_LNCT_path) entry.path = String(value);
			if (content === DW_LNCT_directory_index) entry.directory = Number(value);
		}
		if (header.at === before) throw new DwarfError('the line table lists files of no bytes');
		entries.push(entry);
	}
	return entries;
}
