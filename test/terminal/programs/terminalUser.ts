/** Takes the terminal as the monitor does, says so, and then does what its argument names. */

import {stdin, stdout} from 'node:process';
import type {ReadStream} from 'node:tty';
import {openTerminal, type TerminalOutput} from '../../../source/ui/terminal/terminal.ts';

const terminal = openTerminal(
	{stdin: stdin as ReadStream, stdout: stdout as TerminalOutput, mouse: true},
	{
		onInput(text) {
			if (text === 'x') throw new Error('a bug of ours');
			if (text === 'e') {
				process.exit(7);
			}
			if (text === 't') {
				process.kill(process.pid, 'SIGTSTP');
			}
			if (text === 'z') {
				terminal.suspend();
			}
		},
		onResize() {},
		onReturn() {
			terminal.write('\u001B[Hagain', () => {});
		},
		onHangup() {
			terminal.close();
			process.exitCode = 129;
		},
	},
);
terminal.write('\u001B[Hready', () => {});
