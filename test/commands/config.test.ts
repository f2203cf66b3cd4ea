import {execFileSync} from 'node:child_process';
import {mkdir, rm, symlink, writeFile} from 'node:fs/promises';
import {dirname} from 'node:path';
import {describe, expect, test} from 'vitest';
import {configPath, parseConfig, readConfig} from '../../source/commands/config.ts';
import {themeNames} from '../../source/ui/terminal/theme.ts';
import {temporaryDirectory} from '../server/support.ts';
import {openTerminal} from '../terminal/pty.ts';
import {mmtopCommand} from './support.ts';

describe('where the file lies', () => {
	test.each([
		[{XDG_CONFIG_HOME: '/etc/x', HOME: '/home/a'}, '/etc/x/mmtop/config.json'],
		[{HOME: '/home/a'}, '/home/a/.config/mmtop/config.json'],
		[{XDG_CONFIG_HOME: '', HOME: '/home/a'}, '/home/a/.config/mmtop/config.json'],
		[{XDG_CONFIG_HOME: 'relative', HOME: '/home/a'}, '/home/a/.config/mmtop/config.json'],
		[{}, undefined],
	])('with %j: %s', (env, path) => {
		expect(configPath(env)).toBe(path);
	});
});

const read = (text: string) => parseConfig('/c.json', text);

test('every entry is taken as it stands', () => {
	const config = {theme: 'light', ascii: true, mouse: false, plain: false, pace: 'manual', refresh: 2.5};
	expect(read(JSON.stringify(config))).toEqual(config);
	expect(read('{}')).toEqual({});
});

const themes = themeNames.map(name => `"${name}"`).join(', ');

test.each([
	['{"theme": "purple"}', `/c.json: "theme" takes ${themes}; got "purple"`],
	['{"theme": 16}', `/c.json: "theme" takes ${themes}; got 16`],
	['{"mouse": "no"}', '/c.json: "mouse" takes true or false; got "no"'],
	['{"refresh": 0}', '/c.json: "refresh" takes a number from 0.1 to 30, of samples a second; got 0'],
	['{"refresh": "5"}', '/c.json: "refresh" takes a number from 0.1 to 30, of samples a second; got "5"'],
	['{"pace": "slow"}', '/c.json: "pace" takes "fast", "read", "manual"; got "slow"'],
	['{"colour": 1}', '/c.json: there is no entry "colour"; the entries are theme, ascii, mouse, plain, pace, refresh'],
	[
		'{"toString": 1}',
		'/c.json: there is no entry "toString"; the entries are theme, ascii, mouse, plain, pace, refresh',
	],
	['[]', '/c.json has to be one JSON object, as {"theme": "light"}'],
	['null', '/c.json has to be one JSON object, as {"theme": "light"}'],
])('%s is refused by naming the file, the entry and what would be right', (text, sentence) => {
	expect(() => read(text)).toThrow(sentence);
});

test('what is not JSON is refused by naming the file', () => {
	expect(() => read('theme = light')).toThrow(/^\/c\.json is not JSON: /);
});

test('no file asks for nothing; a file that cannot be read is said', async () => {
	const directory = await temporaryDirectory();
	expect(readConfig({XDG_CONFIG_HOME: directory})).toEqual({});
	const path = configPath({XDG_CONFIG_HOME: directory})!;
	await mkdir(path, {recursive: true});
	expect(() => readConfig({XDG_CONFIG_HOME: directory})).toThrow(`${path} cannot be read: EISDIR`);
});

test('what would never end is not read: a pipe, a device, a file that is too long', async () => {
	const {env, path} = await withConfig('');
	const largest = JSON.stringify({refresh: 10}).padEnd(64 * 1024);
	await writeFile(path, largest);
	expect(readConfig(env)).toEqual({refresh: 10});
	await writeFile(path, `${largest} `);
	expect(() => readConfig(env)).toThrow(`${path} has at most 65536 bytes, got 65537`);
	await rm(path);
	execFileSync('mkfifo', [path]);
	expect(() => readConfig(env)).toThrow(`${path} is not a file`);
	await rm(path);
	await symlink('/dev/zero', path);
	expect(() => readConfig(env)).toThrow(`${path} is not a file`);
});

async function withConfig(text: string): Promise<{env: Record<string, string>; path: string}> {
	const env = {XDG_CONFIG_HOME: await temporaryDirectory()};
	const path = configPath(env)!;
	await mkdir(dirname(path), {recursive: true});
	await writeFile(path, text);
	return {env, path};
}

test('a bad file keeps the monitor from opening, with exit code 2', async () => {
	const {env, path} = await withConfig('{"them": "light"}');
	const terminal = openTerminal(mmtopCommand, {env, columns: 200});
	expect(await terminal.ended).toMatchObject({exitCode: 2});
	expect(terminal.screen()[0]).toBe(
		`mmtop: ${path}: there is no entry "them"; the entries are theme, ascii, mouse, plain, pace, refresh`,
	);
});

test('the file is followed, and a flag goes before it', async () => {
	const {env} = await withConfig('{"ascii": true, "mouse": false}');
	const asFile = openTerminal(mmtopCommand, {env});
	await asFile.waitFor(/^\+ 1 maps/m);
	expect(asFile.isMouseOn()).toBe(false);
	const asFlags = openTerminal([...mmtopCommand, '--no-ascii', '--mouse'], {env});
	await asFlags.waitFor(/^┌ 1 maps/m);
	expect(asFlags.isMouseOn()).toBe(true);
});
