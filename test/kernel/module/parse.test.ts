import {describe, expect, test} from 'vitest';
import {bugTableOf} from '../../../source/kernel/module/bugTable.ts';
import {layout, relocate} from '../../../source/kernel/module/image.ts';
import {symbolsOf} from '../../../source/kernel/module/kallsyms.ts';
import {lineTableOf} from '../../../source/kernel/module/lines.ts';
import {readModinfo} from '../../../source/kernel/module/modinfo.ts';
import {MOST_OBJECT_BYTES, ObjectError, u16At, u32At} from '../../../source/kernel/module/object.ts';
import {parametersOf} from '../../../source/kernel/module/params.ts';
import {parseObject} from '../../../source/kernel/module/parse.ts';
import {parameterTypes} from '../../../source/kernel/module/signatures.ts';
import {isLong} from '../../sample.ts';
import {base, sampleBytes, sampleObject, samples} from './samples.ts';

/** A sample with some bytes changed. */
function changed(...changes: readonly ((view: DataView) => void)[]): Uint8Array {
	const bytes = Uint8Array.from(sampleBytes('sample.dwarf5.o'));
	for (const change of changes) change(new DataView(bytes.buffer));
	return bytes;
}

function sectionHeader(view: DataView, wanted: string): number {
	const index = sampleObject('sample.dwarf5.o').sections.findIndex(({name}) => name === wanted);
	return view.getUint32(32, true) + 40 * index;
}

/** Sets word `n` of a section's header. */
const header = (name: string, n: number, value: number) =>
	changed(view => view.setUint32(sectionHeader(view, name) + 4 * n, value, true));

/** Changes a word in a section. */
const inside = (name: string, at: number, value: number) =>
	changed(view => view.setUint32(view.getUint32(sectionHeader(view, name) + 16, true) + at, value, true));

const symbolNamed = (name: string) => sampleObject('sample.dwarf5.o').symbols.findIndex(symbol => symbol.name === name);

test.each(samples)('%s is read', name => {
	const object = sampleObject(name);
	expect(object.sections.find(section => section.name === '.text')!.sizeBytes).toBeGreaterThan(0);
	expect(object.symbols.some(symbol => symbol.name === 'init_module')).toBe(true);
});

