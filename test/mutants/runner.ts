/** Runs tests with one changed file, over and over: what `trials.ts` sends comes back as whether they passed. */
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {createVitest} from 'vitest/node';
import {type Mutant, planted} from './plant.ts';
import type {Trial} from './trials.ts';

const root = join(import.meta.dirname, '../..');
let mutant: Mutant | undefined;

const changed = {
	name: 'changed-file',
	enforce: 'pre' as const,
	load(id: string) {
		const path = mutant && join(root, mutant.path);
		return mutant && id.split('?')[0] === path ? planted(readFileSync(path!, 'utf8'), mutant) : undefined;
	},
};

const vitest = await createVitest(
	'test',
	{root, watch: false, bail: 1, reporters: [{}], maxWorkers: 1, testTimeout: 600_000},
	{plugins: [changed], logLevel: 'error'},
);
await vitest.standalone();

// Whoever sends trials is gone.
process.on('disconnect', () => process.exit());

process.on('message', async (trial: Trial) => {
	const touched = [mutant, trial.mutant].flatMap(each => (each ? [join(root, each.path)] : []));
	mutant = trial.mutant;
	for (const path of touched) vitest.invalidateFile(path);
	const path = join(root, trial.test);
	const specifications = await vitest.globTestSpecifications([path]);
	const {testModules, unhandledErrors} = await vitest.runTestSpecifications(specifications);
	// Vitest names every file that it has run until now.
	const own = testModules.filter(({moduleId}) => moduleId === path);
	process.send!(own.length > 0 && own.every(module => module.ok()) && unhandledErrors.length === 0);
});
