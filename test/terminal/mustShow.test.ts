import {expect, onTestFinished, test} from 'vitest';
import {parseInject} from '../../source/formats/debugfs/lab/inject.ts';
import {openSocket} from '../../source/target/socket.ts';
import {daemon, mmtop, mmtopCommand} from '../commands/support.ts';
import {temporaryDirectory} from '../server/support.ts';
import {openTerminal} from './pty.ts';

/**
 * What a newcomer does first: serve, attach, and press the keys of the design card.
 *
 * @param pace of the machine; at `manual` each state of a workload stays until Enter
 */
async function attached(pace: 'fast' | 'manual' = 'fast') {
	const env = {XDG_RUNTIME_DIR: await temporaryDirectory()};
	const server = await daemon(['--name', 't', '--pace', pace], env);
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

type IsThere = (text: string) => boolean;

test('m, d, c and t each show in the pane that they are about, and the machine knows of all four', async () => {
	const {env, terminal, injections} = await attached('manual');
	/** Each step stays until Enter, so what it shows may come in any frame of it. @param steps what each has to show */
	const story = async (key: string, name: string, steps: readonly IsThere[]): Promise<void> => {
		terminal.press(key);
		for (const [index, isThere] of steps.entries()) {
			const step = `${name}, step ${index + 1} of ${steps.length}:`;
			await terminal.waitFor(screen => {
				const text = screen.join('\n');
				return text.includes(step) && text.includes('Enter next') && isThere(text);
			});
			// Some do it all several times: the rest runs on.
			terminal.press(index + 1 < steps.length ? '\r' : '\u001B');
		}
		await terminal.waitFor(`${name}: done`);
	};
	const has =
		(pattern: RegExp): IsThere =>
		text =>
			pattern.test(text);
	const anything: IsThere = () => true;

	await story('m', 'mremap-growth', [
		has(/^│. [0-9a-f]{8}-[0-9a-f]{8} rw-s .*simple0 +\+?16k/m),
		anything,
		has(/✓ the first new page reads as zeros/),
		anything,
	]);
	await story('d', 'direct-read', [
		anything,
		has(/directrd +PREAD +64k (?!completed)[a-z]+/),
		has(/directrd +PREAD +64k completed/),
	]);
	const coherent = /coh (\d+) ·/;
	const before = shown(terminal.screen(), coherent);
	const buffers =
		(count: number): IsThere =>
		text =>
			shown([text], coherent) - before === count;
	await story('c', 'coherent-allocation', [buffers(1), buffers(0)]);
	await story('t', 'atomic-kmaps', [has(/cpu\d .*■/), has(/0x[0-9a-f]+ +kmapper-\d+/), anything]);

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
