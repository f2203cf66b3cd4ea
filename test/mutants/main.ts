/**
 * Plants small changes and names those that no test noticed.
 *
 *   npm run mutants -- source/kernel/mm/mremap.ts …     every change to these files; FILE:LINE for one line
 *   npm run mutants -- --sample 150 --seed 1            a sample across all rooms, as docs/testing.md lists it
 *   … --list                                            names the changes and the tests, and plants none
 *   … --keep FILE        remembers results there: a long run can be done in pieces; --again tries survivors again
 *   … --report           prints what is kept, as docs/testing.md has it, and plants none
 *
 * Nothing is written to the source: the tests are handed the changed text. Exit 1 when a change survived.
 */
import {appendFileSync, existsSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {parseArgs} from 'node:util';
import {askers, nearestTests, readImports} from './nearest.ts';
import {changesTheProgram, describe, identity, type Mutant, mutantsOf} from './plant.ts';
import {type Outcome, report} from './report.ts';
import {sample} from './sample.ts';
import {Trials} from './trials.ts';

const root = join(import.meta.dirname, '../..');
/** Tests that a change is shown to. */
const mostTests = 4;

const {values, positionals} = parseArgs({
	allowPositionals: true,
	options: {
		sample: {type: 'string'},
		seed: {type: 'string', default: '1'},
		list: {type: 'boolean', default: false},
		keep: {type: 'string'},
		again: {type: 'boolean', default: false},
		report: {type: 'boolean', default: false},
	},
});

const imports = readImports(root);
const texts = new Map([...imports.keys()].map(path => [path, readFileSync(join(root, path), 'utf8')]));
const textOf = (path: string) => texts.get(path)!;
const rooms = [...imports.keys()].filter(path => path.startsWith('source/'));
/** A file, and one line of it or all. */
const places = (positionals.length > 0 ? positionals : rooms).map(place => {
	const [path, line] = place.split(':') as [string, string?];
	return {path, line: Number(line ?? 0)};
});
const strange = places.find(({path}) => !imports.has(path) || !path.startsWith('source/'))?.path;
if (strange !== undefined) {
	console.error(`mutants: ${strange} is not a file of source/, named from the root of the repository`);
	process.exit(2);
}
const all = places.flatMap(({path, line}) =>
	mutantsOf(path, textOf(path)).filter(mutant => line === 0 || mutant.line === line),
);
const isFit = (mutant: Mutant) => changesTheProgram(textOf(mutant.path), mutant);
const chosen =
	values.sample === undefined
		? all.filter(isFit)
		: sample(all, Number(values.sample), Number(values.seed), identity, isFit);

function readKept(): Map<string, Outcome> {
	const lines =
		values.keep !== undefined && existsSync(values.keep) ? readFileSync(values.keep, 'utf8').split('\n') : [];
	const outcomes = lines.filter(line => line !== '').map(line => JSON.parse(line) as Outcome);
	return new Map(outcomes.map(outcome => [outcome.identity, outcome]));
}

async function tryAll(trials: Trials, kept: ReadonlyMap<string, Outcome>): Promise<number> {
	let killed = 0;
	for (const mutant of chosen) {
		const tests = nearestTests(imports, askers(texts, mutant.path, mutant.line), mostTests, mutant.before);
		if (values.list) {
			console.log(`${describe(mutant)}\n  ${tests.join(' ') || 'no test'}`);
			continue;
		}
		const before = kept.get(identity(mutant));
		const isKnown = before !== undefined && (before.by !== undefined || !values.again);
		const by = isKnown ? before.by : await trials.noticedBy(mutant, tests);
		if (by !== undefined) killed++;
		console.log(
			`${by === undefined ? 'SURVIVED' : 'killed  '} ${describe(mutant)}${by === undefined ? '' : `  (${by})`}`,
		);
		const outcome: Outcome = {identity: identity(mutant), by};
		if (values.keep !== undefined && !isKnown) appendFileSync(values.keep, `${JSON.stringify(outcome)}\n`);
	}
	if (!values.list) console.log(`${killed} of ${chosen.length} changes were noticed`);
	return values.list || killed === chosen.length ? 0 : 1;
}

async function main(): Promise<number> {
	const kept = readKept();
	if (values.report) {
		console.log(report(chosen, kept));
		return 0;
	}
	const trials = new Trials();
	for (const signal of ['SIGINT', 'SIGTERM'] as const) {
		process.once(signal, () => {
			trials.stop();
			process.exit(130);
		});
	}
	try {
		return await tryAll(trials, kept);
	} finally {
		trials.stop();
	}
}

process.exitCode = await main();
