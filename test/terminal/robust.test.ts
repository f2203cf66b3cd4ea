/** Terminals that are poor, odd or going away. */

import {spawn} from 'node:child_process';
import {expect, onTestFinished, test} from 'vitest';
import {mmtopCommand} from '../commands/support.ts';
import {servedMachine} from '../server/support.ts';
import {openTerminal, type TerminalSession} from './pty.ts';

async function attached(options: Parameters<typeof openTerminal>[1] = {}): Promise<TerminalSession> {
	const {controlPath} = await servedMachine();
	const terminal = openTerminal([...mmtopCommand, 'attach', controlPath], options);
	await terminal.waitFor('1 maps');
	return terminal;
}

test.each([
	'linux',
	'screen',
	'tmux-256color',
	'vt220',
	'xterm',
	'nonsense',
])('TERM=%s shows the monitor', async name => {
	const terminal = await attached({env: {TERM: name, COLORTERM: ''}});
	terminal.press('q');
	expect(await terminal.ended).toMatchObject({exitCode: 0});
	expect(terminal.isAlternate()).toBe(false);
});

test('TERM=dumb is told in sentences, on the shell’s own screen, without a cursor being placed', async () => {
	const {controlPath} = await servedMachine();
	const terminal = openTerminal([...mmtopCommand, 'attach', controlPath], {env: {TERM: 'dumb'}});
	await terminal.waitFor(/^mmtop .*Question mark says the keys/m);
	expect(terminal.isAlternate()).toBe(false);
	expect(terminal.isMouseOn()).toBe(false);
	expect(terminal.output()).not.toContain('\u001B');
	terminal.press('?');
	await terminal.waitFor('q or Ctrl-C: leave');
	terminal.press('X');
	await terminal.waitFor('X does nothing here');
	terminal.press('q');
	expect(await terminal.ended).toMatchObject({exitCode: 0});
	expect(terminal.output()).not.toContain('\u001B');
});

test('--plain tells an injection as it goes, and reads a pane when asked', async () => {
	const terminal = openTerminal([...mmtopCommand, '--plain'], {columns: 100, rows: 60});
	await terminal.waitFor('mmtop lab: a simulated machine');
	terminal.press('m');
	await terminal.waitFor('mremap-growth begins');
	await terminal.waitFor('grew by 16k');
	await terminal.waitFor(/mremap-growth done: /);
	terminal.press('7');
	await terminal.waitFor(/^7 zones\. /m);
	terminal.kill('SIGTERM');
	const {exitCode, signal} = await terminal.ended;
	expect(signal ? 128 + signal : exitCode).toBe(143);
});

test('a terminal that does not know its size is taken for 80x24', async () => {
	const {controlPath} = await servedMachine();
	const command = [...mmtopCommand, 'attach', controlPath].map(word => `'${word}'`).join(' ');
	const terminal = openTerminal(['sh', '-c', `stty cols 0 rows 0; exec ${command}`], {columns: 80, rows: 24});
	await terminal.waitFor(screen => /q quit$/.test(screen[23]!));
	expect(terminal.screen()[1]).toContain('[1 maps]');
});

test('pasted text and what a terminal says of itself press no keys', async () => {
	const terminal = await attached();
	terminal.press('\u001B[200~q:m\u001B[201~\u001B]11;rgb:0000/0000/0000\u001B\\\u001BP>|term(1)\u001B\\\u001B[?62;4c');
	terminal.press('Z');
	await terminal.waitFor('Z does nothing here');
});

test('a key whose bytes come one by one is that key', async () => {
	const terminal = await attached({columns: 80, rows: 24});
	for (const byte of '\u001B[Z') {
		terminal.press(byte);
	}
	await terminal.waitFor('[0 findings]');
});

test('a click goes to the pane under it; without the mouse the terminal keeps its own', async () => {
	const terminal = await attached({columns: 80, rows: 24});
	expect(terminal.isMouseOn()).toBe(true);
	const column = terminal.screen()[1]!.indexOf('5 iocbs') + 1;
	terminal.press(`\u001B[<0;${column};2M\u001B[<0;${column};2m`);
	await terminal.waitFor('[5 iocbs]');
});

test('a reader of the sentences that goes away ends them quietly', async () => {
	const {machine, controlPath} = await servedMachine();
	const child = spawn(mmtopCommand[0]!, [...mmtopCommand.slice(1), 'attach', controlPath, '--plain'], {
		stdio: ['ignore', 'pipe', 'pipe'],
		env: {...process.env, XDG_CONFIG_HOME: '/nonexistent'},
	});
	onTestFinished(() => void child.kill('SIGKILL'));
	let stderr = '';
	child.stderr.setEncoding('utf8').on('data', (text: string) => {
		stderr += text;
	});
	const ended = new Promise<number | null>(resolve => child.on('close', resolve));
	await new Promise(resolve => child.stdout.once('data', resolve));
	child.stdout.destroy();
	// The next sentence finds nobody.
	await machine.target.write('/proc/kmsg', 'is anybody there');
	expect(await ended).toBe(0);
	expect(stderr).toBe('');
});
