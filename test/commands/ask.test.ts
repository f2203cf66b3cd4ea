import {expect, test} from 'vitest';
import {openTerminal} from '../terminal/pty.ts';
import {mmtop, mmtopCommand} from './support.ts';

const ask = (answer: string, ...args: readonly string[]) => mmtop(['run', '--ask', ...args], {}, answer);

test('what is there is told, the answer taken, and what decided it shown', async () => {
	const {exitCode, stdout} = await ask('1\n', 'fork-pin');
	const [before = '', after = ''] = stdout.split('Which one, 1 to 3?');
	expect(before).toMatch(/pins a page.*Who reads 0x99\?.* 1\. The parent.* 2\. The child/s);
	expect(before, 'nothing of the claim').not.toMatch(/DMA goes to the child/);
	expect(after).toMatch(/✗ predicted +1\. The parent.*what came +2\. The child\..*decided by +✓ the parent misses/s);
	expect(after).toContain('mmtop run --ask fork-pin fork=0\n');
	expect(exitCode, 'the claim held, whatever was predicted').toBe(0);
});

test('a prediction that comes true says so; the answer follows the parameters', async () => {
	const {exitCode, stdout} = await ask('1\n', 'fork-pin', 'fork=0');
	expect(stdout).toMatch(/✓ predicted +1\. The parent[^✗]*decided by +✗ the parent misses/s);
	expect(exitCode).toBe(1);
});

test('--json prints the record alone, with the prediction', async () => {
	const {stdout, stderr} = await ask('2\n', '--json', 'bounce-to-device');
	expect(JSON.parse(stdout).prediction).toMatchObject({predicted: 2, came: 1, because: [/device reads/]});
	expect(stderr).toContain('What does the device read?');
});

test.each([
	['7\n', ['fork-pin'], /^mmtop: the answer must be 1\.\.3, got "7"\n$/],
	['', ['fork-pin'], /^mmtop: the answer must be 1\.\.3, got none\n$/],
	['1\n', ['fork-pin', 'fork=2'], /^mmtop: fork must be 0\.\.1, got "2"\n$/],
	['1\n', ['frobnicate'], /^mmtop: no experiment "frobnicate"/],
	['1\n', ['--all'], /^mmtop: --ask is for one experiment/],
])('%j to %j is refused in one sentence, before anything runs', async (answer, args, sentence) => {
	const {exitCode, stdout, stderr} = await ask(answer, ...args);
	expect(stderr).toMatch(sentence);
	expect(stdout).not.toMatch(/[✓✗]/);
	expect(exitCode).toBe(2);
});

test('on a terminal a bad answer is asked for again', async () => {
	const terminal = openTerminal([...mmtopCommand, 'run', '--ask', 'user-walk']);
	await terminal.waitFor(/Which one, 1 to 3\? *$/m);
	terminal.press('maybe\r');
	await terminal.waitFor('the answer must be 1..3, got "maybe"');
	terminal.press('3\r');
	await terminal.waitFor(/✓ predicted +3\. Once the program has touched the page/);
	expect((await terminal.ended).exitCode).toBe(0);
});
