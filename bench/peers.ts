/**
 * `npm run bench -- peers`: the monitor beside htop and btop, all at ten refreshes a second in a pseudo-terminal of
 * 120x40, mmtop with a busy machine; one after the other, round by round; the median of the rounds. Then the project's
 * aims, and which are missed. Needs Linux and a built bundle.
 */
import {execFileSync, spawn} from 'node:child_process';
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {setTimeout as pause} from 'node:timers/promises';
import {costOf, type Measured, startMeasured} from './terminal.ts';

const bundle = join(import.meta.dirname, '../dist/mmtop.mjs');
const warmSeconds = 5;
const steadySeconds = 20;
const presses = 20;
const injections = 5;

/** A figure by its name, in the unit that the name says. */
type Figures = Record<string, number>;

const median = (values: readonly number[]): number =>
	values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

function isInstalled(name: string): boolean {
	try {
		execFileSync('sh', ['-c', `command -v ${name}`]);
		return true;
	} catch {
		return false;
	}
}

/** Does nothing for a while to a program that refreshes by itself. */
async function steady(program: Measured, seconds: number): Promise<Figures> {
	await pause(warmSeconds * 1000);
	const [cpuMs, before] = [program.cpuMs(), program.written()];
	await pause(seconds * 1000);
	const after = program.written();
	const refreshes = after.refreshes - before.refreshes;
	const bytes = after.bytes - before.bytes;
	return {
		'CPU s a minute': ((program.cpuMs() - cpuMs) / 1000 / seconds) * 60,
		'refreshes a second': refreshes / seconds,
		'bytes a refresh': bytes / refreshes,
		'cells a refresh': (after.changed - before.changed) / refreshes,
		'bytes a changed cell': bytes / (after.changed - before.changed),
		'peak MiB': program.peakMb(),
	};
}

/** Keys up and down on a picture that does not change by itself. */
async function answers(program: Measured): Promise<Figures> {
	// Away from the first row, so that there is one above.
	program.type('\u001B[B\u001B[B');
	const times: number[] = [];
	for (let press = 0; press < presses; press++) {
		await pause(150);
		times.push(await program.pressForChange(press % 2 === 0 ? '\u001B[B' : '\u001B[A'));
	}
	return {
		'key ms p50': median(times),
		'key ms p95': times.toSorted((a, b) => a - b)[Math.ceil(times.length * 0.95) - 1]!,
	};
}

const showsMaps = (screen: string): boolean => /[\da-f]{8}-[\da-f]{8} r/.test(screen);
const showsList = (screen: string): boolean => screen.includes('PID') || screen.includes('Pid:');

/** @param frames what the program is called with to refresh ten times a second, and hardly ever */
async function peer(fast: readonly string[], slow: readonly string[], env: (ms: number) => Record<string, string>) {
	const first = startMeasured(fast, env(100));
	await first.until(showsList);
	const figures = await steady(first, steadySeconds);
	await first.stop();
	const second = startMeasured(slow, env(10_000));
	await second.until(showsList);
	await pause(1000);
	const keys = await answers(second);
	await second.stop();
	return {...figures, ...keys};
}

const scratch = mkdtempSync(join(tmpdir(), 'mmtop-peers-'));

function btopEnv(ms: number): Record<string, string> {
	const home = join(scratch, `btop-${ms}`);
	mkdirSync(join(home, 'btop'), {recursive: true});
	writeFileSync(
		join(home, 'btop/btop.conf'),
		`#? Config file for btop v. 1.2.13\nupdate_ms = ${ms}\nshow_battery = False\n`,
	);
	return {XDG_CONFIG_HOME: home};
}

const runtime = {XDG_RUNTIME_DIR: scratch};

async function firstFrame(command: readonly string[]): Promise<{program: Measured; figures: Figures}> {
	const program = startMeasured(command, runtime);
	const firstFrameMs = await program.until(showsMaps);
	return {program, figures: {'start CPU ms': program.cpuMs(), 'start wall ms': firstFrameMs}};
}

/** @param isAttached whether space keeps only the picture; on a machine of one's own it stops the machine's time */
async function mmtop(command: readonly string[]): Promise<Figures> {
	const {program, figures: start} = await firstFrame(command);
	const figures = await steady(program, steadySeconds);
	program.type(' ');
	await pause(1000);
	const before = program.written().bytes;
	await pause(5000);
	const frozen = {'bytes a second, frozen': (program.written().bytes - before) / 5};
	const keys = await answers(program);
	program.type('\u001B');
	// Together they would be another key.
	await pause(300);
	program.type(' ');
	await pause(500);
	const times: number[] = [];
	for (let round = 0; round < injections; round++) {
		times.push(await program.press('m', screen => screen.includes('following: mremap-growth')));
		await program.until(screen => /■ mremap-growth (done|failed)/.test(screen));
		// The trace shows everything again, so that the next one can be seen to begin.
		program.type('\u001B');
		await program.until(screen => !screen.includes('following:'));
	}
	await program.stop();
	return {...start, ...figures, ...frozen, ...keys, 'injection ms p50': median(times)};
}

