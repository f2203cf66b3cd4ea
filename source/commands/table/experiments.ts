/** Commands that try something, and say what came of it. */
import type {Commands} from '../context.ts';
import {machineFlags, sourceFlags} from '../flags.ts';

export const experiments: Commands['named'] = {
	run: {
		usage: 'mmtop run EXPERIMENT [key=value…]',
		summary: 'run one experiment headless; exit 0: its claim held, 1: it did not hold, 3: it could not run',
		about:
			'Without --target the experiment gets a fresh machine of the kind that it needs. Observations say what was ' +
			'expected, what was seen, and which file it was read from.',
		examples: [
			['mmtop run --list', 'name all experiments with their claims'],
			['mmtop run mremap-growth pages=2 grow=3', 'run one with parameters'],
			['mmtop run --ask fork-pin', 'predict first'],
			['mmtop run mremap-growth --era 3.2', 'what another kernel does'],
			['mmtop run mremap-growth --compare ldd3,6.18', 'both, side by side'],
			['mmtop run -t lab0 direct-read', 'on a machine that others watch'],
			['mmtop run --all', 'run each on its own machine'],
			['mmtop run direct-read --sweep pages=1..64/8 --seeds 1..3 --json', 'many runs, each a line of JSON'],
		],
		flags: [...sourceFlags, 'json', 'list', 'all', 'ask', 'compare', 'report', 'sweep', 'seeds', 'shard', 'junit'],
		load: async () => (await import('../run.ts')).run,
	},
	story: {
		usage: 'mmtop story EXPERIMENT [key=value…]',
		summary: 'tell an experiment step by step on one page for a browser, with a picture of each step',
		about:
			'The experiment runs on a fresh machine of the kind that it needs. The page is one file that fetches nothing: ' +
			'arrow keys and swipes go from step to step, and without scripts and on paper all steps are there. ' +
			'The exit code is that of mmtop run.',
		examples: [
			['mmtop story fork-pin --html fork-pin.html', 'a page for a course'],
			['mmtop story mremap-growth pages=2 grow=3 --era 3.2 --html later.html', 'what a later kernel does'],
		],
		flags: [...machineFlags, 'until', 'html'],
		load: async () => (await import('../story.ts')).story,
	},
	sheet: {
		usage: 'mmtop sheet run FILE',
		summary: 'ask an exercise sheet, a YAML file: exit 0: all points, 1: not all, 3: it could not be tried',
		about:
			'A sheet has tasks with questions, checks on files and experiments, hints and points; docs/sheets.md says how to ' +
			'write one. Without --target it is done on a fresh machine; quit leaves it, and the same command goes on.',
		examples: [
			['mmtop sheet run faults.yaml', 'ask it, a task at a time'],
			['mmtop sheet run -t lab0 faults.yaml', 'on a machine that a monitor shows in another window'],
			['mmtop sheet run faults.yaml --answers ann.yaml --junit ann.xml', 'ask nothing, and write the result'],
			['mmtop sheet new mine', 'make mine.yaml, a sheet that works, to change'],
			['mmtop sheet check --solve mine.yaml', 'is it right, and does every check hold with the solution only?'],
			['mmtop sheet replay result.json', 'open the machine of a result as it was in the end'],
			['mmtop sheet schema', 'print the JSON Schema, for editors'],
		],
		flags: [
			...sourceFlags.filter(name => name !== 'until'),
			'json',
			'answers',
			'solve',
			'fresh',
			'output',
			'junit',
			'record',
		],
		load: async () => (await import('../sheet/command.ts')).sheet,
	},
};
