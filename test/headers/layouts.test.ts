import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {ERA_NAMES} from '../../source/kernel/era/behaviour.ts';
import {eraNamed} from '../../source/kernel/era.ts';
import {eraHeader} from '../../source/kernel/module/eraHeader.ts';
import {fieldsOf, layoutsHeader, offsetOf, sizeOf} from '../../source/kernel/module/layouts.ts';
import {modinfoOf, readModinfo, vermagicOf} from '../../source/kernel/module/modinfo.ts';
import {parseObject} from '../../source/kernel/module/parse.ts';
import {STRUCTURES, type StructureName} from '../../source/kernel/module/structures.ts';
import {compile, compilers} from './compiler.ts';

const include = join(import.meta.dirname, '../../headers/include/mmtop');
const names = Object.keys(STRUCTURES) as StructureName[];

describe('headers that are made from the source', () => {
	test('layouts.h', async () => {
		await expect(layoutsHeader()).toMatchFileSnapshot(join(include, 'layouts.h'));
	});

	test('era.h', async () => {
		await expect(eraHeader()).toMatchFileSnapshot(join(include, 'era.h'));
	});
});

test('fields lie one behind the other, aligned to four bytes at most', () => {
	expect(['vm_start', 'vm_end', 'vm_mm'].map(field => offsetOf('vm_area_struct', field as 'vm_start'))).toEqual([
		0, 4, 8,
	]);
	expect(offsetOf('file', 'f_pos'), 'a loff_t behind three words').toBe(12);
	expect(offsetOf('pci_dev', 'irq'), 'behind three bytes').toBe(16);
	expect(sizeOf('list_head')).toBe(8);
});

const without = compilers.length === 0 ? ' (skipped: neither gcc nor clang makes i386 objects here)' : '';

describe.skipIf(without !== '').each(compilers.length === 0 ? ['gcc'] : compilers)(`%s${without}`, compiler => {
	test.each(ERA_NAMES)('in %s each field lies in C where the kernel reads it', era => {
		const checks = names.flatMap(name =>
			fieldsOf(name, era).map(
				({name: field, offset}) =>
					`_Static_assert(offsetof(struct ${name}, ${field}) == ${offset}, "${name}.${field}");`,
			),
		);
		const pageBytes = eraNamed(era).sizeofStructPage;
		const source = [
			'#include <linux/module.h>',
			...checks,
			`_Static_assert(sizeof(struct page) == ${pageBytes}, "struct page");`,
			`_Static_assert(sizeof(struct kernel_param) == ${sizeOf('kernel_param')}, "struct kernel_param");`,
			'MODULE_LICENSE("GPL");',
		].join('\n');
		const {messages, status, object} = compile(compiler, era, source);
		expect(messages).toBe('');
		expect(status).toBe(0);
		expect(modinfoOf(readModinfo(parseObject(object)), 'vermagic')).toBe(vermagicOf(eraNamed(era)));
		expect(checks.length).toBeGreaterThan(300);
	});

	test('a field of another era does not compile', () => {
		const uses = (field: string) =>
			`#include <linux/fs.h>\nint f(struct file_operations *o) { return o->${field} != 0; }`;
		expect(compile(compiler, 'ldd3', uses('ioctl')).status).toBe(0);
		expect(compile(compiler, '6.1', uses('ioctl')).messages).toMatch(/no member named .ioctl/);
		expect(compile(compiler, '6.1', uses('read_iter')).status).toBe(0);
		expect(compile(compiler, '3.2', uses('read_iter')).messages).toMatch(/no member named .read_iter/);
	});
});
