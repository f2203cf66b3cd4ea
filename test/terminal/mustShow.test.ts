import {expect, onTestFinished, test} from 'vitest';
import {parseInject} from '../../source/formats/debugfs/lab/inject.ts';
import {openSocket} from '../../source/target/socket.ts';
import {daemon, mmtop, mmtopCommand} from '../commands/support.ts';
import {temporaryDirectory} from '../server/support.ts';
import {openTerminal} from './pty.ts';

/** What a newcomer does first: serve, attach, and press the keys of the design card. */
async function attached() {
	const env = {XDG_RUNTIME_DIR: await temporaryDirectory()};
	const server = await daemon(['--name', 't'], env);
	const target = await openSocket(server.controlPath, 't', 'test');
	onTestFinished(() => target.close());
	const terminal = openTerminal([...mmtopCommand, 'attach', 't'], {env, columns: 120, rows: 40});
	await terminal.waitFor(/coh \d+ ·/);
	await terminal.waitFor(/m mremap/);
	const injections = async () => parseInject(String(await target.read('/sys/kernel/debug/lab/inject'))).injections;
	return {env, server, terminal, injections};
}

/** The number that a pattern captures on the screen. */
function shown(screen: readonly string[], pattern: RegExp): number {
	return Number(pattern.exec(screen.join('\n'))?.[1]?.replaceAll(',', '') ?? Number.NaN);
}

test('m, d, c and t each show in the pane that they are about, and the machine knows of all four', async () => {
	const {env, terminal, injections} = await attached();

	terminal.press('m');
	await terminal.waitFor(/^│\+ [0-9a-f]{8}-[0-9a-f]{8} rw-s .*simple0 +\+16k/m);
	await terminal.waitFor(/✓ the first new page reads as zeros/);
	await terminal.waitFor(/■ mremap-growth done/);

	terminal.press('d');
	await terminal.waitFor(/directrd +PREAD +64k (?!completed)[a-z]+/);
	await terminal.waitFor(/directrd +PREAD +64k completed/);
	await terminal.waitFor(/■ direct-read done/);

	const coherent = /coh (\d+) ·/;
	const before = shown(terminal.screen(), coherent);
	terminal.press('c');
	await terminal.waitFor(screen => shown(screen, coherent) === before + 1);
	await terminal.waitFor(screen => shown(screen, coherent) === before);
	await terminal.waitFor(/■ coherent-allocation done/);

	terminal.press('t');
	await terminal.waitFor(/cpu\d .*■/);
	await terminal.waitFor(/0x[0-9a-f]+ +kmapper-\d+/);
	await terminal.waitFor(/■ atomic-kmaps done/);

	expect(await injections()).toMatchObject(
		['mremap-growth', 'direct-read', 'coherent-allocation', 'atomic-kmaps'].map(name => ({name, status: 'done'})),
	);
	const {stdout} = await mmtop(['cat', '-t', 't', '/sys/kernel/debug/lab/inject'], env);
	expect(stdout.match(/^injection: /gm)).toHaveLength(4);
});

test('two monitors on one machine show the same injection', async () => {
	const {env, terminal} = await attached();
	const other = openTerminal([...mmtopCommand, 'attach', 't'], {env, columns: 80, rows: 24});
	await other.waitFor('mmtop t');
	other.press('6z');
	await other.waitFor(/\d+\.\d{6}: /);
	other.press('V');
	await other.waitFor('others too');
	terminal.press('t');
	await terminal.waitFor(/■ atomic-kmaps done/);
	await other.waitFor(/atomic-kmaps/);
});

test('a killed server is missed, and its successor taken up', async () => {
	const {env, server, terminal} = await attached();
	server.kill('SIGKILL');
	await terminal.waitFor('DISCONNECTED');
	await terminal.waitFor('1 maps');
	await daemon(['--name', 't'], env);
	await terminal.waitFor(/restored to \d+\.\d s/);
	expect(terminal.screen().join()).not.toContain('DISCONNECTED');
});

test('mmtop alone opens the monitor on a machine of its own, whose time space stops', async () => {
	const terminal = openTerminal([...mmtopCommand], {columns: 120, rows: 40});
	await terminal.waitFor(/coh \d+ ·/);
	terminal.press(' ');
	await terminal.waitFor(/PAUSED/);
	terminal.press(' ');
	await terminal.waitFor(screen => !/PAUSED/.test(screen.join()));
	terminal.press('q');
	expect(await terminal.ended).toMatchObject({exitCode: 0});
	expect(terminal.isAlternate()).toBe(false);
});
