/** Shows changes to tests, one file after the other, and stops at the first that notices. */
import {type ChildProcess, fork} from 'node:child_process';
import {join} from 'node:path';
import type {Mutant} from './plant.ts';

/** A test file, with a changed file or, without one, as everything is. */
export type Trial = {readonly mutant: Mutant | undefined; readonly test: string};

/** A change that makes an endless loop is noticed by this: a test takes no longer, and no longer than ten times as ever. */
const patienceMs = 30_000;

/** Runs trials in processes of their own, so that an endless loop can be ended. */
export class Trials {
	#child: ChildProcess | undefined;
	readonly #soundMs = new Map<string, number>();

	#start(): ChildProcess {
		const child = fork(join(import.meta.dirname, 'runner.ts'), {
			execArgv: process.execArgv,
			stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
			detached: true,
		});
		this.#child = child;
		return child;
	}

	#run(trial: Trial, limitMs: number): Promise<boolean> {
		const child = this.#child ?? this.#start();
		return new Promise((resolve, reject) => {
			const timer = setTimeout(() => {
				this.stop();
				resolve(false);
			}, limitMs);
			child.once('exit', () => reject(new Error(`the runner of tests ended at ${trial.test}`)));
			child.once('message', message => {
				clearTimeout(timer);
				child.removeAllListeners('exit');
				resolve(message as boolean);
			});
			child.send(trial);
		});
	}

	/** How long the test takes when nothing is changed. It must pass then, or it would seem to notice everything. */
	async #patienceFor(test: string): Promise<number> {
		const known = this.#soundMs.get(test);
		if (known !== undefined) return patienceMs + 10 * known;
		const beganMs = performance.now();
		if (!(await this.#run({mutant: undefined, test}, 20 * patienceMs))) throw new Error(`fails unchanged: ${test}`);
		this.#soundMs.set(test, performance.now() - beganMs);
		return this.#patienceFor(test);
	}

	/** @returns the first of the tests that notices the change, by failing or by never ending; undefined when none does */
	async noticedBy(mutant: Mutant, tests: readonly string[]): Promise<string | undefined> {
		for (const test of tests) {
			const limitMs = await this.#patienceFor(test);
			if (!(await this.#run({mutant, test}, limitMs))) return test;
		}
		return undefined;
	}

	/** Ends the process and those that it started. */
	stop(): void {
		const child = this.#child;
		this.#child = undefined;
		child?.removeAllListeners();
		if (child?.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
	}
}
