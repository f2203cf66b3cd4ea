/** The description of the processor for gdb, in its XML ("Target Descriptions" in the GDB manual). */

const registers = [
	...['eax', 'ecx', 'edx', 'ebx'].map(name => [name, 'int32'] as const),
	...(['esp', 'ebp'] as const).map(name => [name, 'data_ptr'] as const),
	...['esi', 'edi'].map(name => [name, 'int32'] as const),
	['eip', 'code_ptr'] as const,
	['eflags', 'i386_eflags'] as const,
	...['cs', 'ss', 'ds', 'es', 'fs', 'gs'].map(name => [name, 'int32'] as const),
];

const flags: readonly (readonly [name: string, bit: number])[] = [
	['CF', 0],
	['', 1],
	['PF', 2],
	['AF', 4],
	['ZF', 6],
	['SF', 7],
	['TF', 8],
	['IF', 9],
	['DF', 10],
	['OF', 11],
];

/** gdb knows no i386 without a floating-point unit. Ours has none: these registers have no values. */
const floating = Array.from({length: 8}, (_, i) => `<reg name="st${i}" bitsize="80" type="i387_ext"/>`);
const floatingControl = ['fctrl', 'fstat', 'ftag', 'fiseg', 'fioff', 'foseg', 'fooff', 'fop'].map(
	name => `<reg name="${name}" bitsize="32" type="int" group="float"/>`,
);

/** How many digits their part of a `g` packet has. */
export const floatingDigits = 8 * 20 + 8 * 8;

export const targetDescription = [
	'<?xml version="1.0"?>',
	'<!DOCTYPE target SYSTEM "gdb-target.dtd">',
	'<target version="1.0">',
	'<architecture>i386</architecture>',
	'<osabi>none</osabi>',
	'<feature name="org.gnu.gdb.i386.core">',
	'<flags id="i386_eflags" size="4">',
	...flags.map(([name, bit]) => `<field name="${name}" start="${bit}" end="${bit}"/>`),
	'</flags>',
	...registers.map(([name, type]) => `<reg name="${name}" bitsize="32" type="${type}"/>`),
	...floating,
	...floatingControl,
	'</feature>',
	'</target>',
	'',
].join('\n');