describe('what cannot be loaded is refused in one sentence', () => {
	const text = (content: string) => new TextEncoder().encode(content);
	test.each<[string, Uint8Array, RegExp]>([
		['nothing', new Uint8Array(0), /^the file is empty$/],
		['a text', text('int main(void)\n{\n}\n'), /^the file is text, not an ELF object; compile it first$/],
		['something else', Uint8Array.of(0, 1, 2, 3), /^the file is not an ELF object$/],
		['four bytes', sampleBytes('sample.dwarf5.o').subarray(0, 4), /truncated: it ends inside the ELF header/],
		['half of it', sampleBytes('sample.dwarf5.o').subarray(0, 6000), /truncated: its section headers lie outside it/],
		['a large one', new Uint8Array(MOST_OBJECT_BYTES + 1), /^the file is too large: 8388609 bytes/],
		[
			'a 64-bit one',
			changed(
				view => view.setUint32(4, 0x0001_0102, true),
				view => view.setUint16(18, 62, true),
			),
			/^64-bit object.*x86-64.*-m32/,
		],
		['a big-endian one', changed(view => view.setUint8(5, 2)), /big endian/],
		['one for ARM', changed(view => view.setUint16(18, 40, true)), /^wrong machine: it is for ARM/],
		['one for an unknown one', changed(view => view.setUint16(18, 9999, true)), /machine 9999/],
		['a program', changed(view => view.setUint16(16, 2, true)), /a program, not an object.*mmtop exec/],
		['a PIE', changed(view => view.setUint16(16, 3, true)), /position-independent/],
		['odd headers', changed(view => view.setUint16(46, 64, true)), /section headers have 64 bytes, not 40/],
		['no sections', changed(view => view.setUint16(48, 0, true)), /no sections/],
		['no names', changed(view => view.setUint16(50, 9999, true)), /section of names, 9999/],
		['a section outside', header('.text', 4, 0x7fff_ffff), /section \d+ lies outside it/],
		['sections that overlap', header('.comment', 5, 12_000), /lies outside it|overlap/],
		['a huge .bss', header('.bss', 5, 0x7fff_ffff), /module is too large: \d+ bytes/],
		['alignment 3', header('.text', 8, 3), /alignment 3, not a power of two/],
		['alignment 8192', header('.text', 8, 8192), /alignment 8192/],
		['stripped', header('.symtab', 1, 1), /^module has no symbols \(stripped\?\)$/],
		['names that are not strings', header('.symtab', 6, 1), /symbols' names, section 1/],
		['RELA', header('.rel.text', 1, 4), /^RELA relocation unsupported$/],
		['a relocation of no section', header('.rel.text', 7, 999), /changes section 999/],
		['two tables', header('.rel.init.text', 7, 1), /two tables of relocations/],
		['a relocation outside', inside('.rel.text', 0, 0xffff), /relocation at .text\+0xffff is out of range/],
		['an unknown relocation', inside('.rel.text', 4, (1 << 8) | 21), /^Unknown relocation: 21$/],
		['a relocation of -fpic', inside('.rel.text', 4, (1 << 8) | 9), /compile with -fno-pic/],
		['a relocation of no symbol', inside('.rel.text', 4, (9999 << 8) | 1), /names symbol 9999/],
		[
			'a variable that is common',
			inside('.symtab', 16 * symbolNamed('zeroed') + 12, (0xfff2 << 16) | 0x11),
			/^please compile with -fno-common$/,
		],
		[
			'a symbol of no section',
			inside('.symtab', 16 * symbolNamed('zeroed') + 12, (999 << 16) | 0x11),
			/symbol zeroed is in section 999/,
		],
		['a symbol outside', inside('.symtab', 16 * symbolNamed('zeroed') + 4, 9999), /symbol zeroed lies outside .*\.bss/],
	])('%s', (_, bytes, sentence) => {
		expect(() => parseObject(bytes)).toThrow(ObjectError);
		expect(() => parseObject(bytes)).toThrow(sentence);
	});

	test('at the limits: a relocation of the last four bytes, a symbol behind the last one', () => {
		const {sections} = sampleObject('sample.dwarf5.o');
		const {sizeBytes} = sections.find(({name}) => name === '.text')!;
		expect(() => parseObject(inside('.rel.text', 0, sizeBytes - 4))).not.toThrow();
		expect(() => parseObject(inside('.rel.text', 0, sizeBytes - 3))).toThrow(/out of range/);
		const at = 16 * symbolNamed('zeroed') + 4;
		const bss = sections.find(({name}) => name === '.bss')!.sizeBytes;
		expect(() => parseObject(inside('.symtab', at, bss))).not.toThrow();
		expect(() => parseObject(inside('.symtab', at, bss + 1))).toThrow(/outside/);
		expect(() => parseObject(header('.text', 8, 4096))).not.toThrow();
	});
});

/** Numbers that look drawn, the same in every run. */
function drawn(seed: number): (below: number) => number {
	let state = seed;
	return below => {
		state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
		return Math.floor((state / 2 ** 32) * below);
	};
}

/** Where a mutation hurts: headers and tables, beside anywhere. */
function mutated(seed: number): Uint8Array {
	const below = drawn(seed);
	const bytes = Uint8Array.from(sampleBytes(samples[below(samples.length)]!));
	const [headersAt, count] = [u32At(bytes, 32), u16At(bytes, 48)];
	const values = [0, 1, 0x7f, 0x80, 0xff];
	for (let n = below(8); n >= 0; n--) {
		const at = [below(52), headersAt + below(40 * count), below(bytes.length)][below(3)]!;
		bytes[at] = below(2) === 0 ? values[below(values.length)]! : below(256);
	}
	return below(10) === 0 ? bytes.subarray(0, below(bytes.length)) : bytes;
}

/** Everything that a loader does with a file. @returns what it says, or 'loaded' */
function use(bytes: Uint8Array): string {
	try {
		const object = parseObject(bytes);
		readModinfo(object);
		lineTableOf(object);
		parameterTypes(object, 'set_own');
		const image = relocate(object, layout(object), base, () => 0xc010_0000);
		if ('unknown' in image) return 'unknown symbols';
		parametersOf(image);
		bugTableOf(image);
		symbolsOf(image);
		return 'loaded';
	} catch (error) {
		if (error instanceof ObjectError) return error.message;
		throw error;
	}
}

test(`${isLong ? 20_000 : 400} mutated objects are loaded or refused, none crashes the loader`, () => {
	const answers = Array.from({length: isLong ? 20_000 : 400}, (_, seed) => use(mutated(seed)));
	expect(answers.filter(answer => answer.includes('\n'))).toEqual([]);
	const refused = answers.filter(answer => answer !== 'loaded').length;
	// Both kinds come up, or this would prove little.
	expect(refused).toBeGreaterThan(answers.length / 20);
	expect(refused).toBeLessThan(answers.length * 0.95);
});
