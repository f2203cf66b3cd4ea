/** The table that says which attributes a kind of debug entry has. @see DWARF 5, 7.5.3 */
import {DwarfError, dwarfReader} from './dwarfBytes.ts';
import type {ElfObject} from './object.ts';

export type Abbreviation = {
	readonly tag: number;
	readonly hasChildren: boolean;
	readonly attributes: readonly {readonly name: number; readonly form: number}[];
};

const DW_FORM_implicit_const = 0x21;
/** Compilers write a dozen; without a limit a small file could ask for endless work. */
const MOST_ATTRIBUTES = 200;

/** By the code that an entry begins with. @param at in .debug_abbrev @throws DwarfError */
export function readAbbreviations(object: ElfObject, at: number): ReadonlyMap<number, Abbreviation> {
	const reader = dwarfReader(object, '.debug_abbrev', at);
	const all = new Map<number, Abbreviation>();
	while (reader && !reader.isAtEnd) {
		const code = reader.uleb();
		if (code === 0) break;
		const tag = reader.uleb();
		const hasChildren = reader.u8() !== 0;
		const attributes: {name: number; form: number}[] = [];
		for (;;) {
			const [name, form] = [reader.uleb(), reader.uleb()];
			// Its value stands in the table.
			if (form === DW_FORM_implicit_const) reader.sleb();
			if (name === 0 && form === 0) break;
			attributes.push({name, form});
			if (attributes.length > MOST_ATTRIBUTES) throw new DwarfError('a debug entry has too many attributes');
		}
		all.set(code, {tag, hasChildren, attributes});
	}
	return all;
}
