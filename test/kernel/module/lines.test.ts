import {describe, expect, test} from 'vitest';
import {bugTableOf} from '../../../source/kernel/module/bugTable.ts';
import {symbolsOf} from '../../../source/kernel/module/kallsyms.ts';
import {addressesOfLine, lineAt, lineOf, lineTableOf} from '../../../source/kernel/module/lines.ts';
import {type ElfObject, sectionNamed} from '../../../source/kernel/module/object.ts';
import {sampleImage, sampleObject, samples} from './samples.ts';

describe.each(samples)('%s', name => {
	const image = sampleImage(name);
	const table = lineTableOf(image.object);
	const symbols = symbolsOf(image);
	const at = (symbol: string, offset = 0) =>
		lineOf(table, image, symbols.find(each => each.name === symbol)!.address + offset);

	test('every instruction of a function has one of its lines', () => {
		const {sizeBytes} = symbols.find(each => each.name === 'sample_add')!;
		for (let offset = 0; offset < sizeBytes; offset++) {
			const {file, line} = at('sample_add', offset)!;
			expect(file).toBe('sample.c');
			expect(line).toBeGreaterThanOrEqual(35);
			expect(line).toBeLessThanOrEqual(38);
		}
	});

	test('the instruction of a BUG is where the bug table says it is', () => {
		for (const {address, line} of bugTableOf(image)) {
			expect(lineOf(table, image, address)).toEqual({file: 'sample.c', line});
		}
	});

	test('init lies in another section and has lines of its own', () => {
		const init = sectionNamed(image.object, '.init.text')!;
		expect(lineAt(table, init, 0)!.line).toBeGreaterThanOrEqual(56);
		expect(lineAt(table, init, image.object.sections[init]!.sizeBytes - 1)!.line).toBeLessThanOrEqual(62);
		expect(lineAt(table, init, image.object.sections[init]!.sizeBytes), 'behind its end').toBeUndefined();
	});

	test('a line leads back to its code', () => {
		const [place] = addressesOfLine(table, 'sample.c', 37);
		expect(lineAt(table, place!.section, place!.offset)).toEqual({file: 'sample.c', line: 37});
		expect(addressesOfLine(table, 'sample.c', 1)).toEqual([]);
		expect(addressesOfLine(table, 'other.c', 37)).toEqual([]);
	});

	test('data has no lines', () => {
		expect(at('number')).toBeUndefined();
	});
});

/** An object with one section's bytes changed. */
function withBytes(object: ElfObject, name: string, change: (bytes: Uint8Array) => Uint8Array): ElfObject {
	const index = sectionNamed(object, name)!;
	return {
		...object,
		sections: object.sections.map((section, n) => (n === index ? {...section, bytes: change(section.bytes)} : section)),
	};
}

describe('broken debug information gives fewer lines and no error', () => {
	const object = sampleObject('sample.dwarf5.o');

	test('cut off anywhere', () => {
		const whole = object.sections[sectionNamed(object, '.debug_line')!]!.bytes;
		for (let length = 0; length < whole.length; length += 7) {
			expect(() => lineTableOf(withBytes(object, '.debug_line', bytes => bytes.subarray(0, length)))).not.toThrow();
		}
	});

	test('of a version that does not exist', () => {
		const changed = withBytes(object, '.debug_line', bytes =>
			Uint8Array.from(bytes, (byte, n) => (n === 4 ? 6 : byte)),
		);
		expect(lineTableOf(changed).size).toBe(0);
	});

	test('without any', () => {
		const none = {...object, sections: object.sections.filter(({name}) => !name.startsWith('.debug'))};
		expect(lineTableOf(none).size).toBe(0);
	});
});
