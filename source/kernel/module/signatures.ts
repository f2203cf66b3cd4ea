/**
 * What a function's parameters are, from the debug information: DWARF 2 to 5. The era `ldd3` needs it for aio_read and
 * aio_write, which take a buffer in the book's drivers and an array of iovecs in the labs'. An object without debug
 * information, or with broken one, has no answers.
 */
import {readAbbreviations} from './abbreviations.ts';
import {type Entry, readEntry, readUnitHeader} from './debugEntries.ts';
import {DwarfError, dwarfReader} from './dwarfBytes.ts';
import type {ElfObject} from './object.ts';

const DW_TAG_formal_parameter = 0x05;
const DW_TAG_pointer_type = 0x0f;
const DW_TAG_structure_type = 0x13;
const DW_TAG_typedef = 0x16;
const DW_TAG_base_type = 0x24;
const DW_TAG_const_type = 0x26;
const DW_TAG_subprogram = 0x2e;
const DW_TAG_volatile_type = 0x35;

/** Types are few steps deep; a circle in a broken file is not followed for ever. */
const MOST_STEPS = 16;

/**
 * The parameters of a function, in order.
 * @returns for each one C without qualifiers (`char *`, `struct iovec *`, `size_t`), or undefined where nothing is
 * known
 */
export function parameterTypes(object: ElfObject, functionName: string): readonly string[] | undefined {
	try {
		return search(object, functionName);
	} catch (error) {
		if (error instanceof DwarfError) return undefined;
		throw error;
	}
}

function search(object: ElfObject, functionName: string): readonly string[] | undefined {
	const info = dwarfReader(object, '.debug_info');
	const tables = new Map<number, ReturnType<typeof readAbbreviations>>();
	while (info && !info.isAtEnd) {
		const start = info.at;
		const unit = info.part(info.u32());
		const header = readUnitHeader(unit, start);
		const abbreviations = tables.get(header.abbreviationsAt) ?? readAbbreviations(object, header.abbreviationsAt);
		tables.set(header.abbreviationsAt, abbreviations);
		const entries = new Map<number, Entry>();
		const found: (readonly (number | undefined)[])[] = [];
		let parameters: (number | undefined)[] | undefined;
		for (let depth = 0, inside = -1; !unit.isAtEnd; ) {
			const entry = readEntry(unit, header, abbreviations, object);
			if (!entry) {
				depth--;
				if (depth <= inside) {
					if (parameters) found.push(parameters);
					parameters = undefined;
				}
				continue;
			}
			entries.set(entry.at, entry);
			if (entry.tag === DW_TAG_subprogram && entry.name === functionName && entry.hasChildren) {
				inside = depth;
				parameters = [];
			} else if (parameters && entry.tag === DW_TAG_formal_parameter && depth === inside + 1) {
				parameters.push(entry.type);
			}
			if (entry.hasChildren) depth++;
		}
		const [first] = found;
		if (first) return first.map(type => typeText(entries, type, 0));
	}
	return undefined;
}

function typeText(entries: ReadonlyMap<number, Entry>, at: number | undefined, steps: number): string {
	// No type is void.
	if (at === undefined) return 'void';
	const entry = entries.get(at);
	if (!entry || steps > MOST_STEPS) return '?';
	const inner = () => typeText(entries, entry.type, steps + 1);
	switch (entry.tag) {
		case DW_TAG_pointer_type: {
			const to = inner();
			return `${to}${to.endsWith('*') ? '' : ' '}*`;
		}
		case DW_TAG_const_type:
		case DW_TAG_volatile_type:
			return inner();
		case DW_TAG_structure_type:
			return `struct ${entry.name ?? '?'}`;
		case DW_TAG_typedef:
		case DW_TAG_base_type:
			return entry.name ?? '?';
		default:
			return '?';
	}
}
