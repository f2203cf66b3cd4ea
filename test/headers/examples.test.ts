import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {ERA_NAMES} from '../../source/kernel/era/behaviour.ts';
import {eraNamed} from '../../source/kernel/era.ts';
import {addressNamed, layout, relocate, sectionAt} from '../../source/kernel/module/image.ts';
import {symbolsOf} from '../../source/kernel/module/kallsyms.ts';
import {lineOf, lineTableOf} from '../../source/kernel/module/lines.ts';
import {isGplCompatible, licenceOf, readModinfo, vermagicComplaint} from '../../source/kernel/module/modinfo.ts';
import {parseObject} from '../../source/kernel/module/parse.ts';
import {compile, compilers} from './compiler.ts';

const folder = join(import.meta.dirname, '../../headers/examples');
const names = readdirSync(folder)
	.filter(name => name.endsWith('.c'))
	.map(name => name.replace(/\.c$/, ''));

test('the five drivers of the chapter are there', () => {
	expect(names.sort()).toEqual(['cdad', 'cdad_isa', 'cscullp', 'cscullv', 'csimple']);
});

describe.each(ERA_NAMES)('prebuilt for %s', era => {
	test.each(names)('%s is a module of that kernel, with its lines', name => {
		const object = parseObject(readFileSync(join(folder, 'prebuilt', era, `${name}.ko`)));
		const modinfo = readModinfo(object);
		expect(vermagicComplaint(modinfo, eraNamed(era))).toBeUndefined();
		expect(isGplCompatible(licenceOf(modinfo))).toBe(true);
		const image = relocate(object, layout(object), {core: 0xd000_0000, init: 0xd100_0000}, () => 0xc010_0000);
		if ('unknown' in image) throw new Error('every name was given an address');
		const init = addressNamed(image, 'init_module')!;
		expect(sectionAt(image, init)).toBeDefined();
		expect(addressNamed(image, 'cleanup_module')).toBeDefined();
		// Each function of the driver's own source leads to a line of it.
		const table = lineTableOf(object);
		const source = readFileSync(join(folder, `${name}.c`), 'utf8') + readFileSync(join(folder, 'cscull.h'), 'utf8');
		const functions = symbolsOf(image).filter(each => /^t$/i.test(each.type) && !/module$/.test(each.name));
		expect(functions.length).toBeGreaterThan(4);
		for (const each of functions) {
			expect(lineOf(table, image, each.address)?.line, each.name).toBeGreaterThan(0);
			expect(source).toContain(each.name.replace(/\..*/, ''));
		}
	});
});

const without = compilers.length === 0 ? ' (skipped: neither gcc nor clang makes i386 objects here)' : '';

describe.skipIf(without !== '').each(compilers.length === 0 ? ['gcc'] : compilers)(`%s${without}`, compiler => {
	test.each(ERA_NAMES)('compiles the examples for %s without a warning', era => {
		for (const name of names) {
			const {status, messages} = compile(compiler, era, `#include "${name}.c"\n`, ['-O2', `-I${folder}`]);
			expect({name, status, messages}).toEqual({name, status: 0, messages: ''});
		}
	});
});
