/** Signals, each sent to the real program in a real terminal: it dies of the signal, and the terminal is as it was. */

import {spawn} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {constants} from 'node:os';
import {spawn as spawnPty} from '@lydell/node-pty';
import {describe, expect, onTestFinished, test} from 'vitest';
import {daemon, mmtopCommand} from '../commands/support.ts';
import {sampleOf} from '../sample.ts';
import {servedMachine, temporaryDirectory} from '../server/support.ts';
import {openTerminal, type TerminalSession} from './pty.ts';

const ends: readonly NodeJS.Signals[] = [
	...(['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGTRAP', 'SIGABRT', 'SIGUSR1', 'SIGUSR2', 'SIGALRM'] as const),
	...(['SIGTERM', 'SIGSTKFLT', 'SIGXCPU', 'SIGVTALRM', 'SIGPROF', 'SIGIO', 'SIGPWR', 'SIGSYS'] as const),
];

type Watched = {
	/** A shell, which lives on when the program has died. */
	readonly terminal: TerminalSession;
	readonly pid: number;
};

/** The monitor on a machine, under a shell that says how it ended. */
async function attached(flags: readonly string[], sees: string): Promise<Watched> {
	const {controlPath} = await servedMachine();
	const command = [...mmtopCommand, 'attach', controlPath, ...flags];
	const terminal = openTerminal(['sh', '-c', 'ulimit -c 0; "$@"; echo "status $?"; read x', 'sh', ...command]);
	await terminal.waitFor(sees);
	const children = readFileSync(`/proc/${terminal.pid}/task/${terminal.pid}/children`, 'utf8');
	return {terminal, pid: Number(children)};
}

const statusOf = (signal: NodeJS.Signals): string => `status ${128 + constants.signals[signal]}`;

test('while the monitor runs there is something to give back', async () => {
	const {terminal} = await attached([], '1 maps');
	expect(terminal.leftOver()).toEqual(
		expect.arrayContaining(['alternate screen', 'no cursor', 'mouse', 'marked pastes', 'no wrapping', 'raw line']),
	);
});

test.each(sampleOf(ends, 3))('%s ends the monitor, which gives the terminal back', async signal => {
	const {terminal, pid} = await attached([], '1 maps');
	process.kill(pid, signal);
	await terminal.waitFor(statusOf(signal));
	expect(terminal.leftOver()).toEqual([]);
	expect(terminal.output()).not.toContain('Debugger');
});

test.each(
	sampleOf(['SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGXCPU'] as const, 2),
)('%s ends the monitor in sentences', async signal => {
	const {terminal, pid} = await attached(['--plain'], 'q leaves');
	expect(terminal.leftOver()).toEqual(['raw line']);
	process.kill(pid, signal);
	await terminal.waitFor(statusOf(signal));
	expect(terminal.leftOver()).toEqual([]);
	expect(terminal.output()).not.toContain('Debugger');
});

test.each(
	sampleOf(['SIGXFSZ', 'SIGPIPE', 'SIGWINCH', 'SIGCHLD', 'SIGURG'] as const, 2),
)('%s ends nothing', async signal => {
	const {terminal, pid} = await attached([], '1 maps');
	process.kill(pid, signal);
	terminal.press('Z');
	await terminal.waitFor('Z does nothing here');
	terminal.press('q');
	await terminal.waitFor('status 0');
});

test('a signal after another one that has begun to end it does no harm', async () => {
	const {terminal, pid} = await attached([], '1 maps');
	for (const signal of ['SIGTERM', 'SIGQUIT', 'SIGUSR1'] as const) process.kill(pid, signal);
	await terminal.waitFor(/status 1(?:43|31|38)/);
	expect(terminal.leftOver()).toEqual([]);
});

test('a terminal that goes away ends the monitor by SIGHUP, not by an abort', async () => {
	const {controlPath} = await servedMachine();
	const [file = '', ...args] = [...mmtopCommand, 'attach', controlPath];
	const pty = spawnPty(file, args, {cols: 80, rows: 24, env: process.env});
	const ended = new Promise<number | undefined>(resolve => pty.onExit(({signal}) => resolve(signal)));
	await new Promise<void>(resolve => {
		let seen = '';
		pty.onData(data => {
			seen += data;
			if (seen.includes('maps')) resolve();
		});
	});
	// Closes our end: the kernel hangs the other one up.
	(pty as unknown as {destroy(): void}).destroy();
	expect(await ended).toBe(constants.signals.SIGHUP);
});

describe('SIGUSR1 opens no port for a debugger', () => {
	test('of a machine that is served', async () => {
		const served = await daemon(['--name', 'lab0'], {XDG_RUNTIME_DIR: await temporaryDirectory()});
		served.kill('SIGUSR1');
		expect(await served.ended).toEqual({exitCode: null, signal: 'SIGUSR1', stderr: ''});
	});

	test('of a command that waits for an answer', async () => {
		const [file = '', ...args] = [...mmtopCommand, 'run', '--ask', 'mremap-growth'];
		const child = spawn(file, args);
		onTestFinished(() => void child.kill('SIGKILL'));
		let said = '';
		const asked = new Promise<void>(resolve => {
			const hear = (text: Buffer): void => {
				said += text;
				if (said.includes('Which one')) resolve();
			};
			child.stdout.on('data', hear);
			child.stderr.on('data', hear);
		});
		const ended = new Promise(resolve => child.on('close', (code, signal) => resolve([code, signal])));
		await asked;
		child.kill('SIGUSR1');
		expect(await ended).toEqual([null, 'SIGUSR1']);
		expect(said).not.toContain('Debugger');
	});
});
