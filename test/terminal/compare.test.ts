import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {expect, onTestFinished, test} from 'vitest';
import {mmtop, mmtopCommand} from '../commands/support.ts';
import {openTerminal} from './pty.ts';

const hints = (screen: readonly string[], text: string) => screen.join('\n').split(text).length - 1;

test('two machines on one small screen: a key goes to both, what came out differently is said, q leaves', async () => {
	const terminal = openTerminal([...mmtopCommand, 'compare', 'ldd3', '6.18', '--load', 'quiet'], {
		columns: 80,
		rows: 24,
	});
	await terminal.waitFor(screen => screen[22]?.startsWith(' what differs') === true);
	const times = terminal.screen().flatMap(line => /^ mmtop .* t +([\d. ]+) s/.exec(line)?.[1] ?? []);
	expect(times).toHaveLength(2);
	terminal.press('m');
	// Unless somebody says otherwise a step stays as long as reading takes; Space keeps it, Esc lets all go.
	await terminal.waitFor(screen => hints(screen, 'Space stay') === 2);
	terminal.press(' ');
	await terminal.waitFor(screen => hints(screen, 'Enter next') === 2 && hints(screen, 'Space stay') === 0);
	terminal.press('\u001B');
	await terminal.waitFor(screen => /^ ≠ mremap\(\) answers EFAULT: ldd3 -, 6\.18 ✓ -EFAULT$/.test(screen[23] ?? ''));
	terminal.press('q');
	expect(await terminal.ended).toEqual({exitCode: 0, signal: 0});
	expect(terminal.isAlternate()).toBe(false);
});

test('the config file says how long', async () => {
	const home = mkdtempSync(join(tmpdir(), 'mmtop-compare-'));
	onTestFinished(() => rmSync(home, {recursive: true}));
	mkdirSync(join(home, 'mmtop'));
	writeFileSync(join(home, 'mmtop/config.json'), '{"pace": "manual"}');
	const terminal = openTerminal([...mmtopCommand, 'compare', 'lab', 'bounce', '--load', 'quiet'], {
		columns: 200,
		env: {XDG_CONFIG_HOME: home},
	});
	await terminal.waitFor(screen => screen.some(line => line.startsWith(' what differs')));
	terminal.press('m');
	await terminal.waitFor(screen => hints(screen, 'Enter next') === 2 && hints(screen, 'Space stay') === 0);
	terminal.press('q');
	expect(await terminal.ended).toEqual({exitCode: 0, signal: 0});
});

test.each([
	[['ldd3', '6.18'], /^mmtop: compare needs a terminal; "mmtop run EXPERIMENT --compare A,B" prints a table\n$/],
	[['ldd3', '6.18', '--once'], /^mmtop: mmtop compare does not take --once/],
	[['ldd3'], /^mmtop: compare takes two machines, as mmtop compare ldd3 6\.18\n$/],
	[['ldd3', '6.1', '5.10'], /^mmtop: compare takes two machines/],
	[['ldd3', 'bounec'], /^mmtop: "bounec" is not a machine to compare, did you mean "bounce"\?\n$/],
	[['ldd3', 'lab'], /^mmtop: ldd3 and lab are one: machines to compare must differ\n$/],
])('compare %j is refused in one sentence', async (args, sentence) => {
	const {exitCode, stdout, stderr} = await mmtop(['compare', ...args]);
	expect(stderr).toMatch(sentence);
	expect({exitCode, stdout}).toEqual({exitCode: 2, stdout: ''});
});
