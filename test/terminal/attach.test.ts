import {describe, expect, test} from 'vitest';
import {mmtopCommand} from '../commands/support.ts';
import {servedMachine, temporaryDirectory} from '../server/support.ts';
import {openTerminal, type TerminalSession} from './pty.ts';

const monitor = [...mmtopCommand, 'attach'];

/** What a person has after the monitor left: the shell's screen, a cursor, and a terminal that echoes. */
function expectGivenBack(terminal: TerminalSession): void {
	expect(terminal.isAlternate()).toBe(false);
	expect(terminal.isCursorVisible()).toBe(true);
}

describe('leaving', () => {
	test('q gives the terminal back', async () => {
		const {controlPath} = await servedMachine();
		const terminal = openTerminal([...monitor, controlPath]);
		await terminal.waitFor('1 maps');
		expect(terminal.isAlternate()).toBe(true);
		terminal.press('q');
		expect(await terminal.ended).toEqual({exitCode: 0, signal: 0});
		expectGivenBack(terminal);
	});

	test('so does Ctrl-C', async () => {
		const {controlPath} = await servedMachine();
		const terminal = openTerminal([...monitor, controlPath]);
		await terminal.waitFor('1 maps');
		terminal.press('\u0003');
		await terminal.ended;
		expectGivenBack(terminal);
	});

	test.each([
		['SIGTERM', 143],
		['SIGHUP', 129],
		['SIGINT', 130],
	] as const)('so does %s, of which a shell then hears', async (signal, status) => {
		const {controlPath} = await servedMachine();
		const terminal = openTerminal([...monitor, controlPath]);
		await terminal.waitFor('1 maps');
		terminal.kill(signal);
		const {exitCode, signal: number} = await terminal.ended;
		expect(number ? 128 + number : exitCode).toBe(status);
		expectGivenBack(terminal);
	});
});

describe('a server that goes away', () => {
	test('leaves the last picture, which says so, until a server is back', async () => {
		const directory = await temporaryDirectory();
		const first = await servedMachine(directory);
		await first.machine.target.write('/proc/kmsg', 'the last words');
		const terminal = openTerminal([...monitor, first.controlPath]);
		await terminal.waitFor('1 maps');
		terminal.press('9z');
		await terminal.waitFor('the last words');
		await first.server.close();
		await terminal.waitFor('DISCONNECTED');
		await terminal.waitFor('the last words');

		const second = await servedMachine(directory);
		await second.machine.target.write('/proc/kmsg', 'another life');
		await terminal.waitFor('another life');
		await terminal.waitFor(screen => !screen.join().includes('DISCONNECTED'));
	});
});

test('an observer is told that it only looks', async () => {
	const {observePath} = await servedMachine();
	const terminal = openTerminal([...monitor, observePath]);
	await terminal.waitFor('1 maps');
	terminal.press('P');
	await terminal.waitFor(/read-only|observ/i);
});

test('without a keyboard there is a sentence and no monitor', async () => {
	const {controlPath} = await servedMachine();
	const command = [...monitor, controlPath].map(word => `'${word}'`).join(' ');
	const terminal = openTerminal(['sh', '-c', `${command} < /dev/null`]);
	expect(await terminal.ended).toMatchObject({exitCode: 2});
	expect(terminal.screen()[0]).toMatch(/^mmtop: stdin is not a terminal/);
	expect(terminal.isAlternate()).toBe(false);
});
