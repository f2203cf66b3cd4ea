/** A file for `gdb -x` of what a target says: it may lie, and gdb carries out what stands there. */
import {expect, test} from 'vitest';
import {symbolLines} from '../../../source/commands/gdb/symbols.ts';
import {files} from '../../../source/formats/files.ts';
import type {Target} from '../../../source/target/target.ts';

const honest = {module: 'cdad', section: '.text', content: '0xc8a01000\n', program: 'twins'};

function target(lie: Partial<typeof honest>): Target {
	const {module, section, content, program} = {...honest, ...lie};
	const head = `program: id=1 pid=131 name=${program} status=running code=0 bytes=0 kept=0`;
	const texts: Readonly<Record<string, string>> = {
		[files.exec.path]: `# exec 0.1\n${head}\n`,
		[files.modules.path]: `${module} 16384 0 - Live 0xc8a01000\n`,
	};
	return {
		name: 'lab0',
		kind: 'socket',
		writable: true,
		sample: () => Promise.reject(new Error('not asked')),
		read: async path => texts[path] ?? content,
		list: async () => [section],
		write: () => Promise.reject(new Error('not asked')),
		close: async () => {},
	};
}

const linesOf = (lie: Partial<typeof honest>, pid = 131) => symbolLines(target(lie), ['/tmp/cdad.ko'], pid);

test('what is true is said to gdb', async () => {
	expect(await linesOf({})).toBe(
		'# twins: name its file\nadd-symbol-file /tmp/cdad.ko -o 0xffff0000 -s .text 0xc8a01000\n',
	);
	expect(await linesOf({}, 132)).toMatch(/^# no program of lab\/exec has the pid 132\nadd-symbol-file /);
	expect(await linesOf({section: '.init.text', content: '0x0'})).toContain('-s .init.text 0xffff0000');
});

test.each([
	{content: '0xc8a01000\nshell touch /tmp/owned\n'},
	{content: '0xc8a010000'},
	{content: '$_shell("id")'},
	{section: '.text\nshell id'},
	{section: '.text 0'},
	{section: '.init.text', content: 'shell id'},
	{module: '|id'},
	{module: '../cdad'},
	{program: '../twins'},
	{program: '|id'},
])('a lie is refused: %j', async lie => {
	await expect(linesOf(lie)).rejects.toThrow(
		/^(?:lab0 says that .* is ".*", which cannot be true; gdb gets no commands)$/,
	);
});
