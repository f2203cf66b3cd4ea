import {describe, expect, test} from 'vitest';
import {type Era, eraNamed} from '../../../source/kernel/era.ts';
import {addressNamed, imageBytes} from '../../../source/kernel/module/image.ts';
import {u32At} from '../../../source/kernel/module/object.ts';
import {parametersOf, settingComplaint, settingsOf, wordsOf} from '../../../source/kernel/module/params.ts';
import {getParameter, type ParameterMemory, setParameter} from '../../../source/kernel/module/paramValues.ts';
import {sampleImage, samples} from './samples.ts';

/** A sample's memory, with strings kept above it. */
function machine(name = 'sample.dwarf5.o') {
	const image = sampleImage(name);
	const strings: string[] = [];
	const keptAt = 0xd0a0_0000;
	const textOf = (bytes: Uint8Array) => String.fromCharCode(...bytes.subarray(0, bytes.indexOf(0)));
	const memory: ParameterMemory = {
		read: (address, length) => imageBytes(image, address)!.slice(0, length),
		write: (address, bytes) => imageBytes(image, address)!.set(bytes),
		text: address =>
			address >= keptAt ? strings[address - keptAt]! : textOf(imageBytes(image, address)!.slice(0, 2000)),
		keep: (_variable, text) => keptAt + strings.push(text) - 1,
	};
	const parameters = parametersOf(image);
	const named = (wanted: string) => parameters.find(({name: each}) => each === wanted)!;
	return {
		image,
		parameters,
		named,
		set: (parameter: string, value: string | undefined, era: Era) => setParameter(named(parameter), value, memory, era),
		get: (parameter: string, era: Era) => getParameter(named(parameter), memory, era),
		word: (variable: string) => u32At(imageBytes(image, addressNamed(image, variable)!)!, 0),
	};
}

const [ldd3, old, v3, v5, v6, newest] = (['ldd3', '2.6.32', '3.2', '5.10', '6.1', '6.18'] as const).map(eraNamed) as [
	Era,
	Era,
	Era,
	Era,
	Era,
	Era,
];

describe.each(samples)('%s', name => {
	test('names, types and modes', () => {
		const {parameters} = machine(name);
		expect(Object.fromEntries(parameters.map(each => [each.name, [each.type, each.permissions]]))).toEqual({
			number: ['int', 0o644],
			count_of: ['uint', 0o444],
			few: ['short', 0],
			many: ['long[]', 0o644],
			on: ['bool', 0o644],
			old_bool: ['bool', 0o644],
			off_means_on: ['invbool', 0o644],
			name: ['charp', 0o644],
			label: ['string', 0o644],
			byte: ['byte', 0o644],
			wide: ['ullong', 0o644],
			own: ['', 0o600],
		});
	});

	test('what they are before anybody sets them', () => {
		const {get} = machine(name);
		const values = ['number', 'count_of', 'few', 'many', 'on', 'off_means_on', 'name', 'label', 'wide'];
		expect(values.map(each => get(each, v6))).toEqual(['-5', '7', '3', '1,2', 'N', 'N', 'unset', 'abc', '1']);
	});

	test('one with functions of its own names them', () => {
		const {named, image} = machine(name);
		expect(named('own').set).toBe(addressNamed(image, 'set_own'));
		expect(named('number').set).toBe(0);
	});
});

describe('numbers', () => {
	test.each([
		['number', '12', '12'],
		['number', '-12', '-12'],
		['number', '0x1F', '31'],
		['number', '017', '15'],
		['number', '0', '0'],
		['number', '2147483647', '2147483647'],
		['number', '-2147483648', '-2147483648'],
		['count_of', '4294967295', '4294967295'],
		['few', '-32768', '-32768'],
		['few', '32767', '32767'],
		['wide', '18446744073709551615', '18446744073709551615'],
	])('%s=%s is %s in every era', (parameter, text, shown) => {
		for (const era of [ldd3, old, v3, v5, v6]) {
			const {set, get} = machine();
			expect(set(parameter, text, era)).toEqual({errno: 0});
			expect(get(parameter, era)).toBe(shown);
		}
	});

	test.each([
		// text, 2.6.11, 2.6.32, 3.2, 5.10
		['number', '12abc', 0, -22, -22, -22],
		['number', '12\n', 0, 0, 0, 0],
		['number', '', -22, -22, -22, -22],
		['number', 'abc', -22, -22, -22, -22],
		['number', '+3', -22, -22, 0, 0],
		['number', ' 3', -22, -22, -22, -22],
		['number', '0x', 0, -22, -22, -22],
		['number', '4294967296', 0, 0, -34, -34],
		['number', '2147483648', 0, 0, -34, -34],
		['count_of', '-1', -22, -22, -22, -22],
		['few', '32768', -22, -22, -22, -34],
		['few', '-32769', -22, -22, -22, -34],
		['byte', '256', -22, -22, -22, -34],
		['number', undefined, -22, -22, -22, -22],
	] as const)('%s=%j: ldd3 %i, 2.6.32 %i, 3.2 %i, 5.10 %i', (parameter, text, ...results) => {
		const {set} = machine();
		expect([ldd3, old, v3, v5].map(era => set(parameter, text, era).errno)).toEqual(results);
	});

	test('a byte is a character in 2.6 and a number since', () => {
		const {get} = machine();
		expect([ldd3, old, v3, v6].map(era => get('byte', era))).toEqual(['A', 'A', '65', '65']);
	});
});

