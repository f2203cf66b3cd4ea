/** Before all tests: the one file that is mmtop, built from the sources as they are, alone in a directory. */
import {execFileSync} from 'node:child_process';
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {TestProject} from 'vitest/node';

declare module 'vitest' {
	interface ProvidedContext {
		/** Path of the bundle. */
		bundle: string;
		/** Starts it, with its code compiled before. */
		launch: readonly string[];
	}
}

/** @returns takes it away again */
export function setup(project: TestProject): () => void {
	const directory = mkdtempSync(join(tmpdir(), 'mmtop-alone-'));
	const bundle = join(directory, 'mmtop.mjs');
	execFileSync(process.execPath, [join(import.meta.dirname, '../build.mjs'), bundle]);
	project.provide('bundle', bundle);
	// What is packed is beside the bundle.
	const code = mkdtempSync(join(tmpdir(), 'mmtop-code-'));
	const launch = ['--experimental-vm-modules', join(import.meta.dirname, 'launch.mjs'), join(code, 'code'), bundle];
	execFileSync(process.execPath, [...launch, '--version']);
	project.provide('launch', [process.execPath, ...launch]);
	// Sessions of machines that tests serve; those who run the tests keep theirs.
	process.env.XDG_STATE_HOME = join(directory, 'state');
	return () => {
		for (const each of [directory, code]) rmSync(each, {recursive: true, force: true});
	};
}
