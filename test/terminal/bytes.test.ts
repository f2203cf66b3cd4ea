/** Bytes that have hurt people, sent to the real program in a real terminal. */

import {expect, test} from 'vitest';
import {mmtopCommand} from '../commands/support.ts';
import {servedMachine} from '../server/support.ts';
import {openTerminal, type TerminalSession} from './pty.ts';

async function attached(): Promise<TerminalSession> {
	const {controlPath} = await servedMachine();
	const terminal = openTerminal([...mmtopCommand, 'attach', controlPath]);
	await terminal.waitFor('1 maps');
	return terminal;
}

const left = {exitCode: 0, signal: 0};

test('a paste without its end does not take Ctrl-C away', async () => {
	const terminal = await attached();
	terminal.press('\u001B[200~a');
	terminal.press('q');
	terminal.press('\u0003');
	expect(await terminal.ended).toEqual(left);
});

test('a paste without its end ends by itself, and q leaves', async () => {
	const terminal = await attached();
	terminal.press('\u001B[200~a');
	await terminal.waitFor('pasted text goes into a prompt only');
	terminal.press('q');
	expect(await terminal.ended).toEqual(left);
});

test('a mark of a paste in two pieces is one, and what is pasted presses no key', async () => {
	const terminal = await attached();
	terminal.press('\u001B[200');
	terminal.press('~:q\u001B[20');
	terminal.press('1~Z');
	await terminal.waitFor('Z does nothing here');
});

test.each([
	['in kitty’s way', '\u001B[99;5u'],
	['in xterm’s way', '\u001B[27;5;99~'],
	['behind a string without an end', '\u001B]11;rgb:\u0003'],
	['behind bytes that are nothing', '\u001B[Mq\u0003'],
])('Ctrl-C %s leaves', async (_, bytes) => {
	const terminal = await attached();
	terminal.press(bytes);
	expect(await terminal.ended).toEqual(left);
});

test('Esc in kitty’s way closes what is open; Esc and a key at once are both', async () => {
	const terminal = await attached();
	terminal.press('?');
	await terminal.waitFor('┌ help');
	terminal.press('\u001B[27u');
	await terminal.waitFor(screen => !screen.join().includes('┌ help'));
	terminal.press('?');
	await terminal.waitFor('┌ help');
	terminal.press('\u001BZ');
	await terminal.waitFor('Z does nothing here');
	expect(terminal.screen().join()).not.toContain('┌ help');
});

test('text pasted into a filter is in it, as one line', async () => {
	const terminal = await attached();
	terminal.press('1/');
	await terminal.waitFor('Enter keeps, Esc undoes');
	terminal.press('\u001B[200~li\r\nbc\u001B[201~');
	await terminal.waitFor(/ \/libc +Enter keeps/);
});
