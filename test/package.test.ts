/** What is published: the same bytes each time, complete in itself, and it runs where there is nothing but Node. */

import {execFileSync, spawnSync} from 'node:child_process';
import {existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join, normalize} from 'node:path';
import {gunzipSync} from 'node:zlib';
import {afterAll, beforeAll, describe, expect, inject, test} from 'vitest';
import {debianPackage, npmPackage, packageFiles} from '../build/package.mjs';

const root = join(import.meta.dirname, '..');
const dist = dirname(inject('bundle'));
const files = packageFiles(root, dist);
const textOf = (path: string): string => Buffer.from(files.get(path)?.bytes ?? []).toString();

let directory: string;
beforeAll(() => {
	directory = mkdtempSync(join(tmpdir(), 'mmtop-package-'));
});
afterAll(() => rmSync(directory, {recursive: true}));

test('is the same, made again, and another one at another time', () => {
	const again = packageFiles(root, dist);
	expect([...again.keys()]).toEqual([...files.keys()]);
	expect(
		[...again].every(([path, {bytes}]) => Buffer.from(bytes ?? []).equals(files.get(path)?.bytes ?? Buffer.of())),
	).toBe(true);
	// Packing is the same for few files as for all.
	const few = new Map([...files].filter(([path]) => !/^docs|^headers|mmtop\.mjs$/.test(path)));
	expect(npmPackage(few).equals(npmPackage(new Map([...few].reverse())))).toBe(true);
	expect(npmPackage(few).equals(npmPackage(few, 1))).toBe(false);
	expect(debianPackage(few, 'x').equals(debianPackage(few, 'x'))).toBe(true);
	expect(debianPackage(few, 'x').equals(debianPackage(few, 'y'))).toBe(false);
});

test('installs nothing else, and says what is inside', () => {
	const manifest = JSON.parse(textOf('package.json'));
	expect(manifest).toMatchObject({name: 'mmtop', bin: {mmtop: 'dist/mmtop.mjs'}});
	for (const key of ['dependencies', 'devDependencies', 'scripts', 'files']) expect(manifest).not.toHaveProperty(key);
	for (const page of manifest.man) expect(files.has(page), page).toBe(true);
	const {packages, relationships} = JSON.parse(textOf('sbom.spdx.json'));
	const own = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
	const names = packages.map(({name}: {name: string}) => name);
	for (const name of ['ink', 'react', 'meow', 'tinyqueue']) {
		expect(own.dependencies).toHaveProperty(name);
		expect(names).toContain(name);
	}
	expect(relationships).toHaveLength(packages.length);
});

test('no link of its documents leads out of it', () => {
	const documents = [...files.keys()].filter(path => path.endsWith('.md'));
	expect(documents.length).toBeGreaterThan(80);
	const has = (path: string) => files.has(path) || [...files.keys()].some(each => each.startsWith(`${path}/`));
	const dead = documents.flatMap(path =>
		[...textOf(path).matchAll(/\]\(([^)\s#]+)(?:#[^)]*)?\)/g)]
			.map(([, target = '']) => target)
			.filter(target => !/^[a-z]+:/.test(target) && !has(normalize(join(dirname(path), target))))
			.map(target => `${path}: ${target}`),
	);
	expect(dead).toEqual([]);
});

describe.runIf(spawnSync('tar', ['--version']).status === 0)('unpacked', () => {
	test('the tarball runs with a PATH of Node alone', () => {
		const archive = join(directory, 'mmtop.tgz');
		writeFileSync(archive, npmPackage(files));
		execFileSync('tar', ['-xzf', archive, '-C', directory]);
		const env = {PATH: dirname(process.execPath)};
		const run = (...words: string[]) =>
			execFileSync(process.execPath, [join(directory, 'package/dist/mmtop.mjs'), ...words], {env, encoding: 'utf8'});
		expect(run('--version').trim()).toBe(JSON.parse(textOf('package.json')).version);
		expect(run('cat', '--until', '1ms', '/proc/version')).toMatch(/^Linux version /);
	});

	test.runIf(spawnSync('dpkg-deb', ['--version']).status === 0)(
		'the Debian package is one, and its command is a link to the bundle',
		() => {
			const archive = join(directory, 'mmtop.deb');
			writeFileSync(archive, debianPackage(files, '# completion'));
			const field = (name: string) => execFileSync('dpkg-deb', ['-f', archive, name], {encoding: 'utf8'}).trim();
			expect([field('Package'), field('Depends')]).toEqual(['mmtop', 'nodejs (>= 20.19)']);
			execFileSync('dpkg-deb', ['-x', archive, join(directory, 'debian')]);
			const usr = join(directory, 'debian/usr');
			expect(readdirSync(join(usr, 'share/man/man1'))).toContain('mmtop.1.gz');
			expect(readdirSync(join(usr, 'lib/systemd/user'))).toEqual(['mmtop@.service']);
			expect(execFileSync(join(usr, 'bin/mmtop'), ['--version'], {encoding: 'utf8'})).toMatch(/^\d/);
		},
	);

	test.runIf(spawnSync('dpkg', ['--version']).status === 0)(
		'the Debian package is installed into a root of its own, used, and removed without a trace',
		() => {
			const archive = join(directory, 'own.deb');
			writeFileSync(archive, debianPackage(files, '# completion'));
			const dpkgRoot = join(directory, 'root');
			mkdirSync(join(dpkgRoot, 'var/lib/dpkg/info'), {recursive: true});
			mkdirSync(join(dpkgRoot, 'var/lib/dpkg/updates'));
			for (const name of ['status', 'available']) writeFileSync(join(dpkgRoot, 'var/lib/dpkg', name), '');
			const forced = ['depends', 'not-root', 'bad-path'].map(each => `--force-${each}`);
			const dpkg = (...words: string[]) =>
				execFileSync('dpkg', [`--root=${dpkgRoot}`, ...forced, '--log=/dev/null', ...words], {stdio: 'pipe'});
			dpkg('-i', archive);
			const env = {PATH: dirname(process.execPath)};
			expect(execFileSync(join(dpkgRoot, 'usr/bin/mmtop'), ['--version'], {env, encoding: 'utf8'})).toMatch(/^\d/);
			const page = gunzipSync(readFileSync(join(dpkgRoot, 'usr/share/man/man1/mmtop-story.1.gz'))).toString();
			expect(page).toMatch(/^\.TH /m);
			expect(existsSync(join(dpkgRoot, 'usr/share/bash-completion/completions/mmtop'))).toBe(true);
			dpkg('-P', 'mmtop');
			const left = existsSync(join(dpkgRoot, 'usr')) ? readdirSync(join(dpkgRoot, 'usr'), {recursive: true}) : [];
			expect(left).toEqual([]);
		},
	);
});
