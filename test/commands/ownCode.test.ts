import {execFileSync, spawnSync} from 'node:child_process';
import {existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, describe, expect, test} from 'vitest';
import {ERA_NAMES} from '../../source/kernel/era/behaviour.ts';
import {eraNamed} from '../../source/kernel/era.ts';
import {addressNamed, layout, relocate} from '../../source/kernel/module/image.ts';
import {readModinfo, vermagicComplaint} from '../../source/kernel/module/modinfo.ts';
import {parseObject} from '../../source/kernel/module/parse.ts';
import {compilers} from '../headers/compiler.ts';
import {mmtopCommand} from './support.ts';

/** The commands for code of one's own, with the headers of this repository. */

const root = mkdtempSync(join(tmpdir(), 'mmtop-own-'));
afterAll(() => rmSync(root, {recursive: true}));

const headers = join(import.meta.dirname, '../../headers');
const env = {...process.env, NODE_ENV: '', MMTOP_HEADERS: headers, XDG_CACHE_HOME: join(root, 'cache')};

function mmtop(args: readonly string[], cwd = root, more: Readonly<Record<string, string>> = {}) {
	const [file = '', ...before] = mmtopCommand;
	const {status, stdout, stderr} = spawnSync(file, [...before, ...args], {
		cwd,
		env: {...env, ...more},
		encoding: 'utf8',
	});
	return {status, stdout, stderr};
}

const hasMake = spawnSync('make', ['--version']).status === 0;
const missing = [...(compilers.length === 0 ? ['no C compiler'] : []), ...(hasMake ? [] : ['no make'])];
const skipped = missing.length === 0 ? '' : ` (skipped: ${missing.join(', ')} here)`;