function bareStart(): Figures {
	const script = 'const {user, system} = process.cpuUsage(); process.stdout.write(String((user + system) / 1000))';
	return {'start CPU ms': Number(execFileSync(process.execPath, ['-e', script], {encoding: 'utf8'}))};
}

const columns = [
	'CPU s a minute',
	'refreshes a second',
	'bytes a refresh',
	'cells a refresh',
	'bytes a changed cell',
	'key ms p50',
	'key ms p95',
	'peak MiB',
	'start CPU ms',
] as const;

const number = (value: number | undefined): string =>
	value === undefined || Number.isNaN(value)
		? '-'
		: value >= 100
			? value.toFixed(0)
			: value.toFixed(value < 10 ? 2 : 1);

function table(all: ReadonlyMap<string, Figures>): string {
	const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
	return [
		row(['120x40, ten refreshes a second', ...columns]),
		row(['-', ...columns.map(() => '-:')]),
		...[...all].map(([name, figures]) => row([name, ...columns.map(column => number(figures[column]))])),
	].join('\n');
}

/** What the project wants to keep to: a figure of a program, and the most that it may be. */
function aims(all: ReadonlyMap<string, Figures>): readonly (readonly [what: string, is: number, most: number])[] {
	const attached = all.get('mmtop, attached')!;
	const alone = all.get('mmtop and its machine')!;
	const bare = all.get('node -e 0')!['start CPU ms']!;
	return [
		['CPU s a minute, attached', attached['CPU s a minute']!, 2],
		['CPU s a minute, with the machine in the process', alone['CPU s a minute']!, 4],
		['bytes a changed cell', attached['bytes a changed cell']!, 6],
		['bytes a second, frozen', attached['bytes a second, frozen']!, 200],
		['key to change, ms p50', attached['key ms p50']!, 2],
		['injection to its first row, ms p50', attached['injection ms p50']!, 30],
		['start to first frame, times bare Node', attached['start CPU ms']! / bare, 3],
		['peak resident MiB, attached', attached['peak MiB']!, 120],
	];
}

const mediansOf = (rounds: readonly Figures[]): Figures =>
	Object.fromEntries(Object.keys(rounds[0] ?? {}).map(name => [name, median(rounds.map(figures => figures[name]!))]));

/** @param rounds each measures every program once */
export async function comparePeers(rounds: number): Promise<void> {
	if (process.platform !== 'linux') {
		console.log('this needs /proc, which Linux alone has: nothing was measured');
		return;
	}
	const server = spawn(process.execPath, [bundle, 'serve', '--name', 'peers', '--load', 'busy'], {
		env: {...process.env, ...runtime},
	});
	const daemon = costOf(server.pid!);
	await new Promise(resolve => server.stdout.once('data', resolve));
	const runs: [name: string, run: () => Promise<Figures> | Figures][] = [
		['mmtop, attached', () => mmtop([process.execPath, bundle, 'attach', 'peers'])],
		['mmtop and its machine', () => mmtop([process.execPath, bundle, '--load', 'busy'])],
		['node -e 0', bareStart],
	];
	if (isInstalled('htop')) runs.push(['htop', () => peer(['htop', '-d', '1'], ['htop', '-d', '100'], () => ({}))]);
	if (isInstalled('btop')) runs.push(['btop', () => peer(['btop'], ['btop'], btopEnv)]);
	const missing = ['htop', 'btop'].filter(name => !isInstalled(name));
	if (missing.length > 0) console.log(`not installed here: ${missing.join(', ')}`);
	const measured = new Map<string, Figures[]>(runs.map(([name]) => [name, []]));
	try {
		for (let round = 0; round < rounds; round++) for (const [name, run] of runs) measured.get(name)!.push(await run());
		const all = new Map([...measured].map(([name, figures]) => [name, mediansOf(figures)]));
		console.log(table(all));
		console.log(
			`\nthe served machine: ${number(daemon.cpuMs() / 1000)} s of CPU, ${number(daemon.peakMb())} MiB at most\n`,
		);
		for (const [what, is, most] of aims(all))
			console.log(`${is <= most ? 'kept  ' : 'MISSED'} ${what}: ${number(is)}, at most ${most}`);
	} finally {
		server.kill();
		rmSync(scratch, {recursive: true, force: true});
	}
}
