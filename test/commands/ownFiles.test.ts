import {mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, expect, test} from 'vitest';
import {ownFiles} from '../../source/commands/ownFiles.ts';
import {bootLab} from '../../source/lab/lab.ts';
import {headlessMachine} from '../../source/target/headless.ts';

/** Files of this host that the key i runs or loads. */

const root = mkdtempSync(join(tmpdir(), 'mmtop-files-'));
afterAll(() => rmSync(root, {recursive: true}));

const own = ownFiles({XDG_STATE_HOME: join(root, 'state'), HOME: root});
mkdirSync(join(root, 'drivers'));
for (const name of ['a.ko', 'ab.o', '.hidden']) writeFileSync(join(root, 'drivers', name), 'text\n');

const {target} = headlessMachine(bootLab({load: 'none'}), 'test');
const folder = join(root, 'drivers/');

test('a path is completed by what is there; a dot has to be typed', async () => {
	expect(await own.complete(`${root}/dri`)).toEqual([folder]);
	expect(await own.complete(folder)).toEqual([`${folder}a.ko`, `${folder}ab.o`]);
	expect(await own.complete(`${folder}ab`)).toEqual([`${folder}ab.o`]);
	expect(await own.complete(`${folder}.`)).toEqual([`${folder}.hidden`]);
	expect(await own.complete('~/drivers/ab')).toEqual(['~/drivers/ab.o']);
	expect(await own.complete(`${root}/none/x`)).toEqual([]);
	writeFileSync(join(folder, 'ab c.ko'), '');
	expect(await own.complete(`${folder}ab`), 'a blank ends a path').toEqual([`${folder}ab.o`]);
});

test('what cannot be started is a sentence, and is not remembered', async () => {
	await expect(own.start(target, join(root, 'none'))).rejects.toThrow(/^there is no file /);
	await expect(own.start(target, root)).rejects.toThrow(/is not a file$/);
	await expect(own.start(target, join(folder, 'a.ko'))).rejects.toThrow(/^it is neither a module nor a program/);
	const program = readFileSync(join(import.meta.dirname, '../../fixtures/programs/talk'));
	program[4] = 2;
	writeFileSync(join(root, 'wide'), program);
	await expect(own.start(target, join(root, 'wide'))).rejects.toThrow(/^wide cannot be run: .*64/);
	expect(own.remembered()).toEqual([]);
});

test('a program and a module are told, and their lines remembered, the newest first, each once', async () => {
	const programs = join(import.meta.dirname, '../../fixtures/programs');
	const module = join(import.meta.dirname, '../../fixtures/modules/echo.ldd3.o');
	expect(await own.start(target, `${programs}/talk a`)).toBe('1');
	expect(await own.start(target, `${module} limit=10`)).toBe('2');
	expect(await own.start(target, `${programs}/talk a`)).toBe('3');
	expect(own.remembered()).toEqual([`${programs}/talk a`, `${module} limit=10`]);
	const text = String(await target.read('/sys/kernel/debug/lab/inject'));
	expect(text).toMatch(/name=\.\/talk .*[\s\S]*name=\.\/echo\.ldd3\.o /);
});
