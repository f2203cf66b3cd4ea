import {describe, expect, test} from 'vitest';
import {parseModules} from '../../source/formats/proc/modules.ts';
import {fixture, insmod, kmsg, labDirectory, newLab, rmmod, run} from './modules.ts';

/** 2.6.11 maps RAM that is in use as the zero page. */
const talkOn = (era: 'ldd3' | '6.1') => `minor: 1
other minors: 19
write: 11
read: 5 hello
read on: 6  world
too much: 28
bad buffer: 14
mapped: ${era === 'ldd3' ? '' : 'HELLO world'}
`;

describe.each(['ldd3', '6.1'] as const)('a driver in C, on %s', era => {
	const object = fixture(`modules/echo.${era}.o`);

	test('is loaded, does what its methods say, and is unloaded', () => {
		const lab = newLab(era);
		expect(insmod(lab, 'echo.o', object)).toBe(0);
		expect(kmsg(lab)).toMatch(/<6>\[.*\] echo: greets nobody, takes 4096 bytes\n/);
		expect(parseModules(lab.read('/proc/modules') as string).modules).toMatchObject([
			{name: 'echo', refcount: 0, users: [], state: 'Live'},
		]);
		expect(run(lab, 'talk')).toBe(talkOn(era));
		expect(rmmod(lab, 'echo')).toBe(0);
		expect(kmsg(lab)).toMatch(/echo: gone\n/);
		expect(lab.read('/proc/modules')).toBe('');
		expect(run(lab, 'talk')).toBe('no echo: 2\n');
		expect(lab.stopped()).toBeUndefined();
	});

	test('takes parameters', () => {
		const lab = newLab(era);
		expect(insmod(lab, 'echo.o', object, 'limit=8 greeting="the class"')).toBe(0);
		expect(kmsg(lab)).toMatch(/echo: greets the class, takes 8 bytes/);
		expect(run(lab, 'talk')).toMatch(/write: -1\n/);
	});

	test('that makes a mistake gives an oops with its line, and harms nobody else', () => {
		const lab = newLab(era);
		insmod(lab, 'echo.o', object);
		expect(run(lab, 'talk', ['bugs'])).toBe(`${talkOn(era)}null: signal 9\nbug: signal 11\nwarning: exit 0\n`);
		const log = kmsg(lab);
		expect(log).toMatch(/(?:dereference, address: 00000000|at virtual address 00000000)/);
		expect(log).toMatch(/EIP(?::| is at) \w+\+0x\w+\/0x\w+ \[echo\]/);
		expect(log).toMatch(/C: echo\.c:53\n/);
		expect(log).toMatch(/kernel BUG at echo\.c:54!/);
		expect(log).toMatch(/echo_ioctl at echo\.c:55\n|at echo\.c:55 echo_ioctl/);
		expect(log).toMatch(/Call Trace:\n.* do_vfs_ioctl\n.* (?:sys|__ia32_sys)_ioctl\n/);
		expect(log).toMatch(/Modules linked in: echo\b/);
		expect(lab.stopped()).toBeUndefined();
	});

	test('of the same name is refused, and so is one that nobody knows to be there', () => {
		const lab = newLab(era);
		insmod(lab, 'echo.o', object);
		expect(insmod(lab, 'echo.o', object)).toBe(17);
		expect(rmmod(lab, 'ehco')).toBe(2);
	});

	test('does the same when the session is done again', () => {
		const session = () => {
			const lab = newLab(era);
			insmod(lab, 'echo.o', object);
			run(lab, 'talk', ['bugs']);
			lab.run(1e9, Number.MAX_SAFE_INTEGER);
			return ['/proc/kmsg', '/proc/meminfo', '/proc/modules', '/proc/slabinfo'].map(path => lab.read(path)).join('\n');
		};
		expect(session()).toBe(session());
	});
});

describe('what is not a module is refused, and nothing is changed', () => {
	test('an object of another era, in Linux’s words', () => {
		const lab = newLab('ldd3');
		expect(insmod(lab, 'echo.o', fixture('modules/echo.6.1.o'))).toBe(8);
		expect(kmsg(lab)).toMatch(/echo: version magic '6\.1\.176 .*' should be '2\.6\.11 /);
		expect(lab.read('/proc/modules')).toBe('');
	});

	test('a program, and a text', () => {
		const lab = newLab('6.1');
		expect(insmod(lab, 'tour.ko', fixture('programs/tour'))).toBe(8);
		expect(kmsg(lab)).toMatch(/tour: .*a program, not an object/);
		expect(insmod(lab, 'text.ko', Buffer.from('hello\n'.repeat(20)))).toBe(8);
	});

	test('one that asks for what there is not', () => {
		const lab = newLab('6.1');
		const bytes = Buffer.from(fixture('modules/echo.6.1.o'));
		const at = bytes.lastIndexOf('unregister_chrdev\0');
		bytes.write('no_such_function0', at, 'latin1');
		expect(insmod(lab, 'echo.o', bytes)).toBe(2);
		expect(kmsg(lab)).toMatch(/echo: Unknown symbol no_such_function0 \(err -2\)/);
		expect(lab.read('/proc/modules')).toBe('');
	});

	test('words that mean nothing', () => {
		const lab = newLab('6.1');
		expect(() => lab.write(`${labDirectory}/insmod`, 'fly', 'test')).toThrow(/EINVAL: insmod takes load/);
		expect(() => lab.write(`${labDirectory}/rmmod`, 'a b', 'test')).toThrow(/EINVAL: rmmod takes the name/);
	});
});
