import {describe, expect, test} from 'vitest';
import {eraNamed} from '../../../source/kernel/era.ts';
import {bugTableOf} from '../../../source/kernel/module/bugTable.ts';
import {
	addressNamed,
	imageBytes,
	layout,
	relocate,
	sectionAddress,
	sectionAt,
	wantedNames,
} from '../../../source/kernel/module/image.ts';
import {symbolAt, symbolsOf} from '../../../source/kernel/module/kallsyms.ts';
import {exportsOf} from '../../../source/kernel/module/ksymtab.ts';
import {
	isGplCompatible,
	licenceOf,
	modinfoOf,
	readModinfo,
	vermagicComplaint,
} from '../../../source/kernel/module/modinfo.ts';
import {sectionNamed, u32At} from '../../../source/kernel/module/object.ts';
import {base, kernel, sampleImage, sampleObject, samples} from './samples.ts';

describe.each(samples)('%s', name => {
	const image = sampleImage(name);
	const {object} = image;
	const word = (address: number) => u32At(imageBytes(image, address)!, 0);
	const symbols = symbolsOf(image);
	const named = (wanted: string) => symbols.find(symbol => symbol.name === wanted)!;

	test('code that only init needs lies in an area of its own', () => {
		expect(image.layout.places.get(sectionNamed(object, '.init.text')!)!.area).toBe('init');
		for (const section of ['.text', '.exit.text', '.data', '.bss', '__param']) {
			expect(image.layout.places.get(sectionNamed(object, section)!)!.area, section).toBe('core');
		}
		expect(addressNamed(image, 'init_module')).toBe(base.init);
		expect(addressNamed(image, 'cleanup_module')).toBeGreaterThanOrEqual(base.core);
		expect(addressNamed(image, 'no_such_name')).toBeUndefined();
	});

	test('sections do not overlap, are aligned, and come in order: code, what is read, what is written', () => {
		const places = [...image.layout.places].map(([index, {area, offset}]) => ({
			...object.sections[index]!,
			area,
			offset,
		}));
		for (const {offset, alignment, area, sizeBytes} of places) {
			expect(offset % alignment).toBe(0);
			expect(offset + sizeBytes).toBeLessThanOrEqual(image.layout.sizeBytes[area]);
		}
		const core = places.filter(({area}) => area === 'core').sort((a, b) => a.offset - b.offset);
		core.reduce((end, {offset, sizeBytes}) => {
			expect(offset).toBeGreaterThanOrEqual(end);
			return offset + sizeBytes;
		}, 0);
		const group = (flags: number) => (flags & 4 ? 0 : flags & 1 ? 2 : 1);
		const groups = core.map(({flags}) => group(flags));
		expect(groups).toEqual([...groups].sort());
	});

	test('what is not for memory is not loaded', () => {
		for (const section of ['.modinfo', '.comment', '.debug_line', '.symtab']) {
			expect(sectionAddress(image, sectionNamed(object, section)!), section).toBeUndefined();
		}
	});

	test('a pointer in a table and a call both lead to what they name', () => {
		const [text] = ['.text'].map(section => sectionNamed(object, section)!);
		const relative = object.relocations
			.get(text!)!
			.filter(({symbol}) => object.symbols[symbol]!.name === 'other_function');
		expect(relative.length).toBeGreaterThan(0);
		for (const {offset} of relative) {
			const at = sectionAddress(image, text!)! + offset;
			// A call counts from behind its four bytes.
			expect((at + 4 + word(at)) >>> 0).toBe(kernel.other_function);
		}
		const address = named('sample_add').address;
		expect(exportsOf(image)).toContainEqual({name: 'sample_add', address, isGplOnly: false});
	});

	test('exports: for all, and for GPL only', () => {
		expect(exportsOf(image).map(({name, isGplOnly}) => [name, isGplOnly])).toEqual([
			['sample_add', false],
			['sample_checked', true],
		]);
	});

	test('BUG and WARN know their lines', () => {
		const found = bugTableOf(image).map(({file, line, isWarning}) => ({file, line, isWarning}));
		expect(found).toContainEqual({file: 'sample.c', line: 43, isWarning: true});
		expect(found).toContainEqual({file: 'sample.c', line: 44, isWarning: false});
		for (const {address} of bugTableOf(image)) expect(word(address) & 0xffff, 'ud2').toBe(0x0b0f);
	});

	test('symbols: letters as nm has them, exported ones in capitals, zeroed data', () => {
		expect(named('sample_add').type).toBe('T');
		expect(named('set_own').type).toBe('t');
		expect(named('number').type).toBe('d');
		expect(named('zeroed')).toMatchObject({type: 'b', sizeBytes: 400});
		const {address, sizeBytes} = named('sample_checked');
		expect(symbolAt(symbols, address)).toEqual({symbol: named('sample_checked'), offset: 0});
		expect(symbolAt(symbols, address + sizeBytes - 1)!.offset).toBe(sizeBytes - 1);
		expect(symbolAt(symbols, address + sizeBytes)?.symbol.name).not.toBe('sample_checked');
		expect(sectionAt(image, address)!.section).toBe(sectionNamed(object, '.text'));
	});

	test('zeroed data is zero, and data is what the source says', () => {
		expect(word(named('number').address) | 0).toBe(-5);
		expect(
			imageBytes(image, named('zeroed').address)!
				.subarray(0, 400)
				.every(byte => byte === 0),
		).toBe(true);
	});

	test('what it says about itself', () => {
		const modinfo = readModinfo(object);
		expect(modinfoOf(modinfo, 'author')).toBe('mmtop');
		expect(modinfo).toContainEqual({tag: 'parm', value: 'number:how many'});
		expect(licenceOf(modinfo)).toBe('Dual BSD/GPL');
		expect(isGplCompatible(licenceOf(modinfo))).toBe(true);
	});
});

test('a name that nobody exports is refused by name; a weak one is 0', () => {
	const object = sampleObject('sample.dwarf5.o');
	const without = (missing: string) =>
		relocate(object, layout(object), base, name => (name === missing ? undefined : kernel[name]));
	expect(without('printk')).toEqual({unknown: ['printk']});
	expect(without('other_function')).toEqual({unknown: ['other_function']});
	expect(wantedNames(object).find(({name}) => name === 'maybe_there')).toEqual({name: 'maybe_there', isWeak: true});
	expect(without('maybe_there')).not.toHaveProperty('unknown');
});

test('a module of another era is refused in Linux’s words, one of the same is not', () => {
	const of = (name: string) => readModinfo(sampleObject(name));
	expect(vermagicComplaint(of('sample.dwarf5.o'), eraNamed('ldd3'))).toBeUndefined();
	expect(vermagicComplaint(of('sample.6.1.o'), eraNamed('6.1'))).toBeUndefined();
	expect(vermagicComplaint(of('sample.6.1.o'), eraNamed('ldd3'))).toMatch(
		/^version magic '6\.1\.176 [^']+' should be '2\.6\.11 [^']+'$/,
	);
	expect(vermagicComplaint([], eraNamed('ldd3'))).toMatch(/^no version magic, should be '2\.6\.11/);
});

test.each([
	['GPL', true],
	['GPL v2', true],
	['Dual MIT/GPL', true],
	['GPL v3', false],
	['Proprietary', false],
	['unspecified', false],
])('licence %s: compatible with the GPL is %s', (licence, is) => {
	expect(isGplCompatible(licence)).toBe(is);
});