describe('without a compiler', () => {
	test('cc names the package to install', () => {
		writeFileSync(join(root, 'any.c'), 'int x;\n');
		const {status, stderr} = mmtop(['cc', 'any.c'], root, {PATH: root, CC: ''});
		expect(stderr).toMatch(/^mmtop: there is no C compiler here; install the package gcc or clang .*\n$/);
		expect(status).toBe(1);
		expect(mmtop(['cc', 'any.c'], root, {CC: 'no-such-cc'}).stderr).toMatch(/^mmtop: CC names "no-such-cc".*\n$/);
	});

	test('what comes without its headers says so', () => {
		const {status, stderr} = mmtop(['kerneldir'], root, {MMTOP_HEADERS: '/nowhere'});
		expect(stderr).toMatch(/^mmtop: the kernel's headers are not here \(looked in \/nowhere\).*\n$/);
		expect(status).toBe(1);
	});
});

describe('wrong usage is one sentence', () => {
	test.each([
		[['cc'], /cc needs a file of C/],
		[['cc', 'prog.o'], /ends? in \.c, got "prog\.o"/],
		[['cc', 'none.c'], /cannot read none\.c: ENOENT/],
		[['cc', '--era', '4.4', 'any.c'], /--era must be one of ldd3, .*got "4\.4"/],
		[['kerneldir', 'x'], /takes no arguments/],
		[['new', 'driver'], /new takes what to make and its name/],
		[['new', 'module', 'x'], /new takes what to make and its name/],
		[['new', 'driver', '9x'], /begins with no digit; got "9x"/],
		[['new', 'driver', 'a/b'], /a name has letters/],
		[['new', 'driver', 'x'.repeat(31)], /at most 30/],
	])('%j', (args, sentence) => {
		const {status, stderr} = mmtop(args);
		expect(stderr).toMatch(sentence);
		expect(stderr.trimEnd()).not.toContain('\n');
		expect(status).not.toBe(0);
	});
});

describe.skipIf(skipped !== '')(`with a compiler${skipped}`, () => {
	const name = 'own_driver';

	test('a new driver has what make needs', () => {
		expect(mmtop(['new', 'driver', name])).toMatchObject({status: 0, stderr: ''});
		expect(readFileSync(join(root, name, `${name}.c`), 'utf8')).not.toContain('NAME');
	});

	test.each(ERA_NAMES)('a new driver builds for %s, for that kernel and no other', era => {
		const folder = mmtop(['kerneldir', '--era', era]).stdout.trim();
		const built = spawnSync('make', [`KERNELDIR=${folder}`, `MMTOP=${mmtopCommand.join(' ')}`], {
			cwd: join(root, name),
			env,
			encoding: 'utf8',
		});
		expect(built.stderr, 'no warning either').toBe('');
		expect(existsSync(join(root, name, 'use')), 'a program that uses it').toBe(true);
		const object = parseObject(readFileSync(join(root, name, `${name}.ko`)));
		for (const other of ERA_NAMES) {
			const complaint = vermagicComplaint(readModinfo(object), eraNamed(other));
			expect(complaint === undefined, `${era} in ${other}`).toBe(other === era);
		}
		const image = relocate(object, layout(object), {core: 0xd000_0000, init: 0xd100_0000}, () => 0xc010_0000);
		expect('unknown' in image ? undefined : addressNamed(image, 'init_module')).toBe(0xd100_0000);
	});

	test('a folder that is there is not overwritten', () => {
		mmtop(['new', 'driver', 'twice']);
		expect(mmtop(['new', 'driver', 'twice'])).toMatchObject({
			status: 1,
			stderr: 'mmtop: twice is there already; choose another name\n',
		});
	});

	test('cc makes an object of a driver, and passes flags on', () => {
		const source = '#include <linux/module.h>\nint answer(void) { return ANSWER; }\nMODULE_LICENSE("GPL");\n';
		writeFileSync(join(root, 'one.c'), source);
		expect(mmtop(['cc', 'one.c', '--era', '6.1', '--', '-DANSWER=42'])).toMatchObject({status: 0, stderr: ''});
		expect(
			vermagicComplaint(readModinfo(parseObject(readFileSync(join(root, 'one.o')))), eraNamed('6.1')),
		).toBeUndefined();
		const failed = mmtop(['cc', 'one.c']);
		expect(failed.stderr).toMatch(/ANSWER.*undeclared[\s\S]*mmtop: gcc could not compile one\.c\n$|mmtop: clang could/);
		expect(failed.status).toBe(1);
	});

	test('an ordinary Kbuild Makefile: several objects, conditional ones, flags, subfolders, two modules', () => {
		const folder = join(root, 'kbuild');
		execFileSync('mkdir', ['-p', join(folder, 'sub')]);
		const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
		write(
			'Makefile',
			[
				'ifneq ($(KERNELRELEASE),)',
				'obj-m := both.o single-one.o sub/',
				'both-y := part1.o',
				'both-objs += part2.o',
				'both-$(CONFIG_NO_SUCH_OPTION) += absent.o',
				'ccflags-y := -DFROM_CCFLAGS=1 -I$(src)/inc',
				'EXTRA_CFLAGS += -DFROM_EXTRA=2',
				'CFLAGS_part2.o := -DONLY_PART2=3',
				'else',
				'KDIR ?= /lib/modules/none/build',
				'default:',
				'\t$(MAKE) -C $(KDIR) M=$(PWD) modules',
				'clean:',
				'\t$(MAKE) -C $(KDIR) M=$(PWD) clean',
				'endif',
			].join('\n'),
		);
		const rest = 'MODULE_LICENSE("GPL");\n';
		write('part1.c', `#include <linux/module.h>\nint one(void) { return FROM_CCFLAGS + FROM_EXTRA; }\n${rest}`);
		write('part2.c', '#include <linux/module.h>\nint one(void);\nint two(void) { return one() + ONLY_PART2; }\n');
		write('single-one.c', `#include <linux/module.h>\nchar name[] = KBUILD_MODNAME;\n${rest}`);
		write('sub/Makefile', 'obj-m += below.o\n');
		write('sub/below.c', `#include <linux/module.h>\nint below;\n${rest}`);
		const kdir = mmtop(['kerneldir']).stdout.trim();
		const make = (...args: readonly string[]) =>
			spawnSync('make', [`KDIR=${kdir}`, ...args], {cwd: folder, env: {...env, PWD: folder}, encoding: 'utf8'});
		expect(make().stderr).toBe('');
		const names = (file: string) => parseObject(readFileSync(join(folder, file))).symbols.map(({name}) => name);
		expect(names('both.ko')).toEqual(expect.arrayContaining(['one', 'two']));
		expect(names('sub/below.ko')).toContain('below');
		expect(readFileSync(join(folder, 'single-one.ko')).includes('single_one\0')).toBe(true);
		make('clean');
		expect(existsSync(join(folder, 'both.ko'))).toBe(false);
	});

	test('a Makefile that names no module, or no folder, is told in one sentence', () => {
		const kdir = mmtop(['kerneldir']).stdout.trim();
		const empty = join(root, 'empty');
		execFileSync('mkdir', ['-p', empty]);
		writeFileSync(join(empty, 'Makefile'), 'obj-m :=\n');
		const run = (...args: readonly string[]) =>
			spawnSync('make', ['-C', kdir, ...args], {env, encoding: 'utf8'}).stderr;
		expect(run(`M=${empty}`, 'modules')).toMatch(/mmtop: .*empty\/Makefile names no module in obj-m/);
		expect(run('modules')).toMatch(/mmtop: say which folder holds the driver/);
	});
});
