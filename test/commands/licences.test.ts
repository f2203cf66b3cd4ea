import {execFileSync} from 'node:child_process';
import {cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, expect, test} from 'vitest';
import {bundle} from '../../build/bundle.mjs';
import {asComment, bundledPackages, noticesFor} from '../../build/licences.mjs';
import {bundlePath, mmtop} from './support.ts';

const root = join(import.meta.dirname, '../..');
const built = bundlePath;
const inside = readFileSync(built, 'utf8');
const beside = readFileSync(join(built, '../THIRD-PARTY-NOTICES.txt'), 'utf8');

const directory = mkdtempSync(join(tmpdir(), 'mmtop-licences-'));
afterAll(() => rmSync(directory, {recursive: true, force: true}));

test('the licence of every package in the bundle is in it, and in the file beside it', async () => {
	const found = bundledPackages(await bundle(join(directory, 'mmtop.mjs')));
	expect(found.length).toBeGreaterThan(30);
	for (const name of found) {
		const {name: title, version, license} = JSON.parse(readFileSync(join(root, name, 'package.json'), 'utf8'));
		const files = readdirSync(join(root, name)).filter(file => /^(licen[cs]e|copying)/i.test(file));
		const texts = files.map(file => readFileSync(join(root, name, file), 'utf8').trim());
		for (const where of [inside, beside])
			for (const text of [`${title} ${version} (${license})`, ...texts]) expect(where.includes(text), title).toBe(true);
	}
	expect(inside).toContain(beside);
});

test(
	'packages without a licence file have the text of the licence that they name, and embedded code has ' + 'its own',
	() => {
		for (const text of [
			'Copyright (c) AlCalzone <d.griesel@gmx.net>',
			'Copyright (c) Meta Open Source',
			'Copyright (c) Meta Platforms, Inc. and affiliates',
			'Emscripten',
			readFileSync(join(root, 'node_modules/meow/build/licenses.md'), 'utf8').trim(),
			readFileSync(join(root, 'LICENSE'), 'utf8').trim(),
		]) {
			expect(inside).toContain(text);
			expect(beside).toContain(text);
		}
	},
);

test('a package with neither file nor a licence that we have a text of stops the build', async () => {
	const wrong = join(directory, 'node_modules/nameless');
	mkdirSync(wrong, {recursive: true});
	cpSync(join(root, 'LICENSE'), join(directory, 'LICENSE'));
	const write = (manifest: object) => writeFileSync(join(wrong, 'package.json'), JSON.stringify(manifest));
	const metafile = {inputs: {'node_modules/nameless/index.js': {}}};
	write({name: 'nameless', version: '1.0.0', license: 'UNLICENSED', author: 'Somebody'});
	await expect(noticesFor(directory, metafile)).rejects.toThrow('nameless has no licence file');
	write({name: 'nameless', version: '1.0.0', license: 'MIT'});
	await expect(noticesFor(directory, metafile)).rejects.toThrow('nameless has no licence file');
	write({name: 'nameless', version: '1.0.0', license: 'MIT', author: 'Somebody'});
	expect(await noticesFor(directory, metafile)).toContain('Copyright (c) Somebody');
	expect(() => asComment('ends here */')).toThrow('would end the comment');
});

test('mmtop licences prints them', async () => {
	const {exitCode, stdout} = await mmtop(['licences']);
	expect(exitCode).toBe(0);
	expect(stdout.trim()).toBe(beside.trim());
	expect(await mmtop(['licences', 'x'])).toMatchObject({exitCode: 2, stdout: ''});
});

test('what npm packs has the bundle, its notices and our licence', () => {
	const packed = join(directory, 'packed');
	mkdirSync(join(packed, 'dist'), {recursive: true});
	for (const name of ['package.json', 'README.md', 'CHANGELOG.md', 'LICENSE'])
		cpSync(join(root, name), join(packed, name));
	cpSync(built, join(packed, 'dist/mmtop.mjs'));
	cpSync(join(built, '../THIRD-PARTY-NOTICES.txt'), join(packed, 'dist/THIRD-PARTY-NOTICES.txt'));
	const [answer] = JSON.parse(
		execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts', '--offline'], {
			cwd: packed,
			encoding: 'utf8',
		}),
	);
	const paths = answer.files.map(({path}: {path: string}) => path);
	expect(paths).toEqual(expect.arrayContaining(['dist/mmtop.mjs', 'dist/THIRD-PARTY-NOTICES.txt', 'LICENSE']));
});
