import {createRequire} from 'node:module';
import {resolve} from 'node:path';
import type * as Pty from '@lydell/node-pty';
import {expect, test} from 'vitest';
import {openTerminal} from './pty.ts';

const {spawn} = createRequire(import.meta.url)('@lydell/node-pty') as typeof Pty;

const program = [process.execPath, '--import', 'tsx', resolve(import.meta.dirname, 'programs/terminalUser.ts')];

test('a crash gives the terminal back before its stack is printed', async () => {
	const terminal = openTerminal(program);
	await terminal.waitFor('ready');
	expect(terminal.isAlternate()).toBe(true);
	expect(terminal.isCursorVisible()).toBe(false);
	terminal.press('x');
	await terminal.waitFor('Error: a bug of ours');
	expect((await terminal.ended).exitCode).not.toBe(0);
	expect(terminal.isAlternate()).toBe(false);
	expect(terminal.isCursorVisible()).toBe(true);
});

test('so does an exit from anywhere', async () => {
	const terminal = openTerminal(program);
	await terminal.waitFor('ready');
	terminal.press('e');
	expect((await terminal.ended).exitCode).toBe(7);
	expect(terminal.isAlternate()).toBe(false);
	expect(terminal.isCursorVisible()).toBe(true);
});

test('where no shell could let it go on, Ctrl-Z does not stop it for ever: it draws anew', async () => {
	const terminal = openTerminal(program);
	await terminal.waitFor('ready');
	terminal.press('z');
	await terminal.waitFor('again');
	expect(terminal.isAlternate()).toBe(true);
	terminal.press('e');
	expect((await terminal.ended).exitCode).toBe(7);
});

test('a program that others stopped takes the terminal anew when it goes on', async () => {
	const terminal = openTerminal(program);
	await terminal.waitFor('ready');
	terminal.kill('SIGSTOP');
	terminal.kill('SIGCONT');
	await terminal.waitFor('again');
	expect(terminal.isAlternate()).toBe(true);
	expect(terminal.isMouseOn()).toBe(true);
});

test('SIGTSTP gives the terminal to the shell, which takes the program up again', async () => {
	const command = program.map(word => `'${word}'`).join(' ');
	const terminal = openTerminal(['sh', '-c', `set -m; ${command}; echo stopped; read x; fg; read x`]);
	await terminal.waitFor('ready');
	terminal.press('t');
	await terminal.waitFor('stopped');
	expect(terminal.isAlternate()).toBe(false);
	expect(terminal.isCursorVisible()).toBe(true);
	terminal.press('\r');
	await terminal.waitFor('again');
	expect(terminal.isAlternate()).toBe(true);
});

test('a terminal that hangs up ends the program by that signal, not by an abort', async () => {
	const [file, ...args] = program;
	const pty = spawn(file!, args, {cols: 80, rows: 24, env: process.env});
	const ended = new Promise<{signal?: number | undefined}>(resolveEnd => pty.onExit(resolveEnd));
	await new Promise<void>(resolveReady => {
		let seen = '';
		pty.onData(data => {
			seen += data;
			if (seen.includes('ready')) {
				resolveReady();
			}
		});
	});
	// Closes our end: the kernel hangs the other one up.
	(pty as unknown as {destroy(): void}).destroy();
	expect((await ended).signal).toBe(1);
});