describe('yes and no', () => {
	test.each([
		['y', 'Y', 'Y', 'Y', 'Y'],
		['1', 'Y', 'Y', 'Y', 'Y'],
		['No', 'N', 'N', 'N', 'N'],
		['on', undefined, 'Y', 'Y', 'Y'],
		['off', undefined, 'N', 'N', 'N'],
		['o', undefined, undefined, undefined, undefined],
		['true', undefined, undefined, 'Y', 'Y'],
		['enable', undefined, undefined, undefined, 'Y'],
		['2', undefined, undefined, undefined, undefined],
		['', undefined, undefined, undefined, undefined],
	])('%j: ldd3 %s, 5.10 %s, 6.1 %s, 6.18 %s', (text, ...shown) => {
		for (const [index, era] of [ldd3, v5, v6, newest].entries()) {
			for (const parameter of ['on', 'old_bool']) {
				const {set, get} = machine();
				expect(set(parameter, text, era).errno).toBe(shown[index] === undefined ? -22 : 0);
				expect(get(parameter, era)).toBe(shown[index] ?? 'N');
			}
		}
	});

	test('the name alone means yes; an inverted one is the other way round', () => {
		const {set, word, get} = machine();
		set('on', undefined, ldd3);
		set('off_means_on', 'y', ldd3);
		expect(get('on', ldd3)).toBe('Y');
		expect([word('on') & 0xff, word('off_means_on') & 0xff]).toEqual([1, 0]);
		expect(get('off_means_on', ldd3)).toBe('Y');
	});
});

describe('text', () => {
	test('a pointer leads to a string of at most 1024 characters', () => {
		const {set, get} = machine();
		expect(set('name', 'x'.repeat(1024), v6)).toEqual({errno: 0});
		expect(get('name', v6)).toBe('x'.repeat(1024));
		expect(set('name', 'x'.repeat(1025), v6)).toEqual({errno: -28, line: 'name: string parameter too long'});
		expect(set('name', undefined, v6)).toEqual({errno: -22, line: 'name: string parameter expected'});
	});

	test('a buffer of 8 holds 7 characters', () => {
		const {set, get} = machine();
		expect(set('label', '1234567', v6)).toEqual({errno: 0});
		expect(get('label', v6)).toBe('1234567');
		expect(set('label', '12345678', v6)).toEqual({errno: -28, line: "label: string doesn't fit in 7 chars."});
		expect(get('label', v6)).toBe('1234567');
	});
});

describe('arrays', () => {
	test('of 4: four are taken and counted, five are refused', () => {
		const {set, get, word} = machine();
		expect(set('many', '1,-2,0x3,4', v6)).toEqual({errno: 0});
		expect(get('many', v6)).toBe('1,-2,3,4');
		expect(word('many_count')).toBe(4);
		expect(set('many', '9', v6)).toEqual({errno: 0});
		expect([get('many', v6), word('many_count')]).toEqual(['9', 1]);
		expect(set('many', '1,2,3,4,5', v6)).toEqual({errno: -22, line: 'many: can only take 4 arguments'});
		expect(set('many', undefined, v6)).toEqual({errno: -22, line: 'many: expects arguments'});
		expect(set('many', '1,x', v6)).toEqual({errno: -22});
		expect(set('many', '1,', v6)).toEqual({errno: -22});
	});
});

describe('words of a command line', () => {
	test.each([
		[
			'a=1 b=2',
			[
				['a', '1'],
				['b', '2'],
			],
		],
		[
			'  a=1   b',
			[
				['a', '1'],
				['b', undefined],
			],
		],
		[
			'a="x y" b=2',
			[
				['a', 'x y'],
				['b', '2'],
			],
		],
		[
			'"a=x y" b',
			[
				['a', 'x y'],
				['b', undefined],
			],
		],
		['a=', [['a', '']]],
		['=a', [['=a', undefined]]],
		['a=b=c', [['a', 'b=c']]],
		['', []],
	])('%j', (line, words) => {
		expect(wordsOf(line).map(({name, value}) => [name, value])).toEqual(words);
	});

	test('dashes are underscores, a later word wins, order is kept', () => {
		const {parameters} = machine();
		const found = settingsOf(parameters, 'count-of=1 number=2 count_of=3', ldd3);
		expect('settings' in found && found.settings.map(({parameter, word}) => [parameter.name, word.value])).toEqual([
			['count_of', '1'],
			['number', '2'],
			['count_of', '3'],
		]);
	});

	test('an unknown name fails the load until 3.2, and is ignored with a warning since', () => {
		const {parameters} = machine();
		expect(settingsOf(parameters, 'number=1 nope=2', ldd3)).toEqual({unknown: 'nope'});
		expect(settingsOf(parameters, 'number=1 nope=2', v3)).toEqual({unknown: 'nope'});
		expect(settingsOf(parameters, 'number=1 nope=2', v5)).toMatchObject({ignored: ['nope']});
	});

	test('complaints in Linux’s words', () => {
		const word = {name: 'number', value: 'abc'};
		expect(settingComplaint(-22, word)).toBe("`abc' invalid for parameter `number'");
		expect(settingComplaint(-34, word)).toBe("`abc' invalid for parameter `number'");
		expect(settingComplaint(-28, word)).toBe("`abc' too large for parameter `number'");
		expect(settingComplaint(-2, {name: 'nope', value: undefined})).toBe("Unknown parameter `nope'");
	});
});
