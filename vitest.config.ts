import {defineConfig} from 'vitest/config';
import {BaseSequencer, type TestSpecification} from 'vitest/node';
import {standInFor, standInUsers} from './standIns.mjs';

/** Files that start programs take longest, large or small: one that comes last leaves a core alone. */
class ProgramsFirst extends BaseSequencer {
	override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
		const startsPrograms = ({moduleId}: TestSpecification) => /\/test\/(?:commands|terminal)\//.test(moduleId);
		const sorted = await super.sort(files);
		return [...sorted.filter(startsPrograms), ...sorted.filter(file => !startsPrograms(file))];
	}
}

export default defineConfig({
	// React's development runtime is not there when NODE_ENV is production.
	oxc: {jsx: {development: false}},
	plugins: [{name: 'stand-ins', enforce: 'pre', resolveId: standInFor}],
	test: {
		include: ['test/**/*.test.{ts,tsx}'],
		globalSetup: ['test/bundle.ts'],
		// Node would give these the packages for which modules of ours stand in.
		server: {deps: {inline: standInUsers}},
		// A test waits for what is meant and never for time: these only end what hangs. A machine that is ten times slower,
		// or has ten times as much to do, keeps them.
		testTimeout: 600_000,
		hookTimeout: 600_000,
		teardownTimeout: 100_000,
		// What a file imports is not loaded anew for the next one: half of the time would go there.
		isolate: false,
		sequence: {sequencer: ProgramsFirst},
		// As commands/engine.ts has it for a machine, for tests run much code for the first time; but with more room for
		// what is soon garbage, which most of what a test makes is: a seventh less CPU time.
		execArgv: ['--max-inlined-bytecode-size-cumulative=200', '--min-semi-space-size=64', '--max-semi-space-size=64'],
		// Vitest would leave one core alone, which on a machine of two is half of it.
		maxWorkers: '100%',
		// No test meets a class that this computer has.
		env: {NODE_ENV: 'production', FORCE_COLOR: '3', MMTOP_CLASSES: '/nonexistent'},
	},
});
