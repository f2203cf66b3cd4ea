/** Shows changes to tests, one file after the other, and stops at the first that notices. */
import {type ChildProcess, fork} from 'node:child_process';
import {join} from 'node:path';
import type {Mutant} from './plant.ts';

/** A test file, with a changed file or, without one, as everything is. */
export type Trial = {readonly mutant: Mutant | undefined; readonly test: string};

/** A change that makes an endless loop is noticed by this: a test takes ten times as long as ever, and this. */
const patienceMs = 20_000;
/** As long as nobody knows how long the test takes. */
const firstMs = 300_000;

/** Runs trials in processes of their own, so that an endless loop can be ended. */
export class Trials {
	#child: ChildProcess | undefined;
	readonly #soundMs = new Map<string, number>();
	readonly #unsound = new Set<string>();

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

	/** Runs a test that shall pass, to know how long that takes. */
	async #passes(trial: Trial, limitMs: number): Promise<boolean> {
		const beganMs = performance.now();
		const passed = await this.#run(trial, limitMs);
		if (passed) this.#soundMs.set(trial.test, performance.now() - beganMs);
		return passed;
	}

	/** A test that fails without any change would seem to notice everything: it says nothing. */
	async #isSound(test: string): Promise<boolean> {
		if (this.#soundMs.has(test) || (await this.#passes({mutant: undefined, test}, firstMs))) return true;
		console.error(`mutants: ${test} fails without any change, and is not asked`);
		this.#unsound.add(test);
		return false;
	}

	/** @returns the first of the tests that notices the change, by failing or by never ending; undefined when none does */
	async noticedBy(mutant: Mutant, tests: readonly string[]): Promise<string | undefined> {
		for (const test of tests) {
			if (this.#unsound.has(test)) continue;
			const soundMs = this.#soundMs.get(test);
			const limitMs = soundMs === undefined ? firstMs : patienceMs + 10 * soundMs;
			if (await this.#passes({mutant, test}, limitMs)) continue;
			if (await this.#isSound(test)) return test;
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
