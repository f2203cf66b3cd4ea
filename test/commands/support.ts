import {spawn} from 'node:child_process';
import {dirname} from 'node:path';
import {inject, onTestFinished} from 'vitest';

/** The built program. */
export const bundlePath = inject('bundle');
const directory = dirname(bundlePath);

/** How tests start it. */
export const mmtopCommand: readonly string[] = inject('launch');

type Outcome = {readonly exitCode: number | null; readonly stdout: string; readonly stderr: string};

/** Runs mmtop without a terminal, to its end. */
export function mmtop(
	args: readonly string[],
	env: Readonly<Record<string, string>> = {},
	input = '',
): Promise<Outcome> {
	const [file = '', ...before] = mmtopCommand;
	return new Promise((resolve, reject) => {
		const child = spawn(file, [...before, ...args], {cwd: directory, env: {...process.env, NODE_ENV: '', ...env}});
		const chunks = {stdout: '', stderr: ''};
		for (const name of ['stdout', 'stderr'] as const) {
			child[name].setEncoding('utf8').on('data', (chunk: string) => {
				chunks[name] += chunk;
			});
		}

		child.on('error', reject);
		child.on('close', exitCode => resolve({exitCode, ...chunks}));
		child.stdin.end(input);
	});
}

type Daemon = {
	/** What it said when it was ready: the path of its socket. */
	readonly controlPath: string;
	readonly env: Readonly<Record<string, string>>;
	/** Of its process. */
	readonly pid: number;
	kill(signal: NodeJS.Signals): void;
	readonly ended: Promise<{
		readonly exitCode: number | null;
		readonly signal: NodeJS.Signals | null;
		readonly stderr: string;
	}>;
};

/** Starts `mmtop serve`, and waits until it says that it is ready. It is killed when the test is over. */
export async function daemon(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Daemon> {
	const [file = '', ...before] = mmtopCommand;
	const child = spawn(file, [...before, 'serve', ...args], {
		cwd: directory,
		env: {...process.env, NODE_ENV: '', XDG_STATE_HOME: env.XDG_RUNTIME_DIR, ...env},
	});
	let stderr = '';
	child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
		stderr += chunk;
	});
	const ended = new Promise<Awaited<Daemon['ended']>>(resolve => {
		child.on('close', (exitCode, signal) => resolve({exitCode, signal, stderr}));
	});
	onTestFinished(async () => {
		child.kill('SIGKILL');
		await ended;
	});
	const controlPath = await new Promise<string>((resolve, reject) => {
		let stdout = '';
		child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
			stdout += chunk;
			const ready = / ready at (.*)\n/.exec(stdout);
			if (ready) {
				resolve(ready[1] ?? '');
			}
		});
		void ended.then(end => reject(new Error(`serve ended: ${end.stderr}`)));
	});
	return {controlPath, env, pid: child.pid ?? 0, kill: signal => void child.kill(signal), ended};
}
