import {describe, expect, test} from 'vitest';
import {parseObject} from '../../../source/kernel/module/parse.ts';
import {parameterTypes} from '../../../source/kernel/module/signatures.ts';
import {compile, compilers} from '../../headers/compiler.ts';
import {sampleObject, samples} from './samples.ts';

test.each(samples)('%s: parameters as the source has them, without qualifiers', name => {
	const object = sampleObject(name);
	expect(parameterTypes(object, 'sample_add')).toEqual(['int', 'int']);
	expect(parameterTypes(object, 'set_own')).toEqual(['char *', 'struct kernel_param *']);
	expect(parameterTypes(object, 'no_such_function')).toBeUndefined();
});

test('without debug information, or with broken one, nothing is known', () => {
	const object = sampleObject('sample.dwarf5.o');
	const none = {...object, sections: object.sections.filter(({name}) => name !== '.debug_info')};
	expect(parameterTypes(none, 'sample_add')).toBeUndefined();
	for (let length = 0; length < 1500; length += 13) {
		const sections = object.sections.map(section =>
			section.name === '.debug_info' ? {...section, bytes: section.bytes.subarray(0, length)} : section,
		);
		expect(() => parameterTypes({...object, sections}, 'sample_add')).not.toThrow();
	}
});

const without = compilers.length === 0 ? ' (skipped: neither gcc nor clang makes i386 objects here)' : '';

describe.skipIf(without !== '').each(compilers.length === 0 ? ['gcc'] : compilers)(`%s${without}`, compiler => {
	const driver = (parameters: string) => `
		#include <linux/module.h>
		#include <linux/fs.h>
		#include <linux/aio.h>
		static ssize_t my_aio_read(struct kiocb *iocb, ${parameters}) { return iocb->ki_pos; }
		struct file_operations my_fops = {.aio_read = my_aio_read};
		MODULE_LICENSE("GPL");`;

	test.each([
		['the book’s', 'char __user *buf, size_t count, loff_t pos', 'char *'],
		['the labs’', 'const struct iovec *iov, unsigned long count, loff_t pos', 'struct iovec *'],
	])('in ldd3 %s aio_read compiles without a warning, and its second parameter is told', (_, parameters, second) => {
		for (const level of ['-O0', '-O2']) {
			const {messages, object} = compile(compiler, 'ldd3', driver(parameters), [level, '-g']);
			expect(messages).toBe('');
			expect(parameterTypes(parseObject(object), 'my_aio_read')?.[1]).toBe(second);
		}
	});
});
