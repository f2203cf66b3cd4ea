import {expect, test} from 'vitest';
import {mmtopCommand} from '../commands/support.ts';
import {servedMachine} from '../server/support.ts';
import {openTerminal} from './pty.ts';

test('a file that holds escape sequences does not play with the terminal it is printed on', async () => {
	const {machine, controlPath} = await servedMachine();
	await machine.target.write('/proc/kmsg', 'before\u001b[2J\u001b]0;title\u0007after');
	const terminal = openTerminal([...mmtopCommand, 'cat', '-t', controlPath, '/proc/kmsg']);
	expect(await terminal.ended).toMatchObject({exitCode: 0});
	expect(terminal.screen()[0]).toBe('<6>[    0.000000] before?[2J?]0;title?after');
});
