import {expect, test} from 'vitest';
import {openTerminal} from './pty.ts';

test('the screen is what a terminal would show', async () => {
	const terminal = openTerminal(['sh', '-c', 'printf "one\\ntwo\\033[1A\\033[3D-X-"; read line; echo "got $line"'], {
		columns: 20,
		rows: 5,
	});
	await terminal.waitFor('-X-');
	expect(terminal.screen()).toEqual(['-X-', 'two', '', '', '']);
	terminal.press('hello\r');
	await terminal.waitFor(/got hello/);
	expect(await terminal.ended).toEqual({exitCode: 0, signal: 0});
});

test('screen, cursor and size are seen to change', async () => {
	const terminal = openTerminal([
		'sh',
		'-c',
		'printf "\\033[?1049h\\033[?25l"; echo in; read x; stty size; read x; printf "\\033[?25h\\033[?1049l"; echo out',
	]);
	await terminal.waitFor('in');
	expect(terminal.isAlternate()).toBe(true);
	expect(terminal.isCursorVisible()).toBe(false);
	terminal.resize(70, 20);
	terminal.press('\r');
	await terminal.waitFor('20 70');
	terminal.press('\r');
	await terminal.waitFor('out');
	expect(terminal.isAlternate()).toBe(false);
	expect(terminal.isCursorVisible()).toBe(true);
});

test('waiting in vain says what was on the screen instead', async () => {
	const terminal = openTerminal(['sh', '-c', 'echo here; read x']);
	await terminal.waitFor('here');
	await expect(terminal.waitFor('there', 50)).rejects.toThrow(/50 ms passed while waiting for there.*here/s);
	terminal.kill('SIGTERM');
	await expect(terminal.waitFor('there')).rejects.toThrow(/the program ended/);
});
