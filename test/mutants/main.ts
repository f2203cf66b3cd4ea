/**
 * Plants small changes and names those that no test noticed.
 *
 *   npm run mutants -- source/kernel/mm/mremap.ts …     every change to these files
 *   npm run mutants -- --sample 150 --seed 1            a sample across all rooms, as docs/testing.md lists it
 *   … --list                                            names the changes and the tests, and plants none
 *
 * Nothing is written to disk: the tests are handed the changed text. Exit 1 when a change survived.
 */
import {fork} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {parseArgs} from 'node:util';
import {nearestTests, readImports} from './nearest.ts';
import {type Mutant, mutantsOf} from './plant.ts';
import {sample} from './sample.ts';

const root = join(import.meta.dirname, '../..');
/** Tests that a change is shown to. */
const mostTests = 4;
/** A change that makes an endless loop is noticed by this; the slowest of the tests takes a tenth of it. */
const patienceMs = 300_000;

export type Trial = {readonly mutant: Mutant | undefined; readonly tests: readonly string[]};

const {values, positionals} = parseArgs({
	allowPositionals: true,
	options: {sample: {type: 'string'}, seed: {type: 'string', default: '1'}, list: {type: 'boolean', default: false}},
});

const imports = readImports(root);
const textOf = (path: string) => readFileSync(join(root, path), 'utf8');
const rooms = [...imports.keys()].filter(path => path.startsWith('source/'));
const paths = positionals.length > 0 ? positionals : rooms;
const strange = paths.find(path => !imports.has(path) || !path.startsWith('source/'));
if (strange !== undefined) {
	console.error(`mutants: ${strange} is not a file of source/, named from the root of the repository`);
	process.exit(2);
}
const all = paths.flatMap(path => mutantsOf(path, textOf(path)));
const chosen = values.sample === undefined ? all : sample(all, Number(values.sample), Number(values.seed));

/** Runs trials in a process of its own, so that an endless loop can be ended. */
class Runner {
	#child = this.#start();

	#start() {
		return fork(join(import.meta.dirname, 'runner.ts'), {
			execArgv: process.execArgv,
			stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
		});
	}

	/** @returns whether all tests passed; undefined when they did not end */
	run(trial: Trial): Promise<boolean | undefined> {
		return new Promise(resolve => {
			const timer = setTimeout(() => {
				this.stop();
				this.#child = this.#start();
				resolve(undefined);
			}, patienceMs);
			this.#child.once('message', message => {
				clearTimeout(timer);
				resolve(message as boolean);
			});
			this.#child.send(trial);
		});
	}

	stop(): void {
		this.#child.removeAllListeners('message');
		this.#child.kill('SIGKILL');
	}
}

const describe = ({path, line, kind, before, after}: Mutant): string =>
	`${path}:${line} ${kind}: ${before.trim()}${after === '' ? '' : `  →  ${after.trim()}`}`;

async function main(): Promise<number> {
	const runner = new Runner();
	const sound = new Map<string, boolean>();
	const survivors: string[] = [];
	let killed = 0;
	for (const mutant of chosen) {
		const tests = nearestTests(imports, mutant.path, mostTests);
		if (values.list) {
			console.log(`${describe(mutant)}\n  ${tests.join(' ') || 'no test'}`);
			continue;
		}
		const key = tests.join(' ');
		if (!sound.has(key)) sound.set(key, tests.length > 0 && (await runner.run({mutant: undefined, tests})) === true);
		if (tests.length > 0 && !sound.get(key)) throw new Error(`these tests fail without any change: ${key}`);
		const survived = tests.length === 0 || (await runner.run({mutant, tests})) === true;
		if (survived) survivors.push(describe(mutant));
		else killed++;
		console.log(`${survived ? 'SURVIVED' : 'killed  '} ${describe(mutant)}`);
	}
	runner.stop();
	if (!values.list) console.log(`${killed} of ${chosen.length} changes were noticed`);
	return survivors.length > 0 ? 1 : 0;
}

process.exitCode = await main();
