import {execFile} from 'node:child_process';
import {mkdtempSync, readdirSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {sampleOf} from '../sample.ts';
import {daemon, mmtopCommand} from './support.ts';

const scripts = join(import.meta.dirname, '../../fixtures/scripts');

/** Runs a script as a teacher would, with the bundle for mmtop. */
const sh = (script: string, machine: string, env: Readonly<Record<string, string>>) =>
	new Promise<{readonly exitCode: number; readonly output: string}>(resolve => {
		const all = {...process.env, NODE_ENV: '', ...env, MMTOP: mmtopCommand.join(' ')};
		execFile('sh', [join(scripts, script), machine], {env: all}, (error, stdout, stderr) =>
			resolve({exitCode: error ? Number(error.code ?? 1) : 0, output: stdout + stderr}),
		);
	});

test('every script of fixtures/scripts holds on a served machine, and lets its time go on', async () => {
	const env = {XDG_RUNTIME_DIR: mkdtempSync(join(tmpdir(), 'mmtop-scripts-'))};
	await daemon(['--name', 'class'], env);
	for (const script of sampleOf(readdirSync(scripts), 1)) {
		const {exitCode, output} = await sh(script, 'class', env);
		expect(exitCode, `${script} said:\n${output}`).toBe(0);
		expect(output.trim().split('\n').length, script).toBeGreaterThan(1);
	}
});
